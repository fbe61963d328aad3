"""The tables that belong to nobody: templates, channels, addresses that want nothing more, and what was replied."""

from datetime import datetime
from typing import Any

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
from loyalty.messaging.models.outbox import one_of
from loyalty.messaging.rules import CHANNELS, PURPOSES


class Template(Base):
    """A template by its name; nothing new is planned by one that is retired."""

    __tablename__ = "message_templates"
    __table_args__ = (one_of("purpose", PURPOSES),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    retired: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Text)


class TemplateVersion(Base):
    """What a template says from a moment on; never changed. The one with the highest number is in use."""

    __tablename__ = "message_template_versions"
    __table_args__ = (UniqueConstraint("template_id", "number"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("message_templates.id"))
    number: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Text)


class TemplateDraftRow(Base):
    """The next version of a template while it is being written; `after` is the version it follows, 0 for a new one."""

    __tablename__ = "message_template_drafts"
    __table_args__ = (one_of("purpose", PURPOSES),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]]
    after: Mapped[int] = mapped_column(Integer)
    edition: Mapped[int] = mapped_column(Integer)  # how often it was saved
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Text)


class ChannelState(Base):
    """What is set about a channel; one without a row is open and has no rate.

    `minute` and `taken` count how many were claimed in the minute that runs.
    """

    __tablename__ = "message_channels"
    __table_args__ = (
        CheckConstraint("per_minute > 0", name="per_minute"),
        CheckConstraint("(paused_at IS NULL) = (paused_by IS NULL)", name="paused"),
    )

    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    per_minute: Mapped[int | None] = mapped_column(Integer)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None] = mapped_column(Text)
    minute: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class AddressStop(Base):
    """An address, by its blind index, that wants no offers or takes nothing, whoever has it."""

    __tablename__ = "address_stops"
    __table_args__ = (one_of("reason", ("opted_out", "bounced")),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)  # phone, email or openid
    blind: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    reason: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(Text)


class Reply(Base):
    """What somebody answered; the text is sealed. `about_customer_id` is None where nobody has the address."""

    __tablename__ = "message_replies"
    __table_args__ = (
        one_of("channel", CHANNELS),
        UniqueConstraint("channel", "provider_id"),
        CheckConstraint("(handled_at IS NULL) = (handled_by IS NULL)", name="handled"),
        Index("ix_message_replies_open", "id", postgresql_where=text("handled_at IS NULL AND NOT opted_out")),
        Index("ix_message_replies_about_customer_id", "about_customer_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    provider_id: Mapped[str] = mapped_column(Text)
    shown: Mapped[str] = mapped_column(Text)
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opted_out: Mapped[bool] = mapped_column(Boolean)
    about_customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
