"""Keep the ends that activity moved, so that the past is told as it was.

Revision: 0039_lot_ends, after 0038_saved_filters.
"""

revision = "0039_lot_ends"
down_revision = "0038_saved_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
