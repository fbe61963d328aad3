"""Add members.

Revision: 0012_membership, after 0011_tiers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_membership"
down_revision = "0011_tiers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_members")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_members_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_members_store_id")),
        sa.CheckConstraint("state IN ('prospect', 'active', 'suspended', 'closed')", name=op.f("ck_members_state")),
        sa.CheckConstraint(
            "(state IN ('prospect', 'active')) = (state_reason IS NULL)", name=op.f("ck_members_state_reason")
        ),
    )
    op.create_index("ix_members_joined", "members", ["joined_at", "customer_id"])
    op.create_index("ix_members_store", "members", ["store_id", "joined_at", "customer_id"])


def downgrade() -> None:
    op.drop_table("members")
