"""Chain the audit trail by hash.

Revision: 0020_audit_links, after 0019_import_parts.
"""

revision = "0020_audit_links"
down_revision = "0019_import_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
