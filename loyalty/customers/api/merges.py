"""Merges of customers for programs."""

from typing import Any

from loyalty.customers import queries, service
from loyalty.customers.api.people import customer_id_of, operations
from loyalty.customers.rules import MergeNotFound
from loyalty.customers.schemas import MergedSchema, MergesSchema, NewMergeSchema, PartedSchema
from loyalty.kernel.actor import Scope
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now


@operations.get("/<number>/merges")
@guard("customers.read")
@operations.response(200, MergesSchema)
def list_merges(number: str) -> dict[str, Any]:
    """Return the merges that a customer was part of, the latest first."""
    customer_id = customer_id_of(number, current_actor().scope("customers.read"))
    return {"items": queries.merges_of(customer_id)}


@operations.post("/<number>/merges")
@guard("customers.merge")
@operations.arguments(NewMergeSchema)
@operations.response(201, MergedSchema)
def merge_customers(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Let this customer stand for another one too, for 30 days reversibly; a second time is refused.

    `dry_run` answers the same effects and changes nothing.
    """
    actor = current_actor()
    scope = actor.scope("customers.merge")
    merged = service.merge_customers(
        customer_id_of(number, scope),
        customer_id_of(asked["gone"], scope),
        dict.fromkeys(asked["take"], "gone"),
        scope=scope,
        now=request_now(),
        by=actor,
        dry_run=asked["dry_run"],
    )
    return {"id": merged.merge_id, "effects": effects_json(merged.effects)}


@operations.post("/<number>/merges/<int:merge_id>/undo")
@guard("customers.merge")
@operations.response(200, PartedSchema)
def part_customers(number: str, merge_id: int) -> dict[str, Any]:
    """Take a merge back: the gone customer gets all that was its own and is still there."""
    actor = current_actor()
    scope = actor.scope("customers.merge")
    _check(merge_id, number, scope)
    effects = service.part_customers(merge_id, scope=scope, now=request_now(), by=actor)
    return {"effects": effects_json(effects)}


def _check(merge_id: int, number: str, scope: Scope) -> None:
    """Refuse a merge that is not one of the customer's."""
    if queries.merge(merge_id, scope).kept_id != customer_id_of(number, scope):
        raise MergeNotFound
