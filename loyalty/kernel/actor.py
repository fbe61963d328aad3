"""Who acts, and which stores and customers they may see: arguments of services and queries, never a global."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from loyalty.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be seen: rows of `stores` (None: all), and of one customer alone where `customer_id` is given."""

    stores: frozenset[int] | None
    customer_id: int | None = None

    def covers(self, store_id: int | None) -> bool:
        """Return whether rows of this store may be seen; rows of no store are the group's own."""
        return self.stores is None or store_id in self.stores


EVERYTHING = Scope(stores=None)
NOTHING = Scope(stores=frozenset())


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program or a job; `grants` names for each permission the stores it holds in (None: all)."""

    kind: Literal["staff", "client", "owner", "job", "system"]
    id: int | None
    name: str
    grants: Mapping[str, frozenset[int] | None] = field(default_factory=dict)
    customer_id: int | None = None
    address: str | None = None

    def may(self, permission: str) -> bool:
        """Return whether the actor holds `permission` in any store."""
        return self.kind in {"job", "system"} or permission in self.grants

    def require(self, permission: str) -> None:
        """Refuse (Forbidden) an actor without `permission`."""
        if not self.may(permission):
            raise Forbidden(permission=permission)

    def scope(self, permission: str) -> Scope:
        """Return what the actor may see by `permission`; Forbidden without it."""
        if self.kind == "owner":
            return Scope(stores=None, customer_id=self.customer_id)
        self.require(permission)
        if self.kind in {"job", "system"}:
            return EVERYTHING
        return Scope(stores=self.grants[permission])


SYSTEM = Actor(kind="system", id=None, name="system")


def job_actor(name: str) -> Actor:
    """Return the actor for the background work of that name."""
    return Actor(kind="job", id=None, name=name)
