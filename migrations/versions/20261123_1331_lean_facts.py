"""Check the foreign keys of facts by set, and read awards as json.

Revision: 0044_lean_facts, after 0043_replays.
"""

revision = "0044_lean_facts"
down_revision = "0043_replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
