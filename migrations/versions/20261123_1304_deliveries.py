"""Let a delivery be told by itself.

Revision: 0017_deliveries, after 0016_add_links.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_deliveries"
down_revision = "0016_add_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sales", sa.Column("delivery_told", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("sales", "delivery_told")
