"""The table of requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.approvals.rules import STATES
from loyalty.kernel.db import Base


class Approval(Base):
    """A request and its decision. `effect` is what a yes would have done when asked, `outcome` what it did.

    The group's list of who decided what: a customer is only mentioned, so that the table is not spread by customer.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("decided_by <> asked_by", name="two_people"),
        CheckConstraint("(state IN ('approved', 'returned')) = (decided_by IS NOT NULL)", name="decided"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="closed"),
        CheckConstraint("state <> 'returned' OR coalesce(length(note), 0) > 0", name="note"),
        Index(
            "uq_approvals_waiting",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_approvals_store", "store_id", "id"),
        Index("ix_approvals_subject", "kind", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    about_customer_id: Mapped[int | None] = mapped_column(BigInteger)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    body: Mapped[dict[str, Any]]
    effect: Mapped[dict[str, Any]]
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    decided_at: Mapped[datetime | None]  # also when it was withdrawn
    note: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[list[Any] | None]
