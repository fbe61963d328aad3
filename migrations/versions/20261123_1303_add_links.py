"""Add links to core sales: received events, pulls, what they said and what was rejected.

Revision: 0016_add_links, after 0015_customer_rights.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_add_links"
down_revision = "0015_customer_rights"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BODY = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    add_links()
    add_pulls()
    add_events()
    add_what_they_said()


def add_links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stores", BODY, nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('webhook', 'pull')", name=op.f("ck_links_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("code", name="uq_links_code"),
    )
    op.create_table(
        "link_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_secrets_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_secrets"),
    )
    op.create_index("ix_link_secrets_link_id", "link_secrets", ["link_id"])


def add_pulls() -> None:
    op.create_table(
        "link_pulls",
        sa.Column("link_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("url_shown", sa.Text(), nullable=False),
        sa.Column("plan", BODY, nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("watermark", sa.Text(), nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("compared_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unreachable_since", MOMENT, nullable=True),
        sa.Column("problem", BODY, nullable=True),
        sa.Column("missing", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("progress", BODY, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name=op.f("ck_link_pulls_lease")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_pulls_link_id"),
        sa.PrimaryKeyConstraint("link_id", name="pk_link_pulls"),
    )
    op.create_index("ix_link_pulls_due_at", "link_pulls", ["due_at"])
    op.create_table(
        "link_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("counts", BODY, nullable=False),
        sa.Column("problem", BODY, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_runs_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_runs"),
    )
    op.create_index("ix_link_runs_link_id", "link_runs", ["link_id", "id"])


def add_events() -> None:
    op.create_table(
        "link_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("counts", BODY, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('due', 'done', 'stuck')", name=op.f("ck_link_events_state")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_events_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_events"),
        sa.UniqueConstraint("link_id", "event_id", name="uq_link_events_link_id_event_id"),
    )
    op.create_index("ix_link_events_received", "link_events", ["link_id", "received_at"])
    op.create_index("ix_link_events_due", "link_events", ["due_at"], postgresql_where=sa.text("state = 'due'"))


def add_what_they_said() -> None:
    op.create_table(
        "link_sales",
        sa.Column("link_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_sales_link_id"),
        sa.PrimaryKeyConstraint("link_id", "number", name="pk_link_sales"),
    )
    op.create_index("ix_link_sales_day", "link_sales", ["link_id", "day", "number"])
    op.create_table(
        "link_rejects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('sale', 'refund', 'cancellation', 'delivery', 'reading')", name=op.f("ck_link_rejects_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'dismissed')", name=op.f("ck_link_rejects_state")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_link_rejects_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_rejects"),
    )
    op.create_index(
        "uq_link_rejects_open",
        "link_rejects",
        ["link_id", "kind", "key"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_link_rejects_last_at", "link_rejects", ["link_id", "state", "last_at", "id"])


def downgrade() -> None:
    for table in ("link_rejects", "link_sales", "link_events", "link_runs", "link_pulls", "link_secrets", "links"):
        op.drop_table(table)
