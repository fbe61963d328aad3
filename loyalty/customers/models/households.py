"""Households: people who live together, and through them their cars."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base


class Household(Base):
    """People who belong together; it holds nothing of its own but a name."""

    __tablename__ = "households"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class HouseholdPerson(Base):
    """A customer belongs to a household from a day until a day (the first on which it is no longer so; null: still)."""

    __tablename__ = "household_people"
    __table_args__ = (
        CheckConstraint("until_day >= from_day", name="days"),
        Index("uq_household_people_open", "customer_id", unique=True, postgresql_where=text("until_day IS NULL")),
        Index("ix_household_people_household_id", "household_id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
