"""Add the one-time codes of owners."""

import sqlalchemy as sa
from alembic import op

revision = "0007_owners"
down_revision = "0006_messaging"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    add_owner_codes()


def add_owner_codes() -> None:
    op.create_table(
        "owner_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="ck_owner_codes_tries"),
        sa.PrimaryKeyConstraint("id", name="pk_owner_codes"),
    )
    op.create_index("ix_owner_codes_address", "owner_codes", ["address_hash", "created_at"])
    op.create_index("ix_owner_codes_created_at", "owner_codes", ["created_at"])
    op.create_index("ix_owner_codes_phone", "owner_codes", ["phone_hash", "id"])


def downgrade() -> None:
    op.drop_table("owner_codes")
