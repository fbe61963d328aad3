"""Merge customers reversibly, erase people, and hold households.

Revision: 0015_customer_rights, after 0014_add_approvals.
"""

revision = "0015_customer_rights"
down_revision = "0014_add_approvals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
