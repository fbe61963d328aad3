"""Look for the key of an award by the whole index.

Revision: 0025_points_award_key, after 0024_seal_rejects.
"""

revision = "0025_points_award_key"
down_revision = "0024_seal_rejects"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
