"""The negative control of the limits over several rows: without the locks two trip over each other.

A file of its own, since all of it runs by a web server from which they were taken out.
"""

from collections import Counter

import pytest

from tests.storms.test_limits import LIMITS, both

ROUNDS = 10  # how often two really meet is chance; it goes on until they did
PAIRS = 20
# Each lock, taken out of the running product; the database's function has the second one.
UNLOCKED = """
from sqlalchemy import text
from loyalty.membership import queries as members
from loyalty.sales.queries import recording
members.lock_member = members.member
recording._LOCK = text(str(recording._LOCK).replace("FOR UPDATE OF taken", ""))
"""


@pytest.fixture(scope="module")
def unlocked(shop):
    """The storms' dealer without these locks."""
    ((definition,),) = shop.rows("SELECT pg_get_functiondef('points_open'::regproc)")
    assert "FOR NO KEY UPDATE OF a" in definition
    shop.as_superuser(definition.replace("FOR NO KEY UPDATE OF a", ""))
    try:
        with shop.other_web(UNLOCKED):
            yield shop
    finally:
        shop.as_superuser(definition)


@pytest.mark.parametrize("limit", LIMITS)
def test_without_the_locks_two_trip_over_each_other_and_only_the_database_holds(unlocked, figure, limit):
    """The negative control: requests break off at the CHECK constraints, where they were refused before."""
    met = Counter()
    for turn in range(ROUNDS):
        met += both(unlocked, LIMITS[limit](unlocked, f"loose-{limit}-{turn}", PAIRS))
        if broken_off(met):
            break

    figure(f"pairs of {limit} without locks", "broken off", broken_off(met), "above 0")
    assert broken_off(met)


def broken_off(met):
    """How many pairs met an error of the server."""
    return sum(times for statuses, times in met.items() if max(statuses) >= 500)
