"""Add tasks: one queue of work for people, with every attempt and every change.

Revision: 0026_add_tasks, after 0025_points_award_key.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026_add_tasks"
down_revision = "0025_points_award_key"
branch_labels = None
depends_on = None

# Tries and changes are only added. They follow their task to another customer when two are merged; what they say of a
# person goes with that person. Both say so for their own transaction, and a slip of the hand does not.
REFUSE_CHANGE = """
    CREATE FUNCTION refuse_task_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('loyalty.removing', true) = 'evidence' THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'customer_id' = to_jsonb(OLD) - 'customer_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'records of tasks are only added';
    END $$;
"""
GUARD = """
    CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_task_record_change()
"""


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("numbers", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("remarks", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("due_from", sa.Date(), nullable=False),
        sa.Column("due_to", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("about_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("about_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("follows_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state IN ('open', 'in_progress')) = (ended_at IS NULL)", name=op.f("ck_tasks_ended")),
        sa.CheckConstraint("state <> 'done' OR outcome IS NOT NULL", name=op.f("ck_tasks_done_with_outcome")),
        sa.CheckConstraint(
            "state IN ('open', 'in_progress', 'done', 'no_contact', 'rescheduled', 'skipped', 'void', 'stopped')",
            name=op.f("ck_tasks_state"),
        ),
        sa.CheckConstraint("(taken_by IS NULL) = (taken_until IS NULL)", name=op.f("ck_tasks_taken")),
        sa.CheckConstraint("due_to >= due_from", name=op.f("ck_tasks_days")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tasks_customer_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff_accounts.id"], name=op.f("fk_tasks_ended_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_accounts.id"], name=op.f("fk_tasks_owner_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_tasks_store_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff_accounts.id"], name=op.f("fk_tasks_taken_by")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_tasks_vehicle_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("customer_id", "dedupe_key", name=op.f("uq_tasks_customer_id_dedupe_key")),
    )
    op.create_index("ix_tasks_about", "tasks", ["about_kind", "about_id"])
    op.create_index(
        "ix_tasks_ended", "tasks", ["store_id", "ended_at"], postgresql_where=sa.text("ended_by IS NOT NULL")
    )
    op.create_index("ix_tasks_id", "tasks", ["id"])
    op.create_index(
        "ix_tasks_owner",
        "tasks",
        ["owner_id", "due_at", "id"],
        postgresql_where=sa.text("state IN ('open', 'in_progress')"),
    )
    op.create_index(
        "ix_tasks_store",
        "tasks",
        ["store_id", "due_at", "id"],
        postgresql_where=sa.text("state IN ('open', 'in_progress')"),
    )
    op.create_table(
        "task_attempts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("answers", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("takes_back_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "means IN ('reached', 'no_answer', 'refused', 'wrong_number', 'call_back')",
            name=op.f("ck_task_attempts_means"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "task_id"],
            ["tasks.customer_id", "tasks.id"],
            name=op.f("fk_task_attempts_customer_id_task_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_task_attempts")),
        sa.UniqueConstraint("customer_id", "takes_back_id", name=op.f("uq_task_attempts_customer_id_takes_back_id")),
    )
    op.create_index("ix_task_attempts_task", "task_attempts", ["customer_id", "task_id", "id"])
    op.create_table(
        "task_changes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("by_kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id", "task_id"],
            ["tasks.customer_id", "tasks.id"],
            name=op.f("fk_task_changes_customer_id_task_id"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_task_changes")),
    )
    op.create_index("ix_task_changes_task", "task_changes", ["customer_id", "task_id", "id"])
    op.execute(REFUSE_CHANGE)
    for table in ("task_attempts", "task_changes"):
        op.execute(GUARD.format(table=table))


def downgrade() -> None:
    op.drop_table("task_changes")
    op.drop_table("task_attempts")
    op.drop_table("tasks")
    op.execute("DROP FUNCTION refuse_task_record_change()")
