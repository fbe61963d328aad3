"""Add second factors, what a session was proved by, and what else sign-in needs.

Revision: 0013_second_factor, after 0012_membership.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_second_factor"
down_revision = "0012_membership"
branch_labels = None
depends_on = None


MOMENT = sa.DateTime(timezone=True)

# There is always an administrator of all stores without an end: whoever takes one away waits for whoever does so at the
# same time, and looks again. A group that has none yet is left alone.
KEEP_AN_ADMINISTRATOR = """
    CREATE FUNCTION keep_an_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('staff administrators'));
        IF NOT EXISTS (
            SELECT 1 FROM staff_assignments s JOIN staff_accounts a ON a.id = s.account_id
            WHERE s.role = 'administrator' AND s.store_id IS NULL AND s.to_day IS NULL AND s.ended_at IS NULL
                AND a.active
        ) THEN
            RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
"""
ASSIGNMENT_TRIGGER = """
    CREATE TRIGGER staff_assignments_keep_an_administrator AFTER UPDATE ON staff_assignments FOR EACH ROW
    WHEN (
        OLD.role = 'administrator' AND OLD.store_id IS NULL AND OLD.to_day IS NULL AND OLD.ended_at IS NULL
        AND NOT (
            NEW.role = 'administrator' AND NEW.store_id IS NULL AND NEW.to_day IS NULL AND NEW.ended_at IS NULL
            AND NEW.account_id = OLD.account_id
        )
    )
    EXECUTE FUNCTION keep_an_administrator()
"""
REMOVAL_TRIGGER = """
    CREATE TRIGGER staff_assignments_keep_an_administrator_at_removal AFTER DELETE ON staff_assignments FOR EACH ROW
    WHEN (OLD.role = 'administrator' AND OLD.store_id IS NULL AND OLD.to_day IS NULL AND OLD.ended_at IS NULL)
    EXECUTE FUNCTION keep_an_administrator()
"""
ACCOUNT_FUNCTION = """
    CREATE FUNCTION keep_an_administrator_active() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('staff administrators'));
        IF EXISTS (
            SELECT 1 FROM staff_assignments WHERE account_id = OLD.id AND role = 'administrator'
                AND store_id IS NULL AND to_day IS NULL AND ended_at IS NULL
        ) AND NOT EXISTS (
            SELECT 1 FROM staff_assignments s JOIN staff_accounts a ON a.id = s.account_id
            WHERE s.role = 'administrator' AND s.store_id IS NULL AND s.to_day IS NULL AND s.ended_at IS NULL
                AND a.active
        ) THEN
            RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
"""
ACCOUNT_TRIGGER = """
    CREATE TRIGGER staff_accounts_keep_an_administrator AFTER UPDATE OF active ON staff_accounts FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active)
    EXECUTE FUNCTION keep_an_administrator_active()
"""


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("proved_at", MOMENT, nullable=True))
    op.add_column("web_sessions", sa.Column("proof", sa.String(), nullable=True))
    op.create_check_constraint(op.f("ck_web_sessions_proof"), "web_sessions", "proof IN ('password', 'code')")
    op.execute("UPDATE web_sessions SET proved_at = created_at, proof = 'password' WHERE kind = 'staff'")
    given = sa.Column("password_given", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("staff_accounts", given)
    add_factors()
    add_to_clients()
    op.add_column(
        "stores",
        sa.Column("holidays", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    )
    for name in ("address", "email", "contact"):
        op.add_column("stores", sa.Column(name, sa.Text(), nullable=True))
    for statement in (
        KEEP_AN_ADMINISTRATOR,
        ASSIGNMENT_TRIGGER,
        REMOVAL_TRIGGER,
        ACCOUNT_FUNCTION,
        ACCOUNT_TRIGGER,
    ):
        op.execute(statement)


def add_factors() -> None:
    op.create_table(
        "staff_factors",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["staff_accounts.id"], name="fk_staff_factors_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_staff_factors"),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["staff_accounts.id"], name="fk_staff_recovery_codes_account_id"),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="pk_staff_recovery_codes"),
    )


def add_to_clients() -> None:
    for name in ("rotated_at", "former_until", "last_used_at"):
        op.add_column("api_clients", sa.Column(name, MOMENT, nullable=True))
    op.add_column("api_clients", sa.Column("former_hash", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint("uq_api_clients_former_hash", "api_clients", ["former_hash"])
    op.create_check_constraint(
        op.f("ck_api_clients_former"), "api_clients", "(former_hash IS NULL) = (former_until IS NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER staff_accounts_keep_an_administrator ON staff_accounts")
    op.execute("DROP TRIGGER staff_assignments_keep_an_administrator_at_removal ON staff_assignments")
    op.execute("DROP TRIGGER staff_assignments_keep_an_administrator ON staff_assignments")
    op.execute("DROP FUNCTION keep_an_administrator_active()")
    op.execute("DROP FUNCTION keep_an_administrator()")
    for name in ("address", "email", "contact", "holidays"):
        op.drop_column("stores", name)
    op.drop_constraint("ck_api_clients_former", "api_clients")
    op.drop_constraint("uq_api_clients_former_hash", "api_clients")
    for name in ("rotated_at", "former_until", "last_used_at", "former_hash"):
        op.drop_column("api_clients", name)
    op.drop_table("staff_recovery_codes")
    op.drop_table("staff_factors")
    op.drop_column("staff_accounts", "password_given")
    op.drop_constraint("ck_web_sessions_proof", "web_sessions")
    op.drop_column("web_sessions", "proof")
    op.drop_column("web_sessions", "proved_at")
