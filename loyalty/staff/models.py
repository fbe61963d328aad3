"""The tables of stores, accounts, tokens and the audit trail."""

from datetime import date, datetime
from typing import Any

from flask_security import UserMixin
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base
from loyalty.staff.rules import ROLES


class Store(Base):
    """A place that sells or repairs; days are read in its zone, amounts in its currency.

    `opening_hours` has spans for each weekday, `holidays` the days on which it is closed all the same, as
    [first day, last day, name]; `contact` is who answers there.
    """

    __tablename__ = "stores"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    opening_hours: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    holidays: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    address: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)


class Account(UserMixin, Base):
    """A person who signs in; `fs_uniquifier` stands in the session, so a new one ends all sessions.

    `password_given` says that somebody else chose the password, so that it is changed before anything else is done.
    """

    __tablename__ = "staff_accounts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)  # type: ignore[assignment]  # UserMixin's users all have one
    password: Mapped[str] = mapped_column(Text)
    password_at: Mapped[datetime]
    password_given: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime]


class Assignment(Base):
    """A role that an account holds in one store, or (store null) in all, both days included, unless ended before."""

    __tablename__ = "staff_assignments"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in ROLES) + ")", name="role"),
        CheckConstraint("to_day IS NULL OR to_day >= from_day", name="days"),
        Index("ix_staff_assignments_account_id", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    role: Mapped[str] = mapped_column(Text)
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class Factor(Base):
    """The second factor of an account: a secret that an app on a phone makes codes of.

    `secret` is sealed. Each code belongs to a step of 30 seconds; `last_step` only grows, so that none is used twice.
    """

    __tablename__ = "staff_factors"

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True, autoincrement=False)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int]
    enrolled_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code for the day when the phone is gone, kept as a hash and used once."""

    __tablename__ = "staff_recovery_codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True, autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """The failures in a row of a user name that was typed, be there such an account or not; or of somebody's codes."""

    __tablename__ = "staff_sign_in_failures"
    __table_args__ = (Index("ix_staff_sign_in_failures_last_at", "last_at"),)

    name_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class ApiClient(Base):
    """A program with a token; `owner_id` is the person who answers for it, `store_ids` null means all stores.

    While a token is replaced, the one before it (`former_hash`) opens the same until `former_until`.
    """

    __tablename__ = "api_clients"
    __table_args__ = (
        CheckConstraint("cardinality(permissions) > 0", name="permissions"),
        CheckConstraint("(former_hash IS NULL) = (former_until IS NULL)", name="former"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    token_tail: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    store_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    rotated_at: Mapped[datetime | None]
    former_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    former_until: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who changed what, when and from where; the database refuses to change or remove a row.

    The customer's column is not named `customer_id`: the trail belongs to the group, in one order, and is not
    distributed with the customers.
    """

    __tablename__ = "audit_rows"
    __table_args__ = (
        Index("ix_audit_rows_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_rows_about", "about_customer_id", "id", postgresql_where=text("about_customer_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    about_customer_id: Mapped[int | None] = mapped_column(BigInteger)
    store_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class AuditLink(Base):
    """One link of the hash chain over the audit trail; `previous` is unique, so that the chain cannot fork."""

    __tablename__ = "audit_links"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit_rows.id"), unique=True)
    previous: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


class AuditChain(Base):
    """How far the chain is, in one row: see service/chain.py.

    Rows up to `settled_id` are chained or will never be; up to `sure_id` none can appear any more; `seen_id` becomes
    sure when the transactions `seen_writers` have ended.
    """

    __tablename__ = "audit_chain"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    settled_id: Mapped[int] = mapped_column(BigInteger)
    sure_id: Mapped[int] = mapped_column(BigInteger)
    seen_id: Mapped[int | None] = mapped_column(BigInteger)
    seen_writers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    chained_at: Mapped[datetime | None]
