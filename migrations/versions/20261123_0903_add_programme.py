"""Add versions of the rules, which nobody changes once they are active, and the dealer's own days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_programme"
down_revision = "0003_staff"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("effective_from", MOMENT, nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("loaded_from", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("activated_at", MOMENT, nullable=True),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'active', 'retired')",
            name=op.f("ck_policy_versions_state"),
        ),
        sa.CheckConstraint("approver_id <> author_id", name=op.f("ck_policy_versions_two_people")),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review') OR loaded_from IS NOT NULL"
            " OR (author_id IS NOT NULL AND approver_id IS NOT NULL)",
            name=op.f("ck_policy_versions_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review') OR (effective_from IS NOT NULL AND activated_at IS NOT NULL)",
            name=op.f("ck_policy_versions_activated"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["staff_accounts.id"], name="fk_policy_versions_author_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["staff_accounts.id"], name="fk_policy_versions_approver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_versions"),
    )
    op.create_index("uq_policy_versions_kind_number", "policy_versions", ["kind", "number"], unique=True)
    op.create_index(
        "uq_policy_versions_in_force",
        "policy_versions",
        ["kind", "effective_from"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'retired')"),
    )
    protect_active_versions()
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_calendar_days"),
    )


def protect_active_versions() -> None:
    """Let an active version only be retired, a retired one not even that, and neither be deleted."""
    op.execute("""
        CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.state = 'active' AND NEW.state IN ('active', 'retired')
               AND to_jsonb(NEW) - 'state' - 'retired_at' = to_jsonb(OLD) - 'state' - 'retired_at' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'version % is %: % refused', OLD.id, OLD.state, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER policy_versions_immutable BEFORE UPDATE OR DELETE ON policy_versions
        FOR EACH ROW WHEN (OLD.state IN ('active', 'retired')) EXECUTE FUNCTION refuse_version_change()
    """)


def downgrade() -> None:
    op.drop_table("calendar_days")
    op.drop_table("policy_versions")
    op.execute("DROP FUNCTION refuse_version_change()")
