"""Chain the audit trail by hash.

Revision: 0020_audit_links, after 0019_import_parts.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_audit_links"
down_revision = "0019_import_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_links",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit_rows.id"], name="fk_audit_links_audit_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_links"),
        sa.UniqueConstraint("audit_id", name="uq_audit_links_audit_id"),
        sa.UniqueConstraint("previous", name="uq_audit_links_previous"),
        sa.UniqueConstraint("hash", name="uq_audit_links_hash"),
    )
    op.execute("""
        CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """)
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settled_id", sa.BigInteger(), nullable=False),
        sa.Column("sure_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_writers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("chained_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_chain_one")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_chain"),
    )
    op.execute("INSERT INTO audit_chain (id, settled_id, sure_id, seen_writers) VALUES (1, 0, 0, '{}')")


def downgrade() -> None:
    op.drop_table("audit_chain")
    op.drop_table("audit_links")
