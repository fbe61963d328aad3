"""The texts that name a person, in every form in which they may stand somewhere."""

from collections.abc import Iterable

from sqlalchemy import select

from loyalty.customers.models import Customer, ExternalNumber
from loyalty.customers.queries.arrays import any_id
from loyalty.customers.queries.people import identifier_rows
from loyalty.kernel.db import db


def traces_of(customer_id: int) -> list[str]:
    """Return the name, phones and addresses of one customer: by these, the same person is found a second time."""
    name = db.session.scalar(select(Customer.name).where(Customer.id == customer_id))
    held = [value for _, _, value in identifier_rows([customer_id]).get(customer_id, [])]
    return [*([name] if name else []), *held]


def numbers_of(customer_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return the (source, number) pairs by which other systems know these customers."""
    rows = db.session.execute(
        select(ExternalNumber.source, ExternalNumber.number).where(ExternalNumber.customer_id == any_id(customer_ids))
    )
    return [(row.source, row.number) for row in rows]
