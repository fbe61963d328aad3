"""Add owners."""

revision = "0007_owners"
down_revision = "0006_messaging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
