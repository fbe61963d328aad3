"""Requests for a second person: each belongs to the store of the member it is about, or to the group."""

from tests.walls.row import DONE, read, write

# Seen by all who decide in the store; the kind's own permission says who may, and never who asked.
BARRED = DONE | {403, 409}

ROWS = {
    "GET /staff/approvals": read("approvals.read", lists="requests"),
    "GET /staff/approvals/export.xlsx": read("exports.run", lists="requests"),
    "GET /staff/approvals/<int:approval_id>": read("approvals.read", "request"),
    "POST /staff/approvals/<int:approval_id>/approve": write(
        "approvals.decide", "request", sends={"seen": "walls"}, own=frozenset({403, 409})
    ),
    "POST /staff/approvals/<int:approval_id>/return": write(
        "approvals.decide", "request", sends={"note": "walls"}, own=BARRED
    ),
    "POST /staff/approvals/<int:approval_id>/withdraw": write("approvals.decide", "request", own=frozenset({409})),
    "GET /api/v1/approvals": read("approvals.read", lists="requests"),
    "GET /api/v1/approvals/<int:approval_id>": read("approvals.read", "request"),
    "POST /api/v1/approvals/<int:approval_id>:approve": write("approvals.decide", "request", sends={}, own=BARRED),
    "POST /api/v1/approvals/<int:approval_id>:return": write(
        "approvals.decide", "request", sends={"note": "walls"}, own=BARRED
    ),
    "POST /api/v1/approvals/<int:approval_id>:withdraw": write("approvals.decide", "request", own=BARRED),
}
