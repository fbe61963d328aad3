"""Check the foreign keys of the tables that a sale fills for all rows of a statement at once.

PostgreSQL checks a foreign key row by row, with a statement and a lock on the parent for each: a quarter of the work of
an import, and one row of `stores` and of `policy_versions` locked by all requests at the same time. The parents of
these keys are never deleted and keep their keys, so a look by set at the end of the statement says as much without a
lock.

Revision: 0028_keys_by_set, after 0027_outbox.
"""

from typing import NamedTuple

from alembic import op

revision = "0028_keys_by_set"
down_revision = "0027_outbox"
branch_labels = None
depends_on = None


class Key(NamedTuple):
    """A foreign key: `columns` of the child name `keys` of the parent."""

    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...] = ("id",)


def _of_customer(column: str, parent: str) -> Key:
    return Key(("customer_id", column), parent, ("customer_id", "id"))


CUSTOMER = Key(("customer_id",), "customers")
STORE = Key(("store_id",), "stores")
VERSION = Key(("policy_version_id",), "policy_versions")
ACCOUNT = _of_customer("account_id", "points_accounts")
TRANSACTION = _of_customer("transaction_id", "ledger_transactions")
SALE = _of_customer("sale_id", "sales")
STANDING = Key(("customer_id",), "tier_standings", ("customer_id",))

CHILDREN = {
    "customers": (Key(("home_store_id",), "stores"),),
    "external_numbers": (CUSTOMER,),
    "identifiers": (CUSTOMER,),
    "search_keys": (CUSTOMER,),
    "timeline_rows": (CUSTOMER,),
    "ownerships": (Key(("holder_id",), "customers"), Key(("vehicle_id",), "vehicles")),
    "sales": (CUSTOMER, STORE, Key(("vehicle_id",), "vehicles")),
    "sale_lines": (SALE,),
    "sale_answers": (SALE,),
    "points_accounts": (CUSTOMER,),
    "ledger_transactions": (
        ACCOUNT,
        STORE,
        VERSION,
        _of_customer("about_id", "ledger_transactions"),
        _of_customer("reverses_id", "ledger_transactions"),
    ),
    "ledger_postings": (TRANSACTION,),
    "points_lots": (ACCOUNT, TRANSACTION),
    "ledger_allocations": (
        Key(
            ("customer_id", "transaction_id", "number"), "ledger_postings", ("customer_id", "transaction_id", "number")
        ),
        _of_customer("lot_id", "points_lots"),
    ),
    "award_lines": (SALE, VERSION),
    "tier_standings": (CUSTOMER,),
    "tier_days": (CUSTOMER,),
    "level_changes": (STANDING,),
    "tier_evaluations": (STANDING, VERSION),
    "members": (CUSTOMER, STORE),
}
KEPT_ALREADY = {"ledger_transactions", "ledger_postings"}  # append-only
PARENTS = {key.parent: key.keys for keys in CHILDREN.values() for key in keys if key.parent not in KEPT_ALREADY}

STAYS = """
    CREATE FUNCTION refuse_parent_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE foreign_key_violation USING TABLE = TG_TABLE_NAME,
            MESSAGE = format('%s stays as it is, since other rows name it: %s is refused', TG_TABLE_NAME, TG_OP);
    END $$;
"""


def upgrade() -> None:
    for child, keys in CHILDREN.items():
        for key in keys:
            op.drop_constraint(_name(child, key), child, type_="foreignkey")
        op.execute(_checks(child, keys))
    op.execute(STAYS)
    for parent, keys in PARENTS.items():
        op.execute(_stays(parent, keys))
    op.execute(WITH_POSTINGS)


def downgrade() -> None:
    op.execute(POSTINGS_LATER)
    for parent in PARENTS:
        for what in ("stays", "keeps_its_key", "is_not_emptied"):
            op.execute(f"DROP TRIGGER {parent}_{what} ON {parent}")
    op.execute("DROP FUNCTION refuse_parent_change()")
    for child, keys in CHILDREN.items():
        op.execute(f"DROP FUNCTION {child}_have_parents() CASCADE")
        op.execute(f"DROP FUNCTION {child}_has_parents() CASCADE")
        for key in keys:
            op.create_foreign_key(_name(child, key), child, key.parent, list(key.columns), list(key.keys))


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


def _stays(parent: str, keys: tuple[str, ...]) -> str:
    changed = " OR ".join(f"OLD.{key} IS DISTINCT FROM NEW.{key}" for key in keys)
    return f"""
        CREATE TRIGGER {parent}_stays BEFORE DELETE ON {parent}
            FOR EACH ROW EXECUTE FUNCTION refuse_parent_change();
        CREATE TRIGGER {parent}_keeps_its_key BEFORE UPDATE OF {", ".join(keys)} ON {parent}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_parent_change();
        CREATE TRIGGER {parent}_is_not_emptied BEFORE TRUNCATE ON {parent}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_parent_change();
    """


# Whatever books writes a transaction and its postings by one statement, so at its end both can be looked at by set.
WITH_POSTINGS = """
    DROP TRIGGER ledger_transactions_sum ON ledger_transactions;
    DROP FUNCTION ledger_check_transaction();
    CREATE FUNCTION ledger_check_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE uneven record;
    BEGIN
        SELECT a.customer_id, a.id INTO uneven FROM added AS a
        WHERE (SELECT count(*) < 2 OR sum(p.points) <> 0 FROM ledger_postings AS p
               WHERE p.customer_id = a.customer_id AND p.transaction_id = a.id) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'transaction % of customer % does not sum to 0', uneven.id, uneven.customer_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER ledger_transactions_sum AFTER INSERT ON ledger_transactions REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transactions();
"""
POSTINGS_LATER = """
    DROP TRIGGER ledger_transactions_sum ON ledger_transactions;
    DROP FUNCTION ledger_check_transactions();
    CREATE FUNCTION ledger_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) < 2 OR sum(p.points) <> 0 FROM ledger_postings p
            WHERE p.customer_id = NEW.customer_id AND p.transaction_id = NEW.id) THEN
            RAISE EXCEPTION 'transaction % of customer % does not sum to 0', NEW.id, NEW.customer_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER ledger_transactions_sum AFTER INSERT ON ledger_transactions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transaction();
"""
