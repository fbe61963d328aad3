"""Check the foreign keys of facts by set, read awards as json, and find the timeline by its one index.

A sale notes a fact for the planner, and three keys of it were looked at row by row, with a lock on the parent each. An
award was made binary JSON to be read once. And the timeline had an index by its moment beside its key, which now begins
the same.

Revision: 0044_lean_facts, after 0041_set_of_tasks.
"""

from pathlib import Path

from alembic import op

revision = "0044_lean_facts"
down_revision = "0041_set_of_tasks"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
AWARD = HERE / "20261123_1308_points_award.sql"
LOOK = "t.key = q.key)"  # made one by the whole key since
PARENTS = {"customer_id": "customers", "vehicle_id": "vehicles", "store_id": "stores"}


def upgrade() -> None:
    for column in PARENTS:
        op.drop_constraint(f"fk_plan_facts_{column}", "plan_facts", type_="foreignkey")
    op.execute(_checks())
    op.execute("DROP FUNCTION points_award(jsonb, text, timestamptz, text, bigint, text)")
    _write(_award().replace("jsonb", "json"))
    op.execute("ALTER TABLE timeline_rows DROP CONSTRAINT pk_timeline_rows")
    op.drop_index("ix_timeline_rows_at", "timeline_rows")
    op.create_primary_key("pk_timeline_rows", "timeline_rows", ["customer_id", "at", "id"])


def downgrade() -> None:
    op.execute("ALTER TABLE timeline_rows DROP CONSTRAINT pk_timeline_rows")
    op.create_primary_key("pk_timeline_rows", "timeline_rows", ["customer_id", "id"])
    op.create_index("ix_timeline_rows_at", "timeline_rows", ["customer_id", "at", "id"])
    op.execute("DROP FUNCTION points_award(json, text, timestamptz, text, bigint, text)")
    _write(_award())
    op.execute("DROP FUNCTION plan_facts_have_parents() CASCADE")
    op.execute("DROP FUNCTION plan_facts_has_parents() CASCADE")
    for column, parent in PARENTS.items():
        op.create_foreign_key(f"fk_plan_facts_{column}", "plan_facts", parent, [column], ["id"])


def _award() -> str:
    return AWARD.read_text().replace(LOOK, "t.key = q.key OFFSET 0)")


def _write(function: str) -> None:
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(function)


def _checks() -> str:
    """Return the triggers: by set for what is added, by row for the few facts whose parent changes.

    The parents of facts stay as they are by triggers of their own, since sales name them too.
    """
    by_set = "\n".join(
        _refused(column, f"EXISTS (SELECT FROM added AS a WHERE {_missing(column, 'a')})") for column in PARENTS
    )
    by_row = "\n".join(_refused(column, _missing(column, "NEW")) for column in PARENTS)
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in PARENTS)
    return f"""
        CREATE FUNCTION plan_facts_have_parents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {by_set}
            RETURN NULL;
        END $$;
        CREATE TRIGGER plan_facts_have_parents AFTER INSERT ON plan_facts REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION plan_facts_have_parents();
        CREATE FUNCTION plan_facts_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {by_row}
            RETURN NULL;
        END $$;
        CREATE TRIGGER plan_facts_has_parents AFTER UPDATE OF {", ".join(PARENTS)} ON plan_facts
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION plan_facts_has_parents();
    """


def _missing(column: str, row: str) -> str:
    """Return the condition under which a row has no parent; OFFSET 0 keeps it a look by the parent's key."""
    look = f"SELECT FROM {PARENTS[column]} AS p WHERE p.id = {row}.{column} OFFSET 0"
    return f"({row}.{column} IS NOT NULL AND NOT EXISTS ({look}))"


def _refused(column: str, condition: str) -> str:
    name = f"fk_plan_facts_{column}"
    return f"""IF {condition} THEN RAISE foreign_key_violation USING TABLE = 'plan_facts', CONSTRAINT = '{name}',
        MESSAGE = 'a row of plan_facts names none of {PARENTS[column]}: it violates foreign key constraint "{name}"';
        END IF;"""
