"""Do nothing: this number was taken for the tables of rewards, which come with a later revision.

Revision: 0040_add_rewards, after 0039_lot_ends.
"""

revision = "0040_add_rewards"
down_revision = "0039_lot_ends"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
