"""Add webhooks out: receivers, deliveries and their tries.

Revision: 0032_webhooks, after 0031_add_visits.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_webhooks"
down_revision = "0031_add_visits"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BODY = postgresql.JSONB(astext_type=sa.Text())
TABLES = ("hook_attempts", "hook_deliveries", "web_hooks")


def upgrade() -> None:
    add_web_hooks()
    add_hook_deliveries()
    add_hook_attempts()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def add_web_hooks() -> None:
    op.create_table(
        "web_hooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", BODY, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_hooks"),
    )


def add_hook_deliveries() -> None:
    op.create_table(
        "hook_deliveries",
        sa.Column("hook_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("handed_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dedupes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'sending') = (token IS NOT NULL)", name=op.f("ck_hook_deliveries_holder")),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'denied', 'expired', 'cancelled')",
            name=op.f("ck_hook_deliveries_state"),
        ),
        sa.CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name=op.f("ck_hook_deliveries_lease")),
        sa.ForeignKeyConstraint(["hook_id"], ["web_hooks.id"], name="fk_hook_deliveries_hook_id"),
        sa.PrimaryKeyConstraint("hook_id", "id", name="pk_hook_deliveries"),
    )
    op.create_index(
        "ix_hook_deliveries_due", "hook_deliveries", ["channel", "next_at"], postgresql_where=sa.text("state = 'due'")
    )
    op.create_index(
        "ix_hook_deliveries_ended_at", "hook_deliveries", ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL")
    )
    op.create_index(
        "ix_hook_deliveries_lapsing", "hook_deliveries", ["lease_until"], postgresql_where=sa.text("state = 'sending'")
    )
    op.create_index("ix_hook_deliveries_listed", "hook_deliveries", ["hook_id", sa.text("id DESC")])


def add_hook_attempts() -> None:
    op.create_table(
        "hook_attempts",
        sa.Column("hook_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'busy', 'refused', 'lost', 'not_called')", name=op.f("ck_hook_attempts_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name=op.f("ck_hook_attempts_answered")),
        sa.ForeignKeyConstraint(
            ["hook_id", "delivery_id"],
            ["hook_deliveries.hook_id", "hook_deliveries.id"],
            name="fk_hook_attempts_hook_id_delivery_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hook_id", "delivery_id", "number", name="pk_hook_attempts"),
    )
