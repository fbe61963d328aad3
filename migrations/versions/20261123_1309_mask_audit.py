"""Mask personal values in the audit trail, which can never forget them.

Revision: 0022_mask_audit, after 0021_points_award.
"""

from alembic import op

revision = "0022_mask_audit"
down_revision = "0021_points_award"
branch_labels = None
depends_on = None


# What the writers do from now on (`customers.rules.masks`), for the rows from before. Nothing has linked the rows by
# hash yet; whoever did must link them anew.
MASK = """
    ALTER TABLE audit_rows DISABLE TRIGGER audit_rows_append_only;
    UPDATE audit_rows SET before = {before}, after = {after} WHERE subject_kind IN ('customer', 'vehicle');
    UPDATE audit_rows SET actor_name = 'C-' || lpad(CAST(actor_id AS text), 7, '0')
    WHERE actor_kind = 'owner' AND actor_id < 10000000;
    ALTER TABLE audit_rows ENABLE TRIGGER audit_rows_append_only;
"""


def masked(column: str) -> str:
    """Return the expression of the column's values without what names a person."""
    name = f"jsonb_build_object('name', left({column} ->> 'name', 1) || '**')"
    year = f"jsonb_build_object('birthday', left({column} ->> 'birthday', 4) || '-**-**')"
    return (
        f"({column} - 'proof' - 'number' - 'vin')"
        f" || CASE WHEN jsonb_typeof({column} -> 'name') = 'string' THEN {name} ELSE '{{}}' END"
        f" || CASE WHEN jsonb_typeof({column} -> 'birthday') = 'string' THEN {year} ELSE '{{}}' END"
    )


def upgrade() -> None:
    op.execute(MASK.format(before=masked("before"), after=masked("after")))


def downgrade() -> None:
    """Leave the rows as they are: a mask hides for ever."""
