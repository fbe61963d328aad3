"""What each line of a sale earned, by which rule of which version."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base


class AwardLine(Base):
    """Points that one line has by one rule, or (below 0) gave back by a refund; rows are only added.

    The rows of a sale's highest version say what it has now: a correction writes all of them anew, and what refunds
    took until then as rows without `refund_id`. Line 0 stands for the whole sale. `factor` is a fraction such as 6/5.
    """

    __tablename__ = "award_lines"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], info=BY_SET),
        CheckConstraint("unit IN ('points', 'growth')", name="unit"),
        CheckConstraint("basis IN ('net', 'gross')", name="basis"),
        CheckConstraint("points <> 0", name="points"),
        CheckConstraint("refund_id IS NULL OR points < 0", name="refund"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sale_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    refund_id: Mapped[int | None] = mapped_column(BigInteger)
    line: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str] = mapped_column(Text)
    factor: Mapped[str] = mapped_column(Text)
    earning_class: Mapped[str | None] = mapped_column(Text)
    business_day: Mapped[date]
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id", info=BY_SET))
