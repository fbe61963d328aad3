"""What customers' own tables hold about a person, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries.aliases import aliases
from loyalty.customers.queries.people import identifier_rows
from loyalty.customers.queries.vehicles import vehicles_of
from loyalty.customers.rules import copy_parts, customer_number
from loyalty.kernel.db import db

_PERSON = text("""
    SELECT c.number, c.name, c.kind, c.gender, c.birthday, c.lunar, c.language, c.state, s.name AS store,
        a.name AS advisor, c.created_at
    FROM customers AS c
    LEFT JOIN stores AS s ON s.id = c.home_store_id
    LEFT JOIN staff_accounts AS a ON a.id = c.advisor_id
    WHERE c.id = ANY (CAST(:ids AS bigint[])) ORDER BY c.id = :own DESC, c.id
""")
_NUMBERS = text(
    "SELECT source, number FROM external_numbers WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY 1, 2"
)
_CONSENTS = text("""
    SELECT at, purpose, channel, granted, text_version, proof, by_kind FROM consent_events
    WHERE customer_id = :own ORDER BY at, id
""")
_TIMELINE = text("""
    SELECT at, kind, sentence, numbers FROM timeline_rows WHERE customer_id = :own ORDER BY at, id
""")
_READINGS = text("""
    SELECT DISTINCT v.vin, r.read_day AS day, r.km FROM odometer_readings AS r
    JOIN vehicles AS v ON v.id = r.vehicle_id
    JOIN ownerships AS o ON o.vehicle_id = v.id AND o.holder_id = ANY (CAST(:ids AS bigint[]))
        AND r.read_day >= o.from_day AND (o.until_day IS NULL OR r.read_day < o.until_day)
    ORDER BY 1, 2
""")
_HOUSEHOLDS = text("""
    SELECT h.name, p.from_day, p.until_day FROM household_people AS p JOIN households AS h ON h.id = p.household_id
    WHERE p.customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY p.from_day
""")
_MERGES = text("""
    SELECT merged_at AS at, 'C-' || lpad(CAST(gone_id AS text), 7, '0') AS number, parted_at
    FROM customer_merges WHERE kept_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")
_REQUESTS = text("""
    SELECT asked_at AS at, state, ended_at FROM erasure_requests
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")
_LOOKED = text("""
    SELECT at, action, actor_kind AS by_kind FROM audit_rows
    WHERE about_customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


def copy_of(customer_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return everything about a person by the name of the part, with what came from customers merged into it."""
    ids = [customer_id, *aliases(customer_id)]
    return {part.name: [dict(row) for row in part.query(ids)] for part in copy_parts()}


def own_data(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return name, birthday and the like."""
    return _rows(_PERSON, ids)


def own_identifiers(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return phones, addresses and cards in full, and what other systems call the person."""
    held = [{"kind": kind, "value": value} for _, kind, value in identifier_rows(ids[:1]).get(ids[0], [])]
    return held + [{"kind": row["source"], "value": row["number"]} for row in _rows(_NUMBERS, ids)]


def own_consents(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what was granted and withdrawn, with its proof."""
    return _rows(_CONSENTS, ids)


def own_vehicles(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the vehicles that the person holds and held."""
    return [
        {
            "vin": held.vehicle.vin,
            "plate": held.vehicle.shown_plate,
            "model": held.vehicle.model,
            "role": held.role,
            "from_day": held.from_day,
            "until_day": held.until_day,
        }
        for held in vehicles_of(ids[0], past=True)
    ]


def own_readings(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the mileage of the person's vehicles while the person held them."""
    return _rows(_READINGS, ids)


def own_timeline(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what happened, notes included; the sentences are to be filled in and translated."""
    return _rows(_TIMELINE, ids)


def own_households(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return to which households the person belonged when."""
    return _rows(_HOUSEHOLDS, ids)


def own_requests(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return merges with other customers, and requests of erasure."""
    merged = [{**row, "state": "parted" if row.pop("parted_at") else "merged"} for row in _rows(_MERGES, ids)]
    asked = [
        {"at": row["at"], "number": customer_number(ids[0]), "state": row["state"]} for row in _rows(_REQUESTS, ids)
    ]
    return merged + asked


def own_trail(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return when the data were changed or shown, and whether by the staff, a program or the person."""
    return _rows(_LOOKED, ids)


def _rows(statement: Any, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the rows of a statement about these customers, the first of whom stands for all."""
    names = {"ids": list(ids), "own": ids[0]}
    asked = {name: value for name, value in names.items() if f":{name}" in str(statement)}
    return [dict(row) for row in db.session.execute(statement, asked).mappings()]
