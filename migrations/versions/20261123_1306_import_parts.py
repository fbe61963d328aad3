"""Let an import note which parts of a chunk are done.

Revision: 0019_import_parts, after 0018_rule_tables.
"""

revision = "0019_import_parts"
down_revision = "0018_rule_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
