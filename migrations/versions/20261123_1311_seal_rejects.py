"""Seal what the refused rows of files say.

Revision: 0024_seal_rejects, after 0023_key_rotations.

Rows that were refused before lose the cells that they were refused for, as this migration has no key to seal them by;
their place and the reason stay. The file can be imported once more.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_seal_rejects"
down_revision = "0023_key_rotations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_rejects", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.drop_column("import_rejects", "value")
    op.drop_column("import_rejects", "cells")


def downgrade() -> None:
    op.add_column("import_rejects", sa.Column("value", sa.Text(), nullable=True))
    nothing = sa.text("'[]'::jsonb")
    op.add_column("import_rejects", sa.Column("cells", postgresql.JSONB(), server_default=nothing, nullable=False))
    op.alter_column("import_rejects", "cells", server_default=None)
    op.drop_column("import_rejects", "sealed")
