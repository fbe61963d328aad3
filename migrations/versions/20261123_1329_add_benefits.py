"""Do nothing: this number was taken for the tables of benefits, which come with a later revision.

Revision: 0042_add_benefits, after 0041_set_of_tasks.
"""

revision = "0042_add_benefits"
down_revision = "0041_set_of_tasks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
