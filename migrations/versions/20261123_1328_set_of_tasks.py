"""Check the foreign keys of tasks and messages by set, and let one index serve where two did.

PostgreSQL checks a foreign key row by row: that was half of what the database did for a step that becomes a task. The
parents are never deleted and keep their keys, but for tasks, which go to another customer when two are merged: their
changes follow them. A primary key that begins with the number finds a row by it alone as well, and the unique key that
begins with the customer finds all rows of one.

Revision: 0041_set_of_tasks, after 0039_lot_ends.
"""

from typing import NamedTuple

from alembic import op

revision = "0041_set_of_tasks"
down_revision = "0039_lot_ends"
branch_labels = None
depends_on = None


class Key(NamedTuple):
    """A foreign key: `columns` of the child name `keys` of the parent."""

    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...] = ("id",)


CUSTOMER = Key(("customer_id",), "customers")
STORE = Key(("store_id",), "stores")
CHANGES = Key(("customer_id", "task_id"), "tasks", ("customer_id", "id"))

CHILDREN = {
    "tasks": (
        CUSTOMER,
        STORE,
        Key(("vehicle_id",), "vehicles"),
        *(Key((column,), "staff_accounts") for column in ("owner_id", "taken_by", "ended_by")),
    ),
    "task_changes": (CHANGES,),
    "messages": (CUSTOMER, STORE, Key(("version_id",), "message_template_versions")),
}
NEW_PARENTS = ("staff_accounts", "message_template_versions", "tasks")
# Constraints that stand on the primary keys which change.
_OF_MESSAGES = ("messages", "message_id", None)
BELOW = {
    "task_attempts": ("tasks", "task_id", "CASCADE"),
    "message_attempts": _OF_MESSAGES,
    "message_inquiries": _OF_MESSAGES,
    "message_receipts": _OF_MESSAGES,
    "send_decisions": _OF_MESSAGES,
}
BY_NUMBER = ("tasks", "plan_steps", "messages")
RESENDS = "CREATE UNIQUE INDEX uq_messages_resends ON messages (customer_id, resends_id)"

FOLLOW = """
    CREATE FUNCTION task_changes_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE task_changes SET customer_id = NEW.customer_id WHERE customer_id = OLD.customer_id AND task_id = OLD.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER tasks_take_changes_along AFTER UPDATE OF customer_id ON tasks
        FOR EACH ROW WHEN (OLD.customer_id IS DISTINCT FROM NEW.customer_id) EXECUTE FUNCTION task_changes_follow();
"""


def upgrade() -> None:
    _drop_below()
    for child, keys in CHILDREN.items():
        for key in keys:
            op.drop_constraint(_name(child, key), child, type_="foreignkey")
    for table in BY_NUMBER:
        op.drop_constraint(f"pk_{table}", table, type_="primary")
        op.create_primary_key(f"pk_{table}", table, ["id", "customer_id"])
        op.drop_index(f"ix_{table}_id", table)
    op.drop_constraint("pk_task_changes", "task_changes", type_="primary")
    op.create_primary_key("pk_task_changes", "task_changes", ["customer_id", "task_id", "id"])
    op.drop_index("ix_task_changes_task", "task_changes")
    op.execute("DROP INDEX uq_messages_resends")
    op.execute(f"{RESENDS} WHERE resends_id IS NOT NULL")
    _create_below()
    for child, keys in CHILDREN.items():
        op.execute(_checks(child, keys))
    for parent in NEW_PARENTS:
        op.execute(_stays(parent))
    op.execute(FOLLOW)


def downgrade() -> None:
    op.execute("DROP FUNCTION task_changes_follow() CASCADE")
    for parent in NEW_PARENTS:
        for what in ("stays", "keeps_its_key", "is_not_emptied"):
            op.execute(f"DROP TRIGGER {parent}_{what} ON {parent}")
    for child in CHILDREN:
        op.execute(f"DROP FUNCTION {child}_have_parents() CASCADE")
        op.execute(f"DROP FUNCTION {child}_has_parents() CASCADE")
    _drop_below()
    op.execute("DROP INDEX uq_messages_resends")
    op.execute(RESENDS)
    op.drop_constraint("pk_task_changes", "task_changes", type_="primary")
    op.create_primary_key("pk_task_changes", "task_changes", ["customer_id", "id"])
    op.create_index("ix_task_changes_task", "task_changes", ["customer_id", "task_id", "id"])
    for table in BY_NUMBER:
        op.drop_constraint(f"pk_{table}", table, type_="primary")
        op.create_primary_key(f"pk_{table}", table, ["customer_id", "id"])
        op.create_index(f"ix_{table}_id", table, ["id"])
    _create_below()
    for child, keys in CHILDREN.items():
        for key in keys:
            follows = "CASCADE" if key is CHANGES else None
            op.create_foreign_key(
                _name(child, key), child, key.parent, list(key.columns), list(key.keys), onupdate=follows
            )


def _drop_below() -> None:
    for table, (_, column, _) in BELOW.items():
        op.drop_constraint(f"fk_{table}_customer_id_{column}", table, type_="foreignkey")


def _create_below() -> None:
    for table, (parent, column, onupdate) in BELOW.items():
        op.create_foreign_key(
            f"fk_{table}_customer_id_{column}",
            table,
            parent,
            ["customer_id", column],
            ["customer_id", "id"],
            onupdate=onupdate,
        )


def _name(child: str, key: Key) -> str:
    return f"fk_{child}_{'_'.join(key.columns)}"


def _missing(key: Key, row: str) -> str:
    """Return the condition under which a row has no parent; a column without a value asks for none.

    OFFSET 0 keeps it a look by the parent's key, whatever number of rows it was planned for.
    """
    given = " AND ".join(f"{row}.{column} IS NOT NULL" for column in key.columns)
    same = " AND ".join(f"p.{own} = {row}.{column}" for own, column in zip(key.keys, key.columns, strict=True))
    return f"({given} AND NOT EXISTS (SELECT FROM {key.parent} AS p WHERE {same} OFFSET 0))"


def _raised(child: str, key: Key) -> str:
    name = _name(child, key)
    return f"""RAISE foreign_key_violation USING TABLE = '{child}', CONSTRAINT = '{name}', MESSAGE =
        'a row of {child} names none of {key.parent}: it violates foreign key constraint "{name}"';"""


def _checks(child: str, keys: tuple[Key, ...]) -> str:
    columns = sorted({column for key in keys for column in key.columns})
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    by_set = "\n".join(
        f"IF EXISTS (SELECT FROM added AS a WHERE {_missing(key, 'a')}) THEN {_raised(child, key)} END IF;"
        for key in keys
    )
    by_row = "\n".join(f"IF {_missing(key, 'NEW')} THEN {_raised(child, key)} END IF;" for key in keys)
    return f"""
        CREATE FUNCTION {child}_have_parents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM added AS a WHERE {" OR ".join(_missing(key, "a") for key in keys)}) THEN
                {by_set}
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER {child}_have_parents AFTER INSERT ON {child} REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION {child}_have_parents();
        CREATE FUNCTION {child}_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {by_row}
            RETURN NULL;
        END $$;
        CREATE TRIGGER {child}_has_parents AFTER UPDATE OF {", ".join(columns)} ON {child}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {child}_has_parents();
    """


def _stays(parent: str) -> str:
    return f"""
        CREATE TRIGGER {parent}_stays BEFORE DELETE ON {parent}
            FOR EACH ROW EXECUTE FUNCTION refuse_parent_change();
        CREATE TRIGGER {parent}_keeps_its_key BEFORE UPDATE OF id ON {parent}
            FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION refuse_parent_change();
        CREATE TRIGGER {parent}_is_not_emptied BEFORE TRUNCATE ON {parent}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_parent_change();
    """
