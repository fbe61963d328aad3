"""What every row has that leaves the house: whose it is at the moment, and what became of each call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.messaging.rules import OUTCOMES, STATES


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Return the constraint that the column holds one of `values`."""
    return CheckConstraint(f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")", name=column)


def outbox_checks() -> tuple[CheckConstraint, ...]:
    """Return what holds for every such row: it has a holder while it is being sent, and only then."""
    return (
        one_of("state", STATES),
        CheckConstraint("(state = 'sending') = (token IS NOT NULL)", name="holder"),
        CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name="lease"),
    )


def attempt_checks() -> tuple[CheckConstraint, ...]:
    """Return what holds for every attempt: an outcome has its moment."""
    return (
        one_of("outcome", OUTCOMES),
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered"),
    )


class Leaving:
    """The steps of a row on its way out; `next_at` is when it is looked at next, by the database's clock.

    `token` and `lease_until` belong to whoever sends it at the moment; `handed_at` is the point of no return of that
    hand, and `attempts` counts hand-overs. `dedupes` says whether the provider takes a key once.
    """

    channel: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="due")
    next_at: Mapped[datetime]
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    dedupes: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    problem: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class Attempted:
    """One hand-over: what it was addressed to, masked, and what came back; without an outcome, nothing did."""

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token: Mapped[UUID]
    handed_at: Mapped[datetime]
    shown: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
