"""Customers and their consents for programs."""

from collections.abc import Iterable
from typing import Any

from flask import Response, request

from loyalty.customers import queries, service
from loyalty.customers.rules import ConsentGiven, CustomerDraft, CustomerNotFound, customer_number, id_of_number
from loyalty.customers.schemas import (
    ChangedCustomerSchema,
    ConsentsSchema,
    CustomerChangeSchema,
    CustomerSchema,
    CustomersQuery,
    CustomersSchema,
    NewConsentsSchema,
    NewCustomerSchema,
)
from loyalty.kernel.actor import Scope
from loyalty.kernel.errors import Malformed
from loyalty.kernel.paging import page_size
from loyalty.staff import queries as staff
from loyalty.staff.rules import StoreNotFound
from loyalty.web.api import ApiBlueprint, answer_once, json_answer
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.limits import SEARCHES_BY_PROGRAM, limited
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "customers",
    __name__,
    url_prefix="/customers",
    description="People and companies, how to reach them, and what they agreed to",
)


def customer_id_of(number: str, scope: Scope) -> int:
    """Return the id of a customer's number; CustomerNotFound when missing or outside `scope`."""
    customer_id = id_of_number(number)
    if customer_id is None:
        raise CustomerNotFound(customer=number)
    return queries.customer(customer_id, scope).id


def store_id_of(code: str, scope: Scope) -> int:
    """Return the id of a store's code; malformed, at the field `store`, when there is none in `scope`."""
    try:
        return staff.store_by_code(code, scope).id
    except StoreNotFound:
        raise Malformed({"store": ["There is no such store among those of this token."]}) from None


def customer_json(customer_id: int, scope: Scope) -> dict[str, Any]:
    """Return a customer as the API writes it."""
    card = queries.card(customer_id, scope)
    home = card.customer.home_store_id
    return {
        "number": card.customer.number,
        "name": card.customer.name,
        "kind": card.customer.kind,
        "gender": card.customer.gender,
        "state": card.customer.state,
        "birthday": card.birthday,
        "lunar": card.lunar,
        "language": card.language,
        "store": staff.stores_by_ids([home])[home].code if home else None,
        "created_at": card.created_at,
        "version": card.version,
        "merged_into": _stands_for(customer_id),
        "identifiers": card.identifiers,
        "external_numbers": [{"source": source, "number": number} for source, number in card.external_numbers],
    }


def _stands_for(customer_id: int) -> str | None:
    """Return the number of the customer that stands for this one since a merge, or None."""
    stands = queries.standing_for([customer_id])[customer_id]
    return None if stands == customer_id else customer_number(stands)


@operations.post("")
@guard("customers.edit")
@operations.takes_key
@operations.arguments(NewCustomerSchema)
@operations.response(201, CustomerSchema)
def create_customer(asked: dict[str, Any]) -> dict[str, Any]:
    """Create a customer; the same under the same external number answers the same customer."""
    if ("source" in asked) != ("external_number" in asked):
        raise Malformed({"external_number": ["Give source and external number together, or neither."]})
    actor = current_actor()
    scope = actor.scope("customers.edit")
    asked["home_store_id"] = store_id_of(asked.pop("store"), scope)
    identifiers = tuple((one["kind"], one["value"]) for one in asked.pop("identifiers", ()))
    draft = CustomerDraft(**asked, identifiers=identifiers)

    def work() -> dict[str, Any]:
        made = service.create_customer(draft, scope=scope, now=request_now(), by=actor)
        return {"customer_id": made.customer_id}

    done = answer_once("customers.create", request.get_json(), work)
    return customer_json(done["customer_id"], scope)


@operations.get("")
@guard("customers.read")
@limited(SEARCHES_BY_PROGRAM, scope="search", reads=True, each=True)
@operations.arguments(CustomersQuery, location="query")
@operations.response(200, CustomersSchema)
def list_customers(asked: dict[str, Any]) -> Response:
    """List customers by name, or find them as the search field does (`q`), the best first and without a cursor.

    Programs page through everybody here, so the answer is written by hand.
    """
    scope = current_actor().scope("customers.read")
    limit = page_size(asked.get("limit"))
    if "q" in asked:
        return _listed(queries.find_customers(asked["q"], scope, limit=limit), None)
    store = store_id_of(asked["store"], scope) if "store" in asked else None
    page = queries.customer_list(
        scope,
        store_id=store,
        state=asked.get("state"),
        cursor=asked.get("cursor"),
        limit=limit,
    )
    return _listed(page.items, page.next_cursor)


def _listed(found: Iterable[queries.Hit], next_cursor: str | None) -> Response:
    return json_answer({"items": [_hit_json(hit) for hit in found], "next_cursor": next_cursor})


def _hit_json(hit: queries.Hit) -> dict[str, Any]:
    who = hit.customer
    return {
        "number": who.number,
        "name": who.name,
        "kind": who.kind,
        "state": who.state,
        "phone": hit.phone,
        "plates": hit.plates,
    }


@operations.get("/<number>")
@guard("customers.read")
@operations.response(200, CustomerSchema)
def show_customer(number: str) -> dict[str, Any]:
    """Return a customer by its number; phones and addresses are masked."""
    scope = current_actor().scope("customers.read")
    return customer_json(customer_id_of(number, scope), scope)


@operations.patch("/<number>")
@guard("customers.edit")
@operations.arguments(CustomerChangeSchema)
@operations.response(200, ChangedCustomerSchema)
def change_customer(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Change the fields that are given; with `version`, only if nobody changed the customer since it was read.

    The state `closed` closes the account with all that hangs on it: points lapse, the membership ends. `dry_run`
    answers the same effects and changes nothing.
    """
    actor = current_actor()
    scope = actor.scope("customers.edit")
    customer_id = customer_id_of(number, scope)
    seen = asked.pop("version", None)
    if "store" in asked:
        asked["home_store_id"] = store_id_of(asked.pop("store"), scope)
    tried = asked.pop("dry_run")
    effects = service.change_customer(
        customer_id, asked, seen=seen, scope=scope, now=request_now(), by=actor, dry_run=tried
    )
    return customer_json(customer_id, scope) | {"dry_run": tried, "effects": effects_json(effects)}


@operations.get("/<number>/consents")
@guard("customers.read")
@operations.response(200, ConsentsSchema)
def list_consents(number: str) -> dict[str, Any]:
    """Return what a customer agrees to now; what was never asked is missing, and allows nothing."""
    customer_id = customer_id_of(number, current_actor().scope("customers.read"))
    return {"items": list(queries.consents(customer_id).values())}


@operations.post("/<number>/consents")
@guard("customers.edit")
@operations.arguments(NewConsentsSchema)
@operations.response(200, ConsentsSchema)
def record_consents(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Write down what a customer granted or withdrew; what changes nothing leaves no trace."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    customer_id = customer_id_of(number, scope)
    given = [ConsentGiven(**{"at": request_now(), **one}) for one in asked["consents"]]
    service.record_consents(customer_id, given, scope=scope, now=request_now(), by=actor)
    return {"items": list(queries.consents(customer_id).values())}
