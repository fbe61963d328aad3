"""Appointments made, moved, cancelled and kept; places that many want at once; what changes of customers mean."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty.appointments import queries, service
from loyalty.appointments.rules import (
    MOST_AHEAD,
    AppointmentNotFound,
    AppointmentOver,
    Draft,
    NotYet,
    SlotFull,
    SlotNotOffered,
    State,
    TooManyAhead,
)
from loyalty.appointments.service import keeping, places
from loyalty.customers.queries import timeline, vehicles_of
from loyalty.customers.service import (
    change_owner,
    close_account,
    erase,
    merge_customers,
    part_customers,
    request_erasure,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.kernel.db import db
from loyalty.kernel.errors import KeyReused, Malformed
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.tasks.queries import tasks_of
from tests.appointments.conftest import FRIDAY, SATURDAY, SUNDAY, TODAY, at, owner_of

# As the statement of the product, but for the conflict that makes the second one wait.
LOOSE = text(str(places._TAKE).replace("ON CONFLICT (store_id, starts_at, place) DO NOTHING", ""))
CLOSED = SUNDAY + timedelta(days=2)
VIN = "LSVAA4182E2123456"


def left(store, day=FRIDAY, hour=9):
    slots = queries.offered(store, day, day)[day]
    return next(slot.left for slot in slots if slot.starts_at == at(day, hour))


def reminders(appointment_id):
    told = "SELECT state, due_at FROM messages WHERE about_kind = 'appointment' AND about_id = :id ORDER BY id"
    return [tuple(row) for row in db.session.execute(text(told), {"id": appointment_id})]


def own(customer_id):
    return Scope(stores=None, customer_id=customer_id)


def test_an_owner_asks_and_all_that_follows_is_written(ask, customer, store, clock):
    who = customer(vin=VIN)
    (car,) = vehicles_of(who)
    monday = SUNDAY + timedelta(days=1)

    made = ask(who, monday, 9, vehicle_id=car.vehicle.id, note="有异响")

    assert (made.state, made.store, made.note, made.vehicle.vin) == ("asked", "城东店", "有异响", VIN)
    assert left(store, monday) == 2
    assert reminders(made.id) == [("due", at(SUNDAY, 10))]
    assert "Appointment at {store} on {when}" in {row.sentence for row in timeline(who).items}
    assert audit_rows(AuditFilter(subject_kind="appointment"), EVERYTHING)[0].action == "appointment.made"


def test_what_staff_make_is_confirmed_at_once(ask, customer, desk):
    assert ask(customer(), by=desk).state == "confirmed"


def test_a_key_makes_one_and_another_content_is_refused(ask, customer, store):
    who = customer()
    first = ask(who, key="same")

    again = ask(who, key="same")

    assert (again.id, left(store)) == (first.id, 2)
    for other in ({"topic": "repair"}, {"note": "有异响"}, {"hour": 10}):
        with pytest.raises(KeyReused):
            ask(who, key="same", **other)
    assert (left(store), left(store, hour=10)) == (2, 3)


def test_a_key_still_finds_an_appointment_that_was_moved_since(ask, customer, desk, clock):
    who = customer()
    first = ask(who, key="same")
    service.move(first.id, at(FRIDAY, 14), scope=EVERYTHING, now=clock.now, by=desk)

    assert ask(who, key="same").id == first.id


def test_the_last_place_goes_to_one(ask, customer, store, clock):
    service.set_capacity(store, 1, now=clock.now, by=SYSTEM)
    first, second = customer(), customer("李敏", "13912345678")
    ask(first)

    with pytest.raises(SlotFull):
        ask(second)

    assert left(store) == 0
    assert queries.of_customer(second, EVERYTHING) == []


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (TODAY, 15),
        (TODAY, 14),
        (FRIDAY, 12),
        (FRIDAY, 8),
        (SUNDAY, 10),
        (SATURDAY, 12),
        (SUNDAY + timedelta(days=2), 9),
    ],
    ids=["too soon", "past", "lunch", "before opening", "sunday", "half an hour", "closing day"],
)
def test_times_that_are_not_offered_are_refused(ask, customer, day, hour):
    with pytest.raises(SlotNotOffered):
        ask(customer(), day, hour)


def test_an_owner_has_three_ahead_and_no_more(ask, customer, desk):
    who = customer()
    for hour in (9, 10, 11):
        ask(who, hour=hour)

    with pytest.raises(TooManyAhead):
        ask(who, hour=14)

    assert queries.ahead_of(who) == MOST_AHEAD
    assert ask(who, hour=14, by=desk).state == "confirmed"  # staff know why


def test_a_car_of_somebody_else_is_malformed(ask, customer):
    customer("李敏", "13912345678", VIN)
    (car,) = vehicles_of(queries_customer("李敏"))

    with pytest.raises(Malformed):
        ask(customer(), vehicle_id=car.vehicle.id)


def queries_customer(name):
    return db.session.scalar(text("SELECT id FROM customers WHERE name = :name"), {"name": name})


def test_moving_gives_the_place_back_and_plans_another_reminder(ask, customer, store, clock):
    who = customer()
    made = ask(who, SATURDAY, 10)
    confirmed = service.advance(made.id, State.CONFIRMED, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    monday = SUNDAY + timedelta(days=1)
    moved = service.move(confirmed.id, at(monday, 14), scope=own(who), now=clock.now, by=owner_of(who))

    assert (moved.state, moved.starts_at) == ("asked", at(monday, 14))
    assert (left(store, SATURDAY, 10), left(store, monday, 14)) == (3, 2)
    assert [state for state, _ in reminders(made.id)] == ["cancelled", "due"]


def test_moving_to_a_full_slot_changes_nothing(ask, customer, store, clock):
    service.set_capacity(store, 1, now=clock.now, by=SYSTEM)
    who = customer()
    made = ask(who)
    ask(customer("李敏", "13912345678"), hour=10)

    with pytest.raises(SlotFull):
        service.move(made.id, at(FRIDAY, 10), scope=own(who), now=clock.now, by=owner_of(who))

    assert queries.appointment(made.id, EVERYTHING).starts_at == at(FRIDAY, 9)
    assert left(store) == 0


def test_cancelling_frees_the_place_and_the_reminder_is_not_sent(ask, customer, store, clock):
    who = customer()
    made = ask(who, SATURDAY, 10)

    service.cancel(made.id, scope=own(who), now=clock.now, by=owner_of(who))

    assert left(store, SATURDAY, 10) == 3
    assert [state for state, _ in reminders(made.id)] == ["cancelled"]
    with pytest.raises(AppointmentOver):
        service.cancel(made.id, scope=own(who), now=clock.now, by=owner_of(who))


def test_an_owner_neither_moves_nor_cancels_once_it_has_begun(ask, customer, clock):
    who = customer()
    made = ask(who)
    clock.set(at(FRIDAY, 9))

    for act in (
        lambda: service.cancel(made.id, scope=own(who), now=clock.now, by=owner_of(who)),
        lambda: service.move(made.id, at(FRIDAY, 14), scope=own(who), now=clock.now, by=owner_of(who)),
    ):
        with pytest.raises(AppointmentOver):
            act()


def test_the_day_at_the_desk(ask, customer, desk, clock, store):
    scope = desk.scope("appointments.work")
    made = ask(customer())
    clock.set(at(FRIDAY, 9))

    for state in (State.CONFIRMED, State.ARRIVED, State.KEPT):
        seen = queries.appointment(made.id, scope).seq
        after = service.advance(made.id, state, seen=seen, scope=scope, now=clock.now, by=desk)
        assert after.state == state

    with pytest.raises(AppointmentOver):
        service.advance(made.id, State.MISSED, scope=scope, now=clock.now, by=desk)


def test_who_acts_on_an_old_page_is_refused(ask, customer, desk, clock):
    scope = desk.scope("appointments.work")
    made = ask(customer())
    service.advance(made.id, State.CONFIRMED, seen=made.seq, scope=scope, now=clock.now, by=desk)

    with pytest.raises(AppointmentOver):
        service.advance(made.id, State.ARRIVED, seen=made.seq, scope=scope, now=clock.now, by=desk)


def test_a_missed_one_is_called_on_the_next_workday_and_not_before_it_began(ask, customer, desk, clock):
    scope = desk.scope("appointments.work")
    who = customer()
    made = ask(who)
    clock.set(at(FRIDAY, 9) - timedelta(minutes=1))
    with pytest.raises(NotYet):
        service.advance(made.id, State.MISSED, scope=scope, now=clock.now, by=desk)

    clock.advance(minutes=1)
    service.advance(made.id, State.MISSED, scope=scope, now=clock.now, by=desk)

    (task,) = tasks_of(who)
    assert (task.kind, task.due_from) == ("missed_appointment", SUNDAY + timedelta(days=1))  # not the day of rest


def test_an_appointment_elsewhere_is_not_found(ask, customer, far_store, clock):
    made = ask(customer())
    far = Actor("staff", 2, "城西", {"appointments.work": frozenset({far_store})})

    for scope in (far.scope("appointments.work"), own(made.customer_id + 1)):
        with pytest.raises(AppointmentNotFound):
            service.cancel(made.id, scope=scope, now=clock.now, by=far)


def test_an_unusable_template_stops_no_appointment(ask, customer, db_session):
    who = customer()
    first = ask(who, SATURDAY, 10)
    db_session.execute(text("UPDATE message_templates SET retired = true WHERE name = 'appointment-reminder'"))

    second = ask(who, SATURDAY, 11)

    assert len(reminders(first.id)) == 1
    assert (second.state, reminders(second.id)) == ("asked", [])


def rush(app, store, people, clock):
    """Let each of these ask for the same slot at the same moment; return how each fared."""

    def one(who):
        with app.app_context():
            try:
                service.make(
                    Draft(who, store, at(FRIDAY, 9), "maintenance", f"rush-{who}"), now=clock.now, by=owner_of(who)
                )
            except SlotFull:
                return "full"
            else:
                return "made"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, people))


def test_many_at_once_never_take_more_than_the_places(committed, app, customer, store, clock):
    people = [customer(f"车主{n}", f"1391234{n:04}") for n in range(8)]
    committed.commit()

    fared = rush(app, store, people, clock)

    assert sorted(fared) == ["full"] * 5 + ["made"] * 3
    assert (left(store), taken(store)) == (0, 3)


def test_without_the_key_of_places_a_rush_overbooks(committed, app, customer, store, clock, monkeypatch):
    people = [customer(f"车主{n}", f"1391234{n:04}") for n in range(4)]
    committed.execute(text("ALTER TABLE appointment_places DROP CONSTRAINT pk_appointment_places"))
    committed.commit()
    monkeypatch.setattr(places, "_TAKE", LOOSE)
    all_have_taken = threading.Barrier(len(people))

    def take_place(*about):
        places.take_place(*about)
        all_have_taken.wait(timeout=20)  # so that nobody commits before, on any machine

    monkeypatch.setattr(keeping, "take_place", take_place)

    assert rush(app, store, people, clock) == ["made"] * 4
    assert taken(store) == 4  # of three places


def taken(store):
    told = "SELECT count(*) FROM appointments WHERE store_id = :store AND state = 'asked'"
    return db.session.scalar(text(told), {"store": store})


def test_who_no_longer_owns_the_car_does_not_come(ask, customer, clock, store):
    former, buyer = customer(vin=VIN), customer("李敏", "13912345678")
    (car,) = vehicles_of(former)
    about_it, other = ask(former, vehicle_id=car.vehicle.id), ask(former, hour=10)

    change_owner(car.vehicle.id, buyer, day=TODAY, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    states = {one.id: (one.state, one.reason) for one in queries.of_customer(former, EVERYTHING)}
    assert states[about_it.id] == ("cancelled", "The vehicle has another owner now.")
    assert states[other.id][0] == "asked"


def test_appointments_come_over_with_a_merge_and_go_back(ask, customer, clock):
    gone, kept = customer(), customer("王建国", "13912345678")
    made = ask(gone)

    merged = merge_customers(kept, gone, {}, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    assert [one.id for one in queries.of_customer(kept, EVERYTHING)] == [made.id]

    part_customers(merged.merge_id, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    assert [one.id for one in queries.of_customer(gone, EVERYTHING)] == [made.id]


def test_closing_the_account_cancels_what_is_ahead(ask, customer, clock, store):
    who = customer()
    made = ask(who)

    close_account(who, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert (queries.appointment(made.id, EVERYTHING).state, left(store)) == ("cancelled", 3)


def test_erasing_takes_out_note_and_car(ask, customer, clock):
    who = customer(vin=VIN)
    (car,) = vehicles_of(who)
    made = ask(who, vehicle_id=car.vehicle.id, note="请打 13812345678")

    request_erasure(who, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    clock.advance(days=31)
    erase(who, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    after = queries.appointment(made.id, EVERYTHING)
    assert (after.note, after.vehicle_id, after.state) == ("", None, "cancelled")
