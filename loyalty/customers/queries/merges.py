"""Merges, and what each of them moved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from loyalty.customers.models import Customer, Merge, MergePart
from loyalty.customers.queries.people import visible
from loyalty.customers.rules import CustomerNotFound, MergeNotFound, customer_number
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge: until `until_at` it can be taken back; `parted_at` when it was."""

    id: int
    kept_id: int
    gone_id: int
    merged_at: datetime
    merged_by: str
    until_at: datetime
    effects: list[dict[str, Any]]
    parted_at: datetime | None
    parted_by: str | None

    @property
    def gone_number(self) -> str:
        """The number of the customer that was merged into the other."""
        return customer_number(self.gone_id)

    @property
    def kept_number(self) -> str:
        """The number of the customer that stands for both."""
        return customer_number(self.kept_id)


def merges_of(customer_id: int) -> list[MergeView]:
    """Return the merges that this customer was part of, the latest first."""
    rows = db.session.execute(
        _merges().where(or_(Merge.kept_id == customer_id, Merge.gone_id == customer_id)).order_by(Merge.id.desc())
    )
    return [MergeView(*row) for row in rows]


def merge(merge_id: int, scope: Scope) -> MergeView:
    """Return the merge; MergeNotFound when missing, or its customers lie outside `scope`."""
    row = db.session.execute(
        _merges().join(Customer, Customer.id == Merge.kept_id).where(Merge.id == merge_id, visible(scope))
    ).one_or_none()
    if row is None:
        raise MergeNotFound
    return MergeView(*row)


def merge_part(merge_id: int, part: str) -> dict[str, Any]:
    """Return what a feature wrote down of a merge; empty when it had nothing to move."""
    found = db.session.scalar(select(MergePart.content).where(MergePart.merge_id == merge_id, MergePart.part == part))
    return found or {}


def locked_pair(first_id: int, second_id: int, scope: Scope) -> dict[int, Customer]:
    """Return both rows for a change, locked in order of id; CustomerNotFound when one is missing or outside `scope`."""
    rows = db.session.scalars(
        select(Customer)
        .where(Customer.id.in_([first_id, second_id]), visible(scope))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    for customer_id in (first_id, second_id):
        if customer_id not in found:
            raise CustomerNotFound(customer=customer_number(customer_id))
    return found


def locked_merge(merge_id: int) -> Merge:
    """Return the row of a merge for a change, locked and read again; MergeNotFound when missing."""
    row = db.session.scalars(
        select(Merge).where(Merge.id == merge_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise MergeNotFound
    return row


def _merges() -> Any:
    return select(
        Merge.id,
        Merge.kept_id,
        Merge.gone_id,
        Merge.merged_at,
        Merge.merged_by,
        Merge.until_at,
        Merge.effects,
        Merge.parted_at,
        Merge.parted_by,
    )
