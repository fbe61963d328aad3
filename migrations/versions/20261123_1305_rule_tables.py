"""Add dated tables of facts, and let a version that has not begun be withdrawn.

Revision: 0018_rule_tables, after 0017_deliveries.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_rule_tables"
down_revision = "0017_deliveries"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
EVER = "state IN ('active', 'retired')"
BEGUN = "state = 'active' OR (state = 'retired' AND retired_at > effective_from)"


def upgrade() -> None:
    op.create_table(
        "rule_tables",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("loaded_from", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("activated_at", MOMENT, nullable=True),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('draft', 'in_review', 'active', 'retired')", name=op.f("ck_rule_tables_state")),
        sa.CheckConstraint(
            "certainty IN ('seen', 'weak', 'derived', 'general')", name=op.f("ck_rule_tables_certainty")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_rule_tables_days")),
        sa.CheckConstraint("approver_id <> author_id", name=op.f("ck_rule_tables_two_people")),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review') OR loaded_from IS NOT NULL"
            " OR (author_id IS NOT NULL AND approver_id IS NOT NULL)",
            name=op.f("ck_rule_tables_approved"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["staff_accounts.id"], name="fk_rule_tables_author_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["staff_accounts.id"], name="fk_rule_tables_approver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rule_tables"),
    )
    op.create_index("uq_rule_tables_number", "rule_tables", ["kind", "region", "number"], unique=True)
    op.create_index(
        "uq_rule_tables_start",
        "rule_tables",
        ["kind", "region", "valid_from"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
        postgresql_nulls_not_distinct=True,
    )
    op.execute("""
        CREATE TRIGGER rule_tables_immutable BEFORE UPDATE OR DELETE ON rule_tables
        FOR EACH ROW WHEN (OLD.state IN ('active', 'retired')) EXECUTE FUNCTION refuse_version_change()
    """)
    beginnings(BEGUN)


def beginnings(wanted: str) -> None:
    """Let two versions of a kind begin at one moment unless both are `wanted`."""
    op.drop_index("uq_policy_versions_in_force", "policy_versions")
    op.create_index(
        "uq_policy_versions_in_force",
        "policy_versions",
        ["kind", "effective_from"],
        unique=True,
        postgresql_where=sa.text(wanted),
    )


def downgrade() -> None:
    beginnings(EVER)
    op.drop_table("rule_tables")
