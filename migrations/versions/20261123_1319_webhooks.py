"""Add webhooks out: receivers, deliveries and their tries.

Revision: 0032_webhooks, after 0031_add_visits.
"""

revision = "0032_webhooks"
down_revision = "0031_add_visits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
