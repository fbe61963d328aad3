"""Keep the ends that activity moved, so that the past is told as it was.

Revision: 0039_lot_ends, after 0038_saved_filters.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039_lot_ends"
down_revision = "0038_saved_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "points_lot_ends",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "lot_id", "moved_at", name="pk_points_lot_ends"),
        sa.ForeignKeyConstraint(
            ["customer_id", "lot_id"],
            ["points_lots.customer_id", "points_lots.id"],
            name="fk_points_lot_ends_customer_id_lot_id",
        ),
    )
    op.execute("""
        CREATE TRIGGER points_lot_ends_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON points_lot_ends
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
    """)


def downgrade() -> None:
    op.drop_table("points_lot_ends")
