"""Add sales, their versions and refunds, and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_sales"
down_revision = "0007_owners"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    add_sale_numbers()
    add_sales()
    add_sale_lines()
    add_sale_versions()
    add_sale_answers()
    add_refund_numbers()
    add_refunds()
    add_refund_lines()
    add_column_mappings()
    add_import_runs()
    add_import_rejects()


def downgrade() -> None:
    for table in (
        "import_rejects",
        "import_runs",
        "column_mappings",
        "refund_lines",
        "refunds",
        "refund_numbers",
        "sale_answers",
        "sale_versions",
        "sale_lines",
        "sales",
        "sale_numbers",
    ):
        op.drop_table(table)


def add_sale_numbers() -> None:
    op.create_table(
        "sale_numbers",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("source", "number", name="pk_sale_numbers"),
    )


def add_sales() -> None:
    op.create_table(
        "sales",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("odometer", sa.Integer(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("points_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("refunded_net_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded_gross_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("moved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('vehicle', 'service', 'parts', 'accessory', 'insurance', 'warranty', 'other')",
            name="kind",
        ),
        sa.CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND net_minor + tax_minor = gross_minor", name="amounts"),
        sa.CheckConstraint("points_paid_minor BETWEEN 0 AND gross_minor", name="points_paid"),
        sa.CheckConstraint("refunded_gross_minor BETWEEN 0 AND gross_minor", name="refunded_gross"),
        sa.CheckConstraint("refunded_net_minor BETWEEN 0 AND net_minor", name="refunded_net"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_sales_customer_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_sales_store_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_sales_vehicle_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_sales"),
    )
    op.create_index("ix_sales_day", "sales", ["customer_id", "business_day"], unique=False)
    op.create_index("ix_sales_id", "sales", ["id"], unique=False)


def add_sale_lines() -> None:
    op.create_table(
        "sale_lines",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_quantity", sa.Numeric(precision=14, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded_net_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refunded_gross_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("net_minor + tax_minor = gross_minor", name="gross"),
        sa.CheckConstraint(
            "quantity >= 0 AND net_minor >= 0 AND tax_minor >= 0 AND discount_minor >= 0", name="amounts"
        ),
        sa.CheckConstraint("refunded_gross_minor BETWEEN 0 AND gross_minor", name="refunded_gross"),
        sa.CheckConstraint("refunded_net_minor BETWEEN 0 AND net_minor", name="refunded_net"),
        sa.CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_quantity"),
        sa.ForeignKeyConstraint(
            ["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], name="fk_sale_lines_customer_id_sale_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", "sale_id", "number", name="pk_sale_lines"),
    )


def add_sale_versions() -> None:
    op.create_table(
        "sale_versions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], name="fk_sale_versions_customer_id_sale_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", "sale_id", "version", name="pk_sale_versions"),
    )


def add_sale_answers() -> None:
    op.create_table(
        "sale_answers",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effects", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], name="fk_sale_answers_customer_id_sale_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", "sale_id", "version", name="pk_sale_answers"),
    )


def add_refund_numbers() -> None:
    op.create_table(
        "refund_numbers",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "number", name="pk_refund_numbers"),
    )


def add_refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("dealer_fault", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("effects", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], name="fk_refunds_customer_id_sale_id"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_refunds_store_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_refunds"),
    )
    op.create_index("ix_refunds_sale_id", "refunds", ["customer_id", "sale_id"], unique=False)


def add_refund_lines() -> None:
    op.create_table(
        "refund_lines",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("refund_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "refund_id"],
            ["refunds.customer_id", "refunds.id"],
            name="fk_refund_lines_customer_id_refund_id",
        ),
        sa.PrimaryKeyConstraint("customer_id", "refund_id", "number", name="pk_refund_lines"),
    )


def add_column_mappings() -> None:
    op.create_table(
        "column_mappings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_column_mappings"),
        sa.UniqueConstraint("name", name="uq_column_mappings_name"),
    )


def add_import_runs() -> None:
    op.create_table(
        "import_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("stored_name", sa.Text(), nullable=True),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("mapping_name", sa.Text(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("stores", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("rows_total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "counts",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("problem", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'running') = (token IS NOT NULL)", name="token"),
        sa.CheckConstraint("state IN ('uploaded', 'due', 'running', 'done', 'refused', 'stopped')", name="state"),
        sa.PrimaryKeyConstraint("id", name="pk_import_runs"),
    )
    op.create_index(
        "ix_import_runs_open",
        "import_runs",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('due', 'running')"),
    )


def add_import_rejects() -> None:
    op.create_table(
        "import_rejects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sale_number", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("cells", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name="fk_import_rejects_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_rejects"),
        sa.UniqueConstraint("run_id", "row", "ordinal", name="uq_import_rejects_run_id_row_ordinal"),
    )
