"""W7: lists and search for staff, beside a bare view with one SELECT, and as the group grows."""

import http.cookiejar
import random
import re
import urllib.parse
import urllib.request
from collections.abc import Sequence
from datetime import datetime

import psycopg

from loyalty.kernel.actor import SYSTEM
from loyalty.staff.service import assign, create_account, create_api_client
from tests.bench import files, product
from tests.bench.history import SEED
from tests.bench.load import Make, request
from tests.bench.machine import Machine
from tests.bench.pieces import Side, measured

USER, PASSWORD = "bench.agent", "Quiet-Harbour-51-Lantern"
ROWS = b"50"
LIST = "/api/v1/customers?limit=50"
PAGE = "/staff/customers"
PROGRAMS = 20  # one may ask a hundred times a second


def agent(machine: Machine, now: datetime) -> None:
    """Make an account that may look at customers."""
    with product.application(machine):
        account = create_account(username=USER, name="Bench", password=PASSWORD, now=now, by=SYSTEM)
        assign(account, "care_agent", store_id=None, from_day=now.date(), to_day=None, now=now, by=SYSTEM)


def programs(machine: Machine, now: datetime) -> list[str]:
    """Make as many programs as the limit of searches asks for, and return their tokens."""
    with product.application(machine):
        names = [f"bench list {number} of {now.isoformat()}" for number in range(PROGRAMS)]
        made = [create_api_client(name=name, permissions=("customers.read",), now=now, by=SYSTEM) for name in names]
        return [token for _, token in made]


def cookie(port: int) -> str:
    """Sign in and return the cookie of the session."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://127.0.0.1:{port}/staff/login"
    page = browser.open(base).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    body = urllib.parse.urlencode({"csrf_token": token, "username": USER, "password": PASSWORD}).encode()
    browser.open(base, body).read()
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def words(machine: Machine) -> dict[str, list[str]]:
    """Return what is searched for: tails of phones, plates' cousins the VINs, surnames and names of two characters."""
    dice = random.Random(SEED)
    with psycopg.connect(machine.plain_product_url) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM customers WHERE name IS NOT NULL LIMIT 500")]
        members = connection.execute("SELECT count(*) FROM members").fetchone()[0]
    return {
        "phone": [f"13{dice.randrange(members):09}" for _ in range(50)],
        "tail of a phone": [f"{dice.randrange(members) % 10_000:04}" for _ in range(50)],
        "end of a VIN": [f"{dice.randrange(members) % 1_000_000:06}" for _ in range(50)],
        "surname": list(files.FAMILY),
        "name of two": [dice.choice(names)[1:3] for _ in range(50)],
    }


def searches(side: Side, asked: Sequence[str], tokens: Sequence[str] = ()) -> Make:
    """Each request a search for one of the words, by one of the programs."""
    paths = [f"/api/v1/customers?limit=20&q={urllib.parse.quote(word)}" for word in asked]
    sent = [request("GET", path, token) for path in paths for token in tokens or (side.token,)]
    dice = random.Random(SEED)
    return lambda _client, _n: sent[dice.randrange(len(sent))]


def rows(side: Side, tokens: Sequence[str] = ()) -> Make:
    """Each request the first fifty customers as JSON, by one of the programs."""
    sent = [request("GET", LIST, token) for token in tokens or (side.token,)]
    dice = random.Random(SEED)
    return lambda _client, _n: sent[dice.randrange(len(sent))]


def pages(session: str) -> Make:
    """Each request the list of customers as a page."""
    sent = f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {session}\r\n\r\n".encode()
    return lambda _client, _n: sent


def found(status: int, body: bytes) -> bool:
    """Return whether customers came."""
    return status == 200 and b'"items"' in body


def shown(status: int, body: bytes) -> bool:
    """Return whether the page came, and not the form to sign in."""
    return status == 200 and b"data-rows" in body


def listed(status: int, body: bytes) -> bool:
    """Return whether customers came in either form."""
    return found(status, body) or shown(status, body)


def slowest(side: Side, asked: dict[str, list[str]], tokens: Sequence[str], seconds: float) -> dict[str, float]:
    """Return the p95 in milliseconds of each kind of search."""
    return {
        kind: measured(side, searches(side, some, tokens), found, seconds=seconds).rate.percentile(0.95)
        for kind, some in asked.items()
    }
