"""Seal what the refused rows of files say.

Revision: 0024_seal_rejects, after 0023_key_rotations.
"""

revision = "0024_seal_rejects"
down_revision = "0023_key_rotations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
