"""Add approvals: one list of what a second person decides.

Levels set by hand and versions of the rules that wait for a second person join it.

Revision: 0014_add_approvals, after 0013_second_factor.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_add_approvals"
down_revision = "0013_second_factor"
branch_labels = None
depends_on = None

# What a yes would do is shown as it is now on the page; these say it as it was asked.
_FLOORS = """
    INSERT INTO approvals
        (kind, subject_kind, subject_id, about_customer_id, store_id, body, effect, asked_by, asked_at)
    SELECT DISTINCT ON (f.customer_id) 'tier_floor', 'member', f.customer_id, f.customer_id, m.store_id,
        jsonb_build_object('floor_id', f.id, 'level', f.level_code, 'until', f.until_day, 'reason', f.reason),
        jsonb_build_object('effects', jsonb_build_array(), 'figures', jsonb_build_array()),
        f.setter_id, f.set_at
    FROM tier_floors f JOIN members m ON m.customer_id = f.customer_id
    WHERE f.approved_at IS NULL
    ORDER BY f.customer_id, f.id DESC
"""
_OLDER_FLOORS = """
    DELETE FROM tier_floors f WHERE f.approved_at IS NULL AND NOT EXISTS (
        SELECT FROM approvals a WHERE a.kind = 'tier_floor' AND (a.body ->> 'floor_id')::bigint = f.id)
"""
_VERSIONS = """
    INSERT INTO approvals (kind, subject_kind, subject_id, body, effect, asked_by, asked_at)
    SELECT 'programme_version', 'version', id, '{}',
        jsonb_build_object('effects', jsonb_build_array(), 'figures', jsonb_build_array()), author_id, created_at
    FROM policy_versions WHERE state = 'in_review' AND author_id IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("about_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("effect", JSONB(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("outcome", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_approvals_store_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff_accounts.id"], name=op.f("fk_approvals_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff_accounts.id"], name=op.f("fk_approvals_decided_by")),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'returned', 'withdrawn')", name=op.f("ck_approvals_state")
        ),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_approvals_two_people")),
        sa.CheckConstraint(
            "(state IN ('approved', 'returned')) = (decided_by IS NOT NULL)", name=op.f("ck_approvals_decided")
        ),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_approvals_closed")),
        sa.CheckConstraint("state <> 'returned' OR coalesce(length(note), 0) > 0", name=op.f("ck_approvals_note")),
    )
    op.create_index(
        "uq_approvals_waiting",
        "approvals",
        ["kind", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_approvals_store", "approvals", ["store_id", "id"])
    op.create_index("ix_approvals_subject", "approvals", ["kind", "subject_id", "id"])
    for statement in (_FLOORS, _OLDER_FLOORS, _VERSIONS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("approvals")
