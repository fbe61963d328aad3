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
        lanes.begin([work, work])
        lanes.finish()

    assert len({id(session) for session in [*sessions, db.session()]}) == 3


@pytest.mark.parametrize("most", [1, 2])
def test_inside_a_transaction_the_caller_does_all_by_itself(db_session, most):
    names = []

    with transaction(), Lanes(most) as lanes:
        lanes.begin([lambda: names.append(threading.current_thread().name)] * 2)
        lanes.finish()

    assert (lanes.most, names) == (1, [threading.current_thread().name] * 2)


def test_an_error_is_told_when_the_other_work_has_ended(committed):
    ended = []

    def fail():
        raise ZeroDivisionError

    with Lanes(2) as lanes:
        lanes.begin([fail, lambda: ended.append("the other one")])
        with pytest.raises(ZeroDivisionError):
            lanes.finish()

    assert ended == ["the other one"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane")]
