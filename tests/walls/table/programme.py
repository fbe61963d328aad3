"""Versions of the rules and the work calendar: they belong to the group, so there is no foreign one."""

from tests.walls.row import GROUP, read, write

BODY = {"mode": "months", "months": 18}
FORM = {"kind": "expiry", "rules": '{"mode": "months", "months": 18}'}
DRAFT = {"kind": "expiry", "body": BODY}
DAY = {"day": "2026-08-01", "works": "no", "name": "店庆"}

ROWS = {
    "GET /staff/programme": read("programme.read"),
    "GET /staff/programme/new": read("programme.edit"),
    "POST /staff/programme/new": write("programme.edit", sends=FORM),
    "GET /staff/programme/<int:version_id>": read("programme.read", "draft", alone=GROUP),
    "GET /staff/programme/<int:version_id>/edit": read("programme.edit", "draft", alone=GROUP),
    # A draft is revised by its author; for others it is refused, though they may see it.
    "POST /staff/programme/<int:version_id>/edit": write(
        "programme.edit", "draft", alone=GROUP, sends=FORM, own=frozenset({409})
    ),
    "POST /staff/programme/<int:version_id>/submit": write("programme.edit", "draft", alone=GROUP),
    "GET /staff/programme/<int:version_id>/approve": read("programme.approve", "version in review", alone=GROUP),
    "POST /staff/programme/<int:version_id>/approve": write("programme.approve", "version in review", alone=GROUP),
    "POST /staff/programme/<int:version_id>/send-back": write("programme.approve", "version in review", alone=GROUP),
    "GET /staff/programme/calendar": read("programme.read"),
    "POST /staff/programme/calendar": write("programme.edit", sends=DAY),
    "POST /staff/programme/calendar/<day>/unset": write("programme.edit", "own day", alone=GROUP, missing=303),
    "GET /api/v1/programme/versions": read("programme.read"),
    "POST /api/v1/programme/versions": write("programme.edit", sends=DRAFT),
    "GET /api/v1/programme/versions/<int:version_id>": read("programme.read", "draft", alone=GROUP),
    "POST /api/v1/programme/versions/<int:version_id>:submit": write("programme.edit", "draft", alone=GROUP),
    "POST /api/v1/programme/versions/<int:version_id>:approve": write(
        "programme.approve", "version in review", alone=GROUP
    ),
}
