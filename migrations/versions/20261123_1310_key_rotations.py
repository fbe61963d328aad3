"""Keep how far a rotation of the field keys is.

Revision: 0023_key_rotations, after 0022_mask_audit.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023_key_rotations"
down_revision = "0022_mask_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_rotations",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("after", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("place", name="pk_key_rotations"),
    )


def downgrade() -> None:
    op.drop_table("key_rotations")
