"""Customers and vehicles: each belongs to its home store, a vehicle to the stores of whoever holds it."""

from tests.walls.row import read, write

EDITED = {"name": "欧阳改名", "kind": "person", "language": "zh_Hans_CN", "state": "active"}
PHONE = {"kind": "phone", "value": "13700001111"}
CAR = {"vin": "LSVAA4182E2777777", "vehicle_class": "passenger", "use": "household"}
DRIVEN = {"km": "12000", "day": "2026-03-11"}
PERSON = {"name": "慕容新", "kind": "person", "language": "zh_Hans_CN"}
AGREED = {"consents": [{"purpose": "marketing", "channel": "sms", "granted": True}]}


def at_home(target):
    """Send a form with the store of the customer, as its page does."""
    return EDITED | {"home_store_id": target["east"]}


def to_other(target):
    """Give a vehicle to the customer of the east."""
    return {"number": target["person"], "day": "2026-03-12"}


ROWS = {
    "GET /staff/search": read("customers.read", lists="customers", query="q=欧阳"),
    "GET /staff/customers": read("customers.read", lists="customers"),
    "GET /staff/customers/new": read("customers.edit"),
    "POST /staff/customers/new": write(
        "customers.edit", sends=lambda target: PERSON | {"home_store_id": target["east"]}
    ),
    "GET /staff/customers/<int:customer_id>": read("customers.read", "customer"),
    "GET /staff/customers/<int:customer_id>/edit": read("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/edit": write("customers.edit", "customer", sends=at_home),
    "POST /staff/customers/<int:customer_id>/identifiers": write("customers.edit", "customer", sends=PHONE),
    "POST /staff/customers/<int:customer_id>/identifiers/<int:identifier_id>/remove": write(
        "customers.edit", "identifier"
    ),
    "POST /staff/customers/<int:customer_id>/identifiers/<int:identifier_id>/reveal": write(
        "customers.reveal", "identifier"
    ),
    "GET /staff/customers/<int:customer_id>/consents": read("customers.read", "customer"),
    "POST /staff/customers/<int:customer_id>/consents": write("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/notes": write("customers.edit", "customer", sends={"note": "回访"}),
    "GET /staff/customers/<int:customer_id>/vehicles/new": read("customers.edit", "customer"),
    "POST /staff/customers/<int:customer_id>/vehicles/new": write("customers.edit", "customer", sends=CAR),
    "GET /staff/vehicles": read("customers.read", lists="vehicles"),
    "GET /staff/vehicles/<int:vehicle_id>": read("customers.read", "vehicle"),
    "GET /staff/vehicles/<int:vehicle_id>/edit": read("customers.edit", "vehicle"),
    "POST /staff/vehicles/<int:vehicle_id>/edit": write(
        "customers.edit", "vehicle", sends={"vehicle_class": "van", "use": "household"}
    ),
    "GET /staff/vehicles/<int:vehicle_id>/owner": read("customers.edit", "vehicle"),
    "POST /staff/vehicles/<int:vehicle_id>/owner": write("customers.edit", "vehicle", sends=to_other),
    "POST /staff/vehicles/<int:vehicle_id>/owner #number": write(
        "customers.edit", "next owner", sends=to_other, missing=422
    ),
    "POST /staff/vehicles/<int:vehicle_id>/readings": write("customers.edit", "vehicle", sends=DRIVEN),
    "GET /api/v1/customers": read("customers.read", lists="customers"),
    "POST /api/v1/customers": write("customers.edit", sends={"name": "慕容新", "store": "EAST1"}),
    "GET /api/v1/customers/<number>": read("customers.read", "customer"),
    "PATCH /api/v1/customers/<number>": write("customers.edit", "customer", sends={"name": "欧阳改名"}),
    "GET /api/v1/customers/<number>/consents": read("customers.read", "customer"),
    "POST /api/v1/customers/<number>/consents": write("customers.edit", "customer", sends=AGREED),
    "POST /api/v1/vehicles": write(
        "customers.edit", "customer", sends=lambda target: {"vin": CAR["vin"], "owner": target["number"]}
    ),
    "GET /api/v1/vehicles/<vin>": read("customers.read", "vehicle"),
    "PATCH /api/v1/vehicles/<vin>": write("customers.edit", "vehicle", sends={"model": "X1"}),
    "PUT /api/v1/vehicles/<vin>/owner": write(
        "customers.edit", "vehicle", sends=lambda target: {"owner": target["person"], "since": "2026-03-12"}
    ),
    "PUT /api/v1/vehicles/<vin>/owner #owner": write(
        "customers.edit", "next owner", sends=lambda target: {"owner": target["person"], "since": "2026-03-12"}
    ),
    "GET /api/v1/vehicles/<vin>/readings": read("customers.read", "vehicle"),
    "POST /api/v1/vehicles/<vin>/readings": write("customers.edit", "vehicle", sends={"km": 9000, "day": "2026-03-11"}),
}
