"""Stores for programs."""

from typing import Any

from loyalty.kernel.actor import Actor, Scope
from loyalty.staff import queries
from loyalty.staff.schemas import StoresSchema
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import signed_in
from loyalty.web.requests import current_actor

operations = ApiBlueprint(
    "stores", __name__, url_prefix="/stores", description="Stores and what their days are read in"
)


@operations.get("")
@signed_in
@operations.response(200, StoresSchema)
def list_stores() -> dict[str, Any]:
    """Return the stores in which the token may do anything, by code."""
    return {"items": queries.stores(_reach(current_actor()))}


def _reach(actor: Actor) -> Scope:
    """Return all stores in which the actor may do anything."""
    stores: set[int] = set()
    for where in actor.grants.values():
        if where is None:
            return Scope(stores=None)
        stores |= where
    return Scope(stores=frozenset(stores))
