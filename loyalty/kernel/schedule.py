"""Periodic work as rows: what is due, who carries it out, how far it got.

A row stands for one piece of work in one slot, such as the night of one day in one zone. The queue only rings a bell;
whoever comes claims the row by the database's clock, and each step it finishes is written here, so an emptied queue,
a killed worker or a second ticker changes nothing. Steps are safe to repeat: a lease that lapsed may mean that its
holder still works.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Identity,
    Index,
    UniqueConstraint,
    and_,
    extract,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, aliased, mapped_column

from loyalty.kernel.db import Base, db, transaction
from loyalty.kernel.measures import Measure

LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class ScheduleRun(Base):
    """One piece of periodic work in one slot."""

    __tablename__ = "schedule_runs"
    __table_args__ = (
        UniqueConstraint("name", "slot"),
        CheckConstraint("state IN ('due', 'running', 'done')", name="state"),
        CheckConstraint("(state = 'running') = (token IS NOT NULL)", name="token"),
        Index("ix_schedule_runs_open", "due_at", postgresql_where=text("state <> 'done'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    slot: Mapped[str]
    zone: Mapped[str]
    day: Mapped[date]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="due")
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    steps_done: Mapped[int] = mapped_column(server_default=text("0"))
    reports: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    problem: Mapped[str | None]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A piece of work in our hands until the lease ends."""

    id: int
    token: UUID
    name: str
    zone: str
    day: date
    steps_done: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of work to be planned: `day` is the day it is about, `due_at` when it may begin."""

    name: str
    zone: str
    day: date
    due_at: datetime

    @property
    def key(self) -> str:
        """The words that are unique within the work's name."""
        return f"{self.zone} {self.day.isoformat()}"


class LeaseLost(Exception):
    """Somebody else has taken the work over; whoever reads this stops."""


def plan(slots: list[Slot]) -> int:
    """Write the slots that are not there yet; return how many were new, whoever else plans them too."""
    if not slots:
        return 0
    rows = [
        {"name": slot.name, "slot": slot.key, "zone": slot.zone, "day": slot.day, "due_at": slot.due_at}
        for slot in slots
    ]
    statement = insert(ScheduleRun).values(rows).on_conflict_do_nothing().returning(ScheduleRun.id)
    with transaction() as session:
        return len(session.scalars(statement).all())


def last_days(name: str) -> dict[str, date]:
    """Return for each zone the last day that was planned."""
    statement = (
        select(ScheduleRun.zone, func.max(ScheduleRun.day).label("day"))
        .where(ScheduleRun.name == name)
        .group_by(ScheduleRun.zone)
    )
    return {row.zone: row.day for row in db.session.execute(statement)}


def due_ids(limit: int = 100) -> list[int]:
    """Return the ids that may be claimed now, the longest due first."""
    statement = select(ScheduleRun.id).where(*_claimable()).order_by(ScheduleRun.due_at, ScheduleRun.id).limit(limit)
    return list(db.session.scalars(statement))


def measures() -> list[Measure]:
    """Return for each kind of periodic work how much is open, how long the oldest waits, and how much met a problem."""
    waits = extract("epoch", func.clock_timestamp() - func.min(ScheduleRun.due_at))
    statement = (
        select(
            ScheduleRun.name,
            func.count().label("open"),
            func.greatest(waits, 0).label("seconds"),
            func.count(ScheduleRun.problem).label("problems"),
        )
        .where(ScheduleRun.state != "done")
        .group_by(ScheduleRun.name)
    )
    told: list[Measure] = []
    for row in db.session.execute(statement):
        labels = {"work": row.name}
        told += [
            Measure("loyalty_schedule_open", "Pieces of periodic work not done yet.", row.open, labels),
            Measure("loyalty_schedule_waiting_seconds", "Since when the oldest is due.", float(row.seconds), labels),
            Measure("loyalty_schedule_problems", "Open pieces that met a problem.", row.problems, labels),
        ]
    return told


def claim(run_id: int) -> Claimed | None:
    """Take the work for one lease, or return None when it is done, taken, or an earlier day is still open."""
    token = uuid4()
    statement = (
        update(ScheduleRun)
        .where(ScheduleRun.id == run_id, *_claimable())
        .values(
            state="running",
            token=token,
            lease_until=func.clock_timestamp() + LEASE,
            attempts=ScheduleRun.attempts + 1,
        )
        .returning(
            ScheduleRun.id,
            ScheduleRun.name,
            ScheduleRun.zone,
            ScheduleRun.day,
            ScheduleRun.steps_done,
        )
    )
    with transaction() as session:
        row = session.execute(statement).one_or_none()
    return None if row is None else Claimed(row.id, token, row.name, row.zone, row.day, row.steps_done)


def record_step(work: Claimed, step: str, report: dict[str, Any]) -> None:
    """Write one more step as done, with what it reports, and begin the lease anew; refuse with LeaseLost."""
    _write(
        work,
        steps_done=ScheduleRun.steps_done + 1,
        reports=ScheduleRun.reports.op("||")(literal({step: report}, JSONB)),
        lease_until=func.clock_timestamp() + LEASE,
    )


def finish(work: Claimed) -> None:
    """Write the work as done for good; refuse with LeaseLost."""
    _write(work, state="done", token=None, lease_until=None, finished_at=func.clock_timestamp(), problem=None)


def give_back(work: Claimed, problem: str) -> None:
    """Write what went wrong and let the work be due again after a pause that grows; refuse with LeaseLost."""
    with transaction() as session:
        attempts = session.scalar(select(ScheduleRun.attempts).where(ScheduleRun.id == work.id)) or 1
        pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        _write(
            work,
            state="due",
            token=None,
            lease_until=None,
            problem=problem[:500],
            due_at=func.clock_timestamp() + pause,
        )


def _claimable() -> list[ColumnElement[bool]]:
    now = func.clock_timestamp()  # the database's: a machine's own clock may run ahead
    earlier = aliased(ScheduleRun)
    still_open = select(earlier.id).where(
        earlier.name == ScheduleRun.name,
        earlier.zone == ScheduleRun.zone,
        earlier.day < ScheduleRun.day,
        earlier.state != "done",
    )
    return [
        or_(
            and_(ScheduleRun.state == "due", ScheduleRun.due_at <= now),
            and_(ScheduleRun.state == "running", ScheduleRun.lease_until < now),
        ),
        ~still_open.exists(),
    ]


def _write(work: Claimed, **values: Any) -> None:
    statement = update(ScheduleRun).where(ScheduleRun.id == work.id, ScheduleRun.token == work.token).values(**values)
    with transaction() as session:
        if session.execute(statement.returning(ScheduleRun.id)).one_or_none() is None:
            raise LeaseLost(work.name)
