"""Add approvals: one list of what a second person decides.

Revision: 0014_add_approvals, after 0013_second_factor.
"""

revision = "0014_add_approvals"
down_revision = "0013_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
