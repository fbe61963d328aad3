"""Any database that SQLAlchemy speaks with: one connection, read-only, and no call without an end.

A hanging server is the usual fault of a core system, so each of its kinds has its end: connecting, a statement that
takes too long (the server stops it), and a connection on which nothing comes any more (we hang up).
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from loyalty.kernel.errors import Malformed
from loyalty.links.adapters.lines import Line, told
from loyalty.links.adapters.views import SqlView
from loyalty.links.ports import CoreView
from loyalty.links.rules import Plan

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
PATIENCE_SECONDS = 15  # longer than the server's own end of a statement

# The driver by dialect where the address names none.
DRIVERS = {"postgresql": "psycopg", "postgres": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}


class SqlDatabases:
    """Opens views by SQLAlchemy; the seconds are set shorter by tests alone."""

    def __init__(
        self,
        *,
        connect: float = CONNECT_SECONDS,
        statement: float = STATEMENT_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._connect, self._statement, self._patience = connect, statement, patience

    @contextmanager
    def open(self, url: str, plan: Plan) -> Iterator[CoreView]:
        """Open the view of a plan; refused CoreAway, ViewMissing, ColumnsMissing, malformed an address of no driver."""
        address = _address(url)
        with told(address, plan.view):
            connection = self._engine(address).connect()
        with closing(connection):
            line = Line(connection, address, plan.view, self._statement + self._patience)
            with told(address, plan.view):
                for statement in self._preparation(connection):
                    connection.execute(text(statement))
            yield SqlView(line, plan)

    def _engine(self, address: URL) -> Engine:
        seconds = int(max(1, self._connect))
        options: Mapping[str, Any] = {}
        if address.drivername.endswith("+psycopg"):
            options = {"connect_timeout": seconds, "prepare_threshold": None, "application_name": "loyalty"}
        elif address.drivername.endswith("+pymysql"):
            wait = int(max(1, self._statement + self._patience))
            options = {"connect_timeout": seconds, "read_timeout": wait, "write_timeout": wait}
        try:
            # Each statement stands alone: no transaction of ours stays open in somebody else's database.
            return create_engine(
                address,
                poolclass=NullPool,
                connect_args=dict(options),
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
        except (ImportError, NoSuchModuleError) as error:
            raise Malformed({"url": ["The driver of this address is not installed."]}) from error

    def _preparation(self, connection: Connection) -> list[str]:
        """Return the statements that make a connection harmless: it can only read, and not for long."""
        seconds = int(max(1, self._statement))
        if connection.dialect.name == "postgresql":
            return [
                "SET default_transaction_read_only = on",
                f"SET statement_timeout = {seconds * 1000}",
                f"SET lock_timeout = {seconds * 1000}",
            ]
        if connection.dialect.name in {"mysql", "mariadb"}:
            maria = getattr(connection.dialect, "is_mariadb", False)
            limit = f"max_statement_time = {seconds}" if maria else f"max_execution_time = {seconds * 1000}"
            return ["SET SESSION TRANSACTION READ ONLY", f"SET SESSION {limit}"]
        return []


def _address(url: str) -> URL:
    """Return the address with its driver; malformed when it is none."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Malformed({"url": ["This is not the address of a database."]}) from error
    if address.drivername in DRIVERS:
        dialect = "postgresql" if address.drivername == "postgres" else address.drivername
        return address.set(drivername=f"{dialect}+{DRIVERS[address.drivername]}")
    return address
