"""The tables of saved filters, and of the one that a list opens with."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base
from loyalty.saved.rules import LISTS

_ONE_OF = "list IN (" + ", ".join(f"'{code}'" for code in LISTS) + ")"


class SavedFilter(Base):
    """A filter of a list under a name; `store_id` is the store that it is shared with, None for one's own."""

    __tablename__ = "saved_filters"
    __table_args__ = (
        CheckConstraint(_ONE_OF, name="list"),
        UniqueConstraint("account_id", "list", "name"),
        Index("ix_saved_filters_store", "store_id", "list"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"))
    list: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id"))
    saved_at: Mapped[datetime]


class FilterChoice(Base):
    """The filter that a person's list opens with."""

    __tablename__ = "filter_choices"
    __table_args__ = (CheckConstraint(_ONE_OF, name="list"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True, autoincrement=False)
    list: Mapped[str] = mapped_column(Text, primary_key=True)
    filter_id: Mapped[int] = mapped_column(ForeignKey("saved_filters.id", ondelete="CASCADE"))
