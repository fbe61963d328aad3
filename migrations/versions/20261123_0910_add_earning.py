"""Add what each line of a sale earned."""

import sqlalchemy as sa
from alembic import op

revision = "0010_earning"
down_revision = "0009_points"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_lines",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sale_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("earning_class", sa.Text(), nullable=True),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("policy_version_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("unit IN ('points', 'growth')", name="unit"),
        sa.CheckConstraint("basis IN ('net', 'gross')", name="basis"),
        sa.CheckConstraint("points <> 0", name="points"),
        sa.CheckConstraint("refund_id IS NULL OR points < 0", name="refund"),
        sa.ForeignKeyConstraint(
            ["customer_id", "sale_id"], ["sales.customer_id", "sales.id"], name="fk_award_lines_customer_id_sale_id"
        ),
        sa.ForeignKeyConstraint(["policy_version_id"], ["policy_versions.id"], name="fk_award_lines_policy_version_id"),
        sa.PrimaryKeyConstraint("customer_id", "sale_id", "id", name="pk_award_lines"),
    )


def downgrade() -> None:
    op.drop_table("award_lines")
