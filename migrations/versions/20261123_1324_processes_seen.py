"""Keep when each ticker and worker was last there.

Revision: 0037_processes_seen, after 0036_import_places.
"""

revision = "0037_processes_seen"
down_revision = "0036_import_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
