"""The ledger's tables. Transactions, postings and allocations are append-only: triggers refuse changes.

Every primary and foreign key carries `customer_id`, so that the ledger can be distributed by customer.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base
from loyalty.points.rules import KINDS, PLACES

_PLACES = ", ".join(repr(place) for place in PLACES)


class PointsAccount(Base):
    """One unit of one customer; the figures are kept beside the postings and never fall below 0."""

    __tablename__ = "points_accounts"
    __table_args__ = (
        Index("uq_points_accounts_customer_id_unit", "customer_id", "unit", unique=True),
        CheckConstraint("unit IN ('points', 'growth')", name="unit"),
        CheckConstraint("subject IN ('customer', 'household')", name="subject"),
        CheckConstraint("available >= 0 AND pending >= 0 AND held >= 0 AND debt >= 0", name="not_below_zero"),
        # Balances change with every booking; room in the page lets the new row stand beside the old one.
        {"postgresql_with": {"fillfactor": 70}},
    )

    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    unit: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, server_default="customer")
    available: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    pending: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    held: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    debt: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    earning_class: Mapped[str | None] = mapped_column(Text)  # the tier's code, by which earning rules multiply
    earns: Mapped[bool] = mapped_column(server_default=text("true"))  # False once the membership is closed
    opened_at: Mapped[datetime]


class LedgerTransaction(Base):
    """Points moved once from one place to another, with who, when, why, by which rule and for which document.

    `reason` is the programme's own: rules or a document. What a person wrote is a `Remark`.
    """

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "account_id"], ["points_accounts.customer_id", "points_accounts.id"], info=BY_SET
        ),
        ForeignKeyConstraint(
            ["customer_id", "about_id"], ["ledger_transactions.customer_id", "ledger_transactions.id"], info=BY_SET
        ),
        ForeignKeyConstraint(
            ["customer_id", "reverses_id"], ["ledger_transactions.customer_id", "ledger_transactions.id"], info=BY_SET
        ),
        Index("uq_ledger_transactions_key", "customer_id", "account_id", "key", "part", unique=True),
        Index(
            "uq_ledger_transactions_reverses_id",
            "customer_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        CheckConstraint(f"debit IN ({_PLACES})", name="debit"),
        CheckConstraint(f"credit IN ({_PLACES})", name="credit"),
        CheckConstraint("points > 0", name="points"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    debit: Mapped[str] = mapped_column(Text)
    credit: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    part: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[str] = mapped_column(
        Text
    )  # hash of what was asked, by which a reused key is told from a repeated one
    source_kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int | None] = mapped_column(BigInteger)
    source_number: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    occurred_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    business_day: Mapped[date]
    policy_version_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id", info=BY_SET))
    reason: Mapped[str] = mapped_column(Text)
    about_id: Mapped[int | None] = mapped_column(BigInteger)  # the hold or redemption that this one continues
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)  # the transaction that this one undoes as a whole
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(Text)


class Remark(Base):
    """What a person wrote about a movement: beside the ledger, which keeps for ever what a remark may not."""

    __tablename__ = "points_remarks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "transaction_id"], ["ledger_transactions.customer_id", "ledger_transactions.id"]
        ),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    remark: Mapped[str] = mapped_column(Text)


class Posting(Base):
    """One side of a transaction; `store_id` says whose issued, redeemed, … it is, as those have no stored balance."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            info=BY_SET,
        ),
        CheckConstraint(f"place IN ({_PLACES})", name="place"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int | None]
    points: Mapped[int] = mapped_column(BigInteger)


class PointsLot(Base):
    """What one award gave and what remains of it; `expires_at` is exclusive, `unit_cost_micro` in 10^-6 minor units."""

    __tablename__ = "points_lots"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "account_id"], ["points_accounts.customer_id", "points_accounts.id"], info=BY_SET
        ),
        ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            info=BY_SET,
        ),
        Index("ix_points_lots_transaction", "customer_id", "transaction_id"),
        Index("ix_points_lots_holding", "customer_id", "account_id", postgresql_where=text("remaining > 0")),
        Index("ix_points_lots_ending", "expires_at", postgresql_where=text("state = 'open'")),
        Index("ix_points_lots_ripening", "available_from", postgresql_where=text("state = 'pending'")),
        CheckConstraint("remaining >= 0 AND remaining <= points", name="remaining"),
        CheckConstraint("state IN ('pending', 'open', 'exhausted', 'expired', 'revoked')", name="state"),
        CheckConstraint("(state IN ('pending', 'open')) = (remaining > 0)", name="state_remaining"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    earned_at: Mapped[datetime]
    available_from: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    unit_cost_micro: Mapped[int | None] = mapped_column(BigInteger)
    funding_store_id: Mapped[int | None]


class LotEnd(Base):
    """The end that a lot had until activity moved it at `moved_at`; only programmes that prolong points have any."""

    __tablename__ = "points_lot_ends"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "lot_id"], ["points_lots.customer_id", "points_lots.id"]),)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    moved_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]


class Allocation(Base):
    """What one posting took from a lot (below 0) or gave back to it; the posting that created the lot has none.

    `position` keeps the order in which the lots were used.
    """

    __tablename__ = "ledger_allocations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "transaction_id", "number"],
            ["ledger_postings.customer_id", "ledger_postings.transaction_id", "ledger_postings.number"],
            info=BY_SET,
        ),
        ForeignKeyConstraint(["customer_id", "lot_id"], ["points_lots.customer_id", "points_lots.id"], info=BY_SET),
        Index("ix_ledger_allocations_lot", "customer_id", "lot_id"),
        CheckConstraint("points <> 0", name="points"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(BigInteger)


class Hold(Base):
    """Points reserved under a key until they are captured or released, by themselves at `until`."""

    __tablename__ = "points_holds"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "account_id"], ["points_accounts.customer_id", "points_accounts.id"]),
        ForeignKeyConstraint(
            ["customer_id", "transaction_id"], ["ledger_transactions.customer_id", "ledger_transactions.id"]
        ),
        Index("uq_points_holds_key", "customer_id", "account_id", "key", unique=True),
        Index("ix_points_holds_due", "until", postgresql_where=text("state = 'held'")),
        CheckConstraint("state IN ('held', 'captured', 'released')", name="state"),
        CheckConstraint("points > 0", name="points"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None]
