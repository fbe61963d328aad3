"""Let a delivery be told by itself.

Revision: 0017_deliveries, after 0016_add_links.
"""

revision = "0017_deliveries"
down_revision = "0016_add_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
