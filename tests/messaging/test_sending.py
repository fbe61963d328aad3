"""What a killed process leaves unclear: as many messages as were under way, and no more."""

import threading

import pytest
from flask import current_app

from loyalty.messaging.ports import Answer
from loyalty.messaging.rules import states
from loyalty.messaging.rules.states import GROUP_SECONDS, group_size
from loyalty.messaging.service import drain
from tests.messaging.conftest import row, rows

LANES = 3

pytestmark = pytest.mark.usefixtures("always_open")
UNDER_WAY = "SELECT count(*) FROM messages WHERE state = 'sending' AND handed_at IS NOT NULL"


class Breaks(Exception):
    """What no carrier should raise."""


@pytest.mark.parametrize(
    ("before", "seconds", "after"),
    [
        (1, 0.0, 2),
        (48, 0.0, 64),
        (64, 0.0, 64),
        (8, GROUP_SECONDS, 8),
        (8, 2 * GROUP_SECONDS, 8),
        (8, 2.1 * GROUP_SECONDS, 4),
        (1, 15.0, 1),
    ],
)
def test_a_group_is_what_the_channel_takes_in_a_moment(before, seconds, after):
    assert group_size(before, seconds=seconds, most=64) == after


@pytest.fixture
def most_handed(carrier):
    """Look before each call how many messages are handed over and not written down as answered."""
    seen = []
    carrier.on_send = lambda _: seen.append(rows(UNDER_WAY)[0][0])
    return seen


def test_a_channel_that_takes_its_time_gets_one_message_at_a_time(person, planned, most_handed, monkeypatch):
    monkeypatch.setattr(states, "GROUP_SECONDS", 0.0)
    for _ in range(6):
        planned(person())

    assert drain("sms") == 6
    assert most_handed == [1] * 6


def test_a_channel_that_answers_at_once_gets_growing_groups(person, planned, most_handed, monkeypatch):
    """The control of the test above: with all the time of the world, more is under way."""
    monkeypatch.setattr(states, "GROUP_SECONDS", 60.0)
    for _ in range(7):
        planned(person())

    drain("sms")

    assert most_handed[0] == 1 < max(most_handed)


@pytest.mark.usefixtures("committed")
def test_with_calls_side_by_side_no_more_is_handed_over_than_is_being_called(person, planned, carrier):
    for _ in range(4 * LANES):
        planned(person())
    app, carrier.lanes, seen, held = current_app._get_current_object(), LANES, [], threading.Event()

    def look(_):
        if len(carrier.got) == 1:
            held.wait(5)  # one call takes long: the others go on meanwhile, and are written down
        with app.app_context():
            seen.append((rows(UNDER_WAY)[0][0], rows("SELECT count(*) FROM messages WHERE state = 'sent'")[0][0]))
        if len(carrier.got) == 2 * LANES:
            held.set()

    carrier.on_send = look

    assert drain("sms") == 4 * LANES
    assert max(under_way for under_way, _ in seen) <= LANES
    assert max(sent for _, sent in seen[: 2 * LANES - 1]) > 0
    assert rows("SELECT DISTINCT state FROM messages") == [("sent",)]


@pytest.mark.parametrize("lanes", [1, LANES])
@pytest.mark.usefixtures("committed")
def test_a_call_that_breaks_leaves_its_own_message_unclear_and_no_other(person, planned, carrier, lanes, monkeypatch):
    messages = [planned(person()) for _ in range(5)]
    carrier.lanes = lanes
    monkeypatch.setattr(states, "GROUP_SECONDS", 60.0)

    def send(outgoing, *, seconds):
        if outgoing.key == f"m{messages[3]}":
            raise Breaks
        return Answer("accepted", outgoing.key)

    monkeypatch.setattr(carrier, "send", send)

    with pytest.raises(Breaks):
        drain("sms")

    told = [(row(at)["state"], row(at)["handed_at"] is not None) for at in messages]
    assert told[3] == ("sending", True)  # its lease runs out, and nobody knows
    assert [state for state, _ in told[:3]] == ["sent"] * 3
    assert told[4] != ("sending", True)
