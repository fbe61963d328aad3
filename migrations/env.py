"""How Alembic meets our database: all or nothing in one transaction, and never two at once."""

import os

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, ForeignKeyConstraint, create_engine, pool, text
from sqlalchemy.types import TypeDecorator

import loyalty.kernel.schedule
import loyalty.wiring  # noqa: F401 - brings every feature's tables
from loyalty.kernel.db import checked_by_set, db

LOCK = 7_215_001  # any number, the same for all: whoever migrates holds it until the end of its transaction


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Write our own column types as what the database stores, so that old migrations need no code of today."""
    del autogen
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def include_object(item: object, *_more: object) -> bool:
    """Leave out what the models say and a trigger holds: see `BY_SET`."""
    return not (isinstance(item, ForeignKeyConstraint) and checked_by_set(item))


def migrate() -> None:
    """Run the migrations over the given connection, or over one of our own."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.config.attributes.get("database_url") or os.environ["LOYALTY_DATABASE_URL"]
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _run(connection)
        connection.commit()


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        include_object=include_object,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


migrate()
