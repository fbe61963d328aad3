"""Keep what providers say about messages that are unclear, and drafts of templates.

Revision: 0034_message_inquiries, after 0033_message_steps.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034_message_inquiries"
down_revision = "0033_message_steps"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "message_inquiries",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "said IN ('sent', 'delivered', 'failed', 'not_listed', 'silent', 'no_address')",
            name=op.f("ck_message_inquiries_said"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "message_id"],
            ["messages.customer_id", "messages.id"],
            name="fk_message_inquiries_customer_id_message_id",
        ),
        sa.PrimaryKeyConstraint("customer_id", "message_id", name="pk_message_inquiries"),
    )
    op.create_index("ix_messages_id", "messages", ["id"])
    op.create_table(
        "message_template_drafts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('service', 'marketing', 'greeting')", name=op.f("ck_message_template_drafts_purpose")
        ),
        sa.PrimaryKeyConstraint("name", name="pk_message_template_drafts"),
    )


def downgrade() -> None:
    op.drop_table("message_template_drafts")
    op.drop_index("ix_messages_id", "messages")
    op.drop_table("message_inquiries")
