"""Links to core sales: seen by whoever sees all stores of a link, made and looked after for the whole group."""

from tests.walls.row import GROUP, OPEN, read, write

WEBHOOK = {"code": "walls", "name": "walls", "source": "walls"}
VIEW = {"view": "settled", "every": "5", "overlap": "15", "window": "30"}
COLUMNS = {
    "amount": "gross",
    "customers": "create",
    "column-number": "order_no",
    "column-customer_no": "customer",
    "column-date": "day",
    "column-amount": "amount",
    "column-store": "store",
    "value-currency": "CNY",
}
SIGNED_ONLY = frozenset({401})
ADDRESS = {"url_with_password": "postgresql://u:p@127.0.0.1:1/core"}

ROWS = {
    "GET /staff/links": read("links.read", lists="links"),
    "GET /staff/links/<code>": read("links.read", "link"),
    "GET /staff/links/new/webhook": read("links.manage"),
    "POST /staff/links/new/webhook": write("links.manage", sends=WEBHOOK),
    "GET /staff/links/new/view": read("links.manage"),
    "POST /staff/links/new/view": write("links.manage", sends=WEBHOOK | VIEW | ADDRESS),
    "GET /staff/links/<code>/view": read("links.manage", "linked view", alone=GROUP),
    "POST /staff/links/<code>/view": write("links.manage", "linked view", sends=VIEW, alone=GROUP),
    "GET /staff/links/<code>/columns": read("links.manage", "linked view", alone=GROUP),
    "POST /staff/links/<code>/columns": write("links.manage", "linked view", sends=COLUMNS, alone=GROUP),
    "POST /staff/links/<code>/test": write("links.manage", "linked view", alone=GROUP),
    "POST /staff/links/<code>/read": write("links.manage", "linked view", alone=GROUP),
    "GET /staff/links/<code>/missing": read("links.manage", "linked view", alone=GROUP),
    "POST /staff/links/<code>/missing": write("links.manage", "linked view", alone=GROUP),
    "POST /staff/links/<code>/pause": write("links.manage", "webhook", alone=GROUP),
    "POST /staff/links/<code>/resume": write("links.manage", "webhook", alone=GROUP),
    "GET /staff/links/<code>/secret": read("links.manage", "webhook", alone=GROUP),
    "POST /staff/links/<code>/secret": write("links.manage", "webhook", sends={"hours": "1"}, alone=GROUP),
    "POST /staff/links/<code>/rejects/retry": write("links.manage", "webhook", alone=GROUP),
    "POST /staff/links/<code>/rejects/<uuid:reject_id>/retry": write("links.manage", "rejected", alone=GROUP),
    "POST /staff/links/<code>/rejects/<uuid:reject_id>/dismiss": write("links.manage", "rejected", alone=GROUP),
    "POST /staff/links/<code>/events/retry": write("links.manage", "webhook", alone=GROUP),
    # The signature is the proof; without one nobody learns whether there is such a link.
    "POST /api/v1/links/<code>/events": write(OPEN, "link", sends={"id": "E-1"}, own=SIGNED_ONLY, missing=401),
    "GET /api/v1/links": read("links.read", lists="links"),
    "GET /api/v1/links/<code>": read("links.read", "link"),
    "GET /api/v1/links/<code>/rejected": read("links.read", "link"),
}
