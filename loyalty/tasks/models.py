"""The tables of tasks: the task, every try, and every change."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base
from loyalty.tasks.rules import LIVE, MEANINGS, State

_LIVE = "state IN (" + ", ".join(f"'{state}'" for state in LIVE) + ")"


class Task(Base):
    """Something that a person is to do for a customer, from a day until a day of the store.

    `due_at` is by when: the moment that was agreed on (then `timed`), otherwise the end of the last day. `tries` counts
    attempts without an answer. `seq` grows with every change, so that nobody records on what has changed since.
    `follows_id` names the task before it of the same customer.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state IN (" + ", ".join(f"'{state}'" for state in State) + ")", name="state"),
        CheckConstraint("due_to >= due_from", name="days"),
        CheckConstraint(f"({_LIVE}) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(taken_by IS NULL) = (taken_until IS NULL)", name="taken"),
        CheckConstraint("state <> 'done' OR outcome IS NOT NULL", name="done_with_outcome"),
        ForeignKeyConstraint(["customer_id"], ["customers.id"], info=BY_SET),
        PrimaryKeyConstraint("id", "customer_id"),  # in this order it finds a task by its number alone, too
        UniqueConstraint("customer_id", "dedupe_key"),
        Index("ix_tasks_owner", "owner_id", "due_at", "id", postgresql_where=text(_LIVE)),
        Index("ix_tasks_store", "store_id", "due_at", "id", postgresql_where=text(_LIVE)),
        Index("ix_tasks_about", "about_kind", "about_id"),
        Index("ix_tasks_ended", "store_id", "ended_at", postgresql_where=text("ended_by IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    remarks: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id", info=BY_SET))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id", info=BY_SET))
    due_from: Mapped[date]
    due_to: Mapped[date]
    due_at: Mapped[datetime]
    timed: Mapped[bool] = mapped_column(server_default=text("false"))
    priority: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    about_kind: Mapped[str] = mapped_column(Text, server_default="")
    about_id: Mapped[int] = mapped_column(server_default=text("0"))
    follows_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    outcome: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    reason: Mapped[str | None] = mapped_column(Text)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id", info=BY_SET))
    taken_until: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id", info=BY_SET))


class TaskAttempt(Base):
    """A try, only added to; `takes_back_id` names the try that this row undoes, and which no longer counts."""

    __tablename__ = "task_attempts"
    __table_args__ = (
        CheckConstraint("means IN (" + ", ".join(f"'{one}'" for one in MEANINGS) + ")", name="means"),
        ForeignKeyConstraint(["customer_id", "task_id"], ["tasks.customer_id", "tasks.id"], onupdate="CASCADE"),
        UniqueConstraint("customer_id", "takes_back_id"),
        Index("ix_task_attempts_task", "customer_id", "task_id", "id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    task_id: Mapped[int]
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(Text)
    means: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    answers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    next_day: Mapped[date | None]
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(Text)
    takes_back_id: Mapped[int | None] = mapped_column(BigInteger)


class TaskChange(Base):
    """One change of a task, only added to: what happened, from which state to which, and what it was before."""

    __tablename__ = "task_changes"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "task_id"], ["tasks.customer_id", "tasks.id"], info=BY_SET),
        PrimaryKeyConstraint("customer_id", "task_id", "id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    task_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(Text)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    by_kind: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(Text)
