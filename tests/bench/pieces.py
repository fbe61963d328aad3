"""The pieces of work that are asked for by HTTP: who is asked for what, and what a good answer is."""

import json
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from tests.bench import history
from tests.bench.load import Good, Make, Rate, drive, request
from tests.bench.machine import PORTS, Meter

HUNDRED = 100


@dataclass(frozen=True)
class Side:
    """One of the web servers: its port, its token, the process whose CPU counts, and PostgreSQL's."""

    name: str
    token: str
    pid: int
    postgres: int

    @property
    def port(self) -> int:
        """Where it answers."""
        return PORTS[self.name]


@dataclass(frozen=True)
class Round:
    """What one round saw: the rate, and CPU per answer in milliseconds, of the web server and of PostgreSQL."""

    rate: Rate
    web_ms: float
    postgres_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU per answer in milliseconds."""
        return self.web_ms + self.postgres_ms


def measured(side: Side, make: Make, good: Good, *, seconds: float) -> Round:
    """Drive one side and return what it cost; an error in any answer ends the run."""
    web, postgres = Meter(side.pid), Meter(side.postgres)
    rate = drive(side.port, make, good, seconds=seconds)
    if rate.errors:
        raise SystemExit(f"{side.name} answered with an error: {rate.errors[0]}")
    if not rate.done:
        raise SystemExit(f"{side.name} answered nothing")
    return Round(rate, 1000 * web.seconds() / rate.done, 1000 * postgres.seconds() / rate.done)


class Sales:
    """Makes sales of today under numbers that nobody has used yet."""

    def __init__(self, members: int, now: datetime, prefix: str = "W") -> None:
        self._members = members
        self._prefix = prefix
        self._at = now.isoformat(timespec="seconds")
        self._numbers = count()
        self._dice = random.Random(history.SEED)
        self._lock = threading.Lock()

    def one(self, member: int | None = None) -> bytes:
        """Return the body of a new sale, of this member or of any."""
        return json.dumps(self._new(member)).encode()

    def batch(self) -> bytes:
        """Return the body of a hundred new sales of any members."""
        return json.dumps({"sales": [self._new(None) for _ in range(HUNDRED)]}).encode()

    def _new(self, member: int | None) -> dict:
        with self._lock:
            number = next(self._numbers)
            chosen = self._dice.randrange(self._members) if member is None else member
            net = self._dice.randrange(*history.TICKET)
        return history.sale(chosen, f"{self._prefix}{number:08}", self._at, net)


def created(status: int, body: bytes) -> bool:
    """Return whether a sale was recorded."""
    return status in {200, 201} and b'"created"' in body


def accepted(status: int, _body: bytes) -> bool:
    """Return whether it was taken, now or before."""
    return status in {200, 201}


def all_created(status: int, body: bytes) -> bool:
    """Return whether all hundred were."""
    return status == 200 and body.count(b'"created"') >= HUNDRED


def answered(status: int, body: bytes) -> bool:
    """Return whether the points of a member came."""
    return status == 200 and b'"movements"' in body


def spread(side: Side, sales: Sales) -> Make:
    """Each request a new sale of any member."""
    return lambda _client, _n: request("POST", "/api/v1/sales", side.token, sales.one())


def hot(side: Side, sales: Sales) -> Make:
    """All clients sell to one member."""
    return lambda _client, _n: request("POST", "/api/v1/sales", side.token, sales.one(0))


def repeated(side: Side, sales: Sales) -> Make:
    """Each client sends one sale again and again."""
    bodies = [request("POST", "/api/v1/sales", side.token, sales.one()) for _ in range(64)]
    return lambda client, _n: bodies[client]


def hundreds(side: Side, sales: Sales) -> Make:
    """Each request a hundred new sales."""
    return lambda _client, _n: request("POST", "/api/v1/sales:batch", side.token, sales.batch())


def points(side: Side, numbers: Sequence[str]) -> Make:
    """Each request the points of one of these members."""
    asked = [request("GET", f"/api/v1/members/{number}/points", side.token) for number in numbers]
    dice = random.Random(history.SEED)
    return lambda _client, _n: asked[dice.randrange(len(asked))]
