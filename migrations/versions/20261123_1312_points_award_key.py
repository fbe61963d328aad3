"""Look for the key of an award by the whole index.

Planned for a batch of unknown size, the look went through all transactions of the account; OFFSET 0 makes it one by the
key, however many transactions a member has.

Revision: 0025_points_award_key, after 0024_seal_rejects.
"""

from pathlib import Path

from alembic import op

revision = "0025_points_award_key"
down_revision = "0024_seal_rejects"
branch_labels = None
depends_on = None

FIRST = Path(__file__).with_name("20261123_1308_points_award.sql")
LOOK = "t.key = q.key)"


def upgrade() -> None:
    _write(FIRST.read_text().replace(LOOK, "t.key = q.key OFFSET 0)"))


def downgrade() -> None:
    _write(FIRST.read_text())


def _write(function: str) -> None:
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
