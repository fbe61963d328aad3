"""Do nothing: this number was taken for the tables of replays, which come with a later revision.

Revision: 0043_replays, after 0042_add_benefits.
"""

revision = "0043_replays"
down_revision = "0042_add_benefits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
