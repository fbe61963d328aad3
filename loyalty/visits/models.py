"""The tables of follow-up: facts to plan from, plans, and their steps."""

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
from loyalty.visits.rules import PlanState, StepState


def _one_of(values: type[PlanState] | type[StepState]) -> str:
    return "state IN (" + ", ".join(f"'{value}'" for value in values) + ")"


class PlanFact(Base):
    """Something that is to be planned, or has been: `version` is that of the sale; readings only replan."""

    __tablename__ = "plan_facts"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"], info=BY_SET),
        Index("ix_plan_facts_due", "id", postgresql_where=text("planned_at IS NULL")),
        Index("ix_plan_facts_sale", "trigger", "sale_id"),
        Index("ix_plan_facts_complaint", "complaint_id", postgresql_where=text("complaint_id IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    trigger: Mapped[str] = mapped_column(Text)
    sale_id: Mapped[int | None]
    complaint_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id", info=BY_SET))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    day: Mapped[date]
    noted_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]  # also when there was nothing to plan


class Plan(Base):
    """The follow-up of one fact, by the version of the template in force on its day.

    `basis` has what its days were reckoned from: at which hour messages go, and of an inspection its first day and why.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint(_one_of(PlanState), name="state"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended"),
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        UniqueConstraint("customer_id", "key"),
        Index("ix_plans_id", "id"),
        Index("ix_plans_sale", "trigger", "sale_id"),
        Index("ix_plans_vehicle", "vehicle_id", postgresql_where=text("state = 'active'")),
        Index("ix_plans_store", "store_id", "id"),
        Index("ix_plans_complaint", "complaint_id", postgresql_where=text("complaint_id IS NOT NULL")),
        Index("ix_plans_inspection", "vehicle_id", "day", postgresql_where=text("trigger = 'inspection'")),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    trigger: Mapped[str] = mapped_column(Text)
    sale_id: Mapped[int | None]
    complaint_id: Mapped[int | None] = mapped_column(BigInteger)
    policy_version_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    day: Mapped[date]
    km: Mapped[int | None] = mapped_column(Integer)
    basis: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    state: Mapped[str] = mapped_column(Text, server_default="active")
    reason: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PlanStep(Base):
    """One step of a plan: its days, why, and what it becomes: by phone a task, by other channels a message.

    `openings` counts how often it became one, since a step that was stopped can go on.
    """

    __tablename__ = "plan_steps"
    __table_args__ = (
        CheckConstraint(_one_of(StepState), name="state"),
        CheckConstraint("due_to >= due_from", name="days"),
        CheckConstraint("(channel = 'phone') = (template IS NULL)", name="written"),
        ForeignKeyConstraint(["customer_id", "plan_id"], ["plans.customer_id", "plans.id"], onupdate="CASCADE"),
        PrimaryKeyConstraint("id", "customer_id"),  # in this order it finds a step by its number alone, too
        UniqueConstraint("customer_id", "plan_id", "code"),
        Index("ix_plan_steps_due", "due_from", "id", postgresql_where=text("state = 'planned'")),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    task_kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text, server_default="phone")
    template: Mapped[str | None] = mapped_column(Text)
    names: Mapped[dict[str, Any]]
    due_from: Mapped[date]
    due_to: Mapped[date]
    why: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    state: Mapped[str] = mapped_column(Text, server_default="planned")
    state_at: Mapped[datetime | None]
    openings: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class VehicleInspection(Base):
    """What somebody found out about the inspections of a vehicle; it is the vehicle's, whoever holds it.

    `official_day` is the last day that the traffic police named; `exceptions` says whether one takes the law's dates
    from the vehicle: none, some, or NULL for not known.
    """

    __tablename__ = "vehicle_inspections"
    __table_args__ = (CheckConstraint("exceptions IN ('none', 'some')", name="exceptions"),)

    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True, autoincrement=False)
    official_day: Mapped[date | None]
    exceptions: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(Text)
