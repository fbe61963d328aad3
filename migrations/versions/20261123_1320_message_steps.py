"""Let steps of plans be messages, plan inspections, and open a step anew.

Revision: 0033_message_steps, after 0032_webhooks.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033_message_steps"
down_revision = "0032_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("plan_facts", "plans"):
        op.alter_column(table, "sale_id", nullable=True)
        op.add_column(table, sa.Column("complaint_id", sa.BigInteger(), nullable=True))
        op.create_index(
            f"ix_{table}_complaint", table, ["complaint_id"], postgresql_where=sa.text("complaint_id IS NOT NULL")
        )
    op.add_column("plans", sa.Column("basis", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.create_index(
        "ix_plans_inspection", "plans", ["vehicle_id", "day"], postgresql_where=sa.text("trigger = 'inspection'")
    )
    op.add_column("plan_steps", sa.Column("channel", sa.Text(), server_default="phone", nullable=False))
    op.add_column("plan_steps", sa.Column("template", sa.Text(), nullable=True))
    op.add_column("plan_steps", sa.Column("openings", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint("written", "plan_steps", "(channel = 'phone') = (template IS NULL)")
    op.create_index("ix_plan_steps_id", "plan_steps", ["id"])
    op.create_table(
        "vehicle_inspections",
        sa.Column("vehicle_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("official_day", sa.Date(), nullable=True),
        sa.Column("exceptions", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("exceptions IN ('none', 'some')", name=op.f("ck_vehicle_inspections_exceptions")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_vehicle_inspections_vehicle_id")),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_vehicle_inspections")),
    )


def downgrade() -> None:
    op.drop_table("vehicle_inspections")
    op.drop_index("ix_plan_steps_id", "plan_steps")
    op.drop_constraint(op.f("ck_plan_steps_written"), "plan_steps")
    for column in ("openings", "template", "channel"):
        op.drop_column("plan_steps", column)
    op.drop_index("ix_plans_inspection", "plans")
    op.drop_column("plans", "basis")
    op.execute("DELETE FROM plan_facts WHERE sale_id IS NULL")
    op.execute(
        "DELETE FROM plan_steps AS s USING plans AS p"
        " WHERE p.customer_id = s.customer_id AND p.id = s.plan_id AND p.sale_id IS NULL"
    )
    op.execute("DELETE FROM plans WHERE sale_id IS NULL")
    for table in ("plans", "plan_facts"):
        op.drop_index(f"ix_{table}_complaint", table)
        op.drop_column(table, "complaint_id")
        op.alter_column(table, "sale_id", nullable=False)
