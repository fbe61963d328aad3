"""Search: each reading of the text is one short range of one index."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CompoundSelect, Select, case, func, literal, or_, select, union_all

from loyalty.customers.models import Customer, ExternalNumber, Identifier, Ownership, SearchKey, Vehicle
from loyalty.customers.queries.arrays import any_id
from loyalty.customers.queries.lists import hits
from loyalty.customers.queries.people import identifier_rows, in_use, visible
from loyalty.customers.queries.vehicles import vehicle_hits, vehicle_visible
from loyalty.customers.queries.views import Hits, VehicleHit
from loyalty.customers.rules import SHORTEST_TAIL, Probes, after, probes
from loyalty.customers.sealed import blinds, blinds_of_plate, blinds_of_plate_end
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db

MOST_TAILS = 500
"""How many phones with the same last four digits are opened to compare a longer tail."""

Ids = Select[*tuple[Any, ...]]


def find(text: str, scope: Scope, *, limit: int = 50) -> Hits:
    """Return the customers and vehicles that `text` may mean, the best reading first; at most `limit` of each."""
    asked = probes(text)
    vehicles = _vehicle_ids(asked, scope, limit + 1)
    ids = _customer_ids(asked, scope, limit + 1)
    ids += [at for at in _holders(vehicles, scope, limit + 1) if at not in set(ids)]
    more = len(ids) > limit or len(vehicles) > limit
    return Hits(hits(ids[:limit], scope), vehicle_hits(vehicles[:limit], scope), more)


def find_vehicles(text: str, scope: Scope, *, limit: int = 50) -> list[VehicleHit]:
    """Return the vehicles whose plate or VIN, whole or by its end, `text` may be."""
    return vehicle_hits(_vehicle_ids(probes(text), scope, limit), scope)


def _customer_ids(asked: Probes, scope: Scope, limit: int) -> list[int]:
    """Return the customers a text names directly: exact readings first, then names in the order of their keys."""
    parts = [*_exact(asked), *(_beginning(prefix, scope, limit) for prefix in asked.prefixes)]
    found: dict[int, None] = {}
    if parts:
        ranked = [_ranked(rank, part) for rank, part in enumerate(parts)]
        found = dict.fromkeys(row.customer_id for row in db.session.execute(_within(union_all(*ranked), scope, limit)))
    if asked.tail:
        found |= dict.fromkeys(_by_tail(asked.tail, scope, limit))
    return list(found)[:limit]


def _ranked(rank: int, part: Ids) -> Select[int, int]:
    """Return the customers of a reading with its rank; a whole key goes before its beginning."""
    found = part.subquery()
    longer = found.c[1] if len(found.c) > 1 else literal(0)
    return select((literal(rank * 2) + longer).label("rank"), found.c[0].label("customer_id"))


def _within(union: CompoundSelect[int, int], scope: Scope, limit: int) -> Select[int]:
    """Return the visible customers among the readings, best reading first, those of one reading by name."""
    ranked = union.subquery()
    return (
        select(ranked.c.customer_id)
        .join(Customer, Customer.id == ranked.c.customer_id)
        .where(visible(scope), in_use())
        .order_by(ranked.c.rank, Customer.name_key, Customer.id)
        .limit(limit * 4)  # a customer may be found in several ways
    )


def _exact(asked: Probes) -> Iterable[Ids]:
    if asked.customer_id is not None:
        yield select(func.coalesce(Customer.merged_into_id, Customer.id)).where(Customer.id == asked.customer_id)
    if asked.external_number:
        yield select(ExternalNumber.customer_id).where(ExternalNumber.number == asked.external_number).limit(20)
    for kind, value in (("phone", asked.phone), ("email", asked.email)):
        if value:
            yield select(Identifier.customer_id).where(
                Identifier.blind.in_(blinds(kind, value)), Identifier.kind == kind
            )


def _beginning(prefix: str, scope: Scope, limit: int) -> Ids:
    """Return who has a key that begins so, in the order of the keys, and whether there is more of the key."""
    longer = case((SearchKey.key == prefix, 0), else_=1)
    query: Ids = select(SearchKey.customer_id, longer).where(SearchKey.key >= prefix, SearchKey.key < after(prefix))
    if scope.stores is not None:
        query = query.join(Customer, Customer.id == SearchKey.customer_id).where(visible(scope))
    return query.order_by(SearchKey.key, SearchKey.customer_id).limit(limit)


def _by_tail(tail: str, scope: Scope, limit: int) -> list[int]:
    """Return whose phone or card ends so; for more than four digits those that end alike are opened and compared."""
    query = (
        select(Identifier.customer_id)
        .join(Customer, Customer.id == Identifier.customer_id)
        .where(Identifier.tail == tail[-SHORTEST_TAIL:], visible(scope), in_use())
        .order_by(Customer.name_key, Customer.id)
    )
    if len(tail) == SHORTEST_TAIL:
        return list(db.session.scalars(query.limit(limit)))
    candidates = list(dict.fromkeys(db.session.scalars(query.limit(MOST_TAILS))))
    opened = identifier_rows(candidates, ["phone", "card"])
    return [at for at in candidates if any(value.endswith(tail) for _, _, value in opened[at])][:limit]


def _vehicle_ids(asked: Probes, scope: Scope, limit: int) -> list[int]:
    """Return the vehicles whose VIN, its last six or whose plate this is."""
    readings = []
    if asked.vin:
        readings.append(Vehicle.vin == asked.vin)
    if asked.vin_tail:
        readings.append(Vehicle.vin_tail == asked.vin_tail)
    if asked.plate:
        readings.append(Vehicle.plate_blind.in_(blinds_of_plate(asked.plate)))
    if asked.plate_end:
        readings.append(Vehicle.plate_end_blind.in_(blinds_of_plate_end(asked.plate_end)))
    if not readings:
        return []
    query = select(Vehicle.id).where(or_(*readings), vehicle_visible(scope)).order_by(Vehicle.id).limit(limit)
    return list(db.session.scalars(query))


def _holders(vehicle_ids: Iterable[int], scope: Scope, limit: int) -> list[int]:
    """Return who holds these vehicles now, main owners first."""
    wanted = list(vehicle_ids)
    if not wanted:
        return []
    rows = db.session.scalars(
        select(Ownership.holder_id)
        .join(Customer, Customer.id == Ownership.holder_id)
        .where(Ownership.vehicle_id == any_id(wanted), Ownership.until_day.is_(None), visible(scope), in_use())
        .order_by(Ownership.role != "owner", Customer.name_key, Customer.id)
        .limit(limit),
    )
    return list(dict.fromkeys(rows))
