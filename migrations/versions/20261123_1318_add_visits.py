"""Add follow-up plans: facts to plan from, plans, and their steps.

Revision: 0031_add_visits, after 0030_remarks_of_movements.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031_add_visits"
down_revision = "0030_remarks_of_movements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_facts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_plan_facts_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_plan_facts_store_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_plan_facts_vehicle_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_plan_facts")),
    )
    op.create_index("ix_plan_facts_due", "plan_facts", ["id"], postgresql_where=sa.text("planned_at IS NULL"))
    op.create_index("ix_plan_facts_sale", "plan_facts", ["trigger", "sale_id"])
    op.create_table(
        "plans",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_version_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("km", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name=op.f("ck_plans_ended")),
        sa.CheckConstraint("state IN ('active', 'void', 'stopped')", name=op.f("ck_plans_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_plans_customer_id")),
        sa.ForeignKeyConstraint(["policy_version_id"], ["policy_versions.id"], name=op.f("fk_plans_policy_version_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_plans_store_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_plans_vehicle_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_plans")),
        sa.UniqueConstraint("customer_id", "key", name=op.f("uq_plans_customer_id_key")),
    )
    op.create_index("ix_plans_id", "plans", ["id"])
    op.create_index("ix_plans_sale", "plans", ["trigger", "sale_id"])
    op.create_index("ix_plans_store", "plans", ["store_id", "id"])
    op.create_index("ix_plans_vehicle", "plans", ["vehicle_id"], postgresql_where=sa.text("state = 'active'"))
    op.create_table(
        "plan_steps",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("task_kind", sa.Text(), nullable=False),
        sa.Column("names", JSONB(), nullable=False),
        sa.Column("due_from", sa.Date(), nullable=False),
        sa.Column("due_to", sa.Date(), nullable=False),
        sa.Column("why", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'opened', 'done', 'missed', 'void', 'stopped')", name=op.f("ck_plan_steps_state")
        ),
        sa.CheckConstraint("due_to >= due_from", name=op.f("ck_plan_steps_days")),
        sa.ForeignKeyConstraint(
            ["customer_id", "plan_id"],
            ["plans.customer_id", "plans.id"],
            name=op.f("fk_plan_steps_customer_id_plan_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_plan_steps")),
        sa.UniqueConstraint("customer_id", "plan_id", "code", name=op.f("uq_plan_steps_customer_id_plan_id_code")),
    )
    op.create_index(
        "ix_plan_steps_due", "plan_steps", ["due_from", "id"], postgresql_where=sa.text("state = 'planned'")
    )


def downgrade() -> None:
    op.drop_table("plan_steps")
    op.drop_table("plans")
    op.drop_table("plan_facts")
