"""The tables of customers, their identifiers and consents, and the timeline."""

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
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.customers.models.columns import SORTED, one_of
from loyalty.customers.rules import GENDERS, IDENTIFIER_KINDS, KINDS, PURPOSES, STATES
from loyalty.kernel.db import BY_SET, Base

# Written as PostgreSQL tells it back, so that migrations and models compare equal.
NUMBER_SQL = "'C-'::text || CASE WHEN id < 10000000 THEN lpad(id::text, 7, '0'::text) ELSE id::text END"


class Customer(Base):
    """A person or a company; its id is the `customer_id` of everything that belongs to it."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("gender", GENDERS),
        one_of("state", STATES),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        Index("ix_customers_name_key", "name_key", "id"),
        Index("ix_customers_home_store_id", "home_store_id", "name_key", "id"),
        Index("ix_customers_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
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
    home_store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    state: Mapped[str] = mapped_column(Text, server_default="active")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))  # who stands for it since a merge
    created_at: Mapped[datetime]


class ExternalNumber(Base):
    """What another system calls a customer: the lookup that makes it unique over all customers."""

    __tablename__ = "external_numbers"

    number: Mapped[str] = mapped_column(SORTED, primary_key=True)  # first, so that it is found without its source
    source: Mapped[str] = mapped_column(SORTED, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", info=BY_SET), index=True)


class Identifier(Base):
    """A phone, e-mail address, openid or card: sealed, found by its blind index, the last four in the clear."""

    __tablename__ = "identifiers"
    __table_args__ = (
        one_of("kind", IDENTIFIER_KINDS),
        UniqueConstraint("customer_id", "kind", "blind"),
        Index("ix_identifiers_blind", "blind", "kind"),
        Index("ix_identifiers_tail", "tail", postgresql_where=text("tail IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
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

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
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


class TimelineRow(Base):
    """Something that happened to a customer, in a sentence that is translated when it is shown."""

    __tablename__ = "timeline_rows"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"], info=BY_SET),
        PrimaryKeyConstraint("customer_id", "at", "id"),  # it is read from the latest on
    )

    customer_id: Mapped[int]
    id: Mapped[int] = mapped_column(BigInteger, Identity())
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]]
    by_name: Mapped[str] = mapped_column(Text)
    source_kind: Mapped[str | None] = mapped_column(Text)
    source_id: Mapped[int | None] = mapped_column(BigInteger)
