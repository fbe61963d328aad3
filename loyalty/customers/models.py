"""The tables of customers, their identifiers and consents, vehicles and the timeline."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
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

from loyalty.customers.rules import (
    ENERGIES,
    GENDERS,
    IDENTIFIER_KINDS,
    KINDS,
    OWNERSHIP_ROLES,
    PURPOSES,
    STATES,
    VEHICLE_CLASSES,
    VEHICLE_USES,
)
from loyalty.kernel.db import Base

SORTED = Text(collation="C")
"""Text that is compared by code points, so that a B-tree finds beginnings on any server."""

# Written as PostgreSQL tells it back, so that migrations and models compare equal.
NUMBER_SQL = "'C-'::text || CASE WHEN id < 10000000 THEN lpad(id::text, 7, '0'::text) ELSE id::text END"


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the constraint that the column holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Customer(Base):
    """A person or a company; its id is the `customer_id` of everything that belongs to it."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("gender", GENDERS),
        one_of("state", STATES),
        Index("ix_customers_name_key", "name_key", "id"),
        Index("ix_customers_home_store_id", "home_store_id", "name_key", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(Text, Computed(NUMBER_SQL, persisted=True))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(SORTED)
    gender: Mapped[str | None] = mapped_column(Text)
    birthday: Mapped[date | None]
    lunar: Mapped[bool] = mapped_column(server_default=text("false"))
    language: Mapped[str] = mapped_column(Text, server_default="zh_Hans_CN")
    home_store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    state: Mapped[str] = mapped_column(Text, server_default="active")
    created_at: Mapped[datetime]


class ExternalNumber(Base):
    """What another system calls a customer: the lookup that makes it unique over all customers."""

    __tablename__ = "external_numbers"

    number: Mapped[str] = mapped_column(SORTED, primary_key=True)  # first, so that it is found without its source
    source: Mapped[str] = mapped_column(SORTED, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)


class Identifier(Base):
    """A phone, e-mail address, openid or card: sealed, found by its blind index, the last four in the clear."""

    __tablename__ = "identifiers"
    __table_args__ = (
        one_of("kind", IDENTIFIER_KINDS),
        UniqueConstraint("customer_id", "kind", "blind"),
        Index("ix_identifiers_blind", "blind", "kind"),
        Index("ix_identifiers_tail", "tail", postgresql_where=text("tail IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind: Mapped[bytes] = mapped_column(LargeBinary)
    tail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class SearchKey(Base):
    """A text whose beginning finds the customer: see `rules.search_keys`."""

    __tablename__ = "search_keys"
    __table_args__ = (Index("ix_search_keys_key", "key", "customer_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(SORTED, primary_key=True)


class ConsentEvent(Base):
    """A customer granted or withdrew something; never changed, the state is the fold."""

    __tablename__ = "consent_events"
    __table_args__ = (one_of("purpose", PURPOSES),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool]
    text_version: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    by_kind: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(Text)


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

    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
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


class TimelineRow(Base):
    """Something that happened to a customer, in a sentence that is translated when it is shown."""

    __tablename__ = "timeline_rows"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_timeline_rows_at", "customer_id", "at", "id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]]
    by_name: Mapped[str] = mapped_column(Text)
    source_kind: Mapped[str | None] = mapped_column(Text)
    source_id: Mapped[int | None] = mapped_column(BigInteger)
