"""Keep how far a rotation of the field keys is.

Revision: 0023_key_rotations, after 0022_mask_audit.
"""

revision = "0023_key_rotations"
down_revision = "0022_mask_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
