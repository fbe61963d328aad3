"""What customers write back becomes a task of a person, and is answered once: by the task or on its page."""

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.db import db
from loyalty.messaging import queries as messages
from loyalty.messaging.service import Incoming, handle_reply, receive_reply
from loyalty.tasks.rules import Attempt
from loyalty.tasks.service import record

PHONE = "13812340001"


@pytest.fixture
def reply(clock):
    made = iter(range(1, 100))

    def reply(words, phone=PHONE):
        incoming = Incoming("sms", f"in-{next(made)}", phone, words, clock.now)
        return receive_reply(incoming, now=clock.now, by=SYSTEM).reply_id

    return reply


def tasks():
    found = db.session.execute(text("SELECT id, customer_id, kind, state, about_id FROM tasks ORDER BY id"))
    return [tuple(row) for row in found]


def test_words_that_refuse_nothing_become_a_task_once(person, reply):
    customer_id = person()

    asked = reply("几点开门？")
    reply("TD")
    reply("你们是谁？", phone="13900000000")  # of nobody known: it stands in the list of replies alone

    ((_, of, kind, state, about),) = tasks()
    assert (of, kind, state, about) == (customer_id, "reply", "open", asked)
    assert len(messages.replies(EVERYTHING, open_only=True).items) == 2


def test_a_reply_that_is_dealt_with_on_its_page_ends_its_task(person, reply, clock):
    person()
    asked = reply("几点开门？")

    handle_reply(asked, note="已回电", scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert [state for _, _, _, state, _ in tasks()] == ["void"]


def test_a_task_that_is_done_takes_the_reply_off_its_page(person, reply, clock):
    person()
    reply("几点开门？")
    ((task_id, *_),) = tasks()

    record(task_id, Attempt("settled"), scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert messages.replies(EVERYTHING, open_only=True).items == []
    assert [state for _, _, _, state, _ in tasks()] == ["done"]


def test_a_try_without_an_answer_leaves_the_reply_open(person, reply, clock):
    person()
    reply("几点开门？")
    ((task_id, *_),) = tasks()

    record(task_id, Attempt("no_answer"), scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert len(messages.replies(EVERYTHING, open_only=True).items) == 1
