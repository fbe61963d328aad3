"""The blind indexes of identifiers and plates, made again from what is sealed: the index key has changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.customers.events import AddressReindexed
from loyalty.customers.rules import without_province
from loyalty.customers.sealed import blind, blind_plate, blind_plate_end, open_identifier, open_plate
from loyalty.kernel.actor import job_actor
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.db import db
from loyalty.kernel.events import announce
from loyalty.kernel.reindexing import Renewed

_IDENTIFIERS = text("""
    SELECT customer_id, id, kind, sealed, blind FROM identifiers
    WHERE (customer_id, id) > (:customer_id, :id) ORDER BY customer_id, id LIMIT :batch
""")
# While both keys are in use, somebody may get a phone by the one that is there by the other: one of the two goes.
_WRITE_IDENTIFIERS = text("""
    WITH fresh AS (
        SELECT w.*, EXISTS (
            SELECT FROM identifiers AS o WHERE o.customer_id = w.customer_id AND o.kind = w.kind AND o.blind = w.blind
        ) AS there
        FROM json_to_recordset(CAST(:rows AS json))
            AS w (customer_id bigint, id bigint, kind text, read bytea, blind bytea)
    ), double AS (
        DELETE FROM identifiers AS i USING fresh AS w
        WHERE w.there AND i.customer_id = w.customer_id AND i.id = w.id AND i.blind = w.read
    )
    UPDATE identifiers AS i SET blind = w.blind FROM fresh AS w
    WHERE NOT w.there AND i.customer_id = w.customer_id AND i.id = w.id AND i.blind = w.read
""")
_PLATES = text("""
    SELECT id, vin, plate_sealed, plate_blind FROM vehicles
    WHERE id > :id AND plate_sealed IS NOT NULL ORDER BY id LIMIT :batch
""")
_WRITE_PLATES = text("""
    UPDATE vehicles AS v SET plate_blind = w.blind, plate_end_blind = w.end_blind
    FROM json_to_recordset(CAST(:rows AS json)) AS w (id bigint, read bytea, blind bytea, end_blind bytea)
    WHERE v.id = w.id AND v.plate_blind = w.read
""")


def renew_identifiers(after: Sequence[str] | None, batch: int, now: datetime) -> Renewed:
    """Make the indexes of some identifiers again, those behind (customer, id) `after`, and tell whoever keeps them."""
    customer_id, last_id = (0, 0) if after is None else map(int, after)
    asked = {"customer_id": customer_id, "id": last_id, "batch": batch}
    rows = db.session.execute(_IDENTIFIERS, asked).all()
    fresh = [
        {"customer_id": row.customer_id, "id": row.id, "kind": row.kind, "read": bytes(row.blind), "blind": made}
        for row in rows
        if (made := blind(row.kind, open_identifier(row.customer_id, row.sealed))) != bytes(row.blind)
    ]
    last = [str(rows[-1].customer_id), str(rows[-1].id)] if rows else None
    renewed = _written(_WRITE_IDENTIFIERS, fresh, len(rows), last)
    told = [AddressReindexed(one["kind"], one["read"], one["blind"]) for one in fresh]
    announce(told, now=now, by=job_actor("keys"))
    return renewed


def renew_plates(after: Sequence[str] | None, batch: int, now: datetime) -> Renewed:
    """Make the indexes of some plates again, those of the vehicles behind `after`."""
    del now
    rows = db.session.execute(_PLATES, {"id": 0 if after is None else int(after[0]), "batch": batch}).all()
    fresh = []
    for row in rows:
        plate = open_plate(row.vin, row.plate_sealed)
        made = blind_plate(plate)
        if made != bytes(row.plate_blind):
            end = blind_plate_end(without_province(plate))
            fresh.append({"id": row.id, "read": bytes(row.plate_blind), "blind": made, "end_blind": end})
    return _written(_WRITE_PLATES, fresh, len(rows), [str(rows[-1].id)] if rows else None)


def _written(statement: TextClause, fresh: Sequence[Mapping[str, Any]], seen: int, last: list[str] | None) -> Renewed:
    if fresh:
        db.session.execute(statement, {"rows": as_batch(fresh)})
    return Renewed(seen, len(fresh), last)
