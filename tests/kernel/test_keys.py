import threading

import pytest
from sqlalchemy import text

from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import KeyInFlight, KeyReused
from loyalty.kernel.keys import once

NAMES = {"caller": "client:1", "operation": "points.redeem"}


class Work:
    """Counts how often it is done."""

    def __init__(self):
        self.done = 0

    def __call__(self):
        self.done += 1
        return {"number": self.done}


def test_the_same_key_and_body_give_the_first_answer_and_one_effect(db_session):
    work = Work()

    first = once("k1", **NAMES, body={"points": 1, "to": 2}, work=work)
    again = once("k1", **NAMES, body={"to": 2, "points": 1}, work=work)

    assert (first, again, work.done) == ({"number": 1}, {"number": 1}, 1)


def test_another_body_under_the_key_is_refused_and_nothing_is_done(db_session):
    work = Work()
    once("k1", **NAMES, body={"points": 1}, work=work)

    with pytest.raises(KeyReused):
        once("k1", **NAMES, body={"points": 2}, work=work)

    assert work.done == 1


def test_a_key_belongs_to_its_caller_and_operation(db_session):
    work = Work()
    once("k1", **NAMES, body={}, work=work)

    once("k1", caller="client:2", operation="points.redeem", body={}, work=work)
    once("k1", caller="client:1", operation="points.adjust", body={}, work=work)

    assert work.done == 3


def test_without_a_key_the_work_is_simply_done(db_session):
    work = Work()

    once(None, **NAMES, body={}, work=work)
    once(None, **NAMES, body={}, work=work)

    assert work.done == 2


def test_a_failed_effect_leaves_no_key_behind(db_session):
    def fail():
        raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        once("k1", **NAMES, body={}, work=fail)

    assert once("k1", **NAMES, body={"other": True}, work=Work()) == {"number": 1}


def test_a_second_request_while_the_first_still_works_is_told_so(app, committed):
    inside, go = threading.Event(), threading.Event()

    def slow():
        inside.set()
        go.wait(10)
        return {"slow": True}

    def first():
        with app.app_context():
            once("k1", **NAMES, body={}, work=slow)
            db.session.remove()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(KeyInFlight):
            once("k1", **NAMES, body={}, work=Work())
    finally:
        go.set()
        thread.join()

    assert once("k1", **NAMES, body={}, work=Work()) == {"slow": True}


def test_thirty_parallel_requests_have_one_effect(app, committed):
    committed.execute(text("CREATE TABLE effects (n integer)"))
    committed.commit()
    answers = []

    def work():
        db.session.execute(text("INSERT INTO effects VALUES (1)"))
        return {"done": True}

    def ask():
        with app.app_context():
            try:
                answers.append(once("k1", **NAMES, body={}, work=work))
            except KeyInFlight:
                answers.append(None)
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {"done": True} in answers
    assert len(answers) == 30
    assert committed.execute(text("SELECT count(*) FROM effects")).scalar_one() == 1


def test_without_the_key_the_same_thirty_have_thirty_effects(app, committed):
    """The negative control: the safeguard is the key, not luck."""
    committed.execute(text("CREATE TABLE effects (n integer)"))
    committed.commit()

    def ask():
        with app.app_context(), transaction() as session:
            once(None, **NAMES, body={}, work=dict)
            session.execute(text("INSERT INTO effects VALUES (1)"))

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert committed.execute(text("SELECT count(*) FROM effects")).scalar_one() == 30
