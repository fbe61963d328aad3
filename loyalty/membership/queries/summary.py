"""A member's points, level, next end and last movements, with one statement."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import run
from loyalty.membership.rules import MemberNotFound, id_of_number, number_of
from loyalty.points.queries import summary_select

# The walls stand in the statement: `stores` null means every store.
_SUMMARY = text(f"""
    SELECT m.customer_id, m.state, t.level_code, t.valid_to, p.available, p.pending, p.held, p.debt,
        p.next_end_at, p.next_end_points, p.movements
    FROM members m
    JOIN ({summary_select()}) p ON p.customer_id = m.customer_id
    LEFT JOIN tier_standings t ON t.customer_id = m.customer_id
    WHERE m.customer_id = :customer_id
        AND (CAST(:stores AS bigint[]) IS NULL OR m.store_id = ANY (CAST(:stores AS bigint[])))
""")  # noqa: S608 - put together from statements of our own


@dataclass(frozen=True, slots=True)
class Summary:
    """How a member stands.

    `movements` is a list, newest first, of [id, kind, debit, credit, points, occurred_at, source kind, source number,
    reason], as the statement returns it.
    """

    customer_id: int
    state: str
    level_code: str | None
    valid_to: date | None
    available: int
    pending: int
    held: int
    debt: int
    next_end_at: datetime | None
    next_end_points: int
    movements: list[list[Any]]

    @property
    def number(self) -> str:
        """The twelve digits of the member number."""
        return number_of(self.customer_id)


def summary(number: str, scope: Scope, *, now: datetime) -> Summary:
    """Return how a member stands; not found where there is none, or it lies outside the scope."""
    customer_id = id_of_number(number)
    if customer_id is not None and scope.customer_id in {None, customer_id}:
        asked = {"customer_id": customer_id, "now": now, "stores": None if scope.stores is None else list(scope.stores)}
        for row in run(_SUMMARY, asked):
            return Summary(*row)
    raise MemberNotFound(number=number)
