"""Merge customers reversibly, erase people, and hold households.

Revision: 0015_customer_rights, after 0014_add_approvals.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_customer_rights"
down_revision = "0014_add_approvals"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('prospect', 'active', 'closed', 'erased'{merged})"
REASONS = "reason IN ('joined', 'rise', 'review', 'floor'{merge})"

# Evidence is only added. What may go are the copies that a merge made, when it is taken back, and all of it with the
# person: both say so for their own transaction, and a slip of the hand does not.
REFUSE_CHANGE = """
    CREATE OR REPLACE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('loyalty.removing', true) = 'evidence' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'consent events are only added';
    END $$;
"""
REFUSE_CHANGE_BEFORE = """
    CREATE OR REPLACE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'consent events are only added';
    END $$;
"""


def upgrade() -> None:
    change_customers()
    add_merges()
    add_rights()
    add_households()
    op.drop_constraint(op.f("ck_level_changes_reason"), "level_changes", type_="check")
    op.create_check_constraint(op.f("ck_level_changes_reason"), "level_changes", REASONS.format(merge=", 'merge'"))
    op.execute(REFUSE_CHANGE)


def change_customers() -> None:
    op.add_column("customers", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_customers_merged_into_id", "customers", "customers", ["merged_into_id"], ["id"])
    op.create_index(
        "ix_customers_merged_into_id",
        "customers",
        ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_constraint(op.f("ck_customers_ck_customers_state"), "customers", type_="check")
    op.create_check_constraint(op.f("ck_customers_ck_customers_state"), "customers", STATES.format(merged=", 'merged'"))
    op.create_check_constraint(
        op.f("ck_customers_merged"), "customers", "(state = 'merged') = (merged_into_id IS NOT NULL)"
    )


def add_merges() -> None:
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("merged_by", sa.Text(), nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("effects", postgresql.JSONB(), nullable=False),
        sa.Column("parted_at", MOMENT, nullable=True),
        sa.Column("parted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_customer_merges_two")),
        sa.CheckConstraint("(parted_at IS NULL) = (parted_by IS NULL)", name=op.f("ck_customer_merges_parted")),
        sa.ForeignKeyConstraint(["kept_id"], ["customers.id"], name=op.f("fk_customer_merges_kept_id")),
        sa.ForeignKeyConstraint(["gone_id"], ["customers.id"], name=op.f("fk_customer_merges_gone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index(
        "uq_customer_merges_gone_id",
        "customer_merges",
        ["gone_id"],
        unique=True,
        postgresql_where=sa.text("parted_at IS NULL"),
    )
    op.create_index("ix_customer_merges_kept_id", "customer_merges", ["kept_id", "id"])
    op.create_table(
        "customer_merge_parts",
        sa.Column("merge_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["customer_merges.id"], name=op.f("fk_customer_merge_parts_merge_id")),
        sa.PrimaryKeyConstraint("merge_id", "part", name=op.f("pk_customer_merge_parts")),
    )


def add_rights() -> None:
    op.create_table(
        "erasure_requests",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_kind", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'withdrawn')", name=op.f("ck_erasure_requests_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_erasure_requests_ended")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_erasure_requests_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_erasure_requests")),
    )
    op.create_index(
        "uq_erasure_requests_open",
        "erasure_requests",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_erasure_requests_waiting", "erasure_requests", ["asked_at"], postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "tombstones",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tombstones_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "hash", name=op.f("pk_tombstones")),
    )
    op.create_index("ix_tombstones_hash", "tombstones", ["hash"])


def add_households() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_table(
        "household_people",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_household_people_days")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_household_people_customer_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_people_household_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_household_people")),
    )
    op.create_index(
        "uq_household_people_open",
        "household_people",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("until_day IS NULL"),
    )
    op.create_index("ix_household_people_household_id", "household_people", ["household_id"])


def downgrade() -> None:
    op.execute(REFUSE_CHANGE_BEFORE)
    op.drop_constraint(op.f("ck_level_changes_reason"), "level_changes", type_="check")
    op.execute("UPDATE level_changes SET reason = 'rise' WHERE reason = 'merge'")
    op.create_check_constraint(op.f("ck_level_changes_reason"), "level_changes", REASONS.format(merge=""))
    for table in ("household_people", "households", "tombstones", "erasure_requests", "customer_merge_parts"):
        op.drop_table(table)
    op.drop_table("customer_merges")
    op.drop_constraint(op.f("ck_customers_merged"), "customers", type_="check")
    op.drop_constraint(op.f("ck_customers_ck_customers_state"), "customers", type_="check")
    op.execute("UPDATE customers SET state = 'closed' WHERE state = 'merged'")
    op.create_check_constraint(op.f("ck_customers_ck_customers_state"), "customers", STATES.format(merged=""))
    op.drop_index("ix_customers_merged_into_id", "customers")
    op.drop_constraint(op.f("fk_customers_merged_into_id"), "customers", type_="foreignkey")
    op.drop_column("customers", "merged_into_id")
