"""The walls table: every route of the product, whom it lets in, and to what. A route without a row fails the tests.

**To add a route, add its row** to the module of its feature (a new feature: a new module, and its name below):

    "GET /staff/sales/<int:sale_id>": read("sales.read", "sale"),
    "POST /api/v1/members/<number>/redemptions": write("points.redeem", "member", sends={"points": 10}),

The key is the method and the rule as the URL map has it. `read` and `write` say what the view asks for (a permission,
OPEN, SIGNED_IN or OWNER) and which thing of tests/walls/world.py the address names; `row.py` has the rest. From that
one line every role is tried on one's own thing, on one of another store, and on one that is not there. A thing that
is new is made for both stores in `world.seed`. A route whose body names a second thing has a second row for it: the
same key with a word behind it, as in "POST /api/v1/members/<number>/transfers #to".
"""

from collections.abc import Mapping

from tests.walls.row import Row
from tests.walls.table import (
    appointments,
    approvals,
    customers,
    links,
    members,
    messages,
    owners,
    programme,
    rights,
    sales,
    saved,
    staff,
    tasks,
    visits,
    web,
)

MODULES = (
    appointments,
    saved,
    web,
    staff,
    approvals,
    programme,
    customers,
    rights,
    owners,
    messages,
    tasks,
    sales,
    links,
    members,
    visits,
)

TABLE: Mapping[str, Row] = {key: row for module in MODULES for key, row in module.ROWS.items()}
