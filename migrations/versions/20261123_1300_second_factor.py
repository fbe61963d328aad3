"""Add second factors, what a session was proved by, and what else sign-in needs.

Revision: 0013_second_factor, after 0012_membership.
"""

revision = "0013_second_factor"
down_revision = "0012_membership"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
