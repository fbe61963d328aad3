"""The database's schema: brought up to date, and back."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def alembic_config(database_url: str) -> Config:
    """Return Alembic's configuration for one database."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to `revision`; a schema that is there already stays as it is."""
    command.upgrade(alembic_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the schema back to `revision`."""
    command.downgrade(alembic_config(database_url), revision)


def is_current(database_url: str) -> bool:
    """Return whether the schema is the one of this version."""
    heads = ScriptDirectory.from_config(alembic_config(database_url)).get_heads()
    engine = create_engine(database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(heads)
