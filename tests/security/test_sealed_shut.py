"""A key was taken out while values were still sealed by it: each reader says so, and what opens goes on without it."""

import pytest
from sqlalchemy import text

from loyalty.customers import queries as customers
from loyalty.customers import service
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.crypto import UNREADABLE, BrokenSeal
from loyalty.kernel.db import db
from loyalty.messaging.queries.copies import own_messages
from loyalty.messaging.service import drain
from loyalty.staff.service import factors
from tests.fixtures.second_factor import give_factor
from tests.messaging.conftest import Recorder, always_open, carrier, person, planned, row, templates
from tests.security.test_keys_taken_out import NEW, OLD, ring
from tests.staff.conftest import administrator, make_account, store, visitor

__all__ = [
    "Recorder",
    "administrator",
    "always_open",
    "carrier",
    "make_account",
    "person",
    "planned",
    "ring",
    "store",
    "templates",
    "visitor",
]

SHUT = "密钥已被取下"


@pytest.fixture
def lose(ring):
    """Return a function that takes the old key out, with all that was sealed by it left behind."""
    return lambda: ring(NEW)


def test_whoever_signs_in_is_told_the_way_out_and_no_try_is_counted(visitor, make_account, store, lose):
    make_account("lin.yue", "manager", store=store)
    lose()
    visitor.give_password("lin.yue")

    answers = [visitor.give_code() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [409] * 6
    assert "请使用恢复码，或请管理员重置第二重验证" in answers[0].text


def test_a_recovery_code_still_opens_and_a_reset_sets_it_right(visitor, make_account, store, clock, lose):
    account_id = make_account("lin.yue", "manager", store=store)
    codes = give_factor(account_id, clock.now)
    lose()
    visitor.give_password("lin.yue")

    by_paper = visitor.give_code(codes[0])
    factors.reset_factor(account_id, now=clock.now, by=SYSTEM)
    visitor.give_password("lin.yue")

    assert by_paper.status_code == 303
    assert visitor.get("/staff/help").location == "/staff/me/factor?next=/staff/help"


def test_without_the_safeguard_the_sign_in_breaks(visitor, make_account, store, lose, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(factors, "BrokenSeal", KeyError)
    make_account("lin.yue", "manager", store=store)
    lose()
    visitor.give_password("lin.yue")

    assert visitor.give_code().status_code == 503


def test_a_list_shows_what_opens_and_hides_what_does_not(administrator, person, ring):
    person(name="王建国")
    ring(NEW, OLD)
    person(name="李小明")
    ring(NEW)

    page = administrator.get("/staff/customers")

    assert page.status_code == 200
    assert "王建国" in page.text
    assert "138****0001" not in page.text
    assert "138****0002" in page.text


def test_a_phone_that_is_asked_for_in_full_is_no_row_of_stars(person, lose, clock):
    customer_id = person()
    ((at, _, phone),) = customers.identifier_rows([customer_id], ["phone"])[customer_id]
    lose()

    assert phone == "+8613812340001"
    assert customers.identifier_rows([customer_id], ["phone"])[customer_id] == [(at, "phone", UNREADABLE)]
    assert customers.traces_of([customer_id]) == [("name", "王建国")]
    with pytest.raises(BrokenSeal):
        service.reveal_identifier(customer_id, at, scope=EVERYTHING, now=clock.now, by=SYSTEM)


def test_a_message_that_does_not_open_waits_and_the_others_go(person, planned, ring, always_open, carrier):
    shut = planned(person())
    ring(NEW, OLD)
    sent = planned(person())
    ring(NEW)

    assert drain("sms") == 1
    assert (row(shut)["state"], row(sent)["state"]) == ("due", "sent")
    assert own_messages([row(shut)["customer_id"]])[0]["text"] == UNREADABLE


def test_it_goes_when_its_key_is_back(person, planned, ring, lose, always_open, carrier):
    shut = planned(person())
    lose()
    drain("sms")
    held = row(shut)
    ring(OLD)
    db.session.execute(text("UPDATE messages SET next_at = planned_at"))
    drain("sms")

    assert (held["state"], held["next_at"] > held["planned_at"]) == ("due", True)
    assert row(shut)["state"] == "sent"
