"""Keep what providers say about messages that are unclear, and drafts of templates.

Revision: 0034_message_inquiries, after 0033_message_steps.
"""

revision = "0034_message_inquiries"
down_revision = "0033_message_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
