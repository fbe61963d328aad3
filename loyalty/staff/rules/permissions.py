"""Permissions, and the roles that bundle them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from loyalty.kernel.errors import Malformed

Grants = Mapping[str, frozenset[int] | None]
"""For each permission the ids of the stores it holds in; None for all stores."""

PERMISSIONS = (
    "customers.read",
    "customers.edit",
    "customers.reveal",
    "customers.merge",
    "customers.copy",
    "customers.erase",
    "approvals.read",
    "approvals.decide",
    "appointments.read",
    "appointments.work",
    "tasks.read",
    "tasks.work",
    "sales.read",
    "sales.write",
    "sales.import",
    "links.read",
    "links.manage",
    "messages.read",
    "messages.send",
    "messages.receive",
    "messages.manage",
    "webhooks.read",
    "webhooks.manage",
    "members.read",
    "members.enrol",
    "points.read",
    "points.adjust",
    "points.redeem",
    "points.transfer",
    "tiers.set",
    "programme.read",
    "programme.edit",
    "programme.approve",
    "stores.manage",
    "accounts.manage",
    "clients.manage",
    "audit.read",
    "exports.run",
)

GROUP_WIDE = frozenset(
    {
        "programme.edit",
        "programme.approve",
        "messages.manage",
        "webhooks.manage",
        "stores.manage",
        "accounts.manage",
        "clients.manage",
        "links.manage",
    },
)
"""What changes things for every store, so that it needs a role in every store."""

_EVERY_READ = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
_DESK = frozenset(
    {
        "customers.read",
        "customers.reveal",
        "appointments.read",
        "appointments.work",
        "sales.read",
        "members.read",
        "points.read",
    },
)
_CARE = _DESK | {"customers.edit", "messages.read", "messages.send", "tasks.read", "tasks.work"}

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "care_agent": _CARE | {"members.enrol"},
        "service_advisor": _CARE | {"members.enrol", "points.redeem"},
        "renewal_agent": _CARE,
        "claims_agent": _CARE,
        "front_desk": _DESK | {"members.enrol", "points.redeem"},
        "finance": (_EVERY_READ - {"audit.read"}) | {"sales.import", "exports.run"},
        "manager": _EVERY_READ
        | _CARE
        | {
            "customers.merge",
            "customers.copy",
            "customers.erase",
            "sales.write",
            "sales.import",
            "members.enrol",
            "points.adjust",
            "points.redeem",
            "points.transfer",
            "tiers.set",
            "approvals.decide",
            "programme.edit",
            "programme.approve",
            "messages.manage",
            "exports.run",
        },
        "administrator": _EVERY_READ
        | GROUP_WIDE
        | {"approvals.decide", "messages.receive", "sales.import", "exports.run"},
        "auditor": _EVERY_READ,
    },
)
"""What each role may do, by its code."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that is in force, in one store or (None) in all."""

    role: str
    store_id: int | None


def grants_of(held: Iterable[Grant]) -> Grants:
    """Return what the roles allow together; a group-wide permission only from a role in all stores."""
    stores: dict[str, set[int] | None] = {}
    for grant in held:
        for permission in ROLES[grant.role]:
            if grant.store_id is None:
                stores[permission] = None
                continue
            if permission in GROUP_WIDE:
                continue
            known = stores.setdefault(permission, set())
            if known is not None:
                known.add(grant.store_id)
    return {name: None if ids is None else frozenset(ids) for name, ids in stores.items()}


def client_grants(permissions: Iterable[str], store_ids: Sequence[int] | None) -> Grants:
    """Return what a program may do with these permissions in these stores, None being all of them."""
    where = None if store_ids is None else frozenset(store_ids)
    return {name: where for name in permissions if where is None or name not in GROUP_WIDE}


def check_role(role: str) -> str:
    """Return `role`; unknown ones are malformed."""
    if role not in ROLES:
        raise Malformed({"role": ["There is no such role."]})
    return role


def check_permissions(names: Iterable[str]) -> list[str]:
    """Return the permissions in their usual order, each once; none at all and unknown names are malformed."""
    asked = set(names)
    unknown = sorted(asked - set(PERMISSIONS))
    if unknown:
        raise Malformed({"permissions": ["There is no such permission."]})
    if not asked:
        raise Malformed({"permissions": ["Choose at least one permission."]})
    return [name for name in PERMISSIONS if name in asked]
