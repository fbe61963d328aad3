"""What a merge of two customers moved, so that it can be taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base


class Merge(Base):
    """Two customers became one: `gone_id` is an alias of `kept_id` until somebody parts them again.

    It is a row of neither customer, since it names two; hence no column is named `customer_id`.
    """

    __tablename__ = "customer_merges"
    __table_args__ = (
        CheckConstraint("kept_id <> gone_id", name="two"),
        CheckConstraint("(parted_at IS NULL) = (parted_by IS NULL)", name="parted"),
        Index("uq_customer_merges_gone_id", "gone_id", unique=True, postgresql_where=text("parted_at IS NULL")),
        Index("ix_customer_merges_kept_id", "kept_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    merged_at: Mapped[datetime]
    merged_by: Mapped[str] = mapped_column(Text)
    until_at: Mapped[datetime]  # exclusive: from this moment on it stays
    effects: Mapped[list[Any]]
    parted_at: Mapped[datetime | None]
    parted_by: Mapped[str | None] = mapped_column(Text)


class MergePart(Base):
    """What one feature moved or changed by a merge, in its own words; it alone reads it again."""

    __tablename__ = "customer_merge_parts"

    merge_id: Mapped[int] = mapped_column(ForeignKey("customer_merges.id"), primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[dict[str, Any]]
