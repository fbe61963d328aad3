"""Keep nothing of an event's body once it is done: what it told is in the books, or kept as rejected.

Revision: 0045_done_events, after 0044_lean_facts.
"""

from alembic import op

revision = "0045_done_events"
down_revision = "0044_lean_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE link_events SET body_sealed = NULL WHERE state = 'done' AND body_sealed IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_link_events_done_is_empty"), "link_events", "state <> 'done' OR body_sealed IS NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_link_events_done_is_empty"), "link_events", type_="check")
