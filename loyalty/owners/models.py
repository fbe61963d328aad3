"""The table of one-time codes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base
from loyalty.owners.rules import MOST_TRIES


class OwnerCode(Base):
    """A code that was asked for; phone, address and code stand here only as keyed hashes."""

    __tablename__ = "owner_codes"
    __table_args__ = (
        CheckConstraint(f"tries BETWEEN 0 AND {MOST_TRIES}", name="tries"),
        Index("ix_owner_codes_phone", "phone_hash", "id"),
        Index("ix_owner_codes_address", "address_hash", "created_at"),
        Index("ix_owner_codes_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
