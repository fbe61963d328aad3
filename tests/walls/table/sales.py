"""Sales and the files they come in: a sale belongs to its store, a file to the stores of whoever handed it in."""

import base64

from tests.walls.row import GROUP, READ, read, write

MAPPED = {
    "source": "core",
    "amount": "gross",
    "customers": "create",
    "column-number": "order_no",
    "column-customer_no": "customer",
    "column-date": "day",
    "column-amount": "amount",
    "column-store": "store",
    "value-currency": "CNY",
}
LINE = {"number": 1, "category": "labour", "quantity": 1, "gross": {"minor": 5_000, "currency": "CNY"}}
REFUND = {
    "number": "R-1",
    "occurred_at": "2026-03-11T10:00:00+08:00",
    "lines": [{"number": 1, "amount": {"minor": 1_000, "currency": "CNY"}}],
}
MAPPING = {
    "source": "core",
    "columns": {
        "number": "order_no",
        "customer_no": "customer",
        "date": "day",
        "amount": "amount",
        "store": "store",
        "currency": {"value": "CNY"},
    },
}
# Whose sales a file holds is checked row by row when it is read, by the stores of whoever handed it in.
FILE = {
    "file_name": "sales.csv",
    "content": base64.b64encode(b"order_no,customer,day,amount,store\n").decode(),
    "mapping_name": "walls",
}


def sale(target):
    """A sale at the store of the target, under its number or a new one."""
    return {
        "source": "core",
        "number": target.get("number", "NEW-1"),
        "kind": "service",
        "store": target["code"],
        "customer": {"number": f"K-{target['code']}"},
        "occurred_at": "2026-03-10T10:00:00+08:00",
        "lines": [LINE],
    }


def at_east(target):
    """A correction that puts the sale at the east: whoever may not see it must not learn that it is there."""
    return sale({**target, "code": "EAST1"})


ROWS = {
    "GET /staff/sales": read("sales.read", lists="sales"),
    "GET /staff/sales/<int:sale_id>": read("sales.read", "sale"),
    "GET /staff/imports": read("sales.import", lists="imports"),
    "GET /staff/imports/new": read("sales.import"),
    "POST /staff/imports/new": write("sales.import", own=frozenset({422})),
    "GET /staff/imports/<int:run_id>": read("sales.import", "import"),
    "GET /staff/imports/<int:run_id>/columns": read("sales.import", "import"),
    "POST /staff/imports/<int:run_id>/columns": write("sales.import", "import", sends=MAPPED),
    "GET /staff/imports/<int:run_id>/rejected.csv": read("sales.import", "import"),
    "POST /staff/imports/<int:run_id>/run": write("sales.import", "import"),
    "POST /staff/imports/<int:run_id>/stop": write("sales.import", "import"),
    "GET /api/v1/sales": read("sales.read", lists="sales"),
    # A sale at a store that is not the token's is malformed at its field, like one at a store that is not there.
    "POST /api/v1/sales": write("sales.write", "store", sends=sale, missing=422),
    "POST /api/v1/sales:batch": write(
        "sales.write", "store", sends=lambda target: {"sales": [sale(target)]}, own=READ, missing=200
    ),
    "GET /api/v1/sales/<source>/<path:number>": read("sales.read", "sale"),
    "POST /api/v1/sales/<source>/<path:number>/deliveries": write(
        "sales.write", "sale", sends={"delivered_at": "2026-03-11T10:00:00+08:00"}
    ),
    "PUT /api/v1/sales/<source>/<path:number>": write("sales.write", "sale", sends=at_east),
    "GET /api/v1/imports": read("sales.import"),
    "POST /api/v1/imports": write("sales.import", sends=FILE, own=frozenset({422})),
    "GET /api/v1/imports/<int:run_id>": read("sales.import", "import"),
    "GET /api/v1/imports/<int:run_id>/rejected": read("sales.import", "import"),
    "POST /api/v1/imports/<int:run_id>:run": write("sales.import", "import", own=frozenset({202})),
    "POST /api/v1/imports/<int:run_id>:stop": write("sales.import", "import"),
    "GET /api/v1/import-mappings": read("sales.import"),
    "PUT /api/v1/import-mappings/<mapping_name>": write(
        "sales.import", "mapping", sends=MAPPING, own=READ, missing=200, alone=GROUP
    ),
    "POST /api/v1/sales/<source>/<path:number>/refunds": write("sales.write", "sale", sends=REFUND),
}
