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
    """A place that sells or repairs; days are read in its zone, amounts in its currency."""

    __tablename__ = "stores"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    opening_hours: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class Account(UserMixin, Base):
    """A person who signs in; `fs_uniquifier` stands in the session, so a new one ends all sessions."""

    __tablename__ = "staff_accounts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)  # type: ignore[assignment]  # UserMixin's users all have one
    password: Mapped[str] = mapped_column(Text)
    password_at: Mapped[datetime]
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


class SignInFailure(Base):
    """The failures in a row of a user name that was typed, be there such an account or not."""

    __tablename__ = "staff_sign_in_failures"
    __table_args__ = (Index("ix_staff_sign_in_failures_last_at", "last_at"),)

    name_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class ApiClient(Base):
    """A program with a token; `owner_id` is the person who answers for it, `store_ids` null means all stores."""

    __tablename__ = "api_clients"
    __table_args__ = (CheckConstraint("cardinality(permissions) > 0", name="permissions"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    token_tail: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    store_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


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
