"""Works side by side: at once where they may be, one after the other where they must."""

import threading

import pytest

from loyalty.kernel.db import db, transaction
from loyalty.kernel.lanes import Lanes


def test_two_works_run_at_once_each_with_a_session_of_its_own(committed):
    both_are_there, sessions = threading.Barrier(2), []

    def work():
        both_are_there.wait(timeout=10)
        sessions.append(db.session())

    with Lanes(2) as lanes:
        lanes.finish([lanes.begin(work), lanes.begin(work)])

    assert len({id(session) for session in [*sessions, db.session()]}) == 3


@pytest.mark.parametrize("most", [1, 2])
def test_inside_a_transaction_the_caller_does_all_by_itself(db_session, most):
    names = []

    with transaction(), Lanes(most) as lanes:
        lanes.finish([lanes.begin(lambda: names.append(threading.current_thread().name)) for _ in range(2)])

    assert (lanes.most, names) == (1, [threading.current_thread().name] * 2)


def test_an_error_is_told_when_the_other_work_has_ended(committed):
    ended = []

    def fail():
        raise ZeroDivisionError

    with Lanes(2) as lanes:
        begun = [lanes.begin(fail), lanes.begin(lambda: ended.append("the other one"))]
        with pytest.raises(ZeroDivisionError):
            lanes.finish(begun)

    assert ended == ["the other one"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane")]


def test_a_work_waits_for_those_it_comes_after_and_for_no_other(committed):
    first_may_end, done = threading.Event(), []

    def first():
        assert first_may_end.wait(timeout=10)
        done.append("first")

    with Lanes(3) as lanes:
        one = lanes.begin(first)
        behind = lanes.begin(lambda: done.append("behind it"), [one])
        lanes.finish([lanes.begin(lambda: done.append("beside it"))])
        first_may_end.set()
        lanes.finish([one, behind])

    assert done == ["beside it", "first", "behind it"]


def test_nothing_is_done_behind_a_work_that_failed(committed):
    done = []

    def fail():
        raise ZeroDivisionError

    with Lanes(2) as lanes:
        behind = lanes.begin(lambda: done.append("behind it"), [lanes.begin(fail)])
        with pytest.raises(ZeroDivisionError):
            lanes.finish([behind])

    assert done == []
