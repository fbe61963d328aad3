"""Finding out what each fact names, and setting aside those that cannot be taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

from loyalty.customers.rules import Buyer, VehicleSeen
from loyalty.customers.service import ensure_customers, ensure_vehicles
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at, midnight, zone_of
from loyalty.sales import queries
from loyalty.sales.queries import Found
from loyalty.sales.rules import (
    Flaw,
    NumberTwice,
    Outcome,
    SaleFact,
    check_sale,
    in_normal_form,
    refused,
    rejected,
    sale_hash,
)
from loyalty.sales.rules.facts import When

Mode = Literal["create", "correct"]
Customers = Literal["create", "must_exist"]


@dataclass(slots=True)
class Vetted:
    """A fact that can be taken, with the rows it names; the customer and the vehicle may still have to be created."""

    place: int
    fact: SaleFact
    found: Found
    store_id: int
    zone: str
    occurred_at: datetime
    business_day: date
    delivered_at: datetime | None
    content_hash: bytes
    customer_id: int | None
    vehicle_id: int | None


@dataclass(slots=True)
class Batch:
    """What one call asked for and, in normal form, means; and what has become of each fact so far, by its place."""

    asked: Sequence[SaleFact]
    facts: list[SaleFact]
    mode: Mode
    customers: Customers
    answered: bool
    now: datetime
    by: Actor
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)


def begin(
    facts: Sequence[SaleFact], *, mode: Mode, customers: Customers, answered: bool, now: datetime, by: Actor
) -> Batch:
    """Return the batch with whatever is wrong in itself rejected already, and repeated numbers set aside."""
    batch = Batch(facts, list(facts), mode, customers, answered, now, by)
    first: dict[tuple[str, str], int] = {}
    for place, fact in enumerate(batch.facts):
        earlier = first.setdefault((fact.source, fact.number), place)
        if earlier != place:
            batch.repeats[place] = earlier
        elif flaws := check_sale(fact, now=now):
            batch.outcomes[place] = rejected(*flaws)
        elif fact.vehicle is not None:
            batch.facts[place] = in_normal_form(fact)
    return batch


def settle_repeats(batch: Batch) -> None:
    """Give a repeated number the outcome of its first place when the content is the same; else reject it."""
    for place, earlier in batch.repeats.items():
        fact, first = batch.asked[place], batch.outcomes[earlier]
        if fact != batch.asked[earlier]:
            twice = NumberTwice(number=fact.number, first=str(earlier + 1), second=str(place + 1))
            batch.outcomes[place] = refused(twice)
        elif first.state == "rejected":
            batch.outcomes[place] = first
        else:
            batch.outcomes[place] = Outcome("same", first.id, first.customer_id, first.version, first.effects)


def vet(batch: Batch, places: Sequence[int]) -> list[Vetted]:
    """Return the facts that can be taken; those that name no store of the actor's or no customer are rejected."""
    scope = batch.by.scope("sales.write")
    vetted = []
    for place, found in zip(places, queries.look_up([batch.facts[place] for place in places]), strict=True):
        fact = batch.facts[place]
        if found.store_id is None or found.zone is None or not scope.covers(found.store_id):
            sentence = "There is no store “{store}”; use the code of one of your stores."
            batch.outcomes[place] = rejected(Flaw("store", sentence, {"store": fact.store}))
        elif found.customer_id is None and batch.customers == "must_exist":
            sentence = "There is no customer “{customer}” of {source}; create the customer first."
            named = {"customer": fact.customer.number, "source": fact.source}
            batch.outcomes[place] = rejected(Flaw("customer.number", sentence, named))
        else:
            vetted.append(_vetted(place, fact, found, found.store_id, found.zone))
    return vetted


def _vetted(place: int, fact: SaleFact, found: Found, store_id: int, zone: str) -> Vetted:
    occurred_at, business_day = _when_and_day(fact.occurred, zone)
    delivered_at = None if fact.delivered is None else moment_in(fact.delivered, zone)
    return Vetted(
        place=place,
        fact=fact,
        found=found,
        store_id=store_id,
        zone=zone,
        occurred_at=occurred_at,
        business_day=business_day,
        delivered_at=delivered_at,
        content_hash=sale_hash(fact, occurred_at, delivered_at),
        customer_id=found.customer_id,
        vehicle_id=found.vehicle_id,
    )


def _when_and_day(when: When, zone: str) -> tuple[datetime, date]:
    if not isinstance(when, datetime):
        return _day_in(when, zone)
    moment = moment_in(when, zone)
    return moment, day_at(moment, zone)


@lru_cache(maxsize=4096)  # the sales of a file share some hundred days
def _day_in(day: date, zone: str) -> tuple[datetime, date]:
    moment = midnight(day, zone)
    return moment, day_at(moment, zone)


def moment_in(when: When, zone: str) -> datetime:
    """Return the moment in UTC: a day begins at its local midnight, a moment without offset is the zone's own."""
    if not isinstance(when, datetime):
        return midnight(when, zone)
    if when.tzinfo is None:
        return when.replace(tzinfo=zone_of(zone)).astimezone(UTC)
    return when.astimezone(UTC)


def create_missing(batch: Batch, vetted: Iterable[Vetted]) -> None:
    """Create the customers and vehicles that the facts name for the first time, and see new plates and owners."""
    strangers = [each for each in vetted if each.customer_id is None]
    for source in {each.fact.source for each in strangers}:
        mine = [each for each in strangers if each.fact.source == source]
        ids = ensure_customers([_buyer(each) for each in mine], now=batch.now, by=batch.by)
        for each in mine:
            each.customer_id = ids[each.fact.customer.number]
    unseen = [each for each in vetted if _vehicle_unseen(each)]
    if unseen:
        vehicles = ensure_vehicles([_seen(each) for each in unseen], now=batch.now, by=batch.by)
        for each in unseen:
            each.vehicle_id = vehicles[_seen(each).vin]


def _buyer(each: Vetted) -> Buyer:
    buyer = each.fact.customer
    return Buyer(each.fact.source, buyer.number, buyer.name, buyer.phone, buyer.kind, each.store_id)


def _vehicle_unseen(each: Vetted) -> bool:
    vehicle = each.fact.vehicle
    if vehicle is None:
        return False
    new_plate = vehicle.plate is not None and not each.found.plated
    return each.vehicle_id is None or not each.found.held or each.fact.kind == "vehicle" or new_plate


def _seen(each: Vetted) -> VehicleSeen:
    vehicle = each.fact.vehicle
    if vehicle is None or each.customer_id is None:
        raise ValueError("only a fact with a vehicle and a customer tells whose it is")
    return VehicleSeen(
        vin=vehicle.vin,
        customer_id=each.customer_id,
        seen_at=each.occurred_at,
        seen_day=each.business_day,
        plate=vehicle.plate,
        model=vehicle.model,
        sold=each.fact.kind == "vehicle",
    )
