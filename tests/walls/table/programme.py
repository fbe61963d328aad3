"""Rules, tables of facts and the work calendar: they belong to the group, so there is no foreign one."""

from tests.walls.row import GROUP, read, write

BODY = {"mode": "months", "months": 18}
FORM = {"kind": "expiry", "rules": '{"mode": "months", "months": 18}'}
DRAFT = {"kind": "expiry", "body": BODY}
TWO_VERSIONS = "before=<int:version_id>&after=<int:version_id>"
TWO_TABLES = "before=<int:table_id>&after=<int:table_id>"
TABLE_JSON = {
    "kind": "pricing_factor",
    "source": "通知",
    "certainty": "seen",
    "rows": [{"least": "0.5", "most": "1.5"}],
}
TABLE_FORM = {
    "kind": "pricing_factor",
    "source": "通知",
    "certainty": "seen",
    "b.rows:rows": "1",
    "b.rows.0.least": "0.5",
    "b.rows.0.most": "1.5",
    "do": "save",
}
DAY_JSON = {"works": False, "name": "店庆"}
NOTE = {"note": "改为下季度"}
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
    "GET /staff/programme/<int:version_id>/json": read("programme.read", "draft", alone=GROUP),
    # What is no draft for a later day is refused, though it may be seen.
    "POST /staff/programme/<int:version_id>/withdraw": write(
        "programme.approve", "version in review", alone=GROUP, sends=NOTE, own=frozenset({409})
    ),
    "GET /staff/programme/compare": read("programme.read", "draft", alone=GROUP, query=TWO_VERSIONS),
    "GET /staff/programme/tables": read("programme.read"),
    "GET /staff/programme/tables/new": read("programme.edit"),
    "POST /staff/programme/tables/new": write("programme.edit", sends=TABLE_FORM),
    "GET /staff/programme/tables/compare": read("programme.read", "table draft", alone=GROUP, query=TWO_TABLES),
    "GET /staff/programme/tables/<int:table_id>": read("programme.read", "table draft", alone=GROUP),
    "GET /staff/programme/tables/<int:table_id>/rows.csv": read("programme.read", "table draft", alone=GROUP),
    "GET /staff/programme/tables/<int:table_id>/edit": read("programme.edit", "table draft", alone=GROUP),
    "POST /staff/programme/tables/<int:table_id>/edit": write(
        "programme.edit", "table draft", alone=GROUP, sends=TABLE_FORM, own=frozenset({409})
    ),
    "POST /staff/programme/tables/<int:table_id>/submit": write("programme.edit", "table draft", alone=GROUP),
    "POST /staff/programme/tables/<int:table_id>/send-back": write(
        "programme.approve", "table in review", alone=GROUP, sends=NOTE
    ),
    "POST /staff/programme/tables/<int:table_id>/retire": write(
        "programme.approve", "table draft", alone=GROUP, sends=NOTE, own=frozenset({409})
    ),
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
    "POST /api/v1/programme/versions/<int:version_id>:send-back": write(
        "programme.approve", "version in review", alone=GROUP, sends=NOTE
    ),
    "POST /api/v1/programme/versions/<int:version_id>:withdraw": write(
        "programme.approve", "version in review", alone=GROUP, sends=NOTE, own=frozenset({409})
    ),
    "GET /api/v1/programme/versions/compare": read("programme.read", "draft", alone=GROUP, query=TWO_VERSIONS),
    "GET /api/v1/programme/tables": read("programme.read"),
    "POST /api/v1/programme/tables": write("programme.edit", sends=TABLE_JSON),
    "GET /api/v1/programme/tables/in-force": read(
        "programme.read", query="kind=pricing_factor&day=2026-03-12", own=frozenset({404})
    ),
    "GET /api/v1/programme/tables/<int:table_id>": read("programme.read", "table draft", alone=GROUP),
    "POST /api/v1/programme/tables/<int:table_id>:submit": write("programme.edit", "table draft", alone=GROUP),
    "GET /api/v1/programme/calendar": read("programme.read", query="since=2026-01-01&until=2026-01-31"),
    "PUT /api/v1/programme/calendar/<day>": write(
        "programme.edit", "own day", alone=GROUP, sends=DAY_JSON, missing=200
    ),
    "DELETE /api/v1/programme/calendar/<day>": write("programme.edit", "own day", alone=GROUP, missing=200),
}
