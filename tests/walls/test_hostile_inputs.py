"""What sqlmap, wapiti and the like send, into every field of every form and operation: nothing breaks, leaks or runs.

The fields are those of the walls table (what each route is sent, by name), of the forms on the pages, and of the query.
A short round in CI sends each field one payload in turn; LOYALTY_HYPOTHESIS=long sends all of them.
"""

import os
import re
import time
from itertools import cycle

import pytest

from tests.walls.table import TABLE

LONG = os.environ.get("LOYALTY_HYPOTHESIS") == "long"
MARK = "zq7x"
SLEEP = 5
PAYLOADS = (
    "' OR '1'='1",
    f"'; SELECT pg_sleep({SLEEP}); --",
    f"1 AND 1=(SELECT 1 FROM pg_sleep({SLEEP}))",  # noqa: S608 - sent to be refused
    f"1) UNION SELECT NULL, current_setting('{MARK}')--",
    "\\'; DROP TABLE customers; --",
    f"<script>{MARK}(1)</script>",
    f'"><img src=x onerror={MARK}(1)>',
    f"javascript:{MARK}(1)",
    f"{{{{7*191}}}}{MARK}",
    f"${{7*191}}{MARK}",
    f"{{{MARK}.__class__}}",
    f"%({MARK})s %s %d",
    f"a\r\nX-{MARK}: 1",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "file:///etc/passwd",
    "-1",
    "99999999999999999999999999",
    "١٢٣",
    "\u202e\u0000",
    "[]",
    "a" * 5_000,
)
NAMES = re.compile(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"')
TOLD = (f"<script>{MARK}", f"<img src=x onerror={MARK}", f'href="javascript:{MARK}', f"1337{MARK}")


def wrong_with(answer, took):
    """What an answer to a hostile input gives away."""
    text = answer.get_data().decode(errors="replace")
    page = answer.mimetype == "text/html"  # JSON may repeat what was sent: nosniff, and no browser runs it
    told = [part for part in TOLD if page and part in text] + re.findall(r"root:x:0:0", text)
    told += [] if answer.status_code < 500 else [f"status {answer.status_code}"]
    told += [name for name, _ in answer.headers if MARK in name.lower()]
    told += ["it slept"] if took >= SLEEP else []
    return told + re.findall(r"psycopg|sqlalchemy|Traceback|syntax error at or near", text)


def fields_of(walls, key, row, asker):
    """The fields that a route takes: what the table sends, and what the form on its page has."""
    names = set(row.body(walls.world.things[row.of or "nothing"]["own"]))
    form = key.replace("POST ", "GET ", 1)
    if form in TABLE and not key.split(" ")[1].startswith("/api/"):
        names |= set(NAMES.findall(walls.ask(form, TABLE[form], asker).get_data().decode(errors="replace")))
    return sorted(names - {"csrf_token"})


def with_payload(value, payload):
    """The value with the payload in it, wherever it has texts."""
    if isinstance(value, dict):
        return {name: with_payload(one, payload) for name, one in value.items()}
    return [with_payload(one, payload) for one in value] if isinstance(value, list) else payload


@pytest.fixture
def strongest(walls):
    """Return who may do most on a part of the site."""
    named = {one.name: one for one in walls.askers}

    def of(path, row):
        if path.startswith("/api/"):
            return named["program of all stores"]
        if path.startswith("/my"):
            return named["owner"]
        manager, administrator = named["manager of all stores"], named["administrator of all stores"]
        return manager if manager.may(row) else administrator

    return of


def attack(walls, strongest, key, payloads):
    """Send payloads into each field of a route, alone, and return what went wrong."""
    row, path = TABLE[key], key.split(" ")[1]
    asker = strongest(path, row)
    good = row.body(walls.world.things[row.of or "nothing"]["own"])
    wrong = []
    for name in fields_of(walls, key, row, asker) or ["q", "cursor", "next", "store", "as_of"]:
        for payload in payloads() if LONG else [next(payloads)]:
            sent = {**good, name: with_payload(good.get(name), payload)}
            begun = time.monotonic()
            answer = walls.ask(key, row, asker, body=sent, query={name: payload} if key.startswith("GET ") else None)
            wrong += [(name, payload[:40], told) for told in wrong_with(answer, time.monotonic() - begun)]
    return wrong


@pytest.mark.timeout(3_600 if LONG else 300)
@pytest.mark.parametrize("part", ["/api/v1/", "/staff/", "/my/"])
def test_no_field_of_any_route_lets_a_payload_through(walls, strongest, valkey, part):
    payloads = (lambda: PAYLOADS) if LONG else cycle(PAYLOADS)
    wrong = {}
    for key in sorted(TABLE):
        if key.split(" ")[1].startswith(part):
            valkey.flushdb()  # so that no limit turns a payload away before its view
            found = attack(walls, strongest, key, payloads)
            if found:
                wrong[key] = found

    assert wrong == {}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_part_of_an_address_lets_a_payload_through(walls, payload):
    client = walls.app.test_client()
    for path in ("/staff/members/{}", "/api/v1/sales/core/{}", "/api/v1/vehicles/{}", "/my/{}", "/static/x/{}", "/{}"):
        begun = time.monotonic()
        answer = client.get(path.format(payload.replace("?", "")), buffered=True)
        assert wrong_with(answer, time.monotonic() - begun) == [], path


@pytest.mark.parametrize(
    "name", ["Accept-Language", "User-Agent", "Cookie", "Authorization", "X-Forwarded-For", "Origin"]
)
def test_no_header_lets_a_payload_through(walls, name):
    for payload in PAYLOADS:
        value = payload.replace("\r\n", " ").replace("\u0000", "").encode().decode("latin-1")
        begun = time.monotonic()
        for path in ("/staff/login", "/api/v1/stores"):
            answer = walls.app.test_client().get(path, headers={name: value}, buffered=True)
            assert wrong_with(answer, time.monotonic() - begun) == [], (payload, path)


def test_an_answer_that_gives_something_away_is_found(walls):
    """The negative control: each kind of leak is told."""
    answer = walls.app.response_class(f"<script>{MARK}(1)</script> psycopg.errors", 500, {f"X-{MARK}": "1"})
    assert answer.mimetype == "text/html"

    assert wrong_with(answer, SLEEP) == [f"<script>{MARK}", "status 500", f"X-{MARK}", "it slept", "psycopg"]
