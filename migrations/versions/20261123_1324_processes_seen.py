"""Keep when each ticker and worker was last there.

Revision: 0037_processes_seen, after 0036_import_places.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037_processes_seen"
down_revision = "0036_import_places"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processes_seen",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "queue", "host", name="pk_processes_seen"),
    )


def downgrade() -> None:
    op.drop_table("processes_seen")
