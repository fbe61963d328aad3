"""Requests asked, decided and taken back, in the database."""

import threading
from contextlib import nullcontext

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from loyalty.approvals import queries, rules, service
from loyalty.approvals.models import Approval
from loyalty.approvals.queries import Filter
from loyalty.approvals.rules import (
    AlreadyWaiting,
    ApprovalNotFound,
    EffectChanged,
    NobodyDecides,
    NoteMissing,
    NotTheAsker,
    NotWaiting,
    OwnRequest,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.errors import Forbidden
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.staff.service import create_api_client
from tests.approvals.conftest import Broken, scope_of, token_of


def decide(move, number, actor, clock, *more, **how):
    act = {"approve": service.approve, "return": service.send_back, "withdraw": service.withdraw}[move]
    return act(number, *more, **how, scope=scope_of(actor), now=clock.now, by=actor)


def one(number):
    return queries.approval(number, EVERYTHING)


def test_a_request_waits_with_its_effect_and_is_carried_out_at_a_yes(make_request, trial, decider, clock):
    number = make_request()
    waiting = one(number)

    clock.advance(hours=1)
    effects = decide("approve", number, decider, clock)

    assert (waiting.state, waiting.effect.figures[0].after, waiting.request.asked_name) == ("waiting", 10, "Asker")
    assert trial.done == [number]
    decided = one(number)
    assert (decided.state, decided.decided_name, decided.decided_at) == ("approved", "Decider", clock.now)
    assert [str(effect) for effect in decided.outcome] == [str(effect) for effect in effects]


def test_who_asked_does_not_decide(make_request, trial, asker, clock):
    number = make_request()

    for move, more in (("approve", ()), ("return", ("no",))):
        with pytest.raises(OwnRequest):
            decide(move, number, asker, clock, *more)

    assert (one(number).state, trial.done, trial.dropped) == ("waiting", [], [])


def test_nor_does_a_token_for_which_who_asked_answers(make_request, trial, asker, clock):
    client_id, _ = create_api_client(
        name="core", permissions=["points.adjust"], owner_id=asker.id, now=clock.now, by=SYSTEM
    )
    number = make_request()

    with pytest.raises(OwnRequest):
        decide("approve", number, token_of(asker, client_id), clock)

    assert trial.done == []


def test_who_asked_by_a_token_does_not_decide_in_person(make_request, trial, asker, clock):
    client_id, _ = create_api_client(
        name="core", permissions=["points.adjust"], owner_id=asker.id, now=clock.now, by=SYSTEM
    )
    number = make_request(by=token_of(asker, client_id))

    with pytest.raises(OwnRequest):
        decide("approve", number, asker, clock)


def test_a_token_that_nobody_answers_for_neither_asks_nor_decides(make_request, asker, clock):
    client_id, _ = create_api_client(name="core", permissions=["points.adjust"], now=clock.now, by=SYSTEM)
    number = make_request()

    with pytest.raises(NobodyDecides):
        make_request(2, by=token_of(asker, client_id))
    with pytest.raises(NobodyDecides):
        decide("approve", number, token_of(asker, client_id), clock)


@pytest.mark.parametrize("move", ["approve", "return"])
@pytest.mark.parametrize("checked", [True, False], ids=["with-the-check", "without-the-check"])
def test_the_database_refuses_it_too(make_request, asker, clock, db_session, monkeypatch, move, checked):
    """Take our own rule away: the CHECK still refuses; without the CHECK the one person would pass."""
    number = make_request()
    monkeypatch.setattr(service, "check_two_people", lambda *_people: None)
    if not checked:
        db_session.execute(text("ALTER TABLE approvals DROP CONSTRAINT ck_approvals_two_people"))
    more = ("no",) if move == "return" else ()

    refused = pytest.raises(IntegrityError, match="two_people") if checked else nullcontext()
    with refused:
        decide(move, number, asker, clock, *more)

    assert (one(number).state == "waiting") == checked


@pytest.mark.parametrize(
    "wrong",
    [
        "state = 'approved', decided_at = now()",
        "state = 'returned', decided_at = now(), decided_by = :who",
        "state = 'withdrawn'",
        "decided_by = :who",
        "state = 'lost'",
    ],
)
def test_the_database_knows_no_half_decisions(make_request, decider, db_session, wrong):
    number = make_request()

    statement = text(f"UPDATE approvals SET {wrong} WHERE id = :id")  # noqa: S608 - written above
    with pytest.raises(IntegrityError), db_session.begin_nested():
        db_session.execute(statement, {"id": number, "who": decider.id})


def test_one_request_of_a_kind_waits_for_a_subject(make_request, decider, clock):
    number = make_request(1)
    make_request(2)

    with pytest.raises(AlreadyWaiting) as refused:
        make_request(1)

    assert refused.value.details == {"number": number}
    decide("approve", number, decider, clock)
    make_request(1)


def test_what_cannot_be_done_is_not_asked(make_request, trial, db_session):
    trial.broken = True

    with pytest.raises(Broken):
        make_request()

    assert db_session.scalar(select(func.count()).select_from(Approval)) == 0


def test_what_cannot_be_done_any_more_is_not_decided(make_request, trial, decider, clock):
    number = make_request()
    trial.broken = True

    with pytest.raises(Broken):
        decide("approve", number, decider, clock)

    assert one(number).state == "waiting"
    decide("return", number, decider, clock, "too late")
    assert one(number).state == "returned"


def test_an_effect_that_has_changed_is_looked_at_again(make_request, trial, decider, clock):
    number = make_request()
    seen = queries.preview(one(number), clock.now).fingerprint
    trial.level = 6

    with pytest.raises(EffectChanged):
        decide("approve", number, decider, clock, seen=seen)

    assert (one(number).state, trial.done) == ("waiting", [])
    now = queries.preview(one(number), clock.now)
    assert now.fingerprint != one(number).effect.fingerprint
    decide("approve", number, decider, clock, seen=now.fingerprint)


def test_a_request_goes_back_with_a_note_and_leaves_nothing(make_request, trial, decider, clock):
    number = make_request()

    with pytest.raises(NoteMissing):
        decide("return", number, decider, clock, "  ")
    decide("return", number, decider, clock, " 请附工单 ")

    view = one(number)
    assert (view.state, view.note, view.decided_name, trial.dropped) == ("returned", "请附工单", "Decider", [number])


def test_only_who_asked_withdraws(make_request, trial, asker, decider, clock):
    number = make_request()

    with pytest.raises(NotTheAsker):
        decide("withdraw", number, decider, clock)
    decide("withdraw", number, asker, clock)

    view = one(number)
    assert (view.state, view.decided_by, view.decided_at, trial.dropped) == ("withdrawn", None, clock.now, [number])


@pytest.mark.parametrize("move", ["approve", "return", "withdraw"])
def test_what_is_decided_stays(make_request, trial, asker, decider, clock, move):
    number = make_request()
    decide("approve", number, decider, clock)

    with pytest.raises(NotWaiting):
        decide(move, number, asker if move == "withdraw" else decider, clock, *(("no",) if move == "return" else ()))

    assert trial.done == [number]


def test_another_store_s_request_is_not_found(make_request, trial, person, far_store, clock):
    number = make_request()
    far = person("far", stores=frozenset({far_store}))

    for move, more in (("approve", ()), ("return", ("no",)), ("withdraw", ())):
        with pytest.raises(ApprovalNotFound):
            decide(move, number, far, clock, *more)
        with pytest.raises(ApprovalNotFound):
            decide(move, number + 1000, far, clock, *more)

    assert queries.listed(Filter(), scope_of(far)).items == []
    assert queries.waiting_for(far) == 0


def test_a_request_of_the_group_is_seen_by_who_reads_for_all_stores(make_request, person):
    number = make_request(at=None)

    assert queries.listed(Filter(), scope_of(person("here"))).items == []
    assert [view.id for view in queries.listed(Filter(), scope_of(person("above", stores=frozenset()))).items] == []
    assert [view.id for view in queries.listed(Filter(), EVERYTHING).items] == [number]


def test_reading_is_not_deciding(make_request, trial, person, clock):
    number = make_request()
    reader = person("reader", permissions=("approvals.read", "approvals.decide"))

    with pytest.raises(Forbidden):
        decide("approve", number, reader, clock)

    assert (trial.done, queries.waiting_for(reader)) == ([], 0)


def test_the_count_leaves_out_the_own_ones(make_request, asker, decider, clock):
    first = make_request(1)
    make_request(2)
    make_request(3, by=decider)

    assert (queries.waiting_for(asker), queries.waiting_for(decider)) == (1, 2)
    decide("approve", first, decider, clock)
    assert queries.waiting_for(decider) == 1


def test_the_list_shows_waiting_ones_by_age_and_others_by_their_last(make_request, decider, clock):
    numbers = [make_request(subject) for subject in range(5)]

    first = queries.listed(Filter(state="waiting"), EVERYTHING, limit=3)
    rest = queries.listed(Filter(state="waiting"), EVERYTHING, limit=3, cursor=first.next_cursor)
    for number in numbers[:3]:
        decide("approve", number, decider, clock)

    assert [view.id for view in first.items + rest.items] == numbers
    assert rest.next_cursor is None
    decided = queries.listed(Filter(state="approved"), EVERYTHING, limit=2)
    assert [view.id for view in decided.items] == [numbers[2], numbers[1]]
    assert [view.id for view in queries.every(Filter(), EVERYTHING, most=4)] == numbers[:0:-1]


def test_each_step_leaves_an_audit_row(make_request, decider, clock, store):
    number = make_request()
    decide("return", number, decider, clock, "请附工单")

    rows = audit_rows(AuditFilter(subject_kind="approval", subject_id=number), EVERYTHING)

    assert [(row.action, row.actor_name, row.store_id) for row in rows] == [
        ("approval.returned", "Decider", store),
        ("approval.asked", "Asker", store),
    ]


def race(app, count, act):
    """Let `count` threads act at once; return what each came to."""
    ready, results = threading.Barrier(count), []

    def run(place):
        with app.app_context():
            ready.wait()
            try:
                results.append(act(place) and "done")
            except (NotWaiting, AlreadyWaiting) as refused:
                results.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


@pytest.mark.parametrize("locked", [True, False], ids=["with-the-lock", "without-the-lock"])
def test_two_deciders_at_once_give_one_decision(
    committed, app, make_request, trial, person, clock, monkeypatch, locked
):
    deciders = [person(f"decider{place}") for place in range(6)]
    number = make_request()
    if not locked:
        meet = threading.Barrier(6)
        monkeypatch.setattr(queries, "lock", lambda at, scope: (queries.approval(at, scope), meet.wait(timeout=10))[0])

    results = race(app, 6, lambda place: decide("approve", number, deciders[place], clock))

    if locked:
        assert (results, trial.done) == (["NotWaiting"] * 5 + ["done"], [number])
    else:
        assert len(trial.done) == 6


def test_of_many_who_ask_at_once_one_waits(committed, app, make_request):
    results = race(app, 6, lambda _place: make_request(1))

    assert results == ["AlreadyWaiting"] * 5 + ["done"]


def test_kept_effects_come_back_as_they_were():
    effect = rules.Preview(figures=(rules.Figure("Level", {"zh": "金卡", "en": "Gold"}, None),))

    assert rules.unpacked(rules.packed(effect)) == effect
