"""Nobody reads or changes what lies outside their stores, and an owner only what is theirs.

Every route of the URL map × every role × one's own thing, a foreign one and one that is not there; see
tests/walls/table for how a route is given its row.
"""

import re
from io import BytesIO
from itertools import zip_longest
from json import dumps
from zipfile import ZipFile

import pytest

from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.sales.queries import reading as sales
from loyalty.staff.rules import ROLES
from loyalty.web.guards import OPEN, mark_of
from loyalty.wiring import LIBRARY_BLUEPRINTS
from tests.walls.row import OPEN as OPEN_ROW
from tests.walls.row import OWNER
from tests.walls.table import TABLE, web

VARYING = re.compile(
    r'name="csrf_token" value="[^"]+"|redemptions(?:/|%2F)[\w-]+|\b[A-Z0-9]{17}\b|\d+(?:,\d+)*'
    r"|NOWHERE|(?:EAST|WEST)\d|dms-of-\w+"
)


def routes(app):
    """The keys of the URL map: method and rule."""
    return {
        f"{method} {rule.rule}": rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule not in web.FILES
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def told_by(answer):
    """The text of an answer; JSON with its characters as they are, numbers without the spaces of people's cards."""
    if answer.mimetype.endswith("spreadsheetml.sheet"):
        with ZipFile(BytesIO(answer.data)) as book:
            return "".join(book.read(name).decode() for name in book.namelist()).replace(" ", "")
    text = dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.get_data(as_text=True)
    return text.replace(" ", "")


def shape(answer):
    """The answer without what names one thing or one request."""
    return answer.status_code, VARYING.sub("#", answer.get_data(as_text=True)), VARYING.sub("#", answer.location or "")


def differences(one, other):
    """What tells two answers apart, beside what names the thing."""
    (status, text, location), (other_status, other_text, other_location) = shape(one), shape(other)
    lines = zip_longest(text.split("\n"), other_text.split("\n"))
    apart = [pair for pair in lines if pair[0] != pair[1]]
    return apart + [pair for pair in ((status, other_status), (location, other_location)) if pair[0] != pair[1]]


def turned_away(answer, path):
    """Whether the answer is the one to somebody unknown: 401 for programs, the sign-in page for people."""
    if path.startswith("/api/"):
        return answer.status_code == 401
    return answer.status_code == 303 and "/login?next=" in answer.location


def without_row(keys):
    """The routes that no row of tests/walls/table tries; a new route is given one there."""
    return set(keys) - {key.split(" #")[0] for key in TABLE}


def test_every_route_has_a_row_and_every_row_a_route(app):
    assert without_row(routes(app)) == set(), "give each its row: see the top of tests/walls/table/__init__.py"
    assert {key.split(" #")[0] for key in TABLE} - set(routes(app)) == set()


def test_a_route_that_has_no_row_is_found(app):
    assert without_row([*routes(app), "GET /staff/secrets"]) == {"GET /staff/secrets"}


def test_every_row_asks_for_what_its_view_is_marked_with(app):
    endpoints = routes(app)
    wrong = {
        key: mark_of(app, endpoints[key.split(" #")[0]])
        for key, row in TABLE.items()
        if endpoints[key.split(" #")[0]].split(".")[0] not in LIBRARY_BLUEPRINTS
        and mark_of(app, endpoints[key.split(" #")[0]]) != row.needs
    }

    assert wrong == {}
    assert OPEN == OPEN_ROW


def test_every_address_that_names_something_is_tried_on_a_thing():
    silent = [key for key, row in TABLE.items() if "<" in key and not (row.of or row.alone)]

    assert silent == []


@pytest.mark.parametrize("key", sorted(TABLE))
def test_route(walls, key):
    row = TABLE[key]
    path = key.split(" ")[1]
    known = [asker for asker in walls.askers if asker.known_at(path)]
    strangers = [asker for asker in walls.askers if asker not in known]
    if path.startswith("/api/") and row.needs not in {"open", "signed in"}:
        known.append(walls.program_without(row.needs))
    for asker in strangers if row.needs != OPEN_ROW else ():
        for which in targets(row):
            assert turned_away(walls.ask(key, row, asker, which), path), (asker.name, which)
    let_in = 0
    for asker in known if row.needs != OPEN_ROW else walls.askers:
        let_in += check(walls, key, row, asker)
    assert let_in, "nobody is let in: the row tries nothing"


def targets(row):
    """Which targets a row has."""
    if row.of is None:
        return ("own",)
    return ("own", "missing") if row.alone else ("own", "foreign", "missing")


def check(walls, key, row, asker):
    """Try one route as one asker; return whether it was let in."""
    if not asker.may(row):
        for which in targets(row):
            answer = walls.ask(key, row, asker, which)
            assert answer.status_code == 403, (asker.name, which, answer.status_code)
        return False
    answers = {which: walls.ask(key, row, asker, which) for which in targets(row)}
    for which, answer in answers.items():
        expected = row.own if asker.sees(which) else {row.missing}
        assert answer.status_code in expected, (asker.name, which, answer.status_code, answer.get_data(as_text=True))
    if "foreign" in answers and not asker.sees("foreign"):
        assert differences(answers["foreign"], answers["missing"]) == [], asker.name
    told = told_by(answers["own"])
    if not asker.everywhere:
        shown = {mark for mark in walls.world.foreign_marks if mark in told}
        assert not shown, (asker.name, "is shown", shown)
    if row.lists:
        assert_lists(walls, row, asker, told)
    return True


def assert_lists(walls, row, asker, told):
    """A list has one's own things; for whoever sees all stores the foreign ones too, so that a leak would be seen."""
    marks = walls.world.marks[row.lists]
    assert all(mark in told for mark in marks["own"]), (asker.name, "misses its own", marks["own"])
    if asker.everywhere and row.needs != OWNER:
        assert all(mark in told for mark in marks["foreign"]), (asker.name, "misses", marks["foreign"])


def test_without_its_scope_a_query_is_found_out(walls, monkeypatch):
    """The negative control: the table fails when a wall is taken away."""
    key = "GET /staff/sales/<int:sale_id>"
    views = sales._views
    monkeypatch.setattr(sales, "_views", lambda _scope: views(EVERYTHING))

    with pytest.raises(AssertionError):
        test_route(walls, key)
    with pytest.raises(AssertionError, match="is shown"):
        test_route(walls, "GET /staff/sales")


def test_without_its_guard_a_view_is_found_out(walls, monkeypatch):
    monkeypatch.setattr(Actor, "require", lambda *_: None)

    with pytest.raises(AssertionError):
        test_route(walls, "GET /staff/accounts")


def test_the_auditor_reads_everything_and_changes_nothing():
    may = ROLES["auditor"]
    changing = {key for key, row in TABLE.items() if not key.startswith("GET ") and row.needs in may}
    unread = {key for key, row in TABLE.items() if row.needs.endswith(".read") and row.needs not in may}

    assert changing == set()
    assert unread == set()
