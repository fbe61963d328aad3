"""Requests of erasure, and what is left to recognise an erased person by."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.customers.models.columns import one_of
from loyalty.customers.rules import ERASURE_STATES
from loyalty.kernel.db import Base


class ErasureRequest(Base):
    """Somebody asked that a person be forgotten; one may be open at a time."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        one_of("state", ERASURE_STATES),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("uq_erasure_requests_open", "customer_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_erasure_requests_waiting", "asked_at", postgresql_where=text("state = 'open'")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    asked_at: Mapped[datetime]
    asked_kind: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)


class Tombstone(Base):
    """A keyed hash of what an erased person was known by: it answers whether, and never who.

    `customer_id` names the pseudonym in the books and no person any more.
    """

    __tablename__ = "tombstones"
    __table_args__ = (Index("ix_tombstones_hash", "hash"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    buried_at: Mapped[datetime]
