"""Unclear messages settle by themselves where the provider can tell what became of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.db import db
from loyalty.messaging.adapters import Aliyun, AliyunList, ways
from loyalty.messaging.adapters.aliyun_list import PAGE
from loyalty.messaging.ports import Fate, Inquiry
from loyalty.messaging.rules import after_inquiry
from loyalty.messaging.rules.inquiries import KEPT_FOR, LISTED_WITHIN, PAUSES, Settled
from loyalty.messaging.service import drain, inquire, inquiries_due, settle
from tests.messaging.conftest import row, rows
from tests.messaging.stand_in import standing_in
from tests.messaging.test_carriers import BAD_TRANSPORT, free_port

NOON = datetime(2026, 3, 12, 4, tzinfo=UTC)
ASKED = Inquiry("m1", "+8613812340001", NOON)
MOMENT, HOUR = timedelta(minutes=2), timedelta(hours=1)


def listed(*rows, total=None, code="OK"):
    found = [{"OutId": key, "SendStatus": state, "ErrCode": "DELIVERED"} for key, state in rows]
    count = len(rows) if total is None else total
    return 200, {"Code": code, "TotalCount": count, "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}


@pytest.mark.parametrize(
    ("fate", "times", "since", "settled"),
    [
        ("sent", 1, MOMENT, Settled("sent")),
        ("delivered", 1, MOMENT, Settled("delivered")),
        ("failed", 1, MOMENT, Settled("failed")),
        ("not_listed", 1, LISTED_WITHIN - timedelta(seconds=1), Settled(None, PAUSES[0])),
        ("not_listed", 3, LISTED_WITHIN, Settled("failed")),
        ("silent", 1, HOUR, Settled(None, PAUSES[0])),
        ("silent", len(PAUSES), HOUR, Settled(None, PAUSES[-1])),
        ("silent", len(PAUSES) + 1, HOUR, Settled(None)),
        ("silent", 1, KEPT_FOR, Settled(None)),
        ("no_address", 1, MOMENT, Settled(None)),
    ],
)
def test_what_an_answer_makes_of_an_unclear_message(fate, times, since, settled):
    assert after_inquiry(fate, times=times, since=since) == settled


@pytest.fixture
def provider():
    with standing_in() as one:
        yield one


@pytest.fixture
def listing(provider):
    return AliyunList(Aliyun("key", "secret", "城东店", provider.url, clock=lambda: NOON))


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        (listed(("m1", 1)), Fate("sent")),
        (listed(("m1", 3)), Fate("delivered")),
        (listed(("m1", 2)), Fate("failed", "DELIVERED")),
        (listed(("m2", 3), ("m1", 1), ("m1", 3), ("m1", 2)), Fate("delivered")),
        (listed(("m11", 3)), Fate("not_listed")),
        (listed(), Fate("not_listed")),
    ],
)
def test_what_the_list_of_the_gateway_says(provider, listing, said, fate):
    provider.answers["/"] = said

    assert listing.look_up(ASKED, seconds=5) == fate
    (_path, _headers, body) = provider.asked[0]
    asked = dict(parse_qsl(body.decode()))
    assert (asked["Action"], asked["PhoneNumber"], asked["SendDate"]) == ("QuerySendDetails", "13812340001", "20260312")
    assert len(provider.asked) == 1


def test_a_message_of_midnight_is_looked_for_on_both_days_of_chinas_time(provider, listing):
    provider.answers["/"] = listed()

    listing.look_up(Inquiry("m1", "+8613812340001", datetime(2026, 3, 12, 15, 58, tzinfo=UTC)), seconds=5)

    assert [dict(parse_qsl(body.decode()))["SendDate"] for _, _, body in provider.asked] == ["20260312", "20260313"]


def test_every_page_of_the_list_is_read_and_one_without_an_end_is_given_up(provider, listing):
    provider.answers["/"] = listed(("m2", 3), total=2 * PAGE + 1)
    assert listing.look_up(ASKED, seconds=5) == Fate("not_listed")
    assert len(provider.asked) == 3

    provider.answers["/"] = listed(("m2", 3), total=10**9)
    assert listing.look_up(ASKED, seconds=5).said == "silent"


@pytest.mark.parametrize("said", [said for said, _ in BAD_TRANSPORT])
def test_lists_that_cannot_be_say_nothing(provider, listing, said):
    provider.answers["/"] = said

    fate = listing.look_up(ASKED, seconds=5)

    assert (fate.said, "138" in (fate.detail or "")) == ("silent", False)


@pytest.mark.parametrize(
    "body",
    [
        {"Code": "isv.ACCOUNT_ABNORMAL"},
        {"Code": ["OK"]},
        {"Code": "OK", "TotalCount": 1},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": []},
        {"Code": "OK", "TotalCount": "many", "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": ["m1"]}},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "m1", "SendStatus": 9}]}},
        {"Code": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "m1", "SendStatus": []}]}},
        {
            "Code": "OK",
            "TotalCount": 1,
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "m1", "SendStatus": True}]},
        },
    ],
)
def test_answers_that_are_no_list_say_nothing(provider, listing, body):
    provider.answers["/"] = (200, body)

    assert listing.look_up(ASKED, seconds=5).said == "silent"


def test_a_list_that_drips_or_is_not_there_says_nothing(provider, listing):
    provider.answers["/"] = (*listed(*[("m2", 3)] * 9), "slow")
    assert listing.look_up(ASKED, seconds=0.5).said == "silent"

    away = AliyunList(Aliyun("key", "secret", "城东店", f"http://127.0.0.1:{free_port()}"))
    assert away.look_up(ASKED, seconds=5).said == "silent"


# ---- the messages themselves


class List:
    """A provider's list that says what it is told to, and keeps what it was asked."""

    def __init__(self):
        self.fate, self.asked = Fate("silent"), []
        self.meanwhile = None

    def look_up(self, inquiry, *, seconds):
        assert seconds > 0
        self.asked.append(inquiry)
        if self.meanwhile:
            self.meanwhile()
        return self.fate


@pytest.fixture
def teller(app, monkeypatch):
    one = List()
    monkeypatch.setitem(app.extensions, "loyalty.tellers", {"sms": one})
    return one


@pytest.fixture
def unclear(person, planned, carrier, always_open):
    """The id of a message whose answer was lost some minutes ago."""
    carrier.usual = "lost"
    message = planned(person())
    drain("sms")
    earlier(minutes=5)
    return message


def earlier(**span):
    """Let what happened to messages lie further back."""
    for statement in (
        "UPDATE messages SET ended_at = ended_at - :span",
        "UPDATE message_attempts SET handed_at = handed_at - :span",
        "UPDATE message_inquiries SET next_at = next_at - :span",
    ):
        db.session.execute(text(statement.replace(":span", "CAST(:span AS interval)")), {"span": timedelta(**span)})
    db.session.commit()


@pytest.mark.parametrize("said", ["sent", "delivered", "failed"])
def test_what_the_provider_says_settles_a_message(unclear, teller, said):
    teller.fate = Fate(said, "MK:0001" if said == "failed" else None)
    assert inquiries_due() == [0]

    assert inquire("sms") == 1

    assert (row(unclear)["state"], row(unclear)["attempts"]) == (said, 1)
    assert rows("SELECT kind, source, by_name FROM message_receipts") == [(said, "provider", "messages")]
    assert [(one.key, one.address) for one in teller.asked] == [(f"m{unclear}", "+8613812340001")]
    assert inquiries_due() == []


def test_what_is_not_listed_stays_unclear_for_an_hour_and_was_not_sent_then(unclear, teller):
    teller.fate = Fate("not_listed")

    inquire("sms")
    soon = (row(unclear)["state"], inquiries_due())
    earlier(hours=1)
    inquire("sms")

    assert soon == ("unknown", [])
    assert (row(unclear)["state"], row(unclear)["problem"]) == ("failed", "not_listed")
    assert rows("SELECT kind, source FROM message_receipts") == [("not_sent", "provider")]


def test_a_provider_that_says_nothing_is_asked_again_and_at_last_people_are_left_to_settle_it(unclear, teller):
    for _ in range(len(PAUSES) + 3):
        inquire("sms")
        earlier(days=2)

    assert len(teller.asked) == len(PAUSES) + 1
    assert row(unclear)["state"] == "unknown"
    assert rows("SELECT times, said, next_at FROM message_inquiries") == [(len(PAUSES) + 1, "silent", None)]


def test_a_person_who_settles_it_meanwhile_is_not_overruled(unclear, teller, clock):
    what = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    teller.fate = Fate("delivered")
    teller.meanwhile = lambda: settle(unclear, sent=False, evidence="the customer says so", **what)

    inquire("sms")

    assert row(unclear)["state"] == "failed"
    assert rows("SELECT source FROM message_receipts") == [("staff",)]


def test_an_address_that_nobody_has_any_more_is_not_asked_about(unclear, teller):
    db.session.execute(text("DELETE FROM identifiers WHERE kind = 'phone'"))
    db.session.commit()

    inquire("sms")

    assert teller.asked == []
    assert rows("SELECT said, next_at FROM message_inquiries") == [("no_address", None)]


def test_a_message_is_in_one_hand_while_it_is_asked_about(unclear, teller):
    teller.meanwhile = lambda: inquire("sms")

    inquire("sms")

    assert len(teller.asked) == 1


def test_without_a_list_or_right_after_the_loss_nobody_is_asked(person, planned, carrier, always_open, teller, app):
    carrier.usual = "lost"
    planned(person())
    drain("sms")

    assert (inquiries_due(), inquire("sms")) == ([], 0)
    earlier(minutes=5)
    app.extensions["loyalty.tellers"] = {}
    assert (inquiries_due(), inquire("sms")) == ([], 0)


def test_the_page_of_a_message_tells_that_the_provider_was_asked(unclear, teller, desk):
    inquire("sms")

    page = desk.get(f"/staff/messages/{unclear}", headers={"Accept-Language": "en"}).text

    assert "The provider was asked: no answer that can be read" in page


def test_an_installation_with_alibaba_cloud_asks_it(app):
    settings = app.extensions["loyalty.settings"]
    with_gateway = replace(settings, sms_key_id="key", sms_key_secret="secret", sms_sign="城东店")

    assert ways(settings).tellers == {}
    assert isinstance(ways(with_gateway).tellers["sms"], AliyunList)
