"""One world for all tests of a file, seeded once; each request works in a savepoint that is taken back."""

import re
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from loyalty.kernel.db import db
from tests.fixtures.application import START, swapped_engine
from tests.walls.actors import Asker, program_of, program_without, seed_askers
from tests.walls.row import Row
from tests.walls.world import World, seed

PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


# A savepoint stays when it is rolled back to: unreleased, each request would stand inside all before it, and after some
# thousand of them PostgreSQL has no memory left for their locks.
_BEGIN, _TAKE_BACK, _END = map(text, ("SAVEPOINT asked", "ROLLBACK TO SAVEPOINT asked", "RELEASE SAVEPOINT asked"))


@dataclass(slots=True)
class Walls:
    """The seeded product and whoever can ask it."""

    app: Any
    connection: Any
    world: World
    askers: Sequence[Asker]
    program_without: Any
    program_of: Any
    within: bool = False  # something that will be taken back

    def ask(
        self,
        key: str,
        row: Row,
        asker: Asker,
        which: str = "own",
        *,
        body: Any = None,
        query: Any = None,
        named: Mapping[str, str] = MappingProxyType({}),
        headers: Mapping[str, str] = MappingProxyType({}),
    ):
        """Send the request of a row to that target, or with another body or query; nothing of it stays.

        What `named` has stands in the address instead of what the target has; a body that is a text goes out as it is.
        """
        method, path = key.split(" #", maxsplit=1)[0].split(" ")
        target = self.world.things[row.of or "nothing"][which]
        if row.query and query is None:
            path += "?" + row.query
        path = PARAMETER.sub(lambda found: quote(str({**target, **named}[found[1]])), path)
        body = row.body(target) if body is None else body
        json = path.startswith("/api/") and not isinstance(body, str)
        sent = {} if method == "GET" else {"json": body} if json else {"data": body}
        more = sent if query is None else {**sent, "query_string": query}
        return self.send(asker, path=path, method=method, headers={**asker.headers(), **headers}, **more)

    def send(self, asker: Asker, **request: Any):
        """Send a request, in the words of werkzeug's client; nothing of it stays."""
        client = self.app.test_client()
        if asker.cookie:
            client.set_cookie("loyalty-owner" if asker.kind == "owner" else "loyalty-staff", asker.cookie)
        with self.taken_back():
            return client.open(buffered=True, **request)

    @contextmanager
    def taken_back(self):
        """What is written meanwhile is seen meanwhile; at the end of the outermost it is taken back."""
        outermost, self.within = not self.within, True
        if outermost:
            self.connection.execute(_BEGIN)
        try:
            yield
        finally:
            db.session.remove()
            if outermost:
                self.within = False
                self.connection.execute(_TAKE_BACK)
                self.connection.execute(_END)


@contextmanager
def seeded(app, test_clock):
    """Give the seeded product; forms need no token, since that wall has tests of its own."""
    test_clock.set(START)
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.config, "WTF_CSRF_ENABLED", False)
        with db.engine.connect() as connection:
            connection.begin()
            # This transaction stands open for as long as a request is thought out.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.begin_nested()
            with swapped_engine(app, connection):
                settings = app.extensions["loyalty.settings"]
                made = seed(START, settings.data_dir)
                askers = seed_askers(made.stores["own"], made.customers["own"], START)
                programs = {}

                def made_by(make):
                    def one(word):
                        if (make, word) not in programs:
                            programs[make, word] = make(word, made.stores["own"], START)
                            db.session.commit()
                        return programs[make, word]

                    return one

                db.session.commit()
                yield Walls(app, connection, made, askers, made_by(program_without), made_by(program_of))
                db.session.remove()
            connection.get_transaction().rollback()


@pytest.fixture(scope="module")
def world(app, test_clock):
    """The seeded product."""
    with seeded(app, test_clock) as made:
        yield made


@pytest.fixture
def walls(world, clock, valkey):
    """The world, with the clock at its moment and no limit used up."""
    return world
