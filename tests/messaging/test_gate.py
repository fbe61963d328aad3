"""The gate: who may be contacted, by what, when and how often; and what it said is kept with its reason."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from loyalty.customers.rules import ConsentGiven
from loyalty.customers.service import record_consents
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.messaging.rules import USUAL, Decision, Facts, Gate, Hours, Often, decide, parse_gate
from loyalty.messaging.service import drain, outbox, outlook
from loyalty.programme.service import load_file
from loyalty.staff.service import create_store
from tests.messaging.conftest import make_due, row, rows

NOON = datetime(2026, 3, 12, 4, tzinfo=UTC)  # 12:00 in Shanghai, a Thursday


def facts(**more):
    usual = {
        "channel": "sms",
        "purpose": "service",
        "zone": "Asia/Shanghai",
        "store": "CD01",
        "reachable": True,
        "addressed": True,
        "consent": None,
    }
    return Facts(**{**usual, **more})


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"reachable": False}, "customer_gone"),
        ({"addressed": False}, "no_address"),
        ({"bounced": True}, "address_bounced"),
        ({"consent": False}, "consent_withdrawn"),
        ({"purpose": "marketing"}, "no_consent"),
        ({"purpose": "marketing", "consent": True, "opted_out": True}, "opted_out"),
        ({"purpose": "greeting", "opted_out": True}, "opted_out"),
    ],
)
def test_who_must_not_be_contacted(known, rule):
    assert decide(facts(**known), USUAL, now=NOON) == Decision("deny", rule)


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"purpose": "greeting"},
        {"purpose": "marketing", "consent": True},
        {"opted_out": True},
        {"channel": "inbox", "addressed": False, "purpose": "marketing", "consent": False},
    ],
)
def test_who_may_be(known):
    assert decide(facts(**known), USUAL, now=NOON).verdict == "allow"


@pytest.mark.parametrize(
    ("local", "verdict", "opens"),
    [
        (time(8, 59, 59), "hold", datetime(2026, 3, 12, 1, tzinfo=UTC)),
        (time(9), "allow", None),
        (time(19, 59, 59), "allow", None),
        (time(20), "hold", datetime(2026, 3, 13, 1, tzinfo=UTC)),
    ],
)
def test_quiet_hours_hold_and_release_at_the_minute(local, verdict, opens):
    now = datetime.combine(date(2026, 3, 12), local, UTC) - timedelta(hours=8)

    assert decide(facts(), USUAL, now=now) == Decision(verdict, "quiet_hours" if opens else None, opens)


def test_calls_rest_at_noon_and_mail_never_does():
    assert decide(facts(channel="phone"), USUAL, now=NOON).until == datetime(2026, 3, 12, 6, tzinfo=UTC)
    assert decide(facts(channel="email"), USUAL, now=NOON - timedelta(hours=9)).verdict == "allow"


def test_the_hours_are_those_of_the_stores_zone():
    early_in_urumqi = datetime(2026, 3, 12, 2, tzinfo=UTC)  # 10:00 in Shanghai, 08:00 in Urumqi

    assert decide(facts(), USUAL, now=early_in_urumqi).verdict == "allow"
    assert decide(facts(zone="Asia/Urumqi"), USUAL, now=early_in_urumqi).verdict == "hold"


def test_a_store_with_hours_of_its_own_and_days_of_rest():
    gate = Gate(
        (
            Hours(frozenset({"sms"}), time(9), time(20), "work"),
            Hours(frozenset({"sms"}), time(10), time(11), "all", frozenset({"CX01"})),
        ),
        (),
        USUAL.needs,
    )
    saturday = frozenset({date(2026, 3, 12), date(2026, 3, 13)})

    assert decide(facts(), gate, now=NOON, rests=saturday).until == datetime(2026, 3, 14, 1, tzinfo=UTC)
    assert decide(facts(store="CX01"), gate, now=NOON).until == datetime(2026, 3, 13, 2, tzinfo=UTC)


def test_what_was_sent_lately_holds_an_offer_until_the_oldest_no_longer_counts():
    gate = Gate((), (Often(frozenset({"marketing"}), 2, 7),), USUAL.needs)
    offer = {"purpose": "marketing", "consent": True}
    first, second = NOON - timedelta(days=6), NOON - timedelta(days=1)

    one, two = ([("marketing", at) for at in moments] for moments in ((second,), (first, second)))

    assert decide(facts(**offer, earlier=one), gate, now=NOON).verdict == "allow"
    assert decide(facts(**offer, earlier=two), gate, now=NOON).until == first + timedelta(days=7)
    assert decide(facts(earlier=two), gate, now=NOON).verdict == "allow"


def test_a_paused_channel_holds_and_a_late_message_expires():
    assert decide(facts(paused=True), USUAL, now=NOON).rule == "channel_paused"
    assert decide(facts(not_after=NOON), USUAL, now=NOON).verdict == "allow"
    assert decide(facts(not_after=NOON - timedelta(seconds=1)), USUAL, now=NOON).verdict == "expire"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"hours": [{"channels": ["fax"], "from": "09:00", "until": "20:00"}]}, "hours[0].channels"),
        ({"hours": [{"channels": ["sms"], "from": "9", "until": "20:00"}]}, "hours[0].from"),
        ({"hours": [{"channels": ["sms"], "from": "20:00", "until": "09:00"}]}, "hours[0].until"),
        ({"often": [{"purposes": ["marketing"], "most": 0, "days": 7}]}, "often[0].most"),
        ({"marketing_needs": "not_withdrawn"}, "marketing_needs"),
    ],
)
def test_a_gate_that_cannot_be_is_refused_at_its_place(body, place):
    with pytest.raises(Malformed) as refused:
        parse_gate(body)

    assert place in refused.value.errors


def test_what_is_left_out_of_a_gate_is_the_usual():
    assert parse_gate({}) == USUAL


@pytest.mark.usefixtures("always_open")
def test_a_denial_is_kept_with_its_rule(person, planned, carrier):
    message = planned(person(agrees=()), "offer")

    drain("sms")

    assert carrier.got == []
    assert (row(message)["state"], row(message)["rule"]) == ("denied", "no_consent")
    assert rows("SELECT message_id, verdict, rule FROM send_decisions") == [(message, "deny", "no_consent")]


@pytest.mark.usefixtures("always_open")
def test_a_withdrawal_between_the_plan_and_the_hand_over_counts(person, planned, carrier, clock):
    customer_id = person()
    message = planned(customer_id, "offer")
    record_consents(
        customer_id,
        [ConsentGiven("marketing", "sms", granted=False, at=clock.now)],
        scope=EVERYTHING,
        now=clock.now,
        by=SYSTEM,
    )

    drain("sms")

    assert (carrier.got, row(message)["rule"]) == ([], "consent_withdrawn")


def test_an_offer_too_many_waits_and_goes_when_it_may(person, planned, carrier, store):
    customer_id = person()
    messages = [planned(customer_id, "offer", "email") for _ in range(3)]

    for _ in range(3):
        make_due()
        drain("email")

    assert [row(at)["state"] for at in messages] == ["sent", "sent", "due"]
    held = row(messages[2])
    first = row(messages[0])["handed_at"]
    assert (held["rule"], held["next_at"]) == ("frequency", first + timedelta(days=7))
    db.session.execute(text("UPDATE messages SET handed_at = handed_at - interval '8 days' WHERE state = 'sent'"))
    make_due()
    assert drain("email") == 1


@pytest.mark.usefixtures("always_open")
def test_the_outlook_says_what_the_gate_would(person, clock):
    agreed, never = person(), person(agrees=())

    looks = outlook([agreed, never], "marketing", ["sms", "phone", "inbox"], now=clock.now, scope=EVERYTHING)

    assert looks[agreed].decisions["sms"].verdict == "allow"
    assert looks[agreed].decisions["phone"] == Decision("deny", "no_consent")
    assert looks[never].best(["sms", "inbox"]) == "inbox"


# ---- the gate at the hand-over, at the minute and on the store's days


@pytest.fixture
def at_moment(monkeypatch):
    """Return a function that lets hand-overs happen at a moment, whatever the database's clock says.

    That one finds what is held until a past moment due at once, so drain by one batch: `seconds=0`.
    """
    real = outbox.queries.hold_recipients

    def at_moment(now):
        monkeypatch.setattr(outbox.queries, "hold_recipients", lambda ids: (real(ids)[0], now))
        make_due()

    return at_moment


def local(zone, *when):
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "America/New_York"])
def test_quiet_hours_of_the_stores_zone_hold_and_release_a_message_at_the_minute(
    person, planned, carrier, store, at_moment, zone
):
    db.session.execute(text("UPDATE stores SET zone = :zone WHERE id = :id"), {"zone": zone, "id": store})

    def goes(message, moment):
        at_moment(moment)
        drain("sms", seconds=0)
        return row(message)["state"]

    last = planned(person())
    assert goes(last, local(zone, 2026, 3, 12, 19, 59, 59)) == "sent"
    late = planned(person())
    assert goes(late, local(zone, 2026, 3, 12, 20, 0)) == "due"
    opens = row(late)["next_at"]
    assert opens == local(zone, 2026, 3, 13, 9, 0)
    assert goes(late, opens - timedelta(seconds=1)) == "due"
    assert goes(late, opens) == "sent"
    assert rows("SELECT DISTINCT verdict, rule FROM send_decisions") == [("hold", "quiet_hours")]


WORKDAYS = {"hours": [{"channels": ["sms"], "from": "09:00", "until": "20:00", "days": "work"}], "often": []}


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ((2026, 3, 12), None),  # a Thursday
        ((2026, 3, 14), (2026, 3, 16)),  # a Saturday
        ((2026, 2, 14), None),  # a Saturday that is worked in the place of a day of the Spring Festival
        ((2026, 2, 17), (2026, 2, 24)),  # the festival itself
        ((2026, 3, 18), (2026, 3, 20)),  # the store is being rebuilt, and nobody else is
    ],
)
def test_days_are_those_of_the_stores_own_calendar(person, planned, carrier, store, clock, at_moment, day, opens):
    load_file({"programme": "test", "versions": [gate_of(WORKDAYS)]}, now=clock.now, by=SYSTEM)
    db.session.execute(
        text("""UPDATE stores SET holidays = '[["2026-03-18", "2026-03-19", "展厅装修"]]'::jsonb WHERE id = :id"""),
        {"id": store},
    )
    message = planned(person())

    at_moment(local("Asia/Shanghai", *day, 12, 0))
    drain("sms", seconds=0)

    found = row(message)
    if opens is None:
        assert found["state"] == "sent"
    else:
        assert (found["rule"], found["next_at"]) == ("quiet_hours", local("Asia/Shanghai", *opens, 9, 0))


def test_another_stores_closing_days_hold_nobody(person, planned, carrier, store, clock, at_moment):
    """The control: the calendar is that of the message's store, not of any."""
    load_file({"programme": "test", "versions": [gate_of(WORKDAYS)]}, now=clock.now, by=SYSTEM)
    other = create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    db.session.execute(
        text("""UPDATE stores SET holidays = '[["2026-03-18", "2026-03-19", "展厅装修"]]'::jsonb WHERE id = :id"""),
        {"id": store},
    )
    message, elsewhere = planned(person()), planned(person(), store_id=other)

    at_moment(local("Asia/Shanghai", 2026, 3, 18, 12, 0))
    drain("sms", seconds=0)

    assert (row(message)["state"], row(elsewhere)["state"]) == ("due", "sent")


def gate_of(body):
    return {"kind": "gate", "effective_from": "2020-01-01", "body": body}
