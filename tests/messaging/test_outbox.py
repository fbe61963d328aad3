"""A message takes its steps: planned once, claimed, handed over, called, finished; and what becomes of it otherwise."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import database_now, db
from loyalty.messaging.rules import MOST_ATTEMPTS, LanguageMissing, NewMessage, UnknownTemplate, VariableMissing
from loyalty.messaging.service import cancel, drain, expire, outbox, plan, set_channel, sweep
from tests.messaging.conftest import LONG_AGO, lapse, make_due, row, rows

pytestmark = pytest.mark.usefixtures("always_open")


def test_a_planned_message_is_sent_once_with_its_text_in_the_customers_language(person, planned, carrier):
    zh, en = planned(person()), planned(person(language="en"))

    assert drain("sms") == 2
    assert drain("sms") == 0

    assert [(one.key, one.text) for one in carrier.got] == [
        (f"m{zh}", "王建国，您的车已修好。"),
        (f"m{en}", "王建国, your car is ready."),
    ]
    assert {(row(at)["state"], row(at)["attempts"], row(at)["reference"]) for at in (zh, en)} == {
        ("sent", 1, f"ref-m{zh}"),
        ("sent", 1, f"ref-m{en}"),
    }
    assert rows("SELECT shown, outcome FROM message_attempts ORDER BY message_id") == [
        ("138****0001", "accepted"),
        ("138****0002", "accepted"),
    ]


def test_what_a_message_says_is_not_in_the_database(person, planned):
    planned(person())

    assert rows("SELECT id FROM messages WHERE position('王建国' IN encode(body_sealed, 'escape')) > 0") == []
    assert rows("SELECT messages::text FROM messages")[0][0].find("王建国") == -1


def test_the_same_key_again_plans_nothing(person, templates, clock):
    customer_id = person()
    message = NewMessage("visit:1:thanks:2026-03-12:sms", customer_id, "ready", LONG_AGO, {"name": "王"}, channel="sms")

    first, again = (plan([message], now=clock.now, by=SYSTEM) for _ in range(2))

    assert first.ids == again.ids
    assert (len(first.new), len(again.new)) == (1, 0)
    assert rows("SELECT count(*) FROM messages") == [(1,)]


@pytest.mark.parametrize(
    ("change", "refusal", "named"),
    [
        ({"template": "nothing"}, UnknownTemplate, "nothing"),
        ({"variables": {}}, VariableMissing, "name"),
    ],
)
def test_what_cannot_be_rendered_is_refused_by_name_and_nothing_is_planned(
    person, templates, clock, change, refusal, named
):
    good = NewMessage("k:1", person(), "ready", LONG_AGO, {"name": "王"}, channel="sms")
    bad = NewMessage(**{**{name: getattr(good, name) for name in good.__slots__}, "dedupe_key": "k:2", **change})

    with pytest.raises(refusal, match=named):
        plan([good, bad], now=clock.now, by=SYSTEM)

    assert rows("SELECT count(*) FROM messages") == [(0,)]


def test_a_language_that_the_template_lacks_is_refused(person, templates, clock):
    customer_id = person()
    db.session.execute(text("UPDATE customers SET language = 'fr'"))

    with pytest.raises(LanguageMissing, match="fr"):
        plan(
            [NewMessage("k:1", customer_id, "ready", LONG_AGO, {"name": "王"}, channel="sms")], now=clock.now, by=SYSTEM
        )


def test_without_a_channel_the_first_is_taken_that_the_customer_agreed_to(person, templates, clock):
    everywhere, nowhere = person(), person(phone=False)

    for at, customer_id in enumerate((everywhere, nowhere)):
        plan([NewMessage(f"k:{at}", customer_id, "offer", LONG_AGO, {"name": "王"})], now=clock.now, by=SYSTEM)

    assert rows("SELECT channel FROM messages ORDER BY id") == [("wechat",), ("inbox",)]


def test_a_hand_that_lost_its_lease_hands_nothing_over(person, planned, carrier):
    message = planned(person())
    token = uuid4()
    keys = outbox.claim("sms", token, most=10)
    lapse()

    assert outbox.hand_over("sms", token, keys, dedupes=False) == []
    sweep()
    assert row(message)["state"] == "due"
    assert outbox.hand_over("sms", token, keys, dedupes=False) == []
    assert row(message)["attempts"] == 0
    assert drain("sms") == 1


def test_a_hand_gives_a_message_away_once_however_often_it_asks(person, planned):
    planned(person())
    token = uuid4()
    keys = outbox.claim("sms", token, most=10)

    assert [len(outbox.hand_over("sms", token, keys, dedupes=False)) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(("dedupes", "state"), [(False, "unknown"), (True, "due")])
def test_a_lease_that_ran_out_after_the_hand_over(person, planned, carrier, dedupes, state):
    message = planned(person())
    token = uuid4()
    outbox.hand_over("sms", token, outbox.claim("sms", token, most=10), dedupes=dedupes)
    lapse()

    assert sweep() == 1

    assert (row(message)["state"], row(message)["problem"], row(message)["attempts"]) == (state, "lapsed", 1)
    carrier.dedupes = dedupes
    assert drain("sms") == (1 if dedupes else 0)


def test_an_answer_that_came_after_the_lease_settles_what_was_unknown(person, planned):
    message = planned(person())
    token = uuid4()
    (parcel,) = outbox.hand_over("sms", token, outbox.claim("sms", token, most=10), dedupes=False)
    lapse()
    sweep()
    answer = {
        "owner_id": parcel.handed.owner_id,
        "id": message,
        "number": 1,
        "outcome": "accepted",
        "reference": "late",
        "detail": None,
        "state": "sent",
        "pause": 0,
    }

    assert outbox.finish(token, [answer], {message: parcel.recipient_id}) == 0
    assert row(message)["state"] == "unknown"
    assert sweep() == 1

    assert (row(message)["state"], row(message)["reference"]) == ("sent", "late")


@pytest.mark.parametrize(
    ("outcome", "dedupes", "state"),
    [
        ("busy", False, "due"),
        ("refused", False, "failed"),
        ("lost", False, "unknown"),
        ("lost", True, "due"),
    ],
)
def test_what_an_answer_makes_of_a_message(person, planned, carrier, outcome, dedupes, state):
    message = planned(person())
    carrier.usual, carrier.dedupes = outcome, dedupes

    drain("sms")

    found = row(message)
    assert found["state"] == state
    if state == "due":
        assert timedelta(seconds=20) < found["next_at"] - database_now() <= timedelta(seconds=30)


def test_a_message_that_is_never_taken_over_fails_in_the_end(person, planned, carrier):
    message = planned(person())
    carrier.usual = "busy"

    for _ in range(MOST_ATTEMPTS + 2):
        make_due()
        drain("sms")

    assert (row(message)["state"], len(carrier.got)) == ("failed", MOST_ATTEMPTS)


def test_a_channel_that_is_paused_sends_nothing_until_it_goes_on(person, planned, carrier, clock):
    planned(person())
    set_channel("sms", per_minute=None, paused=True, now=clock.now, by=SYSTEM)

    assert drain("sms") == 0
    set_channel("sms", per_minute=None, paused=False, now=clock.now, by=SYSTEM)

    assert drain("sms") == 1


def test_a_channel_takes_no_more_than_its_rate_in_a_minute(person, planned, carrier, clock):
    for _ in range(5):
        planned(person())
    set_channel("sms", per_minute=3, paused=False, now=clock.now, by=SYSTEM)

    sent = drain("sms")

    assert sent in (3, 5) if database_now().second > 57 else sent == 3


def test_what_is_too_late_is_never_sent(person, planned, carrier):
    late = planned(person(), not_after=LONG_AGO + timedelta(days=1))

    assert expire() == 1
    assert drain("sms") == 0

    assert (row(late)["state"], row(late)["rule"]) == ("expired", "too_late")


def test_what_waits_about_a_thing_is_cancelled_and_what_is_on_its_way_stays(person, planned, carrier, clock):
    first = planned(person(), about_kind="visit", about_id=7)
    drain("sms")
    second, other = (planned(person(), about_kind="visit", about_id=at) for at in (7, 8))

    assert cancel("visit", [7], reason="the car was sold", now=clock.now) == 1

    assert [row(at)["state"] for at in (first, second, other)] == ["sent", "cancelled", "due"]


def test_a_message_for_a_merged_customer_goes_to_whoever_stands_for_it(person, planned, carrier, clock):
    from_gone, kept = person(), person()
    message = planned(from_gone)
    db.session.execute(
        text("UPDATE customers SET state = 'merged', merged_into_id = :kept WHERE id = :gone"),
        {"kept": kept, "gone": from_gone},
    )
    db.session.commit()

    assert drain("sms") == 1

    assert carrier.got[0].address == "+8613812340002"
    assert row(message)["customer_id"] == from_gone
