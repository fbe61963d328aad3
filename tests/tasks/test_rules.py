"""The rules of tasks: states, results of a try, and who takes what."""

from datetime import date
from itertools import product

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.programme.rules import WorkCalendar
from loyalty.tasks.rules import (
    BY_HAND,
    ENDED,
    MOVES,
    Attempt,
    State,
    StoreDays,
    Wanted,
    Worker,
    may_move,
    result_of,
    share_out,
    shown_state,
)

TODAY = date(2026, 3, 12)
RETRY = date(2026, 3, 13)


def result(code, *, tries=0, most=3, **told):
    outcome = BY_HAND.outcome(code)
    return result_of(outcome, Attempt(code, **told), tries=tries, most=most, today=TODAY, retry=RETRY)


def test_every_state_has_its_moves_and_what_a_person_did_only_goes_back_to_open():
    assert set(MOVES) == set(State)
    for before, after in product(ENDED, State):
        undone = before not in {State.VOID, State.STOPPED} and after == State.OPEN
        assert may_move(before, after) == undone


@pytest.mark.parametrize(
    ("day", "shown"), [(date(2026, 3, 11), "ready"), (date(2026, 3, 12), "ready"), (date(2026, 3, 13), "planned")]
)
def test_an_open_task_is_ready_from_its_first_day(day, shown):
    assert shown_state("open", day, TODAY) == shown
    assert shown_state("done", day, TODAY) == "done"


def test_a_person_reached_ends_the_task_and_a_next_day_follows():
    assert result("settled").state == State.DONE
    assert not result("settled").follows
    after = result("settled", next_day=date(2026, 6, 10))
    assert (after.state, after.follows, after.next_day) == (State.DONE, True, date(2026, 6, 10))


def test_without_an_answer_the_task_goes_on_until_the_last_try():
    assert result("no_answer") == result("no_answer", tries=0)
    assert (result("no_answer").state, result("no_answer").tries, result("no_answer").next_day) == ("open", 1, RETRY)
    assert result("no_answer", tries=1, next_day=date(2026, 3, 20)).next_day == date(2026, 3, 20)
    assert (result("no_answer", tries=2).state, result("no_answer", tries=2).tries) == (State.NO_CONTACT, 3)


def test_a_call_back_needs_a_day_and_becomes_a_task_of_its_own():
    with pytest.raises(Malformed, match="Choose the day on which to call back"):
        result("call_back")
    after = result("call_back", next_day=TODAY)
    assert (after.state, after.follows) == (State.RESCHEDULED, True)


@pytest.mark.parametrize(("day", "fits"), [("2026-03-11", False), ("2026-03-12", True), ("2029-03-14", True)])
def test_a_next_day_is_neither_past_nor_too_far(day, fits):
    asked = date.fromisoformat(day)
    if fits:
        assert result("settled", next_day=asked).next_day == asked
    else:
        with pytest.raises(Malformed):
            result("settled", next_day=asked)
    with pytest.raises(Malformed):
        result("settled", next_day=date(2029, 3, 15))


def test_an_unknown_result_is_malformed():
    with pytest.raises(Malformed):
        BY_HAND.outcome("satisfied")


CARE, ADVISOR, ROLES = 11, 22, ("care_agent", "service_advisor")
PEOPLE = [Worker(CARE, 1, "care_agent"), Worker(ADVISOR, 1, "service_advisor"), Worker(33, 2, "service_advisor")]


def test_the_advisor_takes_it_who_works_in_the_store():
    wanted = [Wanted(1, ADVISOR, ROLES), Wanted(1, 33, ROLES), Wanted(1, 99, ROLES), Wanted(1, None, ROLES)]

    assert share_out(wanted, PEOPLE, {}) == [ADVISOR, CARE, CARE, CARE]


def test_others_go_to_who_has_least_of_the_first_role_that_anybody_holds():
    agents = [Worker(1, 7, "care_agent"), Worker(2, 7, "care_agent"), Worker(3, 7, "service_advisor")]

    assert share_out([Wanted(7, None, ROLES)] * 4, agents, {1: 2}) == [2, 2, 1, 2]
    assert share_out([Wanted(2, None, ROLES)], PEOPLE, {}) == [33]
    assert share_out([Wanted(9, None, ROLES)], PEOPLE, {}) == [None]


def test_what_an_advisor_is_given_counts_before_the_rest_is_shared_out():
    agents = [Worker(1, 7, "care_agent"), Worker(2, 7, "care_agent")]

    assert share_out([Wanted(7, None, ROLES), Wanted(7, 1, ROLES)], agents, {}) == [2, 1]


def test_a_store_rests_on_its_own_days_too():
    days = StoreDays(WorkCalendar(), ((date(2026, 3, 12), date(2026, 3, 13), "盘点"),))

    assert days.first_from(TODAY) == date(2026, 3, 16)
    assert days.last_until(date(2026, 3, 13)) == date(2026, 3, 11)
    assert days.why_not(TODAY) == "the store is closed"
    assert days.why_not(date(2026, 3, 14)) == "a weekend"
    assert days.why_not(date(2026, 5, 1)) == "a public holiday"
