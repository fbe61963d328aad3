"""What a person may ask of the data about them, for programs."""

from typing import Any

from loyalty.customers import queries, service
from loyalty.customers.api.people import customer_id_of, operations
from loyalty.customers.schemas import CopySchema, ErasureAskedSchema, ErasureSchema, MergeEffectsSchema
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.limits import COPIES_BY_PROGRAM, limited
from loyalty.web.requests import current_actor, request_now


@operations.post("/<number>/copy")
@guard("customers.copy")
@limited(COPIES_BY_PROGRAM, scope="copies", each=True)
@operations.response(200, CopySchema)
def copy_everything(number: str) -> dict[str, Any]:
    """Return everything about a person by part; that it was taken is written down."""
    actor = current_actor()
    scope = actor.scope("customers.copy")
    customer_id = customer_id_of(number, scope)
    return {"parts": service.copy_everything(customer_id, scope=scope, now=request_now(), by=actor)}


@operations.get("/<number>/erasure")
@guard("customers.read")
@operations.response(200, ErasureAskedSchema)
def show_erasure(number: str) -> dict[str, Any]:
    """Return whether erasure was asked for and waits, since when and by whom."""
    customer_id = customer_id_of(number, current_actor().scope("customers.read"))
    asked = queries.open_request(customer_id)
    return {"waiting": asked is not None, "asked_at": asked and asked.asked_at, "asked_by": asked and asked.asked_kind}


@operations.put("/<number>/erasure")
@guard("customers.edit")
@operations.response(200, ErasureAskedSchema)
def ask_erasure(number: str) -> dict[str, Any]:
    """Write down that a person asks to be forgotten; a second request while one waits is refused."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    service.request_erasure(customer_id_of(number, scope), scope=scope, now=request_now(), by=actor)
    return {"waiting": True, "asked_at": request_now(), "asked_by": actor.kind}


@operations.delete("/<number>/erasure")
@guard("customers.edit")
@operations.response(200, ErasureAskedSchema)
def withdraw_erasure(number: str) -> dict[str, Any]:
    """Take the request back."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    service.withdraw_erasure(customer_id_of(number, scope), scope=scope, now=request_now(), by=actor)
    return {"waiting": False, "asked_at": None, "asked_by": None}


@operations.post("/<number>/erasure/done")
@guard("customers.erase")
@operations.arguments(ErasureSchema)
@operations.response(200, MergeEffectsSchema)
def erase(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Forget the person for good; `dry_run` answers what would be done. The books stay as they are."""
    actor = current_actor()
    scope = actor.scope("customers.erase")
    customer_id = customer_id_of(number, scope)
    done = service.erase(customer_id, scope=scope, now=request_now(), by=actor, dry_run=asked["dry_run"])
    return {"effects": effects_json(done.effects)}
