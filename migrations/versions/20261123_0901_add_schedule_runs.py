"""Add the rows of periodic work.

Revision: 0002_schedule, after 0001_kernel.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_schedule"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default="due", nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("steps_done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reports", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_runs")),
        sa.UniqueConstraint("name", "slot", name=op.f("uq_schedule_runs_name_slot")),
        sa.CheckConstraint("state IN ('due', 'running', 'done')", name=op.f("ck_schedule_runs_state")),
        sa.CheckConstraint("(state = 'running') = (token IS NOT NULL)", name=op.f("ck_schedule_runs_token")),
    )
    op.create_index("ix_schedule_runs_open", "schedule_runs", ["due_at"], postgresql_where=sa.text("state <> 'done'"))


def downgrade() -> None:
    op.drop_table("schedule_runs")
