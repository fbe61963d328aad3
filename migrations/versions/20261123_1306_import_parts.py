"""Let an import note which parts of a chunk are done.

Revision: 0019_import_parts, after 0018_rule_tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_import_parts"
down_revision = "0018_rule_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "import_runs",
        sa.Column(
            "parts_done",
            postgresql.JSONB(none_as_null=True),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("import_runs", "parts_done")
