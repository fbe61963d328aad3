"""Deliveries told with a sale or apart from it, and mileage of work orders: new, corrected, taken back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from loyalty.customers.models import OdometerReading, TimelineRow
from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, VehicleDelivered
from loyalty.sales.models import Sale
from loyalty.sales.rules import DeliveryFact
from loyalty.sales.service import record_deliveries
from loyalty.staff.models import AuditRow
from loyalty.staff.service import create_store
from tests.earning.counter import Counter
from tests.sales.conftest import OTHER_VIN, VIN, a_line, a_sale, with_gross

FIRST, LATER = date(2026, 3, 10), date(2026, 3, 11)


def a_car(**more):
    return a_sale(kind="vehicle", vin=VIN, **more)


@pytest.fixture
def listener(listener):
    """Listens to corrected deliveries too."""
    events.wire({**events._wires.by_type, DeliveryCorrected: [note_in(listener)]})
    return listener


def note_in(listener):
    def note(announced, *, now, by):
        listener.heard.append(list(announced))
        return []

    return note


@pytest.fixture
def deliver(store, clock, here):
    """Tell deliveries apart from their sales; give the outcomes."""

    def call(*facts, by=None):
        return record_deliveries(facts, now=clock.now, by=by or here)

    return call


def delivery(day=FIRST, number="S-1"):
    return DeliveryFact("core", number, day)


def moment(day):
    return datetime(day.year, day.month, day.day - 1, 16, tzinfo=UTC)


def test_a_delivery_told_by_itself_is_announced_and_remembered(record, deliver, listener):
    sale = record(a_car())[0]

    outcome = deliver(delivery())[0]

    assert (outcome.state, outcome.id) == ("created", sale.id)
    assert [each.delivered_at for each in listener.of(VehicleDelivered)] == [moment(FIRST)]
    assert "delivery" in db.session.scalars(select(TimelineRow.kind)).all()
    assert "sale.delivered" in db.session.scalars(select(AuditRow.action)).all()


def test_the_same_delivery_again_changes_nothing(record, deliver, listener):
    record(a_car())
    deliver(delivery())

    again = deliver(delivery(), delivery())

    assert [outcome.state for outcome in again] == ["same", "same"]
    assert len(listener.of(VehicleDelivered)) == 1


def test_another_day_voids_the_first_delivery(record, deliver, listener):
    record(a_car())
    deliver(delivery())

    outcome = deliver(delivery(LATER))[0]

    corrected = listener.of(DeliveryCorrected)[0]
    assert outcome.state == "corrected"
    assert (corrected.before.delivered_at, corrected.after.delivered_at) == (moment(FIRST), moment(LATER))


def test_a_delivery_that_never_was_is_taken_back(record, deliver, listener):
    record(a_car(delivered=FIRST))

    deliver(delivery(None))

    assert listener.of(DeliveryCorrected)[0].after is None
    assert db.session.scalars(select(Sale.delivered_at)).one() is None


def test_what_is_told_by_itself_stays_when_the_sale_is_corrected_without_it(record, deliver, listener):
    record(a_car())
    deliver(delivery())

    record(with_gross(a_car(), 20_000), mode="correct")

    assert db.session.scalars(select(Sale.delivered_at)).one() == moment(FIRST)
    assert listener.of(DeliveryCorrected) == []


def test_a_delivery_that_the_sale_told_goes_with_a_correction_that_tells_none(record, listener):
    record(a_car(delivered=FIRST))

    record(a_car(), mode="correct")

    assert listener.of(DeliveryCorrected)[0].after is None


def test_a_correction_of_the_amount_does_not_announce_the_delivery_again(record, listener):
    record(a_car(delivered=FIRST))

    record(with_gross(a_car(delivered=FIRST), 20_000), mode="correct")

    assert len(listener.of(VehicleDelivered)) == 1
    assert listener.of(DeliveryCorrected) == []


def test_a_sale_that_goes_to_another_customer_takes_its_delivery_along(record, listener):
    record(a_car(delivered=FIRST))

    record(a_car(customer="K-2", name="李静", delivered=FIRST), mode="correct")

    corrected = listener.of(DeliveryCorrected)[0]
    assert corrected.before.customer_id != corrected.after.customer_id


def test_deliveries_of_nothing_are_refused(record, deliver, far_store, clock):
    record(a_sale("S-2"), a_car())

    outcomes = deliver(delivery(number="S-9"), delivery(number="S-2"), delivery(date(2027, 1, 1)))

    assert [outcome.problem.code for outcome in outcomes] == ["sales.unknown", "sales.nothing_delivered", "malformed"]
    assert db.session.scalars(select(Sale.delivered_at).where(Sale.number == "S-1")).one() is None


def test_a_delivery_of_another_store_is_not_found(record, deliver, far_store, here):
    record(a_car()._replace(store="CX01"), by=SYSTEM)

    assert deliver(delivery())[0].problem.code == "sales.unknown"


def test_the_difference_by_line_is_announced(record, listener):
    first = a_sale("S-1", a_line(1, 10_000), a_line(2, 2_000))
    record(first)

    record(first._replace(lines=(a_line(1, 10_000), a_line(2, 3_000), a_line(3, 500))), mode="correct")

    corrected = listener.of(SaleCorrected)[0]
    told = [[(line.number, line.gross_minor) for line in one.lines] for one in (corrected.before, corrected.after)]
    assert told == [[(1, 10_000), (2, 2_000)], [(1, 10_000), (2, 3_000), (3, 500)]]


def readings():
    rows = select(OdometerReading.km, OdometerReading.read_day).order_by(OdometerReading.km)
    return [tuple(row) for row in db.session.execute(rows)]


def test_a_corrected_work_order_replaces_its_mileage(record, listener):
    order = a_sale(vin=VIN, odometer=12_000)
    record(order)

    record(order._replace(odometer=11_800, occurred=LATER), mode="correct")

    assert readings() == [(11_800, LATER)]


def test_a_work_order_that_names_another_vehicle_takes_its_mileage_along(record, listener):
    record(a_sale(vin=VIN, odometer=12_000))

    record(a_sale(vin=OTHER_VIN, odometer=12_000), mode="correct")

    vin = db.session.execute(text("SELECT vin FROM odometer_readings JOIN vehicles ON vehicles.id = vehicle_id"))
    assert vin.scalars().all() == [OTHER_VIN]


def test_a_correction_of_the_amount_leaves_the_mileage_alone(record, listener):
    order = a_sale(vin=VIN, odometer=12_000)
    record(order)

    record(with_gross(order, 20_000), mode="correct")

    assert readings() == [(12_000, FIRST)]


def test_mileage_is_of_the_day_at_the_store(record, listener, clock):
    create_store(code="LA01", name="Pasadena", zone="America/Los_Angeles", currency="USD", now=clock.now, by=SYSTEM)
    late = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)  # still the 10th in Los Angeles, the 11th in Shanghai

    record(a_sale(vin=VIN, odometer=500, occurred=late, store="LA01"), by=SYSTEM)

    assert readings() == [(500, FIRST)]


def test_mileage_that_runs_backward_is_left_out_and_told(record, listener):
    record(a_sale(vin=VIN, odometer=12_000))

    outcome = record(a_sale("S-2", vin=VIN, odometer=11_000, occurred=LATER))[0]

    assert "sales.odometer_left_out" in [effect.kind for effect in outcome.effects]
    assert readings() == [(12_000, FIRST)]


def test_the_latest_delivery_of_a_member_follows_a_correction(db_session, clock):
    counter = Counter(clock)
    (member,) = counter.members("K1")
    car = counter.fact("S1", kind="vehicle", vehicle=a_car().vehicle, delivered=LATER, customer="K1")
    counter.record(car)
    assert delivery_day(member) == LATER

    record_deliveries([DeliveryFact("core", "S1", FIRST)], now=clock.now, by=SYSTEM)
    assert delivery_day(member) == FIRST

    record_deliveries([DeliveryFact("core", "S1", None)], now=clock.now, by=SYSTEM)
    assert delivery_day(member) is None


def delivery_day(customer_id):
    statement = text("SELECT delivery_day FROM tier_standings WHERE customer_id = :customer_id")
    return db.session.execute(statement, {"customer_id": customer_id}).scalar_one()


def test_a_delivery_comes_over_the_api(app, client, record, monkeypatch, here):
    record(a_car())
    monkeypatch.setitem(app.extensions["loyalty.actor_loaders"], "/api/", lambda: here)
    path = "/api/v1/sales/core/S-1/deliveries"

    first = client.post(path, json={"delivered_at": "2026-03-10T10:00:00+08:00"})
    again = client.post(path, json={"delivered_at": "2026-03-10T10:00:00+08:00"})
    other = client.post(path, json={"delivered_at": None})
    wrong = client.post(path, json={"delivered": None})

    assert [(answer.status_code, answer.json.get("state")) for answer in (first, again, other)] == [
        (201, "created"),
        (200, "same"),
        (200, "corrected"),
    ]
    assert wrong.status_code == 422
    assert client.post("/api/v1/sales/core/S-9/deliveries", json={"delivered_at": None}).status_code == 404
