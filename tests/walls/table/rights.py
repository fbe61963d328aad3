"""Merges, households, drivers, copies and erasures: what touches two customers, or all of one."""

from tests.walls.row import OWNER, read, write

REFUSED = frozenset({409})  # the owner of the world has points reserved, and nothing asked for
DAY = {"day": "2026-03-12"}
SINCE = {"since": "2026-03-12"}


def other(target):
    """Name the other customer of the east in a form of merging."""
    return {"with": target["person"]}


def somebody(target):
    """Name a customer of the east in a form."""
    return {"number": target["person"], "role": "driver", **DAY}


ROWS = {
    "GET /staff/customers/<int:customer_id>/merge": read("customers.merge", "customer"),
    "POST /staff/customers/<int:customer_id>/merge/check": write("customers.merge", "customer", sends=other),
    "POST /staff/customers/<int:customer_id>/merge": write("customers.merge", "customer", sends=other),
    "POST /staff/customers/<int:customer_id>/merge #with": write("customers.merge", "second half", sends=other),
    "POST /staff/customers/merges/<int:merge_id>/part": write("customers.merge", "merge"),
    "GET /staff/customers/<int:customer_id>/data": read("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/data/print": write("customers.copy", "customer"),
    "POST /staff/customers/<int:customer_id>/data/file": write("customers.copy", "customer"),
    "POST /staff/customers/<int:customer_id>/erasure": write("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/erasure/withdraw": write("customers.edit", "erasure"),
    "POST /staff/customers/<int:customer_id>/erasure/check": write("customers.erase", "erasure"),
    "POST /staff/customers/<int:customer_id>/erasure/done": write("customers.erase", "erasure"),
    "GET /staff/erasures": read("customers.erase", lists="erasures"),
    "GET /staff/households/<int:household_id>": read("customers.read", "household"),
    "GET /staff/customers/<int:customer_id>/household": read("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/household": write(
        "customers.edit", "customer", sends={"name": "欧阳家", **DAY}
    ),
    "POST /staff/households/<int:household_id>/people": write("customers.edit", "household", sends=somebody),
    "POST /staff/households/<int:household_id>/people/<int:customer_id>/leave": write("customers.edit", "household"),
    "GET /staff/vehicles/<int:vehicle_id>/holders/new": read("customers.edit", "vehicle"),
    "POST /staff/vehicles/<int:vehicle_id>/holders/new": write("customers.edit", "vehicle", sends=somebody),
    "POST /staff/vehicles/<int:vehicle_id>/holders/<int:customer_id>/end": write("customers.edit", "holder"),
    "GET /api/v1/customers/<number>/merges": read("customers.read", "customer"),
    "POST /api/v1/customers/<number>/merges": write(
        "customers.merge", "customer", sends=lambda target: {"gone": target["person"]}
    ),
    "POST /api/v1/customers/<number>/merges/<int:merge_id>/undo": write("customers.merge", "merge"),
    "POST /api/v1/customers/<number>/copy": write("customers.copy", "customer"),
    "GET /api/v1/customers/<number>/erasure": read("customers.read", "customer"),
    "PUT /api/v1/customers/<number>/erasure": write("customers.edit", "customer"),
    "DELETE /api/v1/customers/<number>/erasure": write("customers.edit", "erasure"),
    "POST /api/v1/customers/<number>/erasure/done": write("customers.erase", "erasure"),
    "GET /api/v1/customers/<number>/household": read("customers.read", "household"),
    "PUT /api/v1/customers/<number>/household": write("customers.edit", "customer", sends={"name": "欧阳家", **SINCE}),
    "POST /api/v1/customers/<number>/household/people": write(
        "customers.edit", "household", sends=lambda target: {"customer": target["person"], **SINCE}
    ),
    "POST /api/v1/customers/<number>/household/leave": write("customers.edit", "household", sends=DAY),
    "POST /api/v1/vehicles/<vin>/holders": write(
        "customers.edit", "vehicle", sends=lambda target: {"customer": target["person"], "role": "driver", **SINCE}
    ),
    "POST /api/v1/vehicles/<vin>/holders/<number>/end": write("customers.edit", "holder", sends=DAY),
    "POST /my/profile": write(OWNER, sends={"language": "en"}),
    "GET /my/consents": read(OWNER),
    "POST /my/consents": write(OWNER, sends={"marketing-sms": "yes"}),
    "POST /my/copy/print": write(OWNER),
    "POST /my/copy/file": write(OWNER),
    "POST /my/erasure": write(OWNER),
    "POST /my/erasure/withdraw": write(OWNER, own=frozenset({404})),
    "GET /my/close": read(OWNER),
    "POST /my/close/check": write(OWNER, own=REFUSED),
    "POST /my/close": write(OWNER, own=REFUSED),
    "GET /my/cars": read(OWNER, lists="plates"),
    "GET /my/cars/<int:vehicle_id>": read(OWNER, "vehicle"),
}
