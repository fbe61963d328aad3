"""Tasks opened, recorded, undone and ended, in the database."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.staff.service import disable
from loyalty.tasks import queries, service
from loyalty.tasks.models import Task, TaskAttempt
from loyalty.tasks.queries import Filter
from loyalty.tasks.rules import (
    Attempt,
    ByHand,
    ChangedMeanwhile,
    ConcludedByAnother,
    NewTask,
    NotWorkingThere,
    Sentenced,
    TakenByAnother,
    TaskClosed,
    TaskNotFound,
    UndoOfAnother,
    UndoOver,
)
from tests.tasks.conftest import TODAY, acts, one


def record(number, code, actor, clock, *, seen=None, **told):
    scope = actor.scope("tasks.work")
    return service.record(number, Attempt(code, **told), seen=seen, scope=scope, now=clock.now, by=actor)


def due(actor, clock, **wanted):
    days = queries.days_of(actor.scope("tasks.read"), clock.now)
    return [row.task.id for row in queries.queue(Filter(**wanted), days).items]


def test_a_key_opens_one_task_however_often(make_task, agent, customer, clock):
    owner = customer()
    number = make_task("once", of=owner)
    again = NewTask("once", "trial", owner, one(number).store_id, TODAY, TODAY, Sentenced("{note}", {"note": "x"}))

    assert service.open_tasks([again, again], now=clock.now, by=SYSTEM) == []
    assert acts(number) == ["opened"]


def test_a_batch_of_any_size_takes_the_same_statements(make_task, agent, customer, store, clock, count_statements):
    people = [customer(phone=f"1370000{number:04}") for number in range(12)]

    def open_some(ids, key):
        asked = [NewTask(f"{key}", "trial", at, store, TODAY, TODAY, Sentenced("{note}", {"note": "x"})) for at in ids]
        with count_statements() as counted:
            service.open_tasks(asked, now=clock.now, by=SYSTEM)
        return counted.count

    assert open_some(people[:2], "few") == open_some(people, "many") <= 10


def test_the_advisor_takes_it_and_without_one_the_agent_with_least(make_task, hire, customer, clock):
    first, advisor = hire("first"), hire("advisor", "service_advisor")
    second = hire("second")

    assert one(make_task("a", of=customer(advisor_id=advisor.id, phone="13711110000"))).owner_id == advisor.id
    owners = [one(make_task(f"b{at}")).owner_id for at in range(4)]
    assert sorted(owners) == [first.id, first.id, second.id, second.id]


def test_batches_of_one_run_are_shared_out_as_one(trial, hire, customer, store, clock):
    agents = [hire("first"), hire("second"), hire("third")]
    owner, loads = customer(), {}

    for number in range(4):
        asked = [NewTask(f"{number}", "trial", owner, store, TODAY, TODAY, Sentenced("{note}", {"note": "x"}))]
        service.open_tasks(asked, now=clock.now, by=SYSTEM, loads=loads)

    assert loads == queries.load_of({agent.id for agent in agents})
    assert sorted(loads.values()) == [1, 1, 2]


def test_tasks_of_a_batch_that_share_much_keep_what_is_their_own(trial, agent, customer, store, clock):
    shared, other = Sentenced("{note}", {"note": "shared"}), Sentenced("{note}", {"note": "other"})
    why = (Sentenced("Moved."),)
    first, second = customer(), customer(phone="13700000001")
    asked = [
        NewTask("1", "trial", first, store, TODAY, TODAY, shared, remarks=why, about_id=1),
        NewTask("2", "trial", second, store, TODAY, TODAY, other, priority=3, about_id=2),
        NewTask("3", "trial", second, store, TODAY, TODAY, shared, remarks=why, about_id=3, due_at=clock.now),
        NewTask("4", "trial", second, store, TODAY, TODAY, shared, remarks=why, about_id=4),
    ]

    opened = service.open_tasks(asked, now=clock.now, by=SYSTEM)

    tasks = sorted((one(number) for number in opened), key=lambda task: task.about_id)
    assert [(task.customer_id, task.what.values["note"], task.priority) for task in tasks] == [
        (first, "shared", 0),
        (second, "other", 3),
        (second, "shared", 0),
        (second, "shared", 0),
    ]
    assert [task.timed for task in tasks] == [False, False, True, False]
    assert [len(task.remarks) for task in tasks] == [1, 0, 1, 1]


def test_what_belongs_to_somebody_who_leaves_is_shared_out(make_task, hire, clock):
    leaves = hire("leaves")
    number = make_task()
    assert one(number).owner_id == leaves.id
    stays = hire("stays")

    disable(leaves.id, now=clock.now, by=SYSTEM)

    assert one(number).owner_id == stays.id
    assert acts(number) == ["opened", "handed_over"]


def test_an_advisor_who_left_gets_no_new_task(make_task, hire, customer, clock):
    advisor, agent = hire("advisor", "service_advisor"), hire("agent")
    owner = customer(advisor_id=advisor.id)
    disable(advisor.id, now=clock.now, by=SYSTEM)

    assert one(make_task(of=owner)).owner_id == agent.id


def test_where_nobody_works_the_task_is_nobodys(make_task, far_store, customer, hire, clock):
    number = make_task(at=far_store)

    assert one(number).owner_id is None
    assert due(hire("far", at=far_store), clock, owner=0) == [number]


def test_a_result_ends_the_task_with_its_try_history_audit_and_timeline(make_task, agent, clock):
    number = make_task()

    done = record(number, "satisfied", agent, clock, note="车况良好")

    task = one(number)
    assert (done.state, task.state, task.outcome, task.ended_by) == ("done", "done", "satisfied", agent.id)
    (tried,) = queries.attempts(task.customer_id, number)
    assert (tried.outcome, tried.means, tried.note, tried.by_name) == ("satisfied", "reached", "车况良好", "Agent")
    assert acts(number) == ["opened", "recorded"]
    assert [row.action for row in audit_rows(AuditFilter(subject_kind="task"), EVERYTHING)] == ["task.recorded"]
    assert due(agent, clock) == []


def test_without_an_answer_it_comes_back_on_the_next_workday_and_is_given_up_after_three(make_task, agent, clock):
    number = make_task()

    record(number, "no_answer", agent, clock)
    assert (one(number).state, one(number).tries, one(number).due_from) == ("open", 1, date(2026, 3, 13))
    assert due(agent, clock) == []

    clock.advance(days=1)
    assert due(agent, clock) == [number]
    record(number, "no_answer", agent, clock)
    assert one(number).due_from == date(2026, 3, 16)  # past the weekend

    clock.advance(days=3)
    assert record(number, "no_answer", agent, clock).state == "no_contact"
    assert (one(number).tries, due(agent, clock)) == (3, [])


def test_a_call_back_is_a_task_of_its_own_for_the_same_person(make_task, agent, hire, clock):
    hire("idle")
    number = make_task(owner_id=agent.id)

    done = record(number, "call_back", agent, clock, next_day=date(2026, 3, 14))

    after = one(done.follower_id)
    assert one(number).state == "rescheduled"
    assert (after.follows_id, after.owner_id, after.due_from, after.state) == (
        number,
        agent.id,
        date(2026, 3, 14),
        "open",
    )


def test_who_comes_second_is_told_who_was_first(make_task, agent, hire, clock):
    number, second = make_task(), hire("second")
    record(number, "satisfied", agent, clock)

    with pytest.raises(ConcludedByAnother, match="Agent recorded this task"):
        record(number, "unhappy", second, clock)

    assert one(number).outcome == "satisfied"


def test_a_task_that_somebody_works_on_is_theirs_for_half_an_hour(make_task, agent, hire, clock):
    number, second = make_task(), hire("second")
    service.take(number, scope=EVERYTHING, now=clock.now, by=agent)

    with pytest.raises(TakenByAnother, match="Agent has been working"):
        record(number, "satisfied", second, clock)
    with pytest.raises(TakenByAnother):
        service.take(number, scope=EVERYTHING, now=clock.now, by=second)

    clock.advance(minutes=30)
    assert record(number, "satisfied", second, clock).state == "done"


def test_a_result_on_what_has_changed_since_is_refused(make_task, agent, clock):
    number = make_task()
    service.move([number], date(2026, 3, 13), scope=EVERYTHING, now=clock.now, by=agent)

    with pytest.raises(ChangedMeanwhile):
        record(number, "satisfied", agent, clock, seen=0)

    assert record(number, "satisfied", agent, clock, seen=1).state == "done"


def test_taking_a_task_oneself_does_not_make_the_page_stale(make_task, agent, clock):
    number = make_task()
    service.take(number, scope=EVERYTHING, now=clock.now, by=agent)

    assert record(number, "satisfied", agent, clock, seen=0).state == "done"


def test_a_void_task_takes_no_result_and_says_why(make_task, agent, clock):
    number = make_task(about_kind="plan", about_id=7)
    other = make_task("k2", about_kind="plan", about_id=8)

    ended = service.void("plan", [7], reason="The delivery was corrected.", now=clock.now, by=SYSTEM)

    assert (ended, one(number).state, one(other).state) == (1, "void", "open")
    with pytest.raises(TaskClosed, match=r"The delivery was corrected\."):
        record(number, "satisfied", agent, clock)
    assert queries.attempts(one(number).customer_id, number) == []


def test_an_undone_result_is_open_again_and_its_try_no_longer_counts(make_task, agent, clock):
    number = make_task()
    follower = record(number, "satisfied", agent, clock, next_day=date(2026, 4, 1)).follower_id

    clock.advance(minutes=10)
    again = service.undo(number, scope=EVERYTHING, now=clock.now, by=agent)

    assert (again.state, again.outcome, again.ended_at) == ("open", None, None)
    assert [tried.taken_back for tried in queries.attempts(again.customer_id, number)] == [True]
    assert one(follower).state == "void"
    assert record(number, "unhappy", agent, clock, next_day=date(2026, 4, 1)).follower_id != follower


def test_undoing_a_try_without_an_answer_brings_back_the_day(make_task, agent, clock):
    number = make_task()
    before = one(number)
    record(number, "no_answer", agent, clock)

    again = service.undo(number, scope=EVERYTHING, now=clock.now, by=agent)

    assert replace(again, seq=0) == replace(before, seq=0)


@pytest.mark.parametrize("case", ["too late", "an act since", "the next one was moved", "another person"])
def test_what_cannot_be_undone_stays(make_task, agent, hire, clock, case):
    number = make_task()
    follower = record(number, "satisfied", agent, clock, next_day=date(2026, 4, 1)).follower_id
    who, refusal = agent, UndoOver
    if case == "too late":
        clock.advance(minutes=10, seconds=1)
    elif case == "an act since":
        service.undo(number, scope=EVERYTHING, now=clock.now, by=agent)
    elif case == "the next one was moved":
        service.move([follower], date(2026, 4, 2), scope=EVERYTHING, now=clock.now, by=agent)
    else:
        who, refusal = hire("second"), UndoOfAnother
    before = one(number)

    with pytest.raises(refusal):
        service.undo(number, scope=EVERYTHING, now=clock.now, by=who)

    assert one(number) == before


def test_skipping_needs_a_reason_and_can_be_undone(make_task, agent, clock):
    number = make_task()

    service.skip(number, "客户在外地", scope=EVERYTHING, now=clock.now, by=agent)
    assert (one(number).state, one(number).reason) == ("skipped", "客户在外地")

    assert service.undo(number, scope=EVERYTHING, now=clock.now, by=agent).state == "open"


def test_many_are_moved_and_those_that_do_not_fit_are_told(make_task, agent, clock):
    fine, done = make_task("a"), make_task("b")
    record(done, "satisfied", agent, clock)

    swept = service.move([fine, done], date(2026, 3, 20), scope=EVERYTHING, now=clock.now, by=agent)

    assert (swept.done, [(left.task.id, left.why.code) for left in swept.left]) == (1, [(done, "tasks.concluded")])
    assert one(fine).due_to == date(2026, 3, 20)


def test_many_go_to_a_colleague_only_where_that_one_works(make_task, agent, hire, far_store, clock):
    near, far = make_task("a"), make_task("b", at=far_store)
    colleague = hire("colleague")

    swept = service.reassign([near, far], colleague.id, scope=EVERYTHING, now=clock.now, by=agent)

    assert (swept.done, [left.why.code for left in swept.left]) == (1, [NotWorkingThere.code])
    assert (one(near).owner_id, one(far).owner_id) == (colleague.id, None)


def test_a_task_of_another_store_is_not_found(make_task, agent, far_store, clock):
    number = make_task(at=far_store)

    with pytest.raises(TaskNotFound):
        record(number, "satisfied", agent, clock)
    with pytest.raises(TaskNotFound):
        service.move([number], TODAY, scope=agent.scope("tasks.work"), now=clock.now, by=agent)


def test_the_queue_begins_with_what_is_overdue_and_goes_on_by_cursor(make_task, agent, clock):
    later = make_task("later", day=date(2026, 3, 13))
    numbers = [make_task(f"d{day}", day=date(2026, 3, day)) for day in (12, 10, 11)]
    days = queries.days_of(EVERYTHING, clock.now)

    first = queries.queue(Filter(), days, limit=2)
    second = queries.queue(Filter(), days, cursor=first.next_cursor, limit=2)

    assert [row.task.id for row in first.items] == [numbers[1], numbers[2]]
    assert [row.task.id for row in second.items] == [numbers[0]]
    assert second.next_cursor is None
    assert later in due(agent, clock, until=date(2026, 3, 13))
    assert due(agent, clock, view="overdue") == [numbers[1], numbers[2]]
    assert queries.next_id(Filter(), days, one(numbers[1])) == numbers[2]
    assert queries.next_id(Filter(), days, one(numbers[0])) == numbers[1]  # from the last back to the first


def test_counts_say_what_is_due_overdue_and_done(make_task, agent, clock):
    numbers = [make_task(f"d{day}", day=date(2026, 3, day)) for day in (12, 10)]
    record(numbers[0], "satisfied", agent, clock)
    days = queries.days_of(EVERYTHING, clock.now)

    told = queries.counts(Filter(), days, now=clock.now)

    assert (told.due, told.overdue, told.done, told.all, told.by_view["follow-up"]) == (1, 1, 1, 2, 1)


def test_a_follow_up_by_hand_is_there_once(agent, customer, store, clock, trial):
    asked = ByHand(customer(), "周六复检", date(2026, 3, 14), store, key="form-1")

    (number,) = service.open_by_hand(asked, now=clock.now, by=agent)

    assert service.open_by_hand(asked, now=clock.now, by=agent) == []
    assert (one(number).numbers, one(number).owner_id) == ({"note": "周六复检"}, agent.id)


def test_tries_and_changes_are_only_added(make_task, agent, clock, db_session):
    number = make_task()
    record(number, "satisfied", agent, clock)

    for spoil in ("UPDATE task_attempts SET note = 'x'", "DELETE FROM task_changes"):
        with pytest.raises(DBAPIError, match="only added"), db_session.begin_nested():
            db_session.execute(text(spoil))

    # Without the guard it would pass.
    db_session.execute(text("ALTER TABLE task_attempts DISABLE TRIGGER only_added"))
    db_session.execute(text("UPDATE task_attempts SET note = 'x'"))


def test_tasks_come_over_with_a_merge_and_go_back(make_task, agent, customer, clock, db_session):
    kept, gone = customer("王一", phone="13700000001"), customer("王二", phone="13700000002")
    number = make_task(of=gone)
    record(number, "no_answer", agent, clock)

    moved = service.carry_tasks(gone, kept)
    assert (moved, one(number).customer_id) == ([number], kept)
    assert len(queries.attempts(kept, number)) == 1

    service.carry_tasks(kept, gone, moved)
    assert one(number).customer_id == gone


def test_erasing_takes_out_what_tells_of_the_person(make_task, agent, clock, db_session):
    number = make_task()
    record(number, "satisfied", agent, clock, note="家住天河")
    at = one(number).customer_id

    service.forget_people([at])

    assert db_session.scalar(select(TaskAttempt.note)) == ""
    assert db_session.scalar(select(Task.sentence)) == "Erased on request"
    assert db_session.scalar(select(func.count()).select_from(Task)) == 1
