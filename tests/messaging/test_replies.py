"""A word of refusal ends offers at once; other words wait for staff; a link does it in one click."""

from datetime import timedelta

import pytest

from loyalty.customers.queries import consents
from loyalty.customers.rules import agreed
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.messaging import queries
from loyalty.messaging.rules import OPT_OUT, opts_out
from loyalty.messaging.sealed import opt_out_token
from loyalty.messaging.service import Incoming, drain, receive_reply
from tests.messaging.conftest import drain_all, row, rows

pytestmark = pytest.mark.usefixtures("always_open")
PHONE = "13812340001"


@pytest.fixture
def answer(clock):
    made = iter(range(1, 1_000))

    def answer(text, *, phone=PHONE, number=None):
        incoming = Incoming("sms", number or f"in-{next(made)}", phone, text, clock.now)
        return receive_reply(incoming, now=clock.now, by=SYSTEM)

    return answer


@pytest.mark.parametrize("word", [*sorted(OPT_OUT), " td ", "ｔｄ", "stop", "Stop.", "退订。", "\u3000退订\n"])
def test_words_of_refusal(word):
    assert opts_out(word)


@pytest.mark.parametrize("word", ["", "好的", "不退订", "TD?", "please stop", "Nein", "0"])
def test_other_words(word):
    assert not opts_out(word)


def test_one_refusal_ends_offers_by_sms_and_calls_for_everybody_with_the_phone(person, planned, carrier, answer):
    customer_id = person()
    offer, notice = planned(customer_id, "offer"), planned(customer_id)

    received = answer("td")

    state = consents(customer_id)
    assert received.opted_out
    assert received.customer_ids == (customer_id,)
    assert [agreed(state, "marketing", channel) for channel in ("sms", "phone", "email")] == [False, False, True]
    drain_all("sms")
    assert (row(offer)["rule"], row(notice)["state"]) == ("opted_out", "sent")


def test_a_phone_that_nobody_has_yet_stays_opted_out(person, planned, carrier, answer):
    assert answer("退订").customer_ids == ()

    offer = planned(person(), "offer")
    drain("sms")

    assert (row(offer)["state"], row(offer)["rule"]) == ("denied", "opted_out")


def test_the_same_reply_again_is_the_same_reply(person, answer):
    person()

    first, again = (answer("TD", number="one") for _ in range(2))

    assert (again.reply_id, again.opted_out, again.repeated) == (first.reply_id, True, True)
    assert rows("SELECT count(*) FROM message_replies") == [(1,)]


def test_other_words_wait_for_staff_with_who_was_written_to_last(person, planned, carrier, answer):
    first = person()
    message = planned(first)
    drain("sms")

    reply = answer("几点开门？")

    assert not reply.opted_out
    (waiting,) = queries.replies(EVERYTHING, open_only=True).items
    assert (waiting.text, waiting.customer_id, waiting.shown) == ("几点开门？", first, "138****0001")
    assert row(message)["customer_id"] == first
    assert rows("SELECT id FROM message_replies WHERE position('几点' IN encode(text_sealed, 'escape')) > 0") == []


def test_a_link_opts_out_in_one_click_without_signing_in(person, client):
    customer_id = person()
    address = f"/u/{opt_out_token(customer_id)}"

    looked = client.get(address)
    before = consents(customer_id)
    answer = client.post(address)  # as a mail program does: no cookie, no token of a page

    assert (looked.status_code, answer.status_code) == (200, 200)
    assert agreed(before, "marketing", "email") is True
    assert {agreed(consents(customer_id), "marketing", one) for one in ("sms", "phone", "email", "wechat")} == {False}
    assert agreed(consents(customer_id), "service", "sms") is None


@pytest.mark.parametrize("change", ["{0:x}-00000000000000000000", "{1:x}-{2}", "nothing", "-", "١-{2}"])
def test_a_link_of_nobody_changes_nothing(person, client, change):
    customer_id, other = person(), person()
    mac = opt_out_token(customer_id).partition("-")[2]

    answer = client.post("/u/" + change.format(customer_id, other, mac))

    assert answer.status_code == 404
    assert agreed(consents(customer_id), "marketing", "sms") is True


def test_another_site_cannot_post_the_link(person, client):
    customer_id = person()

    answer = client.post(f"/u/{opt_out_token(customer_id)}", headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 400
    assert agreed(consents(customer_id), "marketing", "sms") is True


def test_an_offer_says_the_way_out_and_a_notice_does_not(person, planned, carrier, monkeypatch, app):
    monkeypatch.setitem(app.extensions, "loyalty.public_url", "https://club.example")
    customer_id = person()
    for channel in ("sms", "email"):
        planned(customer_id, "offer", channel)
        planned(customer_id, "ready", channel)

    drain_all("sms")
    drain_all("email")

    offer, notice, mail, plain = carrier.got
    link = f"https://club.example/u/{opt_out_token(customer_id)}"
    assert offer.text.endswith("\n拒收请回复R")
    assert mail.text.endswith(f"：{link}")
    assert (mail.way_out, plain.way_out) == (link, None)
    assert "R" not in notice.text


def test_a_reply_from_the_future_is_kept_as_it_was_told(person, answer, clock):
    customer_id = person()
    incoming = Incoming("sms", "later", PHONE, "TD", clock.now + timedelta(hours=1))

    assert receive_reply(incoming, now=clock.now, by=SYSTEM).opted_out
    assert agreed(consents(customer_id), "marketing", "sms") is False
