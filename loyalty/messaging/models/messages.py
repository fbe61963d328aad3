"""The tables of messages to customers; all of them belong to the customer the message was planned for."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base
from loyalty.messaging.models.outbox import Attempted, Leaving, attempt_checks, one_of, outbox_checks
from loyalty.messaging.rules import CHANNELS, FATES, PURPOSES, RULES

_MESSAGE = ["messages.customer_id", "messages.id"]


class Message(Leaving, Base):
    """A message; `due_at` is when it was planned for. What it says is sealed, and gone after an erasure."""

    __tablename__ = "messages"
    __table_args__ = (
        *outbox_checks(),
        one_of("channel", CHANNELS),
        one_of("purpose", PURPOSES),
        one_of("rule", RULES),
        PrimaryKeyConstraint("id", "customer_id"),  # in this order it finds a message by its number alone, too
        UniqueConstraint("customer_id", "dedupe_key"),
        Index("ix_messages_due", "channel", "next_at", postgresql_where=text("state = 'due'")),
        Index("ix_messages_lapsing", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("ix_messages_ending", "not_after", postgresql_where=text("state = 'due' AND not_after IS NOT NULL")),
        Index("ix_messages_unknown", "id", postgresql_where=text("state = 'unknown'")),
        Index("ix_messages_listed", text("due_at DESC"), text("id DESC")),
        Index("ix_messages_about", "about_kind", "about_id", postgresql_where=text("about_id IS NOT NULL")),
        Index("ix_messages_reference", "reference", postgresql_where=text("reference IS NOT NULL")),
        Index(
            "uq_messages_resends",
            "customer_id",
            "resends_id",
            unique=True,
            postgresql_where=text("resends_id IS NOT NULL"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(Text)
    version_id: Mapped[int] = mapped_column(ForeignKey("message_template_versions.id", info=BY_SET))
    purpose: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    rule: Mapped[str | None] = mapped_column(Text)  # why it is held, denied or expired
    about_kind: Mapped[str | None] = mapped_column(Text)
    about_id: Mapped[int | None] = mapped_column(BigInteger)
    resends_id: Mapped[int | None] = mapped_column(BigInteger)  # the message of the same customer that it repeats
    planned_at: Mapped[datetime]
    planned_by: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime | None]  # in the inbox


class MessageAttempt(Attempted, Base):
    """A hand-over of a message, which the gate allowed under `policy_id` (None: the usual figures)."""

    __tablename__ = "message_attempts"
    __table_args__ = (
        *attempt_checks(),
        ForeignKeyConstraint(["customer_id", "message_id"], _MESSAGE),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id"))


class SendDecision(Base):
    """What the gate said when it did not let a message through; what it let through is an attempt."""

    __tablename__ = "send_decisions"
    __table_args__ = (
        one_of("verdict", ("hold", "deny", "expire")),
        one_of("rule", RULES),
        ForeignKeyConstraint(["customer_id", "message_id"], _MESSAGE),
        Index("ix_send_decisions_message_id", "customer_id", "message_id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id"))


class MessageInquiry(Base):
    """How often the provider was asked about an unclear message, and what it said last; asked next at `next_at`."""

    __tablename__ = "message_inquiries"
    __table_args__ = (one_of("said", FATES), ForeignKeyConstraint(["customer_id", "message_id"], _MESSAGE))

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    times: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    said: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)


class MessageReceipt(Base):
    """What is told of a message after it was taken over: by the provider, or by a person who settled it."""

    __tablename__ = "message_receipts"
    __table_args__ = (
        one_of("kind", ("delivered", "failed", "sent", "not_sent")),
        UniqueConstraint("customer_id", "message_id", "source", "kind"),
        ForeignKeyConstraint(["customer_id", "message_id"], _MESSAGE),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)  # provider, attempt, or staff
    at: Mapped[datetime]
    detail: Mapped[str | None] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(Text)
