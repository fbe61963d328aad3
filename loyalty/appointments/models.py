"""The tables of appointments: the appointment, the places that are taken, and how many a store has."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.appointments.rules import MOST_PLACES, OPEN, State
from loyalty.kernel.db import Base

_OPEN = "state IN (" + ", ".join(f"'{state}'" for state in OPEN) + ")"


class Appointment(Base):
    """A car that is to come to a store; `turn` grows with each slot that it was moved to.

    `seq` grows with every change, so that nobody acts on what has changed since.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("state IN (" + ", ".join(f"'{state}'" for state in State) + ")", name="state"),
        CheckConstraint(f"({_OPEN}) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("ends_at > starts_at", name="span"),
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        UniqueConstraint("customer_id", "key"),
        Index("ix_appointments_id", "id"),
        Index("ix_appointments_store", "store_id", "starts_at", "id"),
        Index("ix_appointments_vehicle", "vehicle_id", postgresql_where=text(_OPEN)),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text, server_default=State.ASKED.value)
    reason: Mapped[str | None] = mapped_column(Text)
    turn: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    seq: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class AppointmentPlace(Base):
    """One place of a slot that is taken; the key is what keeps a slot from holding more cars than it has places.

    It names no customer, so that it is one for all of them however the rest is spread.
    """

    __tablename__ = "appointment_places"
    __table_args__ = (
        CheckConstraint(f"place BETWEEN 1 AND {MOST_PLACES}", name="place"),
        UniqueConstraint("appointment_id"),
    )

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    appointment_id: Mapped[int]


class AppointmentCapacity(Base):
    """How many cars a store takes in at once; a store without a row takes 3."""

    __tablename__ = "appointment_capacities"
    __table_args__ = (CheckConstraint(f"places BETWEEN 0 AND {MOST_PLACES}", name="places"),)

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True, autoincrement=False)
    places: Mapped[int] = mapped_column(Integer)
