"""Search: each reading of the text is one short range of one index."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, or_, select, text

from loyalty.customers.models import Vehicle
from loyalty.customers.queries.lists import COLUMNS, IN_USE, SHOWN, enough, hits_of, seen
from loyalty.customers.queries.vehicles import vehicle_hits, vehicle_visible
from loyalty.customers.queries.views import Hit, Hits, VehicleHit
from loyalty.customers.rules import SHORTEST_TAIL, Probes, after, probes
from loyalty.customers.sealed import blinds, blinds_of_plate, blinds_of_plate_end, readable_identifier
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db, id_array, run

MOST_TAILS = 500
"""How many phones with the same last four digits are opened to compare a longer tail."""

_Values = dict[str, Any]

_EXACT = {
    "customer_id": """
        SELECT {rank}, coalesce(c.merged_into_id, c.id) FROM customers c WHERE c.id = CAST(:customer_id AS bigint)
    """,
    "external_number": """
        SELECT {rank}, e.customer_id FROM external_numbers e WHERE e.number = :external_number LIMIT 20
    """,
    "phone": "SELECT {rank}, i.customer_id FROM identifiers i WHERE i.kind = 'phone' AND i.blind = ANY(:phone)",
    "email": "SELECT {rank}, i.customer_id FROM identifiers i WHERE i.kind = 'email' AND i.blind = ANY(:email)",
}
# Who has a key that begins so, in the order of the keys; a whole key goes before its beginning.
_BEGINNING = """
    SELECT {rank} + (k.key <> :prefix{number})::int, k.customer_id FROM search_keys k {within}
    WHERE k.key >= :prefix{number} AND k.key < :after{number}
    ORDER BY k.key, k.customer_id LIMIT {length}
"""
_TAIL = """
    SELECT {rank}, i.customer_id FROM identifiers i JOIN customers c ON c.id = i.customer_id
    WHERE i.tail = :tail AND {conditions} ORDER BY c.name_key, c.id LIMIT {length}
"""
_OPENED = "SELECT {rank}, unnest(CAST(:opened AS bigint[]))"
_HOLDERS = """
    SELECT {rank} + (o.role <> 'owner')::int, o.holder_id FROM ownerships o
    WHERE o.vehicle_id = ANY(CAST(:vehicles AS bigint[])) AND o.until_day IS NULL
"""


def find(text: str, scope: Scope, *, limit: int = 50) -> Hits:
    """Return the customers and vehicles that `text` may mean, the best reading first; at most `limit` of each."""
    asked = probes(text)
    vehicles = _vehicle_ids(asked, scope, limit + 1)
    found = _customers(asked, vehicles, scope, limit + 1)
    more = len(found) > limit or len(vehicles) > limit
    return Hits(found[:limit], vehicle_hits(vehicles[:limit], scope) if vehicles else [], more)


def find_customers(text: str, scope: Scope, *, limit: int = 50) -> list[Hit]:
    """Return the customers of `find` alone."""
    asked = probes(text)
    return _customers(asked, _vehicle_ids(asked, scope, limit), scope, limit)


def find_vehicles(text: str, scope: Scope, *, limit: int = 50) -> list[VehicleHit]:
    """Return the vehicles whose plate or VIN, whole or by its end, `text` may be."""
    return vehicle_hits(_vehicle_ids(probes(text), scope, limit), scope)


def _customers(asked: Probes, vehicles: list[int], scope: Scope, limit: int) -> list[Hit]:
    """Return whom a text names, whose phone ends so and who holds the vehicles, those of one reading by name."""
    conditions, values = seen(scope)
    length = enough(limit)
    parts: list[str] = []
    for part, told in _readings(asked, vehicles, scope):
        places = {"rank": len(parts) * 2, "number": len(parts), "length": length}
        parts.append(part.format(**places, conditions=" AND ".join((IN_USE, *conditions)), within=_within(conditions)))
        values |= {name.format(**places): value for name, value in told.items()}
    if not parts:
        return []
    return hits_of(run(_statement(tuple(parts), tuple(conditions), length), values)[:limit])


def _within(conditions: list[str]) -> str:
    """Return what keeps the beginnings of keys to visible customers; nothing where all are."""
    return f"JOIN customers c ON {' AND '.join(('c.id = k.customer_id', *conditions))}" if conditions else ""


@lru_cache(maxsize=128)
def _statement(parts: tuple[str, ...], conditions: tuple[str, ...], length: int) -> TextClause:
    found = " UNION ALL ".join(f"({part})" for part in parts)
    return text(f"""
        WITH found (rank, id) AS ({found}),
        chosen AS (
            SELECT {COLUMNS}, best.rank
            FROM (SELECT f.id, min(f.rank) AS rank FROM found f GROUP BY f.id) best
            JOIN customers c ON {" AND ".join(("c.id = best.id", IN_USE, *conditions))}
            ORDER BY best.rank, c.name_key, c.id LIMIT {length}
        )
        {SHOWN}
        ORDER BY c.rank, c.name_key, c.id
    """)  # noqa: S608 - texts of our own


def _readings(asked: Probes, vehicles: list[int], scope: Scope) -> Iterator[tuple[str, _Values]]:
    """Give the readings of a text, the best first, each with its values."""
    exact: _Values = {
        "customer_id": asked.customer_id,
        "external_number": asked.external_number,
        "phone": list(blinds("phone", asked.phone)) if asked.phone else None,
        "email": list(blinds("email", asked.email)) if asked.email else None,
    }
    for name, value in exact.items():
        if value is not None:
            yield _EXACT[name], {name: value}
    for prefix in asked.prefixes:
        yield _BEGINNING, {"prefix{number}": prefix, "after{number}": after(prefix)}
    if asked.tail and len(asked.tail) == SHORTEST_TAIL:
        yield _TAIL, {"tail": asked.tail}
    elif asked.tail:
        yield _OPENED, {"opened": id_array(_ending(asked.tail, scope))}
    if vehicles:
        yield _HOLDERS, {"vehicles": id_array(vehicles)}


@lru_cache(maxsize=16)
def _candidates(conditions: tuple[str, ...]) -> TextClause:
    return text(f"""
        SELECT i.customer_id, i.sealed FROM identifiers i JOIN customers c ON c.id = i.customer_id
        WHERE i.tail = :tail AND {" AND ".join((IN_USE, *conditions))}
        ORDER BY c.name_key, c.id LIMIT {MOST_TAILS}
    """)  # noqa: S608 - as above


def _ending(tail: str, scope: Scope) -> list[int]:
    """Return whose phone or card ends with more than four digits: those that end alike are opened and compared."""
    conditions, values = seen(scope)
    rows = run(_candidates(tuple(conditions)), {**values, "tail": tail[-SHORTEST_TAIL:]})
    return [row.customer_id for row in rows if readable_identifier(row.customer_id, row.sealed).endswith(tail)]


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
