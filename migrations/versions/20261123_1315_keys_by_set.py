"""Check keys of the hot tables by set.

Revision: 0028_keys_by_set, after 0027_outbox.
"""

revision = "0028_keys_by_set"
down_revision = "0027_outbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
