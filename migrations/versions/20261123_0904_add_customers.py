"""Add customers."""

revision = "0005_customers"
down_revision = "0004_programme"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
