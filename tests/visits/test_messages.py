"""Steps that become messages: sent once at the plan's hour, taken back with the plan, and answered for on its page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.messaging.models import Message
from loyalty.messaging.service import TemplateDraft, create_template, drain, set_retired
from loyalty.programme.rules import NamesGone
from loyalty.programme.service import activate, draft, load_file, submit
from loyalty.tasks import queries as task_queries
from loyalty.tasks import service as tasks
from loyalty.tasks.rules import Attempt
from loyalty.visits import service
from loyalty.visits.rules import USUAL_TEXTS
from tests.messaging.conftest import ANY_HOUR
from tests.sales.conftest import OTHER_VIN
from tests.visits.conftest import plans, states

DAY = date(2026, 3, 13)
PHONE = "13812345678"


def written(code, template="word", channel="sms", **more):
    names = {"zh": code, "en": code}
    about = {"trigger": "service", "task": "service-call", "channel": channel, "template": template}
    return {"code": code, "name": names, **about, **more}


def called(code, **more):
    return {"code": code, "name": {"zh": code, "en": code}, "trigger": "service", "task": "service-call", **more}


def a_text(*variables, channels=("sms", "inbox")):
    said = " ".join(f"{{{name}}}" for name in variables) or "您好"
    titled = {"zh_Hans_CN": {"text": said, "subject": "您好"}, "en": {"text": said, "subject": "Hello"}}
    plain = {language: {"text": one["text"]} for language, one in titled.items()}
    texts = {channel: titled if channel in ("email", "inbox") else plain for channel in channels}
    return {"texts": texts, **({"variables": list(variables)} if variables else {})}


@pytest.fixture
def word(db_session, clock):
    create_template(TemplateDraft("word", "A word", "service", a_text("customer", "day")), now=clock.now, by=SYSTEM)


@pytest.fixture
def planned_by(db_session, clock):
    """Return a function that puts a plan of these steps in force."""

    def make(*steps, **more):
        bodies = {"follow-up": {"steps": list(steps), **more}, "gate": ANY_HOUR}
        versions = [{"kind": kind, "effective_from": "2026-01-01", "body": body} for kind, body in bodies.items()]
        return load_file({"versions": versions}, now=clock.now, by=SYSTEM)

    return make


def messages():
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def test_a_step_becomes_a_message_at_the_hour_of_the_plan_and_not_after_its_days(serve, word, planned_by, night):
    planned_by(written("after", days=3, window=4), hour=14)
    customer_id = serve(phone=PHONE)

    night(DAY)

    (one,) = messages()
    assert (one.customer_id, one.channel, one.state) == (customer_id, "sms", "due")
    assert one.due_at == datetime(2026, 3, 13, 6, tzinfo=UTC)
    assert one.not_after == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert (one.about_kind, one.dedupe_key.split(":")[-2:]) == ("plan_step", ["2026-03-13", "sms"])
    assert states(plans()[0]) == {"after": "opened"}
    assert task_queries.tasks_of(customer_id) == []


def test_a_night_that_runs_twice_plans_each_message_once(serve, word, planned_by, night):
    planned_by(written("after", days=1))
    serve(phone=PHONE)

    night(date(2026, 3, 11))
    night(date(2026, 3, 11))

    assert len(messages()) == 1


def test_what_is_sent_makes_the_step_done_and_what_is_denied_makes_it_missed(
    serve, word, planned_by, night, db_session
):
    planned_by(written("after", days=3))
    serve(phone=PHONE)
    serve("S-2", customer="K-2", vin=OTHER_VIN)  # nobody knows a phone
    night(DAY)

    db_session.execute(text("UPDATE messages SET not_after = NULL"))  # outboxes go by the clock of the database
    drain("sms")

    newer, older = plans()
    assert {newer.steps[0].state, older.steps[0].state} == {"missed", "done"}
    assert {newer.steps[0].message.state, older.steps[0].message.state} == {"denied", "sent"}


def test_the_message_waits_for_its_hour_and_is_cancelled_with_the_plan(serve, word, planned_by, night, clock):
    planned_by(written("after", days=1))
    serve(phone=PHONE)
    night(date(2026, 3, 11))

    serve(phone=PHONE, day=date(2026, 3, 11), mode="correct")

    (one,) = messages()
    assert (one.state, one.problem) == ("cancelled", "The delivery or the sale was corrected.")
    assert states(plans()[-1]) == {"after": "void"}


def test_a_text_that_is_out_of_use_waits_and_is_told_and_goes_when_it_is_back(serve, word, planned_by, night, clock):
    planned_by(written("after", days=1), called("call", days=1))
    serve(phone=PHONE)
    set_retired("word", retired=True, now=clock.now, by=SYSTEM)

    told = night(date(2026, 3, 11))
    assert (told["opened"], told["waiting"]) == (1, 1)
    assert (messages(), states(plans()[0])) == ([], {"after": "planned", "call": "opened"})

    set_retired("word", retired=False, now=clock.now, by=SYSTEM)
    assert "waiting" not in night(date(2026, 3, 12))
    assert len(messages()) == 1


def test_a_text_that_never_comes_back_is_missed_in_the_end(serve, word, planned_by, night, clock):
    planned_by(written("after", days=1))
    serve(phone=PHONE)
    set_retired("word", retired=True, now=clock.now, by=SYSTEM)

    assert night(date(2026, 4, 20))["missed"] == 1


def test_the_best_way_is_the_first_by_which_the_customer_can_be_reached(deliver, agent, night):
    deliver()

    night(date(2026, 3, 11))

    (one,) = messages()
    assert one.channel == "inbox"  # no phone, no address
    assert set(USUAL_TEXTS) >= {step.template for step in plans()[0].steps if step.template}


def test_refused_and_undone_opens_what_was_stopped_again(serve, agent, word, planned_by, night, clock):
    """Two calls and a message are open, a call is planned: refusing one stops all, undoing brings them back."""
    planned_by(called("one", days=1), called("two", days=1), written("word", days=2), called("late", days=60))
    customer_id = serve(phone=PHONE)
    night(date(2026, 3, 12))
    first, second = (one for one in task_queries.tasks_of(customer_id) if one.live)
    by = Actor("staff", agent, "Agent", {"tasks.work": None})

    tasks.record(first.id, Attempt("refused"), scope=EVERYTHING, now=clock.now, by=by)
    assert [one.id for one in task_queries.tasks_of(customer_id) if one.live] == []
    assert [one.state for one in messages()] == ["cancelled"]

    tasks.undo(first.id, scope=EVERYTHING, now=clock.now + timedelta(minutes=5), by=by)

    live = [one for one in task_queries.tasks_of(customer_id) if one.live]
    assert len(live) == 2
    assert second.id not in [one.id for one in live]
    assert [one.state for one in messages()] == ["cancelled", "due"]
    assert states(plans()[0]) == {"one": "opened", "two": "opened", "word": "opened", "late": "planned"}


def test_undoing_does_not_bring_back_a_plan_that_ended_for_another_reason(serve, agent, planned_by, night, clock):
    planned_by(called("one", days=1), called("two", days=1))
    customer_id = serve()
    night(date(2026, 3, 11))
    first = next(one for one in task_queries.tasks_of(customer_id) if one.live)
    by = Actor("staff", agent, "Agent", {"tasks.work": None})
    tasks.record(first.id, Attempt("satisfied"), scope=EVERYTHING, now=clock.now, by=by)
    service.stop_by_hand(plans()[0].id, scope=EVERYTHING, now=clock.now, by=by)

    tasks.undo(first.id, scope=EVERYTHING, now=clock.now, by=by)

    assert (plans()[0].state, plans()[0].reason) == ("stopped", "Stopped by a member of staff.")


@pytest.mark.parametrize(
    ("name", "body", "channel", "told"),
    [
        ("none", None, "sms", "There is no text none in use. Choose one of the list."),
        (
            "more",
            a_text("customer", "price"),
            "sms",
            "This text needs price, which a plan does not know. It knows customer, day, phone, store, vehicle.",
        ),
        (
            "other",
            a_text("customer"),
            "email",
            "This text has no words for this channel. Choose another text, or another way.",
        ),
    ],
)
def test_a_plan_names_texts_that_are_in_use_and_need_nothing_else(
    db_session, manager, clock, name, body, channel, told
):
    if body is not None:
        create_template(TemplateDraft(name, name, "service", body), now=clock.now, by=SYSTEM)
    steps = [called("call", days=1), written("after", name, channel, days=1)]

    with pytest.raises(Malformed) as wrong:
        draft("follow-up", {"steps": steps}, now=clock.now, by=manager)

    assert {place: [str(line) for line in lines] for place, lines in wrong.value.errors.items()} == {
        "body.steps[1].template": [told]
    }


def test_a_text_retired_between_writing_and_approval_keeps_the_plan_out_of_force(word, manager, other_manager, clock):
    version = draft("follow-up", {"steps": [written("after", days=1)]}, now=clock.now, by=manager)
    submit(version, now=clock.now, by=manager)
    set_retired("word", retired=True, now=clock.now, by=SYSTEM)

    with pytest.raises(NamesGone):
        activate(version, now=clock.now, by=other_manager)
