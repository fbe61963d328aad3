"""The tables of sales, their old versions, refunds and imports.

Amounts are minor units of the sale's currency. What belongs to a customer has `customer_id` in its key; the numbers of
the other system, unique over all customers, stand in narrow lookups.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.db import BY_SET, Base
from loyalty.sales.rules import KINDS

QUANTITY = Numeric(14, 3)
NOTHING_YET = text("0")


class SaleNumber(Base):
    """The number that the other system gave a sale, and which row it is; whoever writes it first has it.

    `row_hash` names the rows of a file that the sale was last read from, so that the same rows again are passed over.
    """

    __tablename__ = "sale_numbers"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    sale_id: Mapped[int] = mapped_column(BigInteger)
    row_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class Sale(Base):
    """A sale as it is known now.

    When a correction gives it to another customer, the row stays behind as `moved` (its points were booked against
    it) and a row of the same id begins with the new one. `delivery_told` says that the delivery came by
    itself, so that a correction which does not tell one leaves it.
    """

    __tablename__ = "sales"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND net_minor + tax_minor = gross_minor", name="amounts"),
        CheckConstraint("points_paid_minor BETWEEN 0 AND gross_minor", name="points_paid"),
        CheckConstraint("refunded_net_minor BETWEEN 0 AND net_minor", name="refunded_net"),
        CheckConstraint("refunded_gross_minor BETWEEN 0 AND gross_minor", name="refunded_gross"),
        Index("ix_sales_id", "id"),
        Index("ix_sales_day", "customer_id", "business_day"),
    )

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", info=BY_SET), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", info=BY_SET))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id", info=BY_SET))
    occurred_at: Mapped[datetime]
    business_day: Mapped[date]
    currency: Mapped[str] = mapped_column(Text)
    odometer: Mapped[int | None] = mapped_column(Integer)
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    gross_minor: Mapped[int]
    points_paid_minor: Mapped[int]
    delivered_at: Mapped[datetime | None]
    delivery_told: Mapped[bool] = mapped_column(server_default=text("false"))
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    refunded_net_minor: Mapped[int] = mapped_column(server_default=NOTHING_YET)
    refunded_gross_minor: Mapped[int] = mapped_column(server_default=NOTHING_YET)
    moved: Mapped[bool] = mapped_column(server_default=text("false"))


class SaleLine(Base):
    """One line of a sale, and how much of it was given back so far: never more than was sold."""

    __tablename__ = "sale_lines"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], info=BY_SET),
        CheckConstraint("quantity >= 0 AND net_minor >= 0 AND tax_minor >= 0 AND discount_minor >= 0", name="amounts"),
        CheckConstraint("net_minor + tax_minor = gross_minor", name="gross"),
        CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_quantity"),
        CheckConstraint("refunded_net_minor BETWEEN 0 AND net_minor", name="refunded_net"),
        CheckConstraint("refunded_gross_minor BETWEEN 0 AND gross_minor", name="refunded_gross"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sale_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sku: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    gross_minor: Mapped[int]
    discount_minor: Mapped[int]
    refunded_quantity: Mapped[Decimal] = mapped_column(QUANTITY, server_default=NOTHING_YET)
    refunded_net_minor: Mapped[int] = mapped_column(server_default=NOTHING_YET)
    refunded_gross_minor: Mapped[int] = mapped_column(server_default=NOTHING_YET)


class SaleVersion(Base):
    """What a sale said before a correction."""

    __tablename__ = "sale_versions"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "sale_id"], ["sales.customer_id", "sales.id"]),)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sale_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str] = mapped_column(Text)


class SaleAnswer(Base):
    """What a version of a sale brought about, to be told again when the same sale comes again."""

    __tablename__ = "sale_answers"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], info=BY_SET),)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sale_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effects: Mapped[list[Any]]


class RefundNumber(Base):
    """The number that the other system gave a refund, and which row it is."""

    __tablename__ = "refund_numbers"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    refund_id: Mapped[int] = mapped_column(BigInteger)


class Refund(Base):
    """Lines of a sale that were given back."""

    __tablename__ = "refunds"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "sale_id"], ["sales.customer_id", "sales.id"]),
        Index("ix_refunds_sale_id", "customer_id", "sale_id"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sale_id: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    occurred_at: Mapped[datetime]
    business_day: Mapped[date]
    net_minor: Mapped[int]
    gross_minor: Mapped[int]
    dealer_fault: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    effects: Mapped[list[Any]]
    recorded_at: Mapped[datetime]


class RefundLine(Base):
    """How much of one line a refund gave back."""

    __tablename__ = "refund_lines"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "refund_id"], ["refunds.customer_id", "refunds.id"]),)

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    refund_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    net_minor: Mapped[int]
    gross_minor: Mapped[int]


class ColumnMapping(Base):
    """Which columns of a file hold what, saved under a name for the next file of its kind."""

    __tablename__ = "column_mappings"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    body: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(Text)


class ImportRun(Base):
    """A file on its way in; `due` is work for whoever claims it.

    All is done up to row `rows_done`, and behind it the parts at the places of `parts_done`: there one goes on.

    `stored_key` is the sealed key of the file that is kept as `stored_name`.
    `stores` null means that its sales may be of any store; `problem` says why a file was refused as a whole.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("state IN ('uploaded', 'due', 'running', 'done', 'refused', 'stopped')", name="state"),
        CheckConstraint("(state = 'running') = (token IS NOT NULL)", name="token"),
        Index("ix_import_runs_open", "due_at", postgresql_where=text("state IN ('due', 'running')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    dry_run: Mapped[bool]
    file_name: Mapped[str] = mapped_column(Text)
    stored_name: Mapped[str | None] = mapped_column(Text)
    stored_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    file_bytes: Mapped[int]
    mapping: Mapped[dict[str, Any] | None]
    mapping_name: Mapped[str | None] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(Text)
    stores: Mapped[list[Any] | None]
    rows_total: Mapped[int] = mapped_column(server_default=NOTHING_YET)
    rows_done: Mapped[int] = mapped_column(server_default=NOTHING_YET)
    parts_done: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=NOTHING_YET)
    finished_at: Mapped[datetime | None]


class ImportReject(Base):
    """A row of a file that was not taken: where it stands and what is wrong; `sealed` has the value and the cells."""

    __tablename__ = "import_rejects"
    __table_args__ = (UniqueConstraint("run_id", "row", "ordinal"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"))
    row: Mapped[int]
    ordinal: Mapped[int] = mapped_column(Integer)
    sale_number: Mapped[str | None] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
