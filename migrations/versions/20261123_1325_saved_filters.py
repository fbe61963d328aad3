"""Add filters of lists that people keep and share.

Revision: 0038_saved_filters, after 0037_processes_seen.
"""

revision = "0038_saved_filters"
down_revision = "0037_processes_seen"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
