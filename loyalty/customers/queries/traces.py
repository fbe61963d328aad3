"""The texts that name a person, in every form in which they may stand somewhere."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from loyalty.customers.models import Customer, ExternalNumber, Ownership, Vehicle
from loyalty.customers.queries.arrays import any_id
from loyalty.customers.queries.people import identifier_rows
from loyalty.customers.sealed import readable_plate
from loyalty.kernel.crypto import UNREADABLE
from loyalty.kernel.db import db

Trace = tuple[str, str]
"""Kind (name, phone, email, openid, card, number, vin, plate) and the text in its normal form."""


def traces_of(customer_ids: Sequence[int]) -> list[Trace]:
    """Return what names these customers, however it is stored, but for what does not open: four statements."""
    names = db.session.scalars(
        select(Customer.name).where(Customer.id == any_id(customer_ids), Customer.name.is_not(None))
    )
    found = [("name", name) for name in names if name]
    found += [(kind, value) for rows in identifier_rows(customer_ids).values() for _, kind, value in rows]
    found += [("number", number) for _, number in numbers_of(customer_ids)]
    cars = db.session.execute(
        select(Vehicle.vin, Vehicle.plate_sealed)
        .join(Ownership, Ownership.vehicle_id == Vehicle.id)
        .where(Ownership.holder_id == any_id(customer_ids))
        .distinct()
    )
    for vin, sealed in cars:
        found.append(("vin", vin))
        if sealed:
            found.append(("plate", readable_plate(vin, sealed)))
    return [trace for trace in found if trace[1] != UNREADABLE]


def numbers_of(customer_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return the (source, number) pairs by which other systems know these customers."""
    rows = db.session.execute(
        select(ExternalNumber.source, ExternalNumber.number).where(ExternalNumber.customer_id == any_id(customer_ids))
    )
    return [(row.source, row.number) for row in rows]
