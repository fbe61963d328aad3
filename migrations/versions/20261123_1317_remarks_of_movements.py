"""Keep what people write about movements of points beside the ledger, where it can be forgotten.

Revision: 0030_remarks_of_movements, after 0029_seal_what_waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030_remarks_of_movements"
down_revision = "0029_seal_what_waits"
branch_labels = None
depends_on = None

# The kinds that people ask for; the reasons of all others are the programme's own: rules, documents.
MOVE = """
    INSERT INTO points_remarks (customer_id, transaction_id, remark)
    SELECT customer_id, id, reason FROM ledger_transactions
    WHERE kind IN ('redeem', 'return', 'adjust', 'transfer_out', 'transfer_in', 'hold', 'capture', 'release')
    AND reason <> '' AND key NOT LIKE 'merge:%' AND key NOT LIKE 'part:%';
    ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_stay;
    UPDATE ledger_transactions AS t SET reason = '' FROM points_remarks AS r
    WHERE r.customer_id = t.customer_id AND r.transaction_id = t.id;
    ALTER TABLE ledger_transactions ENABLE TRIGGER ledger_transactions_stay;
"""
BACK = """
    ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_stay;
    UPDATE ledger_transactions AS t SET reason = r.remark FROM points_remarks AS r
    WHERE r.customer_id = t.customer_id AND r.transaction_id = t.id;
    ALTER TABLE ledger_transactions ENABLE TRIGGER ledger_transactions_stay;
"""


def upgrade() -> None:
    op.create_table(
        "points_remarks",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "transaction_id"],
            ["ledger_transactions.customer_id", "ledger_transactions.id"],
            name=op.f("fk_points_remarks_customer_id_ledger_transactions"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "transaction_id", name=op.f("pk_points_remarks")),
    )
    op.execute(MOVE)


def downgrade() -> None:
    op.execute(BACK)
    op.drop_table("points_remarks")
