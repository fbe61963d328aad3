"""Add the ledger: accounts, transactions, postings, lots, allocations, holds, and what keeps them true."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009_points"
down_revision = "0008_sales"
branch_labels = None
depends_on = None

PLACES = "'available', 'pending', 'held', 'debt', 'issued', 'redeemed', 'expired', 'revoked', 'written_off', 'transfer'"
KINDS = (
    "'earn', 'activate', 'cancel_pending', 'hold', 'capture', 'release', 'redeem', 'return', 'revoke', 'expire',"
    " 'debt', 'settle_debt', 'write_off', 'adjust', 'transfer_out', 'transfer_in', 'migrate'"
)
TABLES = (
    "points_holds",
    "ledger_allocations",
    "points_lots",
    "ledger_postings",
    "ledger_transactions",
    "points_accounts",
)
FUNCTIONS = (
    "points_expire",
    "points_book",
    "points_open",
    "ledger_check_postings",
    "ledger_check_transaction",
    "ledger_refuse_change",
)


def upgrade() -> None:
    op.create_table(
        "points_accounts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="customer", nullable=False),
        sa.Column("available", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("debt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("earning_class", sa.Text(), nullable=True),
        sa.Column("earns", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("subject IN ('customer', 'household')", name=op.f("ck_points_accounts_subject")),
        sa.CheckConstraint("unit IN ('points', 'growth')", name=op.f("ck_points_accounts_unit")),
        sa.CheckConstraint(
            "available >= 0 AND pending >= 0 AND held >= 0 AND debt >= 0",
            name=op.f("ck_points_accounts_not_below_zero"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_points_accounts_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_points_accounts")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("uq_points_accounts_customer_id_unit", "points_accounts", ["customer_id", "unit"], unique=True)
    op.create_table(
        "ledger_transactions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("source_number", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("policy_version_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            f"credit IN ({PLACES})",
            name=op.f("ck_ledger_transactions_credit"),
        ),
        sa.CheckConstraint(
            f"debit IN ({PLACES})",
            name=op.f("ck_ledger_transactions_debit"),
        ),
        sa.CheckConstraint(
            f"kind IN ({KINDS})",
            name=op.f("ck_ledger_transactions_kind"),
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_ledger_transactions_points")),
        sa.ForeignKeyConstraint(
            ["customer_id", "about_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_ledger_transactions_customer_id_about_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["points_accounts.customer_id", "points_accounts.id"],
            name=op.f("fk_ledger_transactions_customer_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "reverses_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_ledger_transactions_customer_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_versions.id"], name=op.f("fk_ledger_transactions_policy_version_id")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_ledger_transactions_store_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_ledger_transactions")),
    )
    op.create_index(
        "uq_ledger_transactions_key", "ledger_transactions", ["customer_id", "account_id", "key", "part"], unique=True
    )
    op.create_index(
        "uq_ledger_transactions_reverses_id",
        "ledger_transactions",
        ["customer_id", "reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            f"place IN ({PLACES})",
            name=op.f("ck_ledger_postings_place"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_ledger_postings_customer_id_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "transaction_id", "number", name=op.f("pk_ledger_postings")),
    )
    op.create_table(
        "points_lots",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("funding_store_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('pending', 'open')) = (remaining > 0)", name=op.f("ck_points_lots_state_remaining")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'open', 'exhausted', 'expired', 'revoked')", name=op.f("ck_points_lots_state")
        ),
        sa.CheckConstraint("remaining >= 0 AND remaining <= points", name=op.f("ck_points_lots_remaining")),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["points_accounts.customer_id", "points_accounts.id"],
            name=op.f("fk_points_lots_customer_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_points_lots_customer_id_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_points_lots")),
    )
    op.create_index(
        "ix_points_lots_ending", "points_lots", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "ix_points_lots_holding",
        "points_lots",
        ["customer_id", "account_id"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(
        "ix_points_lots_ripening",
        "points_lots",
        ["available_from"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_points_lots_transaction", "points_lots", ["customer_id", "transaction_id"], unique=False)
    op.create_table(
        "ledger_allocations",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_ledger_allocations_points")),
        sa.ForeignKeyConstraint(
            ["customer_id", "lot_id"],
            ["points_lots.customer_id", "points_lots.id"],
            name=op.f("fk_ledger_allocations_customer_id_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "transaction_id", "number"],
            ["ledger_postings.customer_id", "ledger_postings.transaction_id", "ledger_postings.number"],
            name=op.f("fk_ledger_allocations_customer_id_transaction_id_number"),
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "transaction_id", "number", "position", name=op.f("pk_ledger_allocations")
        ),
    )
    op.create_index("ix_ledger_allocations_lot", "ledger_allocations", ["customer_id", "lot_id"], unique=False)
    op.create_table(
        "points_holds",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('held', 'captured', 'released')", name=op.f("ck_points_holds_state")),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_holds_points")),
        sa.ForeignKeyConstraint(
            ["customer_id", "account_id"],
            ["points_accounts.customer_id", "points_accounts.id"],
            name=op.f("fk_points_holds_customer_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_points_holds_customer_id_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_points_holds")),
    )
    op.create_index(
        "ix_points_holds_due", "points_holds", ["until"], unique=False, postgresql_where=sa.text("state = 'held'")
    )
    op.create_index("uq_points_holds_key", "points_holds", ["customer_id", "account_id", "key"], unique=True)

    # The triggers and functions stand beside this file, in the language they are written in. Given to the driver's own
    # cursor, several statements go at once and a percent sign is one.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    for function in FUNCTIONS[:3]:
        op.execute(f"DROP FUNCTION {function}")
    for table in TABLES:
        op.drop_table(table)
    for function in FUNCTIONS[3:]:
        op.execute(f"DROP FUNCTION {function}")
