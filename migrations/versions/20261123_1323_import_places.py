"""Let an import note the places of its parts, of two chunks at once.

Revision: 0036_import_places, after 0035_add_appointments.
"""

revision = "0036_import_places"
down_revision = "0035_add_appointments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
