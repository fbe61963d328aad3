"""Book usual awards with one statement.

Revision: 0021_points_award, after 0020_audit_links.
"""

from pathlib import Path

from alembic import op

revision = "0021_points_award"
down_revision = "0020_audit_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    op.execute("DROP FUNCTION points_award")
