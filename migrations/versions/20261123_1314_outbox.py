"""Add the outbox: templates, messages, attempts, decisions, receipts, replies and channels.

Revision: 0027_outbox, after 0026_add_tasks.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_outbox"
down_revision = "0026_add_tasks"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BODY = postgresql.JSONB(astext_type=sa.Text())
RULES = (
    "'customer_gone', 'no_address', 'address_bounced', 'opted_out', 'no_consent', 'consent_withdrawn', 'too_late', "
    "'channel_paused', 'quiet_hours', 'frequency', 'never_open'"
)
TABLES = (
    "send_decisions",
    "message_receipts",
    "message_attempts",
    "messages",
    "message_replies",
    "message_template_versions",
    "message_templates",
    "message_channels",
    "address_stops",
)


def upgrade() -> None:
    add_address_stops()
    add_message_channels()
    add_message_templates()
    add_message_template_versions()
    add_message_replies()
    add_messages()
    add_message_attempts()
    add_message_receipts()
    add_send_decisions()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def add_address_stops() -> None:
    op.create_table(
        "address_stops",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("reason IN ('opted_out', 'bounced')", name=op.f("ck_address_stops_reason")),
        sa.PrimaryKeyConstraint("kind", "blind", "reason", name="pk_address_stops"),
    )


def add_message_channels() -> None:
    op.create_table(
        "message_channels",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("minute", MOMENT, nullable=True),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("(paused_at IS NULL) = (paused_by IS NULL)", name=op.f("ck_message_channels_paused")),
        sa.CheckConstraint("per_minute > 0", name=op.f("ck_message_channels_per_minute")),
        sa.PrimaryKeyConstraint("channel", name="pk_message_channels"),
    )


def add_message_templates() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('service', 'marketing', 'greeting')", name=op.f("ck_message_templates_purpose")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message_templates"),
        sa.UniqueConstraint("name", name="uq_message_templates_name"),
    )


def add_message_template_versions() -> None:
    op.create_table(
        "message_template_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", BODY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["message_templates.id"], name="fk_message_template_versions_template_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message_template_versions"),
        sa.UniqueConstraint("template_id", "number", name="uq_message_template_versions_template_id_number"),
    )


def add_message_replies() -> None:
    op.create_table(
        "message_replies",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("about_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email', 'wechat', 'inbox')", name=op.f("ck_message_replies_channel")),
        sa.CheckConstraint("(handled_at IS NULL) = (handled_by IS NULL)", name=op.f("ck_message_replies_handled")),
        sa.ForeignKeyConstraint(["about_customer_id"], ["customers.id"], name="fk_message_replies_about_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message_replies"),
        sa.UniqueConstraint("channel", "provider_id", name="uq_message_replies_channel_provider_id"),
    )
    op.create_index("ix_message_replies_about_customer_id", "message_replies", ["about_customer_id"])
    op.create_index(
        "ix_message_replies_open",
        "message_replies",
        ["id"],
        postgresql_where=sa.text("handled_at IS NULL AND NOT opted_out"),
    )


def add_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("not_after", MOMENT, nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("about_kind", sa.Text(), nullable=True),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("resends_id", sa.BigInteger(), nullable=True),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("handed_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dedupes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'sending') = (token IS NOT NULL)", name=op.f("ck_messages_holder")),
        sa.CheckConstraint("channel IN ('sms', 'email', 'wechat', 'inbox')", name=op.f("ck_messages_channel")),
        sa.CheckConstraint("purpose IN ('service', 'marketing', 'greeting')", name=op.f("ck_messages_purpose")),
        sa.CheckConstraint(
            f"rule IN ({RULES})",
            name=op.f("ck_messages_rule"),
        ),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'denied', 'expired', 'cancelled')",
            name=op.f("ck_messages_state"),
        ),
        sa.CheckConstraint("(token IS NULL) = (lease_until IS NULL)", name=op.f("ck_messages_lease")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_messages_customer_id"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_messages_store_id"),
        sa.ForeignKeyConstraint(["version_id"], ["message_template_versions.id"], name="fk_messages_version_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_messages"),
        sa.UniqueConstraint("customer_id", "dedupe_key", name="uq_messages_customer_id_dedupe_key"),
    )
    op.create_index(
        "ix_messages_about", "messages", ["about_kind", "about_id"], postgresql_where=sa.text("about_id IS NOT NULL")
    )
    op.create_index("ix_messages_due", "messages", ["channel", "next_at"], postgresql_where=sa.text("state = 'due'"))
    op.create_index(
        "ix_messages_ending",
        "messages",
        ["not_after"],
        postgresql_where=sa.text("state = 'due' AND not_after IS NOT NULL"),
    )
    op.create_index("ix_messages_lapsing", "messages", ["lease_until"], postgresql_where=sa.text("state = 'sending'"))
    op.create_index("ix_messages_listed", "messages", [sa.text("due_at DESC"), sa.text("id DESC")])
    op.create_index(
        "ix_messages_reference", "messages", ["reference"], postgresql_where=sa.text("reference IS NOT NULL")
    )
    op.create_index("ix_messages_unknown", "messages", ["id"], postgresql_where=sa.text("state = 'unknown'"))
    op.create_index("uq_messages_resends", "messages", ["customer_id", "resends_id"], unique=True)


def add_message_attempts() -> None:
    op.create_table(
        "message_attempts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'busy', 'refused', 'lost', 'not_called')", name=op.f("ck_message_attempts_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name=op.f("ck_message_attempts_answered")),
        sa.ForeignKeyConstraint(
            ["customer_id", "message_id"],
            ["messages.customer_id", "messages.id"],
            name="fk_message_attempts_customer_id_message_id",
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy_versions.id"], name="fk_message_attempts_policy_id"),
        sa.PrimaryKeyConstraint("customer_id", "message_id", "number", name="pk_message_attempts"),
    )


def add_message_receipts() -> None:
    op.create_table(
        "message_receipts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('delivered', 'failed', 'sent', 'not_sent')", name=op.f("ck_message_receipts_kind")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "message_id"],
            ["messages.customer_id", "messages.id"],
            name="fk_message_receipts_customer_id_message_id",
        ),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_message_receipts"),
        sa.UniqueConstraint(
            "customer_id", "message_id", "source", "kind", name="uq_message_receipts_customer_id_message_id_source_kind"
        ),
    )


def add_send_decisions() -> None:
    op.create_table(
        "send_decisions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            f"rule IN ({RULES})",
            name=op.f("ck_send_decisions_rule"),
        ),
        sa.CheckConstraint("verdict IN ('hold', 'deny', 'expire')", name=op.f("ck_send_decisions_verdict")),
        sa.ForeignKeyConstraint(
            ["customer_id", "message_id"],
            ["messages.customer_id", "messages.id"],
            name="fk_send_decisions_customer_id_message_id",
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy_versions.id"], name="fk_send_decisions_policy_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_send_decisions"),
    )
    op.create_index("ix_send_decisions_message_id", "send_decisions", ["customer_id", "message_id"])
