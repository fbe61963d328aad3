"""Saved filters: a filter shows nothing by itself, the list that it leads to has the wall; others' are not there."""

from tests.walls.row import DONE, SIGNED_IN, read, write

LEADS = "a filter names a list, whose own wall holds; tests/saved try one's own, shared and foreign ones"
THERE = DONE | {404}

ROWS = {
    "GET /staff/filters/<int:number>": read(SIGNED_IN, "filter", own=THERE, alone=LEADS),
    "POST /staff/filters": write(SIGNED_IN, sends={"list": "tasks", "name": "walls", "query": "view=overdue"}),
    "POST /staff/filters/<int:number>/choose": write(
        SIGNED_IN, "filter", sends={"chosen": "1"}, own=THERE, alone=LEADS
    ),
    "POST /staff/filters/<int:number>/remove": write(SIGNED_IN, "filter", own=THERE, alone=LEADS),
}
