"""The tables of rule versions and of days that the work calendar has otherwise."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import Base


class PolicyVersion(Base):
    """One version of the rules of a kind; once active nothing of it can change but its retirement.

    `author_id` and `approver_id` are persons; both are null only for what was loaded from a file into an
    installation that had no rules, and then `loaded_from` is the hash of that file.
    """

    __tablename__ = "policy_versions"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'active', 'retired')", name="state"),
        CheckConstraint("approver_id <> author_id", name="two_people"),
        CheckConstraint(
            "state IN ('draft', 'in_review') OR loaded_from IS NOT NULL"
            " OR (author_id IS NOT NULL AND approver_id IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "state IN ('draft', 'in_review') OR (effective_from IS NOT NULL AND activated_at IS NOT NULL)",
            name="activated",
        ),
        Index("uq_policy_versions_kind_number", "kind", "number", unique=True),
        Index(
            "uq_policy_versions_in_force",
            "kind",
            "effective_from",
            unique=True,
            postgresql_where=text("state = 'active' OR (state = 'retired' AND retired_at > effective_from)"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[datetime | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    loaded_from: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class RuleTable(Base):
    """Facts of law or insurance of a kind and region, with the days on which they hold and how sure they are.

    A table counts while it is active, for its days; what it says cannot change from then on. `author_id` and
    `approver_id` are persons; both are null only for what came with the product or from a file.
    """

    __tablename__ = "rule_tables"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'active', 'retired')", name="state"),
        CheckConstraint("certainty IN ('seen', 'weak', 'derived', 'general')", name="certainty"),
        CheckConstraint("valid_to >= valid_from", name="days"),
        CheckConstraint("approver_id <> author_id", name="two_people"),
        CheckConstraint(
            "state IN ('draft', 'in_review') OR loaded_from IS NOT NULL"
            " OR (author_id IS NOT NULL AND approver_id IS NOT NULL)",
            name="approved",
        ),
        Index("uq_rule_tables_number", "kind", "region", "number", unique=True),
        Index(
            "uq_rule_tables_start",
            "kind",
            "region",
            "valid_from",
            unique=True,
            postgresql_where=text("state = 'active'"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[Any]]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff_accounts.id"))
    loaded_from: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day that the dealer works, or rests, whatever the published list says."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(Text)
