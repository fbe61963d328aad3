"""Signed events: who may send them, what becomes of them, and that each has one effect however often it comes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.links import queries
from loyalty.links.models import LinkEvent
from loyalty.links.rules import SIGNATURE_HEADER, TIMESTAMP_HEADER, signatures
from loyalty.links.service import create_webhook, receiving, rotate_secret, set_paused, try_again, work_on
from loyalty.sales.models import Refund, Sale
from tests.links.conftest import VIN, a_sale, an_event

MONEY = {"minor": 4_000, "currency": "CNY"}


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def gross(number="S-1"):
    return db.session.execute(select(Sale.gross_minor).where(Sale.number == number)).scalar_one()


def refused(answer):
    return (answer.status_code, answer.json["code"])


def test_a_signed_event_is_taken_and_its_body_is_not_kept(core, link):
    answer = core.send(an_event())

    assert (answer.status_code, answer.json["state"], answer.json["counts"]) == (200, "done", {"created": 1})
    assert answer.json["items"][0]["number"] == "S-1"
    kept = queries.event_row(link().id, "E-1")
    assert kept.state == "done"
    assert kept.body_sealed is None


def test_an_event_that_waits_is_sealed(core, link, clock):
    set_paused(link(), paused=True, now=clock.now, by=SYSTEM)

    core.send(an_event())

    assert "王建国".encode() not in queries.event_row(link().id, "E-1").body_sealed


@pytest.mark.parametrize("ahead", [-300, 300])
def test_a_clock_may_be_five_minutes_away(core, ahead):
    assert core.send(an_event(), ahead=ahead).status_code == 200


@pytest.mark.parametrize("ahead", [-301, 301])
def test_an_old_signature_is_refused_and_nothing_is_kept(core, ahead):
    assert refused(core.send(an_event(), ahead=ahead)) == (401, "links.signature_old")
    assert (count(LinkEvent), count(Sale)) == (0, 0)


def test_without_the_window_an_old_signature_would_be_taken(core, monkeypatch):
    monkeypatch.setattr(signatures, "MOST_SECONDS", 10**9)

    assert core.send(an_event(), ahead=-86_400).status_code == 200


def test_a_wrong_signature_is_refused_and_nothing_is_kept(core):
    assert refused(core.send(an_event(), secret="whsec_other")) == (401, "links.signature_wrong")
    assert (count(LinkEvent), count(Sale)) == (0, 0)


def test_without_the_comparison_a_wrong_signature_would_be_taken(core, monkeypatch):
    monkeypatch.setattr(signatures.hmac, "compare_digest", lambda *_: True)

    assert core.send(an_event(), secret="whsec_other").status_code == 200


def test_a_body_that_was_changed_under_way_is_refused(core):
    sent = json.dumps(an_event()).encode()
    timestamp = str(int(core.clock.now.timestamp()))
    headers = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signatures.signature_of(core.secret, timestamp, sent)}

    answer = core.send(None, raw=sent.replace(b"10000", b"10001"), headers=headers)

    assert refused(answer) == (401, "links.signature_wrong")


def test_a_timestamp_that_was_changed_under_way_is_refused(core):
    sent = json.dumps(an_event()).encode()
    timestamp = int(core.clock.now.timestamp())
    signature = signatures.signature_of(core.secret, str(timestamp - 86_400), sent)
    headers = {TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signature}

    assert refused(core.send(None, raw=sent, headers=headers)) == (401, "links.signature_wrong")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TIMESTAMP_HEADER: "1773295680"},
        {TIMESTAMP_HEADER: "soon", SIGNATURE_HEADER: "sha256=" + "0" * 64},
        {TIMESTAMP_HEADER: "１773295680", SIGNATURE_HEADER: "sha256=" + "0" * 64},
        {TIMESTAMP_HEADER: "1773295680", SIGNATURE_HEADER: "0" * 64},
    ],
)
def test_an_event_without_a_signature_is_refused(core, headers):
    assert refused(core.send(an_event(), headers=headers)) == (401, "links.signature_missing")


def test_an_unknown_link_answers_like_a_wrong_signature(core):
    unknown, wrong = core.send(an_event(), code="erp"), core.send(an_event(), secret="whsec_other")

    assert (unknown.status_code, unknown.json) == (wrong.status_code, wrong.json)


def test_the_same_event_again_gets_the_first_answer_and_has_one_effect(core):
    first = core.send(an_event())

    again = core.send(an_event())

    assert again.json == first.json | {"repeated": True}
    assert (count(LinkEvent), count(Sale)) == (1, 1)


def test_another_body_under_the_same_id_is_refused_and_changes_nothing(core):
    core.send(an_event())

    answer = core.send(an_event(sales=[a_sale(gross=20_000)]))

    assert refused(answer) == (422, "links.event_reused")
    assert gross() == 10_000


def test_a_replayed_event_without_its_id_would_count_again(core):
    refund = {"sale": "S-1", "occurred_at": "2026-03-11T10:00:00Z", "lines": [{"number": 1, "amount": MONEY}]}
    core.send(an_event())
    core.send(an_event("E-2", refunds=[refund | {"number": "R-1"}]))
    core.send(an_event("E-2", refunds=[refund | {"number": "R-1"}]))
    db.session.execute(text("DELETE FROM link_events"))

    core.send(an_event("E-2", refunds=[refund | {"number": "R-2"}]))

    assert count(Refund) == 2


def test_two_secrets_are_in_force_while_one_replaces_the_other(core, link, clock):
    old = core.secret
    new = rotate_secret(link(), keep=timedelta(hours=2), now=clock.now, by=SYSTEM)

    assert new != old
    assert [core.send(an_event(f"A-{n}"), secret=secret).status_code for n, secret in enumerate((old, new))] == [
        200,
        200,
    ]
    clock.advance(hours=2)
    assert refused(core.send(an_event("B-1"), secret=old)) == (401, "links.signature_wrong")
    assert core.send(an_event("B-2"), secret=new).status_code == 200


def test_a_second_rotation_ends_the_oldest_secret_at_once(core, link, clock):
    oldest = core.secret
    rotate_secret(link(), now=clock.now, by=SYSTEM)
    rotate_secret(link(), now=clock.now, by=SYSTEM)

    assert refused(core.send(an_event(), secret=oldest)) == (401, "links.signature_wrong")
    assert len(queries.secrets_in_force(link().id, clock.now)) == 2


def test_each_thing_of_an_event_is_answered_for_itself(core, rejects):
    answer = core.send(an_event(sales=[a_sale(), a_sale("S-2", store="XX"), {"number": "S-3"}, "S-4"]))

    assert [item["state"] for item in answer.json["items"]] == ["created", "rejected", "rejected", "rejected"]
    assert answer.json["items"][1]["errors"] == {
        "store": ["There is no store “XX”; use the code of one of your stores."]
    }
    assert "store" in answer.json["items"][2]["errors"]
    assert {key for _, key, _ in rejects()} >= {"S-2", "S-3"}
    assert count(Sale) == 1


def test_a_link_of_one_store_writes_nothing_of_another(client, clock, stores, core):
    from_east = create_link(clock, [stores["CD01"]])

    answer = core.send(an_event(sales=[a_sale(), a_sale("S-2", store="CX01")]), secret=from_east, code="east")

    assert [item["state"] for item in answer.json["items"]] == ["created", "rejected"]


def create_link(clock, stores):
    return create_webhook(code="east", name="East", source="east", stores=stores, now=clock.now, by=SYSTEM)


def test_a_sale_that_is_known_with_other_content_is_corrected_by_line(core):
    core.send(an_event())

    answer = core.send(an_event("E-2", sales=[a_sale(gross=12_000)]))

    assert answer.json["items"][0]["state"] == "corrected"
    assert gross() == 12_000


def test_what_is_older_than_what_is_known_is_passed_over(core):
    core.send(an_event(sales=[a_sale(gross=12_000, changed_at="2026-03-12T10:00:00Z")]))

    answer = core.send(an_event("E-2", sales=[a_sale(gross=10_000, changed_at="2026-03-12T09:59:59Z")]))

    assert answer.json["items"][0]["state"] == "passed_over"
    assert gross() == 12_000


def test_refunds_deliveries_and_readings_come_over_the_same_link(core):
    car = {"vehicle": {"vin": VIN}, "kind": "vehicle"}
    core.send(an_event(sales=[a_sale(**car)]))

    answer = core.send(
        an_event(
            "E-2",
            refunds=[
                {
                    "sale": "S-1",
                    "number": "R-1",
                    "occurred_at": "2026-03-11T10:00:00Z",
                    "lines": [{"number": 1, "amount": MONEY}],
                }
            ],
            deliveries=[{"sale": "S-1", "delivered_at": "2026-03-11T10:00:00+08:00"}],
            readings=[{"vin": VIN, "km": 15, "read_at": "2026-03-11T23:30:00+08:00", "store": "CD01", "order": "W-1"}],
        )
    )

    assert [(item["kind"], item["state"]) for item in answer.json["items"]] == [
        ("refund", "created"),
        ("delivery", "created"),
        ("reading", "created"),
    ]
    km, day = db.session.execute(text("SELECT km, read_day FROM odometer_readings")).one()
    assert (km, day.isoformat()) == (15, "2026-03-11")


def test_mileage_runs_upward_only_unless_a_reason_is_given(core, rejects):
    core.send(an_event(sales=[a_sale(vehicle={"vin": VIN}, odometer=20_000)]))
    reading = {"vin": VIN, "km": 12_000, "read_at": "2026-03-11T10:00:00Z", "store": "CD01", "order": "W-1"}

    backward = core.send(an_event("E-2", readings=[reading]))
    corrected = core.send(an_event("E-3", readings=[reading | {"reason": "换表"}]))

    assert backward.json["items"][0]["state"] == "rejected"
    assert corrected.json["items"][0]["state"] == "created"
    assert rejects() == []  # what was rejected under the same order and VIN is settled


def test_a_cancelled_sale_goes_back_whole_and_never_stands_again(core):
    core.send(an_event())

    answer = core.send(an_event("E-2", cancellations=[{"sale": "S-1", "reason": "作废"}]))
    again = core.send(an_event("E-3", cancellations=[{"sale": "S-1"}]))
    risen = core.send(an_event("E-4"))

    assert answer.json["items"][0]["state"] == "created"
    assert again.json["items"][0]["state"] == "same"
    assert risen.json["items"][0]["state"] == "rejected"
    assert db.session.execute(select(Sale.refunded_gross_minor)).scalar_one() == 10_000


def test_a_cancellation_that_overtakes_its_sale_holds(core):
    early = core.send(an_event("E-2", cancellations=[{"sale": "S-1", "changed_at": "2026-03-12T10:00:00Z"}]))

    late = core.send(an_event("E-1", sales=[a_sale(changed_at="2026-03-12T09:00:00Z")]))

    assert early.json["items"][0]["state"] == "same"
    assert late.json["items"][0]["state"] == "passed_over"
    assert count(Sale) == 0


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], "_"),
        ({"sales": [a_sale()]}, "id"),
        ({"id": "", "sales": [a_sale()]}, "id"),
        ({"id": "E-1"}, "_"),
        ({"id": "E-1", "sale": [a_sale()]}, "sale"),
        ({"id": "E-1", "sales": {}}, "sales"),
        ({"id": "E-1", "sales": [a_sale()] * 501}, "_"),
    ],
)
def test_what_is_no_event_is_refused_and_its_id_stays_free(core, body, place):
    answer = core.send(body)

    assert refused(answer) == (422, "malformed")
    assert place in answer.json["details"]["errors"]
    assert core.send(an_event()).status_code == 200


def test_a_body_that_is_no_json_is_refused(core):
    assert refused(core.send(None, raw=b"\xff{")) == (422, "malformed")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(core):
    assert refused(core.send(None, raw=b" " * (2 * 1024 * 1024 + 1))) == (413, "too_large")


def test_an_address_that_sends_too_often_is_told_to_wait(core, monkeypatch):
    codes = [core.send(None, raw=b"{", headers={}).status_code for _ in range(601)]

    assert (set(codes[:600]), codes[-1]) == ({401}, 429)


def test_events_for_a_paused_link_are_kept_and_worked_on_when_it_goes_on(core, link, clock):
    set_paused(link(), paused=True, now=clock.now, by=SYSTEM)
    waiting = core.send(an_event())
    again = core.send(an_event())
    assert (waiting.status_code, waiting.json["state"], again.json["state"]) == (202, "waiting", "waiting")
    assert (count(Sale), queries.events_due()) == (0, [])

    set_paused(link(), paused=False, now=clock.now, by=SYSTEM)
    for event in queries.events_due():
        work_on(event, now=clock.now)

    assert count(Sale) == 1
    assert core.send(an_event()).json["counts"] == {"created": 1}


def test_an_event_whose_worker_died_is_kept_and_worked_on_once(core, link, clock, monkeypatch):
    def dies(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "take", dies)
        with pytest.raises(KeyboardInterrupt):
            core.send(an_event())
    assert refused(core.send(an_event())) == (409, "links.event_in_flight")

    db.session.execute(text("UPDATE link_events SET due_at = clock_timestamp() - interval '1 second'"))
    for event in [*queries.events_due()] * 2:
        work_on(event, now=clock.now)

    assert count(Sale) == 1
    assert core.send(an_event()).json["repeated"] is True


def test_one_row_that_cannot_be_worked_on_does_not_hold_up_the_others(core, monkeypatch, rejects):
    real = receiving.take.__globals__["record_sales"]

    def odd(facts, **more):
        if any(fact.number == "S-2" for fact in facts):
            raise ZeroDivisionError
        return real(facts, **more)

    monkeypatch.setitem(receiving.take.__globals__, "record_sales", odd)

    answer = core.send(an_event(sales=[a_sale(f"S-{n}") for n in range(1, 6)]))

    assert answer.json["counts"] == {"created": 4, "rejected": 1}
    assert [key for _, key, _ in rejects()] == ["S-2"]


def test_an_event_that_the_database_does_not_let_through_waits(core, monkeypatch, clock):
    def busy(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, Exception("deadlock"))

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "take", busy)
        answer = core.send(an_event())
    assert (answer.status_code, answer.json["state"], count(Sale)) == (202, "waiting", 0)

    db.session.execute(text("UPDATE link_events SET due_at = clock_timestamp()"))
    for event in queries.events_due():
        work_on(event, now=clock.now)
    assert count(Sale) == 1


def test_an_event_that_is_given_up_is_shown_and_can_be_tried_again(core, link, clock):
    core.send(an_event())
    db.session.execute(text("UPDATE link_events SET state = 'due', attempts = 10, due_at = clock_timestamp()"))
    (event,) = queries.events_due()

    work_on(event, now=clock.now)

    assert queries.events_due() == []
    assert queries.standings([link().id], clock.now)[link().id].waiting == 1
    assert try_again(link(), now=clock.now, by=SYSTEM) == 1
    assert queries.events_due() == [event]


@pytest.mark.usefixtures("committed")
def test_the_same_event_many_times_at_once_has_one_effect(live_server, core, clock):
    data, timestamp = json.dumps(an_event()).encode(), str(int(clock.now.timestamp()))
    signed = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signatures.signature_of(core.secret, timestamp, data)}
    headers = signed | {"Content-Type": "application/json"}

    def sent(_):
        return requests.post(f"{live_server.url}/api/v1/links/dms/events", data=data, headers=headers, timeout=30)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sent, range(24)))

    done = [answer.json()["counts"] for answer in answers if answer.ok]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert done
    assert all(counts == {"created": 1} for counts in done)
    assert (count(Sale), count(LinkEvent)) == (1, 1)
