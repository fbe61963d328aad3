"""Stores, accounts, API clients, sign-in and the audit trail."""

from tests.walls.row import DONE, GROUP, OPEN, SIGNED_IN, read, write

STORE = {"code": "NEW1", "name": "新店", "zone": "Asia/Shanghai", "currency": "CNY"}
ACCOUNT = {"username": "newcomer", "name": "新同事", "password": "a long new passphrase"}
ROLE = {"role": "care_agent", "from_day": "2026-03-12"}
PASSWORD = {"password": "a long new passphrase"}
NAMED = {"name": "新同事"}
CLIENT = {"name": "new link", "where": "all", "permissions": "sales.read"}

ROWS = {
    "GET /staff/": read(SIGNED_IN, own=DONE),
    "GET /staff/login": read(OPEN, own=frozenset({200, 302})),
    "POST /staff/login": write(OPEN, own=frozenset({200, 302, 422})),
    "GET /staff/logout": read(OPEN, own=frozenset({200, 302})),
    "POST /staff/logout": write(OPEN),
    "GET /staff/me": read(SIGNED_IN),
    "GET /staff/login/code": read(OPEN, own=frozenset({302})),
    "POST /staff/login/code": write(OPEN),
    "GET /staff/confirm": read(SIGNED_IN),
    "POST /staff/confirm": write(SIGNED_IN, own=frozenset({422})),
    "GET /staff/me/password": read(SIGNED_IN),
    "POST /staff/me/password": write(SIGNED_IN, own=frozenset({422})),
    "GET /staff/me/factor": read(SIGNED_IN),
    "POST /staff/me/factor": write(SIGNED_IN, own=frozenset({422})),
    "POST /staff/me/recovery-codes": write(SIGNED_IN, own=frozenset({200, 409})),
    "GET /staff/me/sessions": read(SIGNED_IN),
    "POST /staff/me/sessions/<session_id>/end": write(SIGNED_IN, "device", own=frozenset({404}), alone=GROUP),
    "POST /staff/me/sessions/end-others": write(SIGNED_IN),
    "POST /staff/me/sessions/end": write(SIGNED_IN),
    "GET /staff/settings": read(SIGNED_IN),
    "GET /staff/roles": read("accounts.manage"),
    "GET /staff/stores": read("stores.manage", lists="stores"),
    "GET /staff/stores/new": read("stores.manage"),
    "POST /staff/stores/new": write("stores.manage", sends=STORE),
    "GET /staff/stores/<int:store_id>/edit": read("stores.manage", "store"),
    "POST /staff/stores/<int:store_id>/edit": write("stores.manage", "store", sends=STORE),
    "GET /staff/accounts": read("accounts.manage"),
    "GET /staff/accounts/new": read("accounts.manage"),
    "POST /staff/accounts/new": write("accounts.manage", sends=ACCOUNT),
    "GET /staff/accounts/<int:account_id>": read("accounts.manage", "account", alone=GROUP),
    "GET /staff/accounts/<int:account_id>/edit": read("accounts.manage", "account", alone=GROUP),
    "POST /staff/accounts/<int:account_id>/edit": write("accounts.manage", "account", alone=GROUP, sends=NAMED),
    "GET /staff/accounts/<int:account_id>/factor/reset": read("accounts.manage", "account", alone=GROUP),
    "POST /staff/accounts/<int:account_id>/factor/reset": write(
        "accounts.manage", "account", alone=GROUP, own=frozenset({409})
    ),
    "POST /staff/accounts/<int:account_id>/sessions/end": write("accounts.manage", "account", alone=GROUP),
    "POST /staff/accounts/<int:account_id>/disable": write("accounts.manage", "account", alone=GROUP),
    "POST /staff/accounts/<int:account_id>/enable": write("accounts.manage", "account", alone=GROUP),
    "POST /staff/accounts/<int:account_id>/password": write("accounts.manage", "account", alone=GROUP, sends=PASSWORD),
    "POST /staff/accounts/<int:account_id>/roles": write("accounts.manage", "account", alone=GROUP, sends=ROLE),
    "POST /staff/accounts/<int:account_id>/roles/<int:assignment_id>/end": write(
        "accounts.manage", "role", alone=GROUP
    ),
    "GET /staff/clients": read("clients.manage"),
    "GET /staff/clients/new": read("clients.manage"),
    "POST /staff/clients/new": write("clients.manage", sends=CLIENT),
    "GET /staff/clients/<int:client_id>/revoke": read("clients.manage", "client", alone=GROUP),
    "POST /staff/clients/<int:client_id>/revoke": write("clients.manage", "client", alone=GROUP),
    "GET /staff/clients/<int:client_id>/rotate": read("clients.manage", "client", alone=GROUP),
    "POST /staff/clients/<int:client_id>/rotate": write("clients.manage", "client", alone=GROUP, sends={"grace": "24"}),
    "GET /staff/audit": read("audit.read", lists="clerks", query="action=points.redeem"),
    "GET /api/v1/accounts": read("accounts.manage"),
    "POST /api/v1/accounts": write("accounts.manage", sends=ACCOUNT),
    "GET /api/v1/accounts/<int:account_id>": read("accounts.manage", "account", alone=GROUP),
    "POST /api/v1/accounts/<int:account_id>/disable": write("accounts.manage", "account", alone=GROUP),
    "POST /api/v1/accounts/<int:account_id>/enable": write("accounts.manage", "account", alone=GROUP),
    "GET /api/v1/accounts/<int:account_id>/sessions": read("accounts.manage", "account", alone=GROUP),
    "DELETE /api/v1/accounts/<int:account_id>/sessions": write("accounts.manage", "account", alone=GROUP),
    "GET /api/v1/roles": read("accounts.manage"),
    "GET /staff/audit/<int:row_id>": read("audit.read", "audit row"),
    # Both ask for audit.read too, and for a fresh proof; a role that may export and not read the trail is refused.
    "GET /staff/audit/export.xlsx": read("exports.run", also="audit.read"),
    "GET /staff/audit/export.csv": read("exports.run", also="audit.read", lists="clerks", query="action=points.redeem"),
    "GET /api/v1/stores": read(SIGNED_IN, lists="stores"),
}
