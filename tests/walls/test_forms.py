"""Reading changes nothing, and what changes something is taken from our own pages alone.

Tried on every route of the URL map, as whoever may do most there.
"""

from collections import Counter

import pytest
from sqlalchemy import text

from loyalty.web import csrf
from loyalty.web.csrf import ORIGIN_ENOUGH
from tests.walls.row import OPEN
from tests.walls.table import TABLE
from tests.walls.test_walls import routes

SEEN = {"web_sessions", "api_clients"}  # when somebody was last here, and what waits in a session
EXPORTS = ("/export.xlsx", "/export.csv", "/rejected.csv")
EXPORTED = {"audit_rows"}  # that a list left the house is written down
READING = [key for key in sorted(TABLE) if key.startswith("GET ")]
FORMS = [key for key in sorted(TABLE) if not key.startswith("GET ") and "/api/" not in key]
STRANGE = 400
ELSEWHERE = {"Origin": "https://elsewhere.example"}


def who_may(walls, key):
    """Whoever the route lets in, with all stores where there is such a one."""
    known = [one for one in walls.askers if one.known_at(key.split(" ")[1])] or list(walls.askers)
    return next(one for one in sorted(known, key=lambda one: not one.everywhere) if one.may(TABLE[key]))


def rows_written(walls):
    """How many rows of which tables this transaction has written, also those that were taken back."""
    found = walls.connection.execute(
        text("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
    )
    return Counter({name: count for name, count in found if count})


def written_by(walls, key):
    """The tables in which asking for a route wrote."""
    before = rows_written(walls)
    answer = walls.ask(key, TABLE[key], who_may(walls, key))
    answer.close()
    assert answer.status_code in TABLE[key].own, key
    return set(rows_written(walls) - before)


def test_no_reading_changes_anything(walls):
    changing = {}
    for key in READING:
        allowed = SEEN | EXPORTED if key.endswith(EXPORTS) else SEEN
        if wrote := written_by(walls, key) - allowed:
            changing[key] = wrote

    assert changing == {}


def test_what_changes_something_is_found_to_write(walls):
    """The negative control: nearly every route that changes something is seen to write."""
    silent = [key for key in FORMS if TABLE[key].of and "/check" not in key and not written_by(walls, key) - SEEN]

    assert len(silent) < len(FORMS) // 4, silent


def forged(walls, key, headers):
    """The status of the request as another site would let a signed-in browser send it."""
    return walls.ask(key, TABLE[key], who_may(walls, key), headers=headers).status_code


def test_no_form_of_another_site_is_taken(walls):
    assert {key: status for key in FORMS if (status := forged(walls, key, ELSEWHERE)) != STRANGE} == {}


def test_without_the_origin_forms_of_other_sites_would_be_taken(walls, monkeypatch):
    """The negative control; forms need no token in these tests."""
    monkeypatch.setattr(csrf, "from_our_site", lambda *_: True)

    assert all(forged(walls, key, ELSEWHERE) in TABLE[key].own for key in FORMS if TABLE[key].of)


def test_no_form_without_its_token_is_taken(walls, monkeypatch):
    monkeypatch.setitem(walls.app.config, "WTF_CSRF_ENABLED", True)
    endpoints = routes(walls.app)
    asked = [key for key in FORMS if endpoints[key.split(" #")[0]] not in ORIGIN_ENOUGH]

    assert len(asked) > len(FORMS) - len(ORIGIN_ENOUGH) - 1
    assert {key: status for key in asked if (status := forged(walls, key, {})) != STRANGE} == {}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_programs_send_json_or_are_refused(walls, kind):
    """What a page of another site could send without asking is no body of the API, nor is it passed over."""
    statuses = {
        key: walls.ask(key, row, who_may(walls, key), body="points=5", headers={"Content-Type": kind}).status_code
        for key, row in TABLE.items()
        if "/api/" in key and not key.startswith("GET ") and row.needs != OPEN
    }

    assert len(statuses) > 40
    assert set(statuses.values()) == {422}
