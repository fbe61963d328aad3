"""Add earning."""

revision = "0010_earning"
down_revision = "0009_points"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
