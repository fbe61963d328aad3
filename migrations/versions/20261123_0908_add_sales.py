"""Add sales."""

revision = "0008_sales"
down_revision = "0007_owners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
