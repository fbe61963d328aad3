"""Book usual awards with one statement.

Revision: 0021_points_award, after 0020_audit_links.
"""

revision = "0021_points_award"
down_revision = "0020_audit_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
