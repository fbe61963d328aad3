"""Add points."""

revision = "0009_points"
down_revision = "0008_sales"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
