"""What a link keeps of a person is gone with the erasure, and what it keeps of others stays."""

import json

import pytest
from sqlalchemy import select

from loyalty.customers.models import Customer
from loyalty.customers.service import erase, request_erasure
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.crypto import seal, unseal
from loyalty.kernel.db import db
from loyalty.links import queries
from loyalty.links.models import LinkEvent, LinkReject
from loyalty.links.service import dismiss_reject, forgetting, set_paused
from tests.links.conftest import VIN, a_sale, an_event

PERSON = {"number": "K-1", "name": "司徒明月", "phone": "13913572468"}
OTHER = {"number": "K-12", "name": "欧阳清风", "phone": "13811112222"}
READING = {"vin": VIN, "km": 9, "read_at": "2026-03-11T10:00:00+08:00", "store": "XX", "order": "W-1"}


@pytest.fixture
def person(core, clock):
    """Somebody who bought and drives a car; called, they are erased."""
    core.send(an_event("E-0", sales=[a_sale("S-0", customer=PERSON, vehicle={"vin": VIN})]))
    customer_id = db.session.scalar(select(Customer.id))
    how = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}

    def forget():
        request_erasure(customer_id, **how)
        erased = erase(customer_id, **how)
        db.session.expire_all()
        return {effect.kind: effect.numbers for effect in erased.effects}

    return forget


def kept():
    """All that links keep, opened."""
    told = [
        unseal(row.sealed, place=queries.reject_place(row.id)) + row.key
        for row in db.session.scalars(select(LinkReject))
    ]
    for row in db.session.scalars(select(LinkEvent)):
        places = (queries.event_place, row.body_sealed), (queries.answer_place, row.answer_sealed)
        told += [unseal(sealed, place=place(row.link_id, row.event_id)) for place, sealed in places if sealed]
    return "\n".join(told)


def named(customer):
    told = kept()
    return [text for text in (*customer.values(), VIN) if json.dumps(text, ensure_ascii=False) in told or text in told]


def of_store_unknown(number, customer):
    return a_sale(number, store="XX", customer=customer)


def test_what_was_not_taken_stays_by_its_number_without_what_it_said(core, person, rejects, link, clock):
    core.send(an_event(sales=[of_store_unknown("S-1", PERSON), of_store_unknown("S-2", OTHER)], readings=[READING]))
    assert set(named(PERSON)) >= {"司徒明月", "13913572468", VIN}

    effects = person()

    assert effects["links.kept_cleared"]["count"] >= 3
    assert [text for text in named(PERSON) if text != "K-1"] == []  # the other's number begins so
    assert named(OTHER) == list(OTHER.values())
    told = {key: sentences for _, key, sentences in rejects()}
    assert told["S-1"] == [forgetting.TAKEN_OUT]
    assert set(told) == {"S-1", "S-2"}
    assert told["S-2"] != [forgetting.TAKEN_OUT]


def test_what_was_dismissed_is_deleted(core, person, link, clock):
    core.send(an_event(sales=[of_store_unknown("S-1", PERSON)]))
    dismiss_reject(link(), queries.open_rejects(link().id, limit=1)[0].id, now=clock.now, by=SYSTEM)

    person()

    assert db.session.scalars(select(LinkReject)).all() == []


def test_an_event_that_waits_loses_the_person_alone(core, person, link, clock):
    set_paused(link(), paused=True, now=clock.now, by=SYSTEM)
    sales = [a_sale("S-1", customer=PERSON), a_sale("S-2", customer=OTHER)]
    core.send(an_event(sales=sales))

    assert person()["links.kept_cleared"] == {"count": 1}

    assert [text for text in named(PERSON) if text != "K-1"] == []
    set_paused(link(), paused=False, now=clock.now, by=SYSTEM)
    again = core.send(an_event(sales=sales))
    assert [item["number"] for item in again.json["items"]] == ["S-2"]


def test_what_does_not_open_is_emptied_too(core, person, rejects, link, clock):
    core.send(an_event(sales=[of_store_unknown("S-2", OTHER)]))
    db.session.scalars(select(LinkReject)).one().sealed = seal("{}", place="elsewhere")
    db.session.commit()

    person()

    assert rejects() == [("sale", "S-2", [forgetting.TAKEN_OUT])]


def test_without_the_safeguard_the_person_is_still_named(core, person, monkeypatch):
    """The negative control."""
    core.send(an_event(sales=[of_store_unknown("S-1", PERSON)]))
    monkeypatch.setattr(forgetting, "_names", lambda _traces: lambda _told: False)

    assert "links.kept_cleared" not in person()

    assert set(named(PERSON)) >= {"司徒明月", "13913572468"}
