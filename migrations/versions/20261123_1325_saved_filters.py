"""Add filters of lists that people keep and share.

Revision: 0038_saved_filters, after 0037_processes_seen.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038_saved_filters"
down_revision = "0037_processes_seen"
branch_labels = None
depends_on = None


LISTS = "list IN ('tasks', 'customers', 'messages')"


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(LISTS, name=op.f("ck_saved_filters_list")),
        sa.ForeignKeyConstraint(["account_id"], ["staff_accounts.id"], name=op.f("fk_saved_filters_account_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_saved_filters_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("account_id", "list", "name", name=op.f("uq_saved_filters_account_id_list_name")),
    )
    op.create_index("ix_saved_filters_store", "saved_filters", ["store_id", "list"])
    op.create_table(
        "filter_choices",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(LISTS, name=op.f("ck_filter_choices_list")),
        sa.ForeignKeyConstraint(["account_id"], ["staff_accounts.id"], name=op.f("fk_filter_choices_account_id")),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["saved_filters.id"], name=op.f("fk_filter_choices_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "list", name=op.f("pk_filter_choices")),
    )


def downgrade() -> None:
    op.drop_table("filter_choices")
    op.drop_table("saved_filters")
