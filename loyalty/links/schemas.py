"""The bodies of events, and what is told of links as JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.links.rules import Cancellation, Item, ItemKind, ReadingFact, flaws_of
from loyalty.sales.rules import DeliveryFact
from loyalty.sales.schemas import RefundBody, SaleBody, read_sale
from loyalty.web.api import EffectBody
from loyalty.web.errors import flat
from loyalty.web.json_fields import CodeField, MomentField, StrictSchema, WholeField

MOST_ITEMS = 500
CHANGED: dict[str, Any] = {"description": "When the core system changed it last; older tellings are passed over."}


class LinkedSaleBody(SaleBody):
    """A sale as `POST /sales` takes it; `source` may be left out, it is the link's."""

    source = CodeField(64, load_default=None)
    changed_at = MomentField(load_default=None, metadata=CHANGED)


class LinkedRefundBody(RefundBody):
    """A refund as `POST /sales/…/refunds` takes it, with the number of its sale."""

    sale = CodeField(64, required=True)


class CancellationBody(StrictSchema):
    """A sale that was struck out: all that is left of it goes back, and it never counts again."""

    sale = CodeField(64, required=True)
    occurred_at = MomentField(load_default=None)
    reason = fields.String(load_default="", validate=validate.Length(max=200))
    changed_at = MomentField(load_default=None, metadata=CHANGED)


class LinkedDeliveryBody(StrictSchema):
    """When the vehicle of a sale was handed over; null when it was not, after all."""

    sale = CodeField(64, required=True)
    delivered_at = MomentField(required=True, allow_none=True)
    changed_at = MomentField(load_default=None, metadata=CHANGED)


class ReadingBody(StrictSchema):
    """The mileage of a vehicle on a work order; with a reason it may run against earlier readings."""

    vin = CodeField(32, required=True)
    km = WholeField(required=True)
    read_at = MomentField(required=True)
    store = CodeField(64, required=True)
    order = CodeField(64, required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class EventBody(StrictSchema):
    """An event: its id, and up to 500 things in all; each is answered for itself."""

    id = CodeField(100, required=True)
    sales = fields.List(fields.Nested(LinkedSaleBody), load_default=list)
    refunds = fields.List(fields.Nested(LinkedRefundBody), load_default=list)
    cancellations = fields.List(fields.Nested(CancellationBody), load_default=list)
    deliveries = fields.List(fields.Nested(LinkedDeliveryBody), load_default=list)
    readings = fields.List(fields.Nested(ReadingBody), load_default=list)


LISTS: Mapping[str, ItemKind] = {
    "sales": "sale",
    "refunds": "refund",
    "cancellations": "cancellation",
    "deliveries": "delivery",
    "readings": "reading",
}


def event_id(body: object) -> str:
    """Return the id of an event whose outline is right; Malformed when it is no event. Items are read later."""
    if not isinstance(body, Mapping):
        raise Malformed({"_": ["An event is a JSON object with an id and lists of what happened."]})
    errors = {str(name): ["Unknown field."] for name in body.keys() - {"id", *LISTS}}
    try:
        named = str(CodeField(100, required=True).deserialize(body.get("id")))
    except ValidationError as error:
        named = ""
        errors |= flat({"id": error.messages})
    lists = {name: body.get(name, []) for name in LISTS}
    errors |= {name: ["This must be a list."] for name, listed in lists.items() if not isinstance(listed, list)}
    count = sum(len(listed) for listed in lists.values() if isinstance(listed, list))
    if not errors and not 0 < count <= MOST_ITEMS:
        errors["_"] = [Sentence("An event has 1 to {most} things in all.", most=MOST_ITEMS)]
    if errors:
        raise Malformed(errors)
    return named


def read_items(body: Mapping[str, Any], source: str) -> list[Item]:
    """Return the items of an event for a source; one that cannot be read carries its problem."""
    items = []
    for name, kind in LISTS.items():
        for place, content in enumerate(body.get(name, [])):
            items.append(_item(kind, f"{name}[{place}]", content, source))
    return items


def _item(kind: ItemKind, place: str, content: object, source: str) -> Item:
    if not isinstance(content, Mapping):
        content = {"_": content}
    named = content.get("number" if kind == "sale" else "order" if kind == "reading" else "sale")
    number = named.strip() if isinstance(named, str) else ""
    kept = {"list": next(name for name, each in LISTS.items() if each == kind), "item": content}
    item = Item(kind, place, _whole_number(kind, number, content), kept)
    try:
        return _READERS[kind](item, content, source)
    except ValidationError as error:
        problem = Malformed(flat(error.messages))
        return replace(item, problem=problem, flaws=flaws_of(problem))


def _whole_number(kind: ItemKind, number: str, content: Mapping[str, Any]) -> str:
    """Return the number under which an item is kept: a refund has its own, readings of an order are told apart."""
    if kind == "refund":
        own = content.get("number")
        return f"{number}/{own}" if number and isinstance(own, str) else ""
    if kind == "reading":
        return f"{number}/{content.get('vin')}" if number else ""
    return number


def _sale(item: Item, content: Mapping[str, Any], source: str) -> Item:
    changed = MomentField(load_default=None, allow_none=True).deserialize(content.get("changed_at"))
    plain = {name: value for name, value in content.items() if name != "changed_at"}
    fact = read_sale({**plain, "source": plain.get("source") or source})
    if fact.source != source:
        raise ValidationError({"source": ["This link carries the sales of another source."]})
    return replace(item, number=fact.number, fact=fact, changed_at=changed)


def _refund(item: Item, content: Mapping[str, Any], source: str) -> Item:
    values = LinkedRefundBody().load(content)
    return replace(item, fact=RefundBody.fact(values, source, values["sale"]))


def _cancellation(item: Item, content: Mapping[str, Any], _source: str) -> Item:
    values = CancellationBody().load(content)
    fact = Cancellation(values["sale"], values["occurred_at"], values["reason"])
    return replace(item, number=fact.number, fact=fact, changed_at=values["changed_at"])


def _delivery(item: Item, content: Mapping[str, Any], source: str) -> Item:
    values = LinkedDeliveryBody().load(content)
    fact = DeliveryFact(source, values["sale"], values["delivered_at"])
    return replace(item, number=fact.sale_number, fact=fact, changed_at=values["changed_at"])


def _reading(item: Item, content: Mapping[str, Any], _source: str) -> Item:
    values = ReadingBody().load(content)
    fact = ReadingFact(
        values["vin"], values["km"], values["read_at"], values["store"], values["order"], values["reason"]
    )
    return replace(item, fact=fact)


_READERS: Mapping[ItemKind, Callable[[Item, Mapping[str, Any], str], Item]] = {
    "sale": _sale,
    "refund": _refund,
    "cancellation": _cancellation,
    "delivery": _delivery,
    "reading": _reading,
}

STATES: Sequence[str] = ("created", "same", "corrected", "rejected", "passed_over")


class AnsweredItemBody(Schema):
    """What became of one thing of an event; `errors` by field say why it was rejected."""

    kind = fields.String()
    place = fields.String()
    number = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    effects = fields.List(fields.Nested(EffectBody))
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class AnsweredBody(Schema):
    """What became of an event: `done`, or `waiting` when it is kept and worked on later."""

    event = fields.String()
    state = fields.String(validate=validate.OneOf(["done", "waiting"]))
    repeated = fields.Boolean()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    items = fields.List(fields.Nested(AnsweredItemBody))


class ReadingStateBody(Schema):
    """How far the reading of a view is."""

    database = fields.String()
    view = fields.String()
    every_seconds = fields.Integer()
    watermark = fields.String(allow_none=True)
    lag_seconds = fields.Integer(allow_none=True)
    due_at = MomentField(allow_none=True)
    compared_at = MomentField(allow_none=True)
    unreachable_since = MomentField(allow_none=True)
    problem = fields.String(allow_none=True)


class LinkBody(Schema):
    """A link and how it fares: counts by state of the last 7 days."""

    code = fields.String()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(["webhook", "pull"]))
    source = fields.String()
    stores = fields.List(fields.String(), allow_none=True)
    state = fields.String(validate=validate.OneOf(["active", "paused", "unmapped", "problem", "unreachable"]))
    last_seen_at = MomentField(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    rejected = fields.Integer()
    waiting = fields.Integer()
    pull = fields.Nested(ReadingStateBody, allow_none=True)


class LinksBody(Schema):
    """All links that the caller may see."""

    items = fields.List(fields.Nested(LinkBody))


class RejectedBody(Schema):
    """A thing that was not taken, with its reasons by field; what it says of people is shown on the page alone."""

    id = fields.String()
    kind = fields.String()
    number = fields.String()
    tries = fields.Integer()
    first_at = MomentField()
    last_at = MomentField()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class RejectedQuery(StrictSchema):
    """Which of the rejected to list."""

    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class RejectedPageBody(Schema):
    """Some of the rejected, and where the next ones begin."""

    items = fields.List(fields.Nested(RejectedBody))
    next_cursor = fields.String(allow_none=True)
