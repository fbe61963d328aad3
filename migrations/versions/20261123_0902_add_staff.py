"""Add stores, accounts, roles, API clients and the audit trail that nobody can edit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_staff"
down_revision = "0002_schedule"
branch_labels = None
depends_on = None

ROLES = (
    "care_agent",
    "service_advisor",
    "renewal_agent",
    "claims_agent",
    "front_desk",
    "finance",
    "manager",
    "administrator",
    "auditor",
)

MOMENT = sa.DateTime(timezone=True)


def identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "stores",
        identity(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("opening_hours", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stores"),
        sa.UniqueConstraint("code", name="uq_stores_code"),
    )
    op.create_table(
        "staff_accounts",
        identity(),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("password_at", MOMENT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_accounts"),
        sa.UniqueConstraint("username", name="uq_staff_accounts_username"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_staff_accounts_fs_uniquifier"),
    )
    add_assignments()
    add_sign_in_failures()
    add_api_clients()
    add_audit_rows()


def add_assignments() -> None:
    op.create_table(
        "staff_assignments",
        identity(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(f"role IN {ROLES}", name=op.f("ck_staff_assignments_role")),
        sa.CheckConstraint("to_day IS NULL OR to_day >= from_day", name=op.f("ck_staff_assignments_days")),
        sa.ForeignKeyConstraint(["account_id"], ["staff_accounts.id"], name="fk_staff_assignments_account_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_staff_assignments_store_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_assignments"),
    )
    op.create_index(
        "ix_staff_assignments_account_id",
        "staff_assignments",
        ["account_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def add_sign_in_failures() -> None:
    op.create_table(
        "staff_sign_in_failures",
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name_hash", name="pk_staff_sign_in_failures"),
    )
    op.create_index("ix_staff_sign_in_failures_last_at", "staff_sign_in_failures", ["last_at"])


def add_api_clients() -> None:
    op.create_table(
        "api_clients",
        identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_tail", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("store_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint("cardinality(permissions) > 0", name=op.f("ck_api_clients_permissions")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_accounts.id"], name="fk_api_clients_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_clients"),
        sa.UniqueConstraint("name", name="uq_api_clients_name"),
        sa.UniqueConstraint("token_hash", name="uq_api_clients_token_hash"),
    )


def add_audit_rows() -> None:
    op.create_table(
        "audit_rows",
        identity(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("about_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_rows"),
    )
    op.create_index("ix_audit_rows_subject", "audit_rows", ["subject_kind", "subject_id", "id"])
    op.create_index(
        "ix_audit_rows_about",
        "audit_rows",
        ["about_customer_id", "id"],
        postgresql_where=sa.text("about_customer_id IS NOT NULL"),
    )
    op.execute("""
        CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_rows_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_rows
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """)


def downgrade() -> None:
    op.drop_table("audit_rows")
    op.execute("DROP FUNCTION refuse_audit_change()")
    op.drop_table("api_clients")
    op.drop_table("staff_sign_in_failures")
    op.drop_table("staff_assignments")
    op.drop_table("staff_accounts")
    op.drop_table("stores")
