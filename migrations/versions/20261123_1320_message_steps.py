"""Let steps of plans be messages, plan inspections, and open a step anew.

Revision: 0033_message_steps, after 0032_webhooks.
"""

revision = "0033_message_steps"
down_revision = "0032_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
