"""The portal: an owner's address names nothing, so that a foreign thing cannot even be asked for."""

from tests.walls.row import DONE, GROUP, OPEN, OWNER, read, write

SIGNING = frozenset({200, 302, 303, 409, 422})

ROWS = {
    "GET /my/sessions": read(OWNER),
    "POST /my/sessions/<session_id>/end": write(OWNER, "device", alone=GROUP, missing=303),
    "POST /my/sessions/end-others": write(OWNER),
    "GET /my/": read(OWNER, lists="members"),
    "GET /my/points": read(OWNER),
    "GET /my/tier": read(OWNER),
    "GET /my/profile": read(OWNER, lists="customers"),
    "GET /my/login": read(OPEN, own=DONE),
    "POST /my/login": write(OPEN, own=SIGNING, sends={"phone": "13811112222", "privacy": "on"}),
    "GET /my/code": read(OPEN, own=DONE),
    "POST /my/code": write(OPEN, own=SIGNING, sends={"code": "123456"}),
    "POST /my/code/again": write(OPEN, own=SIGNING),
    "GET /my/who": read(OPEN, own=SIGNING),
    "POST /my/who": write(OPEN, own=SIGNING, sends={"customer": "1"}),
    "GET /my/logout": read(OPEN, own=DONE),
    "POST /my/logout": write(OPEN),
    "GET /my/privacy": read(OPEN),
}
