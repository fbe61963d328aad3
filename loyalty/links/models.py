"""The tables of links: what each is, its secrets, what it received or read, and what of that was rejected.

Nothing here belongs to a customer: a link carries facts of many. What a link received stands sealed, since it names
people.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base
from loyalty.links.rules import EVENT_STATES, ITEM_KINDS, LINK_KINDS, REJECT_STATES

NOTHING_YET = text("0")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")", name=column)


class Link(Base):
    """One way in from a core system; `stores` null means that its sales may be of any store."""

    __tablename__ = "links"
    __table_args__ = (_one_of("kind", LINK_KINDS),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    stores: Mapped[list[Any] | None]
    paused: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Text)


class LinkSecret(Base):
    """A secret with which a webhook is signed; without an end it is in force until it is replaced."""

    __tablename__ = "link_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class LinkPull(Base):
    """How a link reads its view, and how far it is; `watermark` is the last change seen, as the view's clock says it.

    `token` and `lease_until` belong to whoever reads at the moment; `progress` holds what this reading came to so far.
    """

    __tablename__ = "link_pulls"
    __table_args__ = (
        CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name="lease"),
        Index("ix_link_pulls_due_at", "due_at"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), primary_key=True, autoincrement=False)
    url_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    url_shown: Mapped[str] = mapped_column(Text)
    plan: Mapped[dict[str, Any]]
    every_seconds: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None]
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    watermark: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, server_default=NOTHING_YET)
    unreachable_since: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]
    missing: Mapped[int] = mapped_column(Integer, server_default=NOTHING_YET)
    progress: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class LinkRun(Base):
    """A reading of a view that brought something new, or that came to grief; those that found nothing leave no row."""

    __tablename__ = "link_runs"
    __table_args__ = (Index("ix_link_runs_link_id", "link_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any] | None]


class LinkEvent(Base):
    """An event that a webhook brought: kept before it is worked on, and answered again when it comes again.

    Once it is done, its body is gone: what it told is in the books, or kept as rejected.
    """

    __tablename__ = "link_events"
    __table_args__ = (
        UniqueConstraint("link_id", "event_id"),
        _one_of("state", EVENT_STATES),
        CheckConstraint("state <> 'done' OR body_sealed IS NULL", name="done_is_empty"),
        Index("ix_link_events_received", "link_id", "received_at"),
        Index("ix_link_events_due", "due_at", postgresql_where=text("state = 'due'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    event_id: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, server_default=NOTHING_YET)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[datetime | None]


class LinkSale(Base):
    """The last that a link told of a sale; `cancelled_at` stays, so that a sale which comes after its end is refused.

    `missing_since` marks a sale that a comparison no longer found in the view.
    """

    __tablename__ = "link_sales"
    __table_args__ = (Index("ix_link_sales_day", "link_id", "day", "number"),)

    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date | None]
    changed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]


class LinkReject(Base):
    """What was not taken, sealed with the reasons; `key` is its number, or a hash where it has none."""

    __tablename__ = "link_rejects"
    __table_args__ = (
        _one_of("kind", ITEM_KINDS),
        _one_of("state", REJECT_STATES),
        Index("uq_link_rejects_open", "link_id", "kind", "key", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_link_rejects_last_at", "link_id", "state", "last_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("links.id"))
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(Text)
