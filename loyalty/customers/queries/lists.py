"""Lists of customers: one statement brings the rows with all that is shown of them.

They are read all day long, so the statements are written by hand and go past SQLAlchemy: see `kernel.trips`. How many
rows are wanted stands in their text, since the planner must know it: it would sort a million rows for a part of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.customers.queries.views import CustomerView, Hit
from loyalty.customers.rules import masked, shown_plate
from loyalty.customers.sealed import readable_identifier, readable_plate
from loyalty.kernel.actor import Scope
from loyalty.kernel.crypto import key_ring
from loyalty.kernel.db import id_array, run
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor

VIN_LENGTH = 17
LENGTHS = (6, 21, 51, 101)
"""How many rows a statement may ask for: few texts, so that each is prepared once."""

IN_USE = "c.state NOT IN ('erased', 'merged')"

COLUMNS = "c.id, c.name, c.kind, c.gender, c.state, c.home_store_id, c.name_key"

SHOWN = """
    SELECT c.id, c.name, c.kind, c.gender, c.state, c.home_store_id, c.name_key, s.name AS store_name,
        (
            SELECT i.sealed FROM identifiers i
            WHERE i.customer_id = c.id AND i.kind = 'phone' ORDER BY i.id LIMIT 1
        ) AS phone,
        (
            SELECT string_agg(v.vin || encode(v.plate_sealed, 'hex'), ',' ORDER BY o.from_day DESC, v.id)
            FROM ownerships o JOIN vehicles v ON v.id = o.vehicle_id
            WHERE o.holder_id = c.id AND o.until_day IS NULL AND v.plate_sealed IS NOT NULL
        ) AS plates
    FROM chosen c LEFT JOIN stores s ON s.id = c.home_store_id
"""
"""All that is shown of the customers `chosen` with COLUMNS: plates stand behind the VIN that each opens for."""


def seen(scope: Scope) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions under which rows of customers `c` may be seen, and their values."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if scope.stores is not None and len(scope.stores) == 1:  # so that an index of the one store gives them in order
        conditions.append("c.home_store_id = CAST(:own_store AS bigint)")
        values["own_store"] = min(scope.stores)
    elif scope.stores is not None:
        conditions.append("c.home_store_id = ANY(CAST(:own_stores AS bigint[]))")
        values["own_stores"] = id_array(sorted(scope.stores))
    if scope.customer_id is not None:
        conditions.append("c.id = CAST(:own_id AS bigint)")
        values["own_id"] = scope.customer_id
    return conditions, values


def enough(rows: int) -> int:
    """Return the least of LENGTHS that brings so many rows; more than all of them stand for themselves."""
    return next((length for length in LENGTHS if length >= rows), rows)


@lru_cache(maxsize=64)
def _page(conditions: tuple[str, ...], length: int) -> TextClause:
    return text(f"""
        WITH chosen AS (
            SELECT {COLUMNS} FROM customers c
            WHERE {" AND ".join(conditions)} ORDER BY c.name_key, c.id LIMIT {length}
        )
        {SHOWN}
        ORDER BY c.name_key, c.id
    """)  # noqa: S608 - conditions of our own


@lru_cache(maxsize=64)
def _named(conditions: tuple[str, ...]) -> TextClause:
    return text(f"""
        WITH chosen AS (
            SELECT {COLUMNS}, asked.place
            FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS asked (id, place)
            JOIN customers c ON {" AND ".join(("c.id = asked.id", *conditions))}
        )
        {SHOWN}
        ORDER BY c.place
    """)  # noqa: S608 - as above


def hits(customer_ids: Sequence[int], scope: Scope) -> list[Hit]:
    """Return customers for a list, in the order asked, with masked phone, plates and store; one statement."""
    if not customer_ids:
        return []
    conditions, values = seen(scope)
    rows = run(_named(tuple(conditions)), {**values, "ids": id_array(customer_ids)})
    return hits_of(rows)


def customer_list(
    scope: Scope,
    *,
    store_id: int | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Hit]:
    """Return customers by the pinyin of their names, of one store and state where given; one statement."""
    conditions, values = seen(scope)
    if store_id is not None:
        conditions.append("c.home_store_id = CAST(:store AS bigint)")
        values["store"] = store_id
    if state:
        conditions.append("c.state = :state")
        values["state"] = state
    else:
        conditions.append(IN_USE)
    if cursor:
        conditions.append("(c.name_key, c.id) > (:key, CAST(:at AS bigint))")
        values["key"], values["at"] = decode_cursor(cursor, (str, int))
    rows = run(_page(tuple(conditions), enough(limit + 1)), values)
    last = rows[limit - 1] if len(rows) > limit else None
    shown = hits_of(rows[:limit])
    return Page(shown, encode_cursor([last.name_key, last.id]) if last else None)


def hits_of(rows: Sequence[Any]) -> list[Hit]:
    """Return the customers of rows of SHOWN."""
    ring = key_ring()
    return [
        Hit(
            customer=CustomerView(row.id, row.name, row.kind, row.gender, row.state, row.home_store_id),
            phone=masked("phone", readable_identifier(row.id, row.phone, ring)) if row.phone else None,
            plates=_plates(row.plates) if row.plates else (),
            store_name=row.store_name,
        )
        for row in rows
    ]


def _plates(told: str) -> tuple[str, ...]:
    """Return the plates as they stand on the vehicles, the latest first, each once."""
    opened = (readable_plate(one[:VIN_LENGTH], bytes.fromhex(one[VIN_LENGTH:])) for one in told.split(","))
    return tuple(dict.fromkeys(map(shown_plate, opened)))
