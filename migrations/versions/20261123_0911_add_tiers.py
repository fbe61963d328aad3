"""Add levels of members: facts by day, standings, and everything that was decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_tiers"
down_revision = "0010_earning"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def of_customer() -> sa.Column[int]:
    return sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False)


def row() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def upgrade() -> None:
    add_facts()
    add_standings()
    add_history()
    add_floors()


def add_facts() -> None:
    op.create_table(
        "tier_days",
        of_customer(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_orders", sa.BigInteger(), nullable=False),
        sa.Column("largest_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tier_days_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "day", "kind", "currency", name="pk_tier_days"),
    )


def add_standings() -> None:
    op.create_table(
        "tier_standings",
        of_customer(),
        sa.Column("level_code", sa.Text(), nullable=True),
        sa.Column("since_day", sa.Date(), nullable=False),
        sa.Column("joined_day", sa.Date(), nullable=False),
        sa.Column("settled_day", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("grace_until", sa.Date(), nullable=True),
        sa.Column("floor_code", sa.Text(), nullable=True),
        sa.Column("floor_until", sa.Date(), nullable=True),
        sa.Column("delivery_day", sa.Date(), nullable=True),
        sa.CheckConstraint("(floor_code IS NULL) = (floor_until IS NULL)", name="floor"),
        sa.CheckConstraint("grace_until IS NULL OR grace_until > valid_to", name="grace"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tier_standings_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_tier_standings"),
    )
    op.create_index("ix_tier_standings_level", "tier_standings", ["level_code", "customer_id"])


def add_history() -> None:
    op.create_table(
        "tier_evaluations",
        of_customer(),
        row(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=True),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("policy_version_id", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('up', 'down', 'kept', 'grace')", name="outcome"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["tier_standings.customer_id"], name="fk_tier_evaluations_customer_id"
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_versions.id"], name="fk_tier_evaluations_policy_version_id"
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_tier_evaluations"),
    )
    op.create_index("ix_tier_evaluations_day", "tier_evaluations", ["customer_id", "day", "id"])
    op.create_table(
        "level_changes",
        of_customer(),
        row(),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=True),
        sa.Column("to_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("reason IN ('joined', 'rise', 'review', 'floor')", name="reason"),
        sa.ForeignKeyConstraint(["customer_id"], ["tier_standings.customer_id"], name="fk_level_changes_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_level_changes"),
    )
    op.create_index("ix_level_changes_day", "level_changes", ["customer_id", "from_day", "id"])


def add_floors() -> None:
    op.create_table(
        "tier_floors",
        of_customer(),
        row(),
        sa.Column("level_code", sa.Text(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("setter_id", sa.BigInteger(), nullable=False),
        sa.Column("setter_name", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("approver_name", sa.Text(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.CheckConstraint("approver_id <> setter_id", name="two_people"),
        sa.CheckConstraint("(approver_id IS NULL) = (approved_at IS NULL)", name="approved"),
        sa.ForeignKeyConstraint(["customer_id"], ["tier_standings.customer_id"], name="fk_tier_floors_customer_id"),
        sa.ForeignKeyConstraint(["setter_id"], ["staff_accounts.id"], name="fk_tier_floors_setter_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["staff_accounts.id"], name="fk_tier_floors_approver_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_tier_floors"),
    )
    op.create_index("ix_tier_floors_open", "tier_floors", ["set_at"], postgresql_where=sa.text("approved_at IS NULL"))


def downgrade() -> None:
    for table in ("tier_floors", "level_changes", "tier_evaluations", "tier_standings", "tier_days"):
        op.drop_table(table)
