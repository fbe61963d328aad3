"""Receipts, people who settle what is unclear, and a resend as a new message."""

import pytest

from loyalty.kernel.actor import EVERYTHING, NOTHING, SYSTEM
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries
from loyalty.messaging.rules import EvidenceMissing, MessageNotFound, NotThatState, ResentBefore
from loyalty.messaging.service import ReceiptTold, drain, record_receipts, resend, settle
from tests.messaging.conftest import row, rows

pytestmark = pytest.mark.usefixtures("always_open")


@pytest.fixture
def what(clock):
    return {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}


@pytest.fixture
def unclear(person, planned, carrier):
    """The id of a message whose answer was lost."""
    carrier.usual = "lost"
    message = planned(person())
    drain("sms")
    assert row(message)["state"] == "unknown"
    return message


def told(message, kind, clock, **more):
    return ReceiptTold("sms", f"ref-m{message}", kind, clock.now, **more)


def test_a_receipt_moves_a_message_once(person, planned, carrier, clock):
    message = planned(person())
    drain("sms")

    moved = [record_receipts([told(message, "delivered", clock)], now=clock.now, by=SYSTEM) for _ in range(2)]

    assert moved == [1, 0]
    assert row(message)["state"] == "delivered"
    assert rows("SELECT kind, source FROM message_receipts") == [("delivered", "provider")]


@pytest.mark.parametrize(("kind", "state"), [("delivered", "delivered"), ("failed", "failed")])
def test_a_receipt_by_our_key_settles_what_is_unclear(unclear, clock, kind, state):
    by_key = ReceiptTold("sms", "B^1", kind, clock.now, key=f"m{unclear}")

    assert record_receipts([by_key], now=clock.now, by=SYSTEM) == 1

    assert (row(unclear)["state"], row(unclear)["reference"]) == (state, "B^1")
    other = ReceiptTold("email", None, kind, clock.now, key=f"m{unclear}")
    assert record_receipts([other], now=clock.now, by=SYSTEM) == 0


@pytest.mark.parametrize("key", ["", "42", "m0", "m-1", "m１", "m" + "9" * 30])
def test_a_receipt_by_no_key_of_ours_is_refused(clock, key):
    with pytest.raises(Malformed):
        record_receipts([ReceiptTold("sms", None, "delivered", clock.now, key=key)], now=clock.now, by=SYSTEM)


def test_a_failure_after_the_delivery_takes_nothing_back(person, planned, carrier, clock):
    message = planned(person())
    drain("sms")

    for kind in ("delivered", "failed"):
        record_receipts([told(message, kind, clock)], now=clock.now, by=SYSTEM)

    assert row(message)["state"] == "delivered"


def test_an_address_that_bounced_gets_nothing_more(person, planned, carrier, clock):
    customer_id = person()
    message = planned(customer_id)
    drain("sms")

    record_receipts([told(message, "failed", clock, bounced=True)], now=clock.now, by=SYSTEM)

    later = planned(customer_id)
    drain("sms")
    assert (row(message)["state"], row(later)["state"], row(later)["rule"]) == ("failed", "denied", "address_bounced")


def test_a_receipt_of_nothing_known_is_passed_over_and_one_that_cannot_be_is_refused(clock):
    assert record_receipts([ReceiptTold("sms", "nobody", "delivered", clock.now)], now=clock.now, by=SYSTEM) == 0
    with pytest.raises(Malformed):
        record_receipts([ReceiptTold("fax", "nobody", "delivered", clock.now)], now=clock.now, by=SYSTEM)


@pytest.mark.parametrize(("sent", "state"), [(True, "sent"), (False, "failed")])
def test_a_person_settles_what_is_unclear_with_evidence(unclear, what, sent, state):
    settle(unclear, sent=sent, evidence="服务商清单", **what)

    assert row(unclear)["state"] == state
    assert rows("SELECT source, detail, by_name FROM message_receipts") == [("staff", "服务商清单", "system")]
    assert rows("SELECT count(*) FROM audit_rows WHERE action = 'message.settled'") == [(1,)]


def test_without_evidence_nothing_is_settled(unclear, what):
    with pytest.raises(EvidenceMissing):
        settle(unclear, sent=True, evidence="  ", **what)

    assert row(unclear)["state"] == "unknown"


def test_what_is_unclear_is_not_sent_again_before_it_is_settled(unclear, what):
    with pytest.raises(NotThatState):
        resend(unclear, **what)

    assert rows("SELECT count(*) FROM messages") == [(1,)]


def test_a_resend_is_a_new_message_that_names_the_old_one(unclear, what, carrier):
    settle(unclear, sent=False, evidence="not on the list", **what)

    again = resend(unclear, **what)

    carrier.usual = "accepted"
    drain("sms")
    assert (row(again)["resends_id"], row(again)["state"], row(unclear)["state"]) == (unclear, "sent", "failed")
    assert [one.text for one in carrier.got] == [carrier.got[0].text] * 2
    assert carrier.keys == [f"m{unclear}", f"m{again}"]
    with pytest.raises(ResentBefore, match=str(again)):
        resend(unclear, **what)


def test_a_message_outside_the_stores_is_not_there(unclear, what):
    with pytest.raises(MessageNotFound):
        queries.message(unclear, NOTHING)
    with pytest.raises(MessageNotFound):
        settle(unclear, sent=True, evidence="seen", **(what | {"scope": NOTHING}))
