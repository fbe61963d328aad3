"""Let an import note the places of its parts, of two chunks at once.

Revision: 0036_import_places, after 0035_add_appointments.
"""

from alembic import op

revision = "0036_import_places"
down_revision = "0035_add_appointments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _forget_parts()


def downgrade() -> None:
    _forget_parts()


def _forget_parts() -> None:
    """Let an import in hand read the parts behind its last whole chunk again: it knows their sales by their rows."""
    op.execute("UPDATE import_runs SET parts_done = '[]'::jsonb WHERE parts_done <> '[]'::jsonb")
