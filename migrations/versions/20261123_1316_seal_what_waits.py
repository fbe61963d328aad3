"""Seal what waits: forms kept for a sign-in, and the keys of files that were handed in.

Forms that wait in plain text are dropped: they are of the last half hour. Files handed in before have no key and are
read as they are until they are swept away, 30 days later.

Revision: 0029_seal_what_waits, after 0028_keys_by_set.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_seal_what_waits"
down_revision = "0028_keys_by_set"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE web_sessions SET data = data - 'kept_form' - '_flashes' WHERE data ?| '{kept_form,_flashes}'")
    op.add_column("import_runs", sa.Column("stored_key", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_runs", "stored_key")
    op.drop_column("web_sessions", "sealed")
