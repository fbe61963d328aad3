"""Add tiers."""

revision = "0011_tiers"
down_revision = "0010_earning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
