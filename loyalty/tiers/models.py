"""Levels of members: the facts they are judged by, what they have, and everything that was decided."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base

REFERRAL = "referral"
"""The kind of a tier day that counts delivered referrals and not sales."""


class TierDay(Base):
    """What a member did on one day by kind of sale and currency, refunds taken off: always equal to what sales say."""

    __tablename__ = "tier_days"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)
    net_minor: Mapped[int]
    paid_orders: Mapped[int]
    largest_minor: Mapped[int]


class TierStanding(Base):
    """The level a member has now; the rules that read it explain its days (`rules.Standing`)."""

    __tablename__ = "tier_standings"
    __table_args__ = (
        CheckConstraint("(floor_code IS NULL) = (floor_until IS NULL)", name="floor"),
        CheckConstraint("grace_until IS NULL OR grace_until > valid_to", name="grace"),
        Index("ix_tier_standings_level", "level_code", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    level_code: Mapped[str | None] = mapped_column(Text)  # null while no scheme was ever in force
    since_day: Mapped[date]
    joined_day: Mapped[date]
    settled_day: Mapped[date]
    valid_to: Mapped[date | None]
    grace_until: Mapped[date | None]
    floor_code: Mapped[str | None] = mapped_column(Text)
    floor_until: Mapped[date | None]
    delivery_day: Mapped[date | None]


class TierEvaluation(Base):
    """One decision with its figures: a rise, or whatever a review decided; rows are only added."""

    __tablename__ = "tier_evaluations"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["tier_standings.customer_id"], info=BY_SET),
        CheckConstraint("outcome IN ('up', 'down', 'kept', 'grace')", name="outcome"),
        Index("ix_tier_evaluations_day", "customer_id", "day", "id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    day: Mapped[date]
    outcome: Mapped[str] = mapped_column(Text)
    from_code: Mapped[str | None] = mapped_column(Text)
    to_code: Mapped[str] = mapped_column(Text)
    valid_to: Mapped[date | None]
    figures: Mapped[list[Any]]
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id", info=BY_SET))
    booked_at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(Text)


class LevelChange(Base):
    """From which day a member had which level, and why; rows are only added."""

    __tablename__ = "level_changes"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["tier_standings.customer_id"], info=BY_SET),
        CheckConstraint("reason IN ('joined', 'rise', 'review', 'floor', 'merge')", name="reason"),
        Index("ix_level_changes_day", "customer_id", "from_day", "id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    from_day: Mapped[date]
    from_code: Mapped[str | None] = mapped_column(Text)
    to_code: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    booked_at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(Text)


class TierFloor(Base):
    """A level set by hand, below which the member does not fall until its end; a second person must agree."""

    __tablename__ = "tier_floors"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["tier_standings.customer_id"]),
        CheckConstraint("approver_id <> setter_id", name="two_people"),
        CheckConstraint("(approver_id IS NULL) = (approved_at IS NULL)", name="approved"),
        Index("ix_tier_floors_open", "set_at", postgresql_where=text("approved_at IS NULL")),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    level_code: Mapped[str] = mapped_column(Text)
    until_day: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    setter_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"))
    setter_name: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    approver_name: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
