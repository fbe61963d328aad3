"""The tables of vehicles, who holds them when, and their mileage."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.customers.models.columns import SORTED, one_of
from loyalty.customers.rules import ENERGIES, OWNERSHIP_ROLES, VEHICLE_CLASSES, VEHICLE_USES
from loyalty.kernel.db import BY_SET, Base


class Vehicle(Base):
    """A vehicle; it belongs to whoever its ownerships say."""

    __tablename__ = "vehicles"
    __table_args__ = (
        one_of("vehicle_class", VEHICLE_CLASSES),
        one_of("use", VEHICLE_USES),
        one_of("energy", ENERGIES),
        CheckConstraint("vin ~ '^[A-HJ-NPR-Z0-9]{17}$'", name="vin"),
        CheckConstraint("(plate_sealed IS NULL) = (plate_blind IS NULL)", name="plate"),
        Index("ix_vehicles_vin_tail", "vin_tail"),
        Index("ix_vehicles_plate_blind", "plate_blind"),
        Index("ix_vehicles_plate_end_blind", "plate_end_blind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    vin: Mapped[str] = mapped_column(SORTED, unique=True)
    vin_tail: Mapped[str] = mapped_column(SORTED, Computed("right(vin, 6)", persisted=True))
    plate_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    plate_blind: Mapped[bytes | None] = mapped_column(LargeBinary)
    plate_end_blind: Mapped[bytes | None] = mapped_column(LargeBinary)
    plate_at: Mapped[datetime | None]  # when it was seen on the vehicle: a later sighting replaces it
    model: Mapped[str | None] = mapped_column(Text)
    vehicle_class: Mapped[str] = mapped_column(Text, server_default="passenger")
    use: Mapped[str] = mapped_column(Text, server_default="household")
    energy: Mapped[str | None] = mapped_column(Text)
    made_day: Mapped[date | None]
    registered_day: Mapped[date | None]
    invoiced_day: Mapped[date | None]
    delivered_day: Mapped[date | None]
    created_at: Mapped[datetime]


class Ownership(Base):
    """Who holds a vehicle from a day until a day (the first on which it is no longer so; null: still).

    It is a row of the vehicle, not of the customer, since the database must see all main owners of a vehicle at once;
    hence the column is not named `customer_id`.
    """

    __tablename__ = "ownerships"
    __table_args__ = (
        one_of("role", OWNERSHIP_ROLES),
        CheckConstraint("until_day >= from_day", name="days"),
        ExcludeConstraint(
            ("vehicle_id", "="),
            (text("daterange(from_day, until_day)"), "&&"),
            using="gist",
            where=text("role = 'owner'"),
            name="ex_ownerships_one_main_owner",
        ),
        Index(
            "uq_ownerships_open",
            "vehicle_id",
            "holder_id",
            "role",
            unique=True,
            postgresql_where=text("until_day IS NULL"),
        ),
        Index("ix_ownerships_holder_id", "holder_id"),
    )

    vehicle_id: Mapped[int] = mapped_column(
        ForeignKey("vehicles.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("customers.id", info=BY_SET))
    role: Mapped[str] = mapped_column(Text)
    from_day: Mapped[date]
    until_day: Mapped[date | None]


class OdometerReading(Base):
    """The mileage of a vehicle on a day; with a reason it corrects what was read before it."""

    __tablename__ = "odometer_readings"
    __table_args__ = (
        CheckConstraint("km >= 0", name="km"),
        UniqueConstraint("vehicle_id", "read_at", "source"),
        Index("ix_odometer_readings_day", "vehicle_id", "read_at", "id"),
    )

    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    km: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime]
    read_day: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
