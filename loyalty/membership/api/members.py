"""Enrolling, listing and reading members."""

from typing import Any

from flask import request

from loyalty.customers.queries import customer, ids_by_number, ids_called
from loyalty.customers.rules import CustomerNotFound, customer_number
from loyalty.kernel.clock import day_at
from loyalty.kernel.paging import page_size
from loyalty.membership import queries, service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.rules import Newcomer, check_past, number_of
from loyalty.membership.schemas import EnrolBody, MemberAnswer, MemberList, MembersQuery, MemberView
from loyalty.staff.queries import store_by_code
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now


@operations.post("")
@guard("members.enrol")
@operations.takes_key
@operations.arguments(EnrolBody)
@operations.response(201, MemberAnswer)
def enrol(asked: dict[str, Any]) -> dict[str, Any]:
    """Enrol a customer; one who is a member already is refused with the number."""
    actor, now = current_actor(), request_now()
    check_past(asked["occurred_at"], now=now)
    store = store_by_code(asked["store"], actor.scope("members.enrol"))
    customer_id = _customer_id(asked["customer"])
    joined_at = asked["occurred_at"] or now
    newcomer = Newcomer(customer_id, store.id, joined_at, day_at(joined_at, store.zone))

    def work() -> dict[str, Any]:
        effects = service.enrol_by_hand(newcomer, now=now, by=actor)
        return {"member": one_member(number_of(customer_id)), "effects": effects_json(effects)}

    return answer_once("members.enrol", request.get_json(), work)


@operations.get("")
@guard("members.read")
@operations.arguments(MembersQuery, location="query")
@operations.response(200, MemberList)
def list_members(asked: dict[str, Any]) -> dict[str, Any]:
    """List members, newest first, by store, level and state, or find the one of a customer by its number."""
    scope = current_actor().scope("members.read")
    store_id = None if asked["store"] is None else store_by_code(asked["store"], scope).id
    who = None if asked["customer"] is None else ids_called(asked["customer"], asked["source"])
    wanted = queries.Filter(store_id=store_id, level_code=asked["level"], state=asked["state"], customer_ids=who)
    page = queries.listed(wanted, scope, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    return {"items": [_json(row) for row in page.items], "next_cursor": page.next_cursor}


@operations.get("/<number>")
@guard("members.read")
@operations.response(200, MemberView)
def read_member(number: str) -> dict[str, Any]:
    """Read a member."""
    return one_member(number)


def one_member(number: str) -> dict[str, Any]:
    """Return a member as the API shows it; not found outside the stores in which the actor may read or enrol."""
    actor = current_actor()
    scope = actor.scope("members.read" if actor.may("members.read") else "members.enrol")
    member = queries.member(number, scope)
    return _json(queries.listed(queries.Filter(customer_ids=(member.customer_id,)), scope).items[0])


def _json(row: queries.MemberRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "customer": customer_number(row.customer_id),
        "store": row.store_code,
        "state": row.state,
        "joined_day": row.joined_day.isoformat(),
        "level": row.level_code,
    }


def _customer_id(number: str) -> int:
    """Return the id of a customer whom the actor may enrol; others are not found."""
    customer_id = ids_by_number([number]).get(number)
    if customer_id is None:
        raise CustomerNotFound(customer=number)
    return customer(customer_id, current_actor().scope("members.enrol")).id
