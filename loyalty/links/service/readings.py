"""Mileage that work orders tell apart from any sale."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from loyalty.customers.queries import known_vehicles
from loyalty.customers.rules import MOST_KM, ReadingSeen, normal_vin
from loyalty.customers.service import record_readings
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import Malformed
from loyalty.links.queries import LinkView
from loyalty.links.rules import Item, ReadingFact, Taken, flaw, flaw_of, flaws_of, rejected
from loyalty.sales.rules.checks import check_time
from loyalty.sales.rules.facts import When
from loyalty.sales.service.vetting import moment_in
from loyalty.staff.queries import StoreView, stores_by_codes

NO_STORE = "There is no store “{store}”; use the code of one of your stores."
NO_VEHICLE = "There is no vehicle with the VIN {vin} yet; it comes with its first sale."
TOO_FAR = "The reading is in whole kilometres from 0 to {most}."


def take_readings(link: LinkView, items: Sequence[Item], by: Actor, now: datetime) -> list[Taken]:
    """Return what became of each reading: its day is that of the store, and only upward unless it has a reason."""
    facts = [item.fact for item in items if isinstance(item.fact, ReadingFact)]
    stores = {
        code: store
        for code, store in stores_by_codes({fact.store for fact in facts}).items()
        if link.stores is None or store.id in link.stores
    }
    vehicles = known_vehicles([vin for fact in facts if (vin := _vin(fact))])
    taken: dict[int, Taken] = {}
    seen: dict[int, ReadingSeen] = {}
    for place, (item, fact) in enumerate(zip(items, facts, strict=True)):
        flaws = _flaws(fact, stores, now)
        vehicle = vehicles.get(_vin(fact) or "")
        if flaws or vehicle is None:
            taken[place] = rejected(item, *(flaws or [flaw("vin", NO_VEHICLE, {"vin": fact.vin}, fact.vin)]))
        else:
            seen[place] = _reading(link, fact, vehicle.id, stores[fact.store].zone)
    problems = record_readings(list(seen.values()), now=now, by=by)
    for place, problem in zip(seen, problems, strict=True):
        item = items[place]
        taken[place] = Taken(item, "created") if problem is None else rejected(item, flaw_of(problem, "km"))
    return [taken[place] for place in range(len(items))]


def _vin(fact: ReadingFact) -> str | None:
    try:
        return normal_vin(fact.vin)
    except Malformed:
        return None


def _flaws(fact: ReadingFact, stores: Mapping[str, StoreView], now: datetime) -> list[dict[str, object]]:
    flaws = [flaw(each.place, each.sentence, each.numbers) for each in check_time("read_at", fact.read, now)]
    if fact.store not in stores:
        flaws.append(flaw("store", NO_STORE, {"store": fact.store}, fact.store))
    if not 0 <= fact.km <= MOST_KM:
        flaws.append(flaw("km", TOO_FAR, {"most": MOST_KM}, str(fact.km)))
    try:
        normal_vin(fact.vin)
    except Malformed as problem:
        flaws += [{**each, "value": fact.vin} for each in flaws_of(problem)]
    return flaws


def _reading(link: LinkView, fact: ReadingFact, vehicle_id: int, zone: str) -> ReadingSeen:
    when: When = fact.read
    moment = moment_in(when, zone)
    source = f"{link.source} {fact.order}"
    return ReadingSeen(vehicle_id, fact.km, moment, day_at(moment, zone), source, fact.reason or None)
