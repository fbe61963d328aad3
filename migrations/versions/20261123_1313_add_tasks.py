"""Add tasks: one queue of work for people, with every attempt and every change.

Revision: 0026_add_tasks, after 0025_points_award_key.
"""

revision = "0026_add_tasks"
down_revision = "0025_points_award_key"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
