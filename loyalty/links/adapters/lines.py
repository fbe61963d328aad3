"""One connection to a core database, on which every question has an end and every fault a sentence."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from loyalty.links.rules import CoreAway, ViewMissing

LONGEST_REASON = 200

# No such schema, table or column, no right to read it: of PostgreSQL (by state), MySQL and MariaDB (by number).
REFUSED_STATES = frozenset({"42P01", "42703", "42501", "3F000"})
REFUSED_NUMBERS = frozenset({1142, 1143, 1146, 1054, 1356})

Answer = tuple[tuple[str, ...], list[Any]]
"""The names of the columns, and the rows."""


class Line:
    """Asks one statement at a time; a server that says nothing for `seconds` is hung up on."""

    def __init__(self, connection: Connection, address: URL, view: str, seconds: float) -> None:
        self._connection, self._address, self._view, self._seconds = connection, address, view, seconds
        driver: Any = connection.connection.driver_connection
        # Drivers without a socket of their own to show have an end for each call themselves.
        self._socket: int | None = driver.fileno() if hasattr(driver, "fileno") else None

    def ask(self, statement: Any) -> Answer:
        """Return what the database answers; refused CoreAway, ViewMissing."""
        with told(self._address, self._view), self._watched():
            answer = self._connection.execute(statement)
            return tuple(answer.keys()), list(answer.all())

    @contextmanager
    def _watched(self) -> Iterator[None]:
        timer = threading.Timer(self._seconds, self._hang_up)
        timer.daemon = True
        if self._socket is not None:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        if self._socket is not None:
            with suppress(OSError, ValueError), socket.socket(fileno=os.dup(self._socket)) as line:
                line.shutdown(socket.SHUT_RDWR)


@contextmanager
def told(address: URL, view: str) -> Iterator[None]:
    """Tell what the driver says as a refusal, without the password that it may repeat."""
    try:
        yield
    except DBAPIError as error:
        reason = _reason(_words(error), address)
        if _about_the_view(error):
            raise ViewMissing(view=view, reason=reason) from error
        raise CoreAway(reason=reason) from error
    except (SQLAlchemyError, OSError) as error:
        raise CoreAway(reason=_reason(str(error), address)) from error


def _about_the_view(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return state in REFUSED_STATES or (isinstance(number, int) and number in REFUSED_NUMBERS)


def _words(error: DBAPIError) -> str:
    """Return what the driver says, without the number that some put before it."""
    told = error.orig.args if error.orig is not None else ()
    return str(told[1]) if len(told) > 1 and isinstance(told[0], int) else str(error.orig)


def _reason(words: str, address: URL) -> str:
    line = " ".join(words.split())
    if address.password:
        line = line.replace(str(address.password), "***")
    return line[:LONGEST_REASON]
