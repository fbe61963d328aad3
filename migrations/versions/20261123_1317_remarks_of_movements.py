"""Keep what people write about movements of points beside the ledger, where it can be forgotten.

Revision: 0030_remarks_of_movements, after 0029_seal_what_waits.
"""

revision = "0030_remarks_of_movements"
down_revision = "0029_seal_what_waits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
