"""Sales on their way in: new, known, changed, wrong, and many at once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select

from loyalty.customers.models import Customer, OdometerReading, TimelineRow, Vehicle
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.sales.events import SaleCorrected, SaleRecorded, VehicleDelivered
from loyalty.sales.models import Sale, SaleLine, SaleNumber, SaleVersion
from loyalty.sales.rules import CustomerFact, VehicleFact
from loyalty.staff.models import AuditRow
from tests.sales.conftest import OTHER_VIN, VIN, a_line, a_sale, with_gross


def count(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def only(model):
    return db.session.scalars(select(model)).one()


def places(outcome):
    return [flaw.place for flaw in outcome.flaws]


def test_a_new_sale_is_written_with_its_customer_lines_and_traces(record, store, listener):
    outcome = record(a_sale("S-1", a_line(1, 11_300, net=10_000), a_line(2, 500, quantity="1.5")))[0]

    sale = only(Sale)
    assert (outcome.state, outcome.id, outcome.customer_id) == ("created", sale.id, only(Customer).id)
    assert (sale.net_minor, sale.tax_minor, sale.gross_minor) == (10_500, 1_300, 11_800)
    assert (sale.store_id, sale.version, sale.business_day) == (store, 1, date(2026, 3, 10))
    assert sale.occurred_at == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert db.session.scalars(select(SaleLine.quantity).order_by(SaleLine.number)).all() == [Decimal(1), Decimal("1.5")]
    assert count(TimelineRow, TimelineRow.source_id == sale.id) == 1
    assert count(AuditRow, AuditRow.action == "sale.recorded", AuditRow.about_customer_id == sale.customer_id) == 1


def test_it_is_announced_as_it_was_written(record, listener):
    outcome = record(a_sale())[0]

    heard = listener.of(SaleRecorded)[0]
    assert (heard.sale_id, heard.customer_id, heard.version) == (outcome.id, outcome.customer_id, 1)
    assert (heard.zone, heard.currency, heard.gross_minor) == ("Asia/Shanghai", "CNY", 10_000)
    assert [str(effect) for effect in outcome.effects] == ["SaleRecorded of S-1"]


def test_the_same_again_answers_the_same_and_changes_nothing(record, listener):
    first = record(a_sale())[0]
    traces = count(AuditRow), count(TimelineRow)

    again = record(a_sale())[0]

    assert (again.state, again.id, again.effects) == ("same", first.id, first.effects)
    assert len(listener.heard) == 1
    assert (count(AuditRow), count(TimelineRow)) == traces


def test_the_same_moment_written_in_another_zone_is_the_same(record):
    record(a_sale(occurred=datetime.fromisoformat("2026-03-10T14:00:00+08:00")))

    again = record(a_sale(occurred=datetime.fromisoformat("2026-03-10T06:00:00Z")))[0]

    assert again.state == "same"


def test_a_create_with_other_content_is_refused_and_nothing_changes(record):
    record(a_sale())

    outcome = record(with_gross(a_sale(), 9_900))[0]

    assert (outcome.state, outcome.problem.code) == ("rejected", "sales.number_taken")
    assert (only(Sale).gross_minor, count(SaleVersion)) == (10_000, 0)


def test_a_correction_is_a_new_version_and_keeps_the_old_one(record, listener):
    first = record(a_sale("S-1", a_line(1), a_line(2, 500)))[0]

    outcome = record(with_gross(a_sale("S-1", a_line(1)), 9_900), mode="correct")[0]

    assert (outcome.state, outcome.id, outcome.version) == ("corrected", first.id, 2)
    assert [str(effect) for effect in outcome.effects] == ["SaleCorrected of S-1"]
    sale, kept = only(Sale), only(SaleVersion)
    assert (sale.version, sale.gross_minor, only(SaleLine).gross_minor) == (2, 9_900, 9_900)
    assert (kept.version, kept.content["gross_minor"], len(kept.content["lines"])) == (1, 10_500, 2)
    heard = listener.of(SaleCorrected)[0]
    assert (heard.before.version, heard.before.gross_minor) == (1, 10_500)
    assert (heard.after.version, heard.after.gross_minor) == (2, 9_900)


def test_a_correction_again_answers_the_same(record, listener):
    record(a_sale())
    corrected = record(with_gross(a_sale(), 9_900), mode="correct")[0]

    again = record(with_gross(a_sale(), 9_900), mode="correct")[0]

    assert (again.state, again.version, again.effects) == ("same", 2, corrected.effects)


def test_a_correction_may_give_the_sale_to_another_customer_and_back(record, listener):
    first = record(a_sale())[0]

    moved = record(a_sale(customer="K-2", name="李静"), mode="correct")[0]
    home = record(a_sale(), mode="correct")[0]

    assert moved.id == home.id == first.id
    assert (moved.customer_id != first.customer_id, home.customer_id) == (True, first.customer_id)
    rows = {sale.customer_id: sale for sale in db.session.scalars(select(Sale))}
    assert (rows[moved.customer_id].moved, rows[first.customer_id].moved, rows[first.customer_id].version) == (
        True,
        False,
        3,
    )
    assert only(SaleNumber).customer_id == first.customer_id


def test_an_unknown_number_is_created_by_a_correction_too(record):
    assert record(a_sale(), mode="correct")[0].state == "created"


def test_one_bad_fact_does_not_hold_up_the_others(record):
    outcomes = record(a_sale("S-1"), a_sale("S-2", store="XX99"), a_sale("S-3"))

    assert [outcome.state for outcome in outcomes] == ["created", "rejected", "created"]
    assert (places(outcomes[1]), count(Sale)) == (["store"], 2)
    assert "XX99" in str(outcomes[1].problem)


def test_a_store_of_others_is_as_unknown_as_a_missing_one(record, far_store):
    far, missing = record(a_sale(store="CX01"), a_sale("S-2", store="XX99"))

    assert far.problem.errors["store"][0] == missing.problem.errors["store"][0].replace("XX99", "CX01")
    assert count(Sale) == 0


def test_a_sale_of_another_store_is_not_corrected(record, store, far_store, clock):
    everywhere = Actor("client", 8, "group", {"sales.write": None})
    record(a_sale(store="CX01"), by=everywhere)

    outcome = record(a_sale(store="CD01"), mode="correct")[0]

    assert (outcome.state, outcome.problem.code) == ("rejected", "sales.unknown")
    assert only(Sale).store_id == far_store


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"number": " "}, "number"),
        ({"number": "9" * 65}, "number"),
        ({"kind": "gift"}, "kind"),
        ({"currency": "XXX"}, "currency"),
        ({"lines": ()}, "lines"),
        ({"lines": (a_line(1), a_line(1))}, "lines[1].number"),
        ({"lines": (a_line(1, -1),)}, "lines[0].gross"),
        ({"lines": (a_line(1)._replace(gross_minor=10_001),)}, "lines[0].gross"),
        ({"lines": (a_line(1, quantity=-1),)}, "lines[0].quantity"),
        ({"lines": (a_line(1, category=""),)}, "lines[0].category"),
        ({"points_paid_minor": 10_001}, "points_paid"),
        ({"points_paid_minor": -1}, "points_paid"),
        ({"vehicle": VehicleFact("LSVAA4182E212345I")}, "vehicle.vin"),
        ({"vehicle": VehicleFact("LSVAA4182E212345")}, "vehicle.vin"),
        ({"vehicle": VehicleFact(VIN, "川A")}, "vehicle.plate"),
        ({"kind": "vehicle"}, "vehicle"),
        ({"odometer": -1}, "odometer"),
        ({"occurred": date(2026, 3, 14)}, "occurred_at"),
        ({"occurred": date(1969, 12, 31)}, "occurred_at"),
        ({"customer": CustomerFact("")}, "customer.number"),
        ({"customer": CustomerFact("K-1", "王", "123")}, "customer.phone"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_written(record, changes, place):
    outcome = record(a_sale()._replace(**changes))[0]

    assert outcome.state == "rejected"
    assert place in places(outcome)
    assert (count(Sale), count(Customer), count(SaleNumber)) == (0, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "9" * 64},
        {"lines": (a_line(1, 0),)},
        {"points_paid_minor": 10_000},
        {"occurred": date(2026, 3, 13)},
        {"occurred": date(1970, 1, 1)},
        {"vehicle": VehicleFact("lsvaa4182e2123456", "川A·12345"), "odometer": 0},
    ],
)
def test_the_bounds_themselves_are_taken(record, changes):
    assert record(a_sale()._replace(**changes))[0].state == "created"


def test_with_must_exist_an_unknown_customer_is_rejected(record):
    record(a_sale("S-1", customer="K-1"))

    known, unknown = record(a_sale("S-2"), a_sale("S-3", customer="K-9"), customers="must_exist")

    assert (known.state, unknown.state, places(unknown)) == ("created", "rejected", ["customer.number"])
    assert count(Customer) == 1


def test_a_number_twice_with_the_same_content_counts_once(record):
    first, second = record(a_sale(), a_sale())

    assert (first.state, second.state, second.id) == ("created", "same", first.id)
    assert count(Sale) == 1


def test_a_number_twice_with_different_content_names_both_places(record):
    first, second = record(a_sale(), with_gross(a_sale(), 1))

    assert (first.state, second.state, second.problem.code) == ("created", "rejected", "sales.number_twice")
    assert ("at 1 and at 2" in str(second.problem), only(Sale).gross_minor) == (True, 10_000)


def test_a_vehicle_comes_with_its_owner_plate_mileage_and_delivery(record, listener, store):
    delivered = datetime(2026, 3, 11, 3, tzinfo=UTC)
    outcome = record(
        a_sale("V-1", kind="vehicle", vin=VIN.lower(), plate="川A·12345", odometer=12, delivered=delivered)
    )[0]

    vehicle = only(Vehicle)
    assert (vehicle.vin, only(Sale).vehicle_id, only(OdometerReading).km) == (VIN, vehicle.id, 12)
    assert listener.of(VehicleDelivered) == [
        VehicleDelivered(outcome.id, outcome.customer_id, vehicle.id, store, delivered)
    ]


def test_a_mileage_that_runs_backward_is_left_out_and_said(record):
    record(a_sale("S-1", vin=VIN, odometer=20_000, occurred=date(2026, 3, 1)))

    outcome = record(a_sale("S-2", vin=VIN, odometer=2_000, occurred=date(2026, 3, 2)))[0]

    assert (outcome.state, [effect.kind for effect in outcome.effects]) == ("created", ["sales.odometer_left_out"])
    assert only(OdometerReading).km == 20_000


def test_thousands_cost_a_handful_of_statements(record, listener):
    record(a_sale("S-0", vin=VIN, odometer=1))
    few, many = [], []

    count_statements(few, lambda: record(*(a_sale(f"A-{n}", customer=f"A-{n}") for n in range(2))))
    count_statements(many, lambda: record(*(a_sale(f"B-{n}", customer=f"B-{n}") for n in range(500))))

    assert len(many) == len(few) <= 12
    assert count(Sale) == 503


def count_statements(sent, work):
    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")):
            sent.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    work()
    event.remove(connection, "before_cursor_execute", note)


def test_a_sale_of_a_known_customer_costs_at_most_five_statements(record, listener):
    record(a_sale("S-1"))
    sent = []

    count_statements(sent, lambda: record(a_sale("S-2")))

    assert len(sent) <= 5, sent  # look up, write, what came of it, timeline, audit


def test_two_vehicles_of_one_customer_are_two(record):
    record(a_sale("S-1", vin=VIN), a_sale("S-2", vin=OTHER_VIN))

    assert (count(Vehicle), count(Customer)) == (2, 1)
