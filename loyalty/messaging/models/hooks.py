"""The tables of webhooks out; a delivery names things by their numbers and belongs to no customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base
from loyalty.messaging.models.outbox import Attempted, Leaving, attempt_checks, outbox_checks


class WebHook(Base):
    """A system that is told of events of some kinds; its secret is sealed."""

    __tablename__ = "web_hooks"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[Any]]
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    paused: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Text)


class HookDelivery(Leaving, Base):
    """One event on its way to one system; its channel is the number of the hook, so that each is drained by itself."""

    __tablename__ = "hook_deliveries"
    __table_args__ = (
        *outbox_checks(),
        Index("ix_hook_deliveries_due", "channel", "next_at", postgresql_where=text("state = 'due'")),
        Index("ix_hook_deliveries_lapsing", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("ix_hook_deliveries_listed", "hook_id", text("id DESC")),
        Index("ix_hook_deliveries_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    hook_id: Mapped[int] = mapped_column(ForeignKey("web_hooks.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class HookAttempt(Attempted, Base):
    """One call of a receiver."""

    __tablename__ = "hook_attempts"
    __table_args__ = (
        *attempt_checks(),
        ForeignKeyConstraint(
            ["hook_id", "delivery_id"], ["hook_deliveries.hook_id", "hook_deliveries.id"], ondelete="CASCADE"
        ),
    )

    hook_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    delivery_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
