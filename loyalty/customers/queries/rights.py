"""Requests of erasure, and who was erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from loyalty.customers.models import Customer, ErasureRequest, Tombstone
from loyalty.customers.queries.arrays import any_id
from loyalty.customers.queries.people import CUSTOMER_COLUMNS, view_of, visible
from loyalty.customers.queries.views import CustomerView
from loyalty.customers.sealed import tombstones
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import batch, db, run

_ERASED = text("""
    SELECT hash, customer_id FROM tombstones WHERE hash = ANY (ARRAY(
        SELECT decode(hex, 'hex') FROM jsonb_array_elements_text(CAST(:hashes AS jsonb)) AS asked (hex)
    ))
""")


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request of erasure that waits; `asked_kind` tells whether the owner or the staff asked."""

    id: int
    asked_at: datetime
    asked_kind: str
    asked_by: str


def open_request(customer_id: int) -> RequestView | None:
    """Return the request that waits for this customer, or None."""
    row = db.session.execute(
        select(ErasureRequest.id, ErasureRequest.asked_at, ErasureRequest.asked_kind, ErasureRequest.asked_by).where(
            ErasureRequest.customer_id == customer_id, ErasureRequest.state == "open"
        )
    ).one_or_none()
    return None if row is None else RequestView(*row)


def waiting_requests(scope: Scope, *, limit: int = 200) -> list[tuple[RequestView, CustomerView]]:
    """Return the requests that wait with their customers, the oldest first."""
    rows = db.session.execute(
        select(
            *CUSTOMER_COLUMNS,
            ErasureRequest.id.label("at"),
            ErasureRequest.asked_at,
            ErasureRequest.asked_kind,
            ErasureRequest.asked_by,
        )
        .join(Customer, Customer.id == ErasureRequest.customer_id)
        .where(ErasureRequest.state == "open", visible(scope))
        .order_by(ErasureRequest.asked_at, ErasureRequest.id)
        .limit(limit)
    )
    return [(RequestView(row.at, row.asked_at, row.asked_kind, row.asked_by), view_of(row)) for row in rows]


def locked_request(customer_id: int) -> ErasureRequest | None:
    """Return the row of the request that waits, locked for a change, or None."""
    return db.session.scalars(
        select(ErasureRequest)
        .where(ErasureRequest.customer_id == customer_id, ErasureRequest.state == "open")
        .with_for_update()
    ).one_or_none()


def erased_among(customer_ids: Collection[int]) -> set[int]:
    """Return which of the customers are erased: what sales tell of them is not written down again."""
    if not customer_ids:
        return set()
    return set(
        db.session.scalars(select(Customer.id).where(Customer.id == any_id(customer_ids), Customer.state == "erased"))
    )


def erased_by_number(source: str, numbers: Sequence[str]) -> dict[str, int]:
    """Return the pseudonyms of erased customers by the numbers under which another system still knows them."""
    hashes = {hashed: number for number in numbers for hashed in tombstones("number", f"{source} {number}")}
    rows = run(_ERASED, {"hashes": batch([hashed.hex() for hashed in hashes])})
    return {hashes[bytes(row.hash)]: row.customer_id for row in rows}


def was_erased(kind: str, value: str) -> bool:
    """Return whether an erased person had this phone, address or card (in its normal form): who was here is not new."""
    found = db.session.scalar(select(Tombstone.customer_id).where(Tombstone.hash.in_(tombstones(kind, value))).limit(1))
    return found is not None
