"""Plans made, opened, ended and made anew, in the database."""

from datetime import date

import pytest
from sqlalchemy import text

from loyalty.customers.rules import CustomerDraft
from loyalty.customers.service import add_reading, change_customer, change_owner, correct_reading, create_customer
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.sales.service import record_refunds
from loyalty.staff.service import assign, create_account, disable
from loyalty.tasks import queries as task_queries
from loyalty.tasks import service as tasks
from loyalty.tasks.rules import Attempt, TaskClosed
from loyalty.visits import queries, service
from loyalty.visits.rules import PlanEnded
from loyalty.visits.service import planning
from tests.sales.conftest import a_refund, back
from tests.visits.conftest import ZONE, days, plans, states

DAY = date(2026, 3, 13)
NOTHING = {"planned": 0, "inspections": 0, "changed": 0, "moved": 0, "opened": 0, "missed": 0, "stopped": 0}


def open_tasks_of(customer_id):
    return [one for one in task_queries.tasks_of(customer_id) if one.live]


def actor_of(account_id):
    return Actor("staff", account_id, "Agent", {"tasks.work": None})


def test_a_service_is_followed_by_a_call_and_an_invitation(serve, agent, night):
    customer_id = serve()

    told = night(DAY)

    (plan,) = plans()
    assert days(plan) == {"service-3": "2026-03-13", "maintenance-7": "2026-09-03"}
    assert states(plan) == {"service-3": "opened", "maintenance-7": "planned"}
    (task,) = open_tasks_of(customer_id)
    assert (task.kind, task.due_from, task.owner_id) == ("service-call", DAY, agent)
    assert told == {**NOTHING, "planned": 1, "opened": 1}


def test_a_night_that_runs_twice_opens_each_task_once(serve, agent, night):
    customer_id = serve()
    night(DAY)

    assert night(DAY) == NOTHING
    assert len(open_tasks_of(customer_id)) == 1


def test_a_delivery_has_its_calls_and_the_first_service(deliver, agent, night):
    deliver()
    night(DAY)

    (plan,) = plans()
    assert days(plan) == {
        "delivery-1": "2026-03-11",
        "delivery-3": "2026-03-13",
        "delivery-7": "2026-03-17",
        "delivery-30": "2026-04-09",
        "first-service-15": "2026-06-26",
        "first-service-3": "2026-07-10",
    }


def test_a_corrected_delivery_voids_what_was_open_and_is_planned_anew(deliver, agent, night):
    customer_id = deliver()
    night(DAY)

    deliver(day=date(2026, 3, 11), mode="correct")
    night(date(2026, 3, 16))

    void, active = plans("void")[0], plans("active")[0]
    assert set(states(void).values()) == {"void"}
    assert days(active)["delivery-3"] == "2026-03-16"  # past the weekend
    assert [task.state for task in task_queries.tasks_of(customer_id)] == ["open", "void"]


def test_a_correction_of_an_amount_leaves_the_plan(serve, agent, night, clock):
    serve()
    night(DAY)
    serve("S-1", mode="correct", currency="CNY", odometer=9000)

    assert [plan.state for plan in plans()] == ["active"]


def test_a_sale_that_is_given_back_wholly_ends_its_plan(serve, agent, night, clock):
    serve()
    night(DAY)

    record_refunds([a_refund("R-1", back(gross=4_000))], now=clock.now, by=SYSTEM)
    assert plans()[0].state == "active"
    record_refunds([a_refund("R-2", back(gross=6_000))], now=clock.now, by=SYSTEM)
    assert (plans()[0].state, plans()[0].reason) == ("void", "The sale was given back.")


def test_a_newer_service_ends_the_invitation_that_was_planned_before(serve, agent, night):
    serve()
    night(DAY)
    serve("S-2", day=date(2026, 3, 12))
    night(date(2026, 3, 16))

    newer, older = plans()
    assert states(older) == {"service-3": "opened", "maintenance-7": "void"}
    assert days(newer)["maintenance-7"] == "2026-09-04"


def test_a_car_that_is_sold_stops_the_plan_and_starts_nothing(serve, agent, night, clock, store):
    customer_id = serve()
    night(DAY)
    buyer = create_customer(CustomerDraft("李四", home_store_id=store), scope=EVERYTHING, now=clock.now, by=SYSTEM)
    vehicle = plans()[0].vehicle_id

    change_owner(vehicle, buyer.customer_id, day=DAY, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert (plans()[0].state, plans()[0].reason) == ("stopped", "The vehicle has another owner.")
    assert open_tasks_of(customer_id) == []
    assert open_tasks_of(buyer.customer_id) == []


def test_who_no_longer_holds_the_car_is_not_called_even_when_nobody_was_told(serve, agent, night, db_session):
    customer_id = serve()
    db_session.execute(text("UPDATE ownerships SET until_day = '2026-03-11'"))

    assert night(DAY)["stopped"] == 1
    assert open_tasks_of(customer_id) == []


def test_an_owner_who_does_not_want_calls_ends_the_plan_until_it_is_taken_back(serve, agent, night, clock):
    customer_id = serve()
    night(DAY)
    (task,) = open_tasks_of(customer_id)
    by = actor_of(agent)

    tasks.record(task.id, Attempt("refused"), scope=EVERYTHING, now=clock.now, by=by)
    assert (plans()[0].state, plans()[0].reason) == ("stopped", "The owner does not want to be called.")

    tasks.undo(task.id, scope=EVERYTHING, now=clock.now, by=by)
    assert plans()[0].state == "active"
    assert states(plans()[0]) == {"service-3": "opened", "maintenance-7": "planned"}


def test_a_result_makes_the_step_done(serve, agent, night, clock):
    customer_id = serve()
    night(DAY)
    (task,) = open_tasks_of(customer_id)

    tasks.record(task.id, Attempt("satisfied"), scope=EVERYTHING, now=clock.now, by=actor_of(agent))

    assert states(plans()[0])["service-3"] == "done"


def test_a_reading_moves_what_depends_on_mileage(serve, agent, night, clock):
    serve(odometer=10_000, day=date(2026, 1, 8))
    night(date(2026, 1, 9))
    vehicle = plans()[0].vehicle_id
    assert days(plans()[0])["maintenance-7"] == "2026-07-01"

    about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    add_reading(vehicle, 16_000, day=date(2026, 3, 9), zone=ZONE, **about)
    assert days(plans()[0])["maintenance-7"] == "2026-03-20"  # 8,000 km at 100 km a day, less 7 days

    correct_reading(vehicle, 10_600, day=date(2026, 3, 12), reason="看错表", **about)
    assert days(plans()[0])["maintenance-7"] == "2026-07-01"


def test_what_is_long_over_is_missed_and_not_opened(serve, agent, night):
    customer_id = serve(day=date(2025, 12, 1))

    assert night(DAY)["missed"] == 1
    assert open_tasks_of(customer_id) == []
    assert states(plans()[0])["service-3"] == "missed"


def test_a_plan_is_stopped_by_hand_once(serve, agent, night, clock):
    customer_id = serve()
    night(DAY)
    at = plans()[0].id

    service.stop_by_hand(at, scope=EVERYTHING, now=clock.now, by=actor_of(agent))

    assert open_tasks_of(customer_id) == []
    with pytest.raises(PlanEnded):
        service.stop_by_hand(at, scope=EVERYTHING, now=clock.now, by=actor_of(agent))


def test_an_attempt_on_a_task_whose_delivery_was_corrected_is_refused_with_the_reason(deliver, agent, night, clock):
    customer_id = deliver()
    night(DAY)
    (task,) = open_tasks_of(customer_id)
    deliver(day=date(2026, 3, 11), mode="correct")

    with pytest.raises(TaskClosed) as refused:
        tasks.record(task.id, Attempt("satisfied"), scope=EVERYTHING, now=clock.now, by=actor_of(agent))

    assert refused.value.details["reason"] == "The delivery or the sale was corrected."
    assert states(plans("void")[0])["delivery-3"] == "void"


def test_steps_of_an_advisor_who_left_go_to_a_colleague(serve, agent, night, clock, store):
    customer_id = serve()
    about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    change_customer(customer_id, {"advisor_id": agent}, **about)
    colleague = create_account(username="two", name="Two", password="correct horse staple", now=clock.now, by=SYSTEM)
    assign(colleague, "care_agent", store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    disable(agent, now=clock.now, by=SYSTEM)

    night(DAY)

    assert [task.owner_id for task in open_tasks_of(customer_id)] == [colleague]


@pytest.mark.parametrize("guarded", [True, False], ids=["with-the-key", "without-the-key"])
def test_a_fact_that_is_planned_twice_gives_one_plan_by_its_key(serve, agent, clock, monkeypatch, db_session, guarded):
    """Two planners that both hold a fact: the key keeps the second out; without it there would be two plans."""
    serve()
    held = queries.lock_facts(10)
    monkeypatch.setattr(queries, "lock_facts", lambda _most: held)
    if not guarded:
        db_session.execute(text("ALTER TABLE plans DROP CONSTRAINT uq_plans_customer_id_key"))
        loose = planning.INSERT_PLANS.text.replace("ON CONFLICT (customer_id, key) DO NOTHING", "")
        monkeypatch.setattr(planning, "INSERT_PLANS", text(loose))

    for _ in range(2):
        service.plan_facts(now=clock.now, by=SYSTEM)

    assert len(plans()) == (1 if guarded else 2)
