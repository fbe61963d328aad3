"""Add messaging."""

revision = "0006_messaging"
down_revision = "0005_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
