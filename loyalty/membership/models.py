"""The tables of members."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base
from loyalty.membership.rules import STATES


class Member(Base):
    """A customer in the programme, with store and state; never deleted, since the books name the member.

    The member number follows from the customer's id: see `rules.number_of`.
    """

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("(state IN ('prospect', 'active')) = (state_reason IS NULL)", name="state_reason"),
        Index("ix_members_joined", "joined_at", "customer_id"),
        Index("ix_members_store", "store_id", "joined_at", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    joined_at: Mapped[datetime]
    joined_day: Mapped[date]
    state: Mapped[str] = mapped_column(Text, server_default="active")
    state_reason: Mapped[str | None] = mapped_column(Text)  # why it is suspended or closed
