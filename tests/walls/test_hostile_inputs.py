"""What sqlmap, wapiti and the like send, into every field of every form and operation: nothing breaks, leaks or runs.

The fields are found (see tests/walls/fields.py): of addresses, of the OpenAPI document, of forms and links on pages.
A short round in CI sends each field one payload in turn; LOYALTY_HYPOTHESIS=long sends all of them.
"""

import os
import re
import time
from itertools import cycle

import pytest

from tests.walls.fields import Field, Forms, all_fields
from tests.walls.table import TABLE

LONG = os.environ.get("LOYALTY_HYPOTHESIS") == "long"
MARK = "zq7x"
SLEEP = 5
TRIES = 4
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
MARKUP = tuple(payload for payload in PAYLOADS if MARK in payload and "<" in payload)
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


@pytest.fixture(scope="module")
def strongest(world):
    """Return who may do most on a part of the site."""
    named = {one.name: one for one in world.askers}

    def of(path, row):
        if path.startswith("/api/"):
            return named["program of all stores"]
        if path.startswith("/my"):
            return named["owner"]
        manager, administrator = named["manager of all stores"], named["administrator of all stores"]
        return manager if manager.may(row) else administrator

    return of


@pytest.fixture(scope="module")
def fields(world, strongest):
    """Every field of every route."""
    return all_fields(world, strongest)


def hurl(walls, key, asker, field, payload):
    """Send the request of a row with the payload in one field; return the answer."""
    row = TABLE[key]
    good = row.body(walls.world.things[row.of or "nothing"]["own"])
    if field.where == "path":
        return walls.ask(key, row, asker, named={field.way[0]: payload})
    if field.where == "query":
        return walls.ask(key, row, asker, query={field.way[0]: payload})
    return walls.ask(key, row, asker, body=field.put(good, payload))


def attack(walls, asker, key, field, payload):
    """Send a payload into a field; return what went wrong."""
    took = 0.0
    for _ in range(TRIES):  # a busy machine is slow now and then; a payload that ran sleeps each time
        begun = time.monotonic()
        answer = hurl(walls, key, asker, field, payload)
        took = time.monotonic() - begun
        if took < SLEEP:
            break
    return wrong_with(answer, took)


@pytest.mark.timeout(14_400 if LONG else 600)
@pytest.mark.parametrize("part", ["/api/v1/", "/staff", "/my", "/"])
def test_no_field_of_any_route_lets_a_payload_through(walls, strongest, fields, valkey, figure, part):
    turn, sent, wrong = cycle(PAYLOADS), 0, {}
    keys = [key for key in sorted(TABLE) if part_of(key) == part]
    for key in keys:
        valkey.flushdb()  # so that no limit turns a payload away before its view
        asker = strongest(key.split(" ")[1], TABLE[key])
        for field in fields[key]:
            for payload in PAYLOADS if LONG else [next(turn)]:
                sent += 1
                found = attack(walls, asker, key, field, payload)
                if found:
                    wrong.setdefault(key, []).append((field, payload[:40], found))

    count = sum(len(fields[key]) for key in keys)
    figure(f"payloads into {part}", f"fields of {len(keys)} routes", count)
    figure(f"payloads into {part}", f"of {sent:,} broke, leaked or ran", sum(map(len, wrong.values())), 0)
    assert wrong == {}


def part_of(key):
    """The part of the site that a route belongs to."""
    path = key.split(" ")[1]
    return next((part for part in ("/api/v1/", "/staff", "/my") if path.startswith(part)), "/")


def test_a_field_of_a_new_page_is_found_where_its_form_is(walls):
    forms = Forms()

    forms.read(
        "/staff/new",
        """<form method="post" action="/staff/other"><input name="a"><select name="b"></select></form>
        <input name="outside"><a href="?sort=name">Name</a><a href="/my/points?page=2">Next</a>""",
    )

    assert forms.found == {
        ("POST", "/staff/other"): {"a", "b"},
        ("GET", "/staff/new"): {"sort"},
        ("GET", "/my/points"): {"page"},
    }


def test_every_page_and_operation_that_takes_something_has_its_fields(walls, fields):
    taking = {key for key, found in fields.items() if found}

    assert {Field("body", ("lines", 0, "gross", "minor")), Field("body", ("customer", "phone"))} <= set(
        fields["POST /api/v1/sales"]
    )
    assert Field("query", ("limit",)) in fields["GET /api/v1/sales"]
    assert Field("path", ("vin",)) in fields["GET /api/v1/vehicles/<vin>"]
    assert {"POST /staff/customers/new", "GET /staff/customers", "POST /my/login"} <= taking


@pytest.mark.timeout(14_400 if LONG else 600)
@pytest.mark.parametrize("payload", MARKUP if LONG else MARKUP[:1])
def test_markup_that_was_stored_is_shown_as_text_on_every_page(walls, strongest, fields, valkey, figure, payload):
    """What one request stored, the lists and pages of the same part of the world show afterwards."""
    stored, wrong = 0, {}
    for key in sorted(TABLE):
        valkey.flushdb()
        row = TABLE[key]
        bodies = [field for field in fields[key] if field.where == "body"] if not key.startswith("GET ") else []
        bodies = bodies if LONG else bodies[:1]
        asker = strongest(key.split(" ")[1], row)
        for field in bodies:
            with walls.taken_back():
                if hurl(walls, key, asker, field, payload).status_code >= 400:
                    continue
                stored += 1
                shown = shown_afterwards(walls, strongest, row)
            if shown:
                wrong.setdefault(key, []).append((field, shown))

    figure("markup that was stored", f"requests with {payload[:20]}", stored)
    figure("markup that was stored", "shown as markup", sum(map(len, wrong.values())), 0)
    assert stored > (300 if LONG else 20)
    assert wrong == {}


def shown_afterwards(walls, strongest, changed):
    """What the pages about the same thing show as markup; a long run reads every list too."""
    told = []
    for key, row in TABLE.items():
        method, path = key.split(" #")[0].split(" ")
        about = row.of is not None and row.of == changed.of
        if method == "GET" and "/api/" not in path and (about or (LONG and row.lists)):
            told += wrong_with(walls.ask(key, row, strongest(path, row)), 0)
    return told


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
