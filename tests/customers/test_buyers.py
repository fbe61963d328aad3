"""Customers and vehicles that sales bring in by the thousand."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text

from loyalty.customers import queries
from loyalty.customers.models import Customer, OdometerReading, Ownership, SearchKey, Vehicle
from loyalty.customers.rules import Buyer, OdometerBackward, ReadingSeen, TimelineEntry, VehicleSeen
from loyalty.customers.service import ensure_customers, ensure_vehicles, record_readings, write_timeline
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.staff.models import AuditRow

VIN = "LSVAA4182E2123456"


@contextmanager
def statements():
    """Collect the statements sent, without savepoints."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")):  # the test's own transaction
            sent.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def dump():
    """Return all that the feature's tables hold, for comparing and for finding what must not be there."""
    tables = ("customers", "external_numbers", "identifiers", "search_keys", "vehicles", "ownerships", "audit_rows")
    whole = [text(f"SELECT t::text FROM {name} AS t ORDER BY 1") for name in tables]  # noqa: S608 - names from above
    return [str(row) for statement in whole for row in db.session.execute(statement)]


def seen(customer_id, days=0, vin=VIN, **more):
    at = datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=days)
    return VehicleSeen(vin, customer_id, at, at.date(), **more)


def test_five_thousand_buyers_cost_a_handful_of_statements(store, clock):
    rows = [Buyer("core", f"K{n}", f"王{n}", f"1380000{n:04d}", home_store_id=store) for n in range(5000)]

    with statements() as sent:
        ids = ensure_customers(rows, now=clock.now, by=SYSTEM)

    assert len(set(ids.values())) == count(Customer) == 5000
    assert len(sent) <= 8


def test_the_same_buyers_again_change_nothing(store, clock):
    rows = [Buyer("core", "K1", "王建国", "138 1234 5678", home_store_id=store), Buyer("core", "K2")]
    first = ensure_customers(rows, now=clock.now, by=SYSTEM)
    before = dump()

    with statements() as sent:
        again = ensure_customers(rows, now=clock.advance(days=1), by=SYSTEM)

    assert again == first
    assert dump() == before
    assert len(sent) == 1


def test_what_was_unknown_of_a_customer_is_added_and_what_was_known_stays(store, clock):
    ids = ensure_customers([Buyer("core", "K1"), Buyer("core", "K2", "李雷", "13800000001")], now=clock.now, by=SYSTEM)

    ensure_customers(
        [Buyer("core", "K1", "王建国", "13812345678"), Buyer("core", "K2", "韩梅梅", "13800000002")],
        now=clock.now,
        by=SYSTEM,
    )

    names = {at: view.name for at, view in queries.customers_by_ids(ids.values()).items()}
    assert names == {ids["K1"]: "王建国", ids["K2"]: "李雷"}
    assert queries.customer_ids_by_phone("+8613812345678") == [ids["K1"]]
    assert queries.customer_ids_by_phone("+8613800000002") == []
    assert "n:王建国" in db.session.scalars(select(SearchKey.key).where(SearchKey.customer_id == ids["K1"])).all()


def test_two_sources_may_use_one_number(store, clock):
    here = ensure_customers([Buyer("core", "1")], now=clock.now, by=SYSTEM)
    there = ensure_customers([Buyer("old", "1")], now=clock.now, by=SYSTEM)

    assert here["1"] != there["1"]


def test_a_malformed_phone_creates_nobody(store, clock):
    with pytest.raises(Malformed):
        ensure_customers([Buyer("core", "1"), Buyer("core", "2", "王", "1381234")], now=clock.now, by=SYSTEM)

    assert count(Customer) == 0


def test_phones_and_plates_stand_nowhere_in_plain_text(make_customer, clock):
    buyer = make_customer(phone="13812345678")
    ensure_vehicles([seen(buyer, plate="粤A·0X12D")], now=clock.now, by=SYSTEM)

    stored = "\n".join(dump())

    assert "王建国" in stored  # the control: what is stored in the clear is found by this way of looking
    for canary in ("13812345678", "1381234", "0X12D", b"13812345678".hex(), "粤A0X12D".encode().hex()):
        assert canary not in stored


def test_each_created_customer_leaves_an_audit_row(make_customer):
    buyer = make_customer(phone="13812345678")

    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "customer.created")).one()

    assert (row.about_customer_id, row.after["name"]) == (buyer, "王**")


def test_a_vehicle_belongs_to_who_brings_it_first_and_another_is_its_driver(make_customer, clock):
    owner, friend = make_customer(), make_customer("李雷")

    ids = ensure_vehicles([seen(owner), seen(friend, 3), seen(owner, 5)], now=clock.now, by=SYSTEM)
    ensure_vehicles([seen(owner), seen(friend, 3), seen(owner, 5)], now=clock.now, by=SYSTEM)

    held = {(one.customer.id, one.role, one.from_day) for one in queries.holdings(ids[VIN])}
    assert held == {(owner, "owner", date(2026, 3, 1)), (friend, "driver", date(2026, 3, 4))}
    assert count(Vehicle) == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_vehicle_that_is_sold_changes_its_owner_that_day(make_customer, clock, together):
    old, new = make_customer(), make_customer("李雷")
    rows = [seen(old), seen(new, 10, sold=True)]

    for batch in [rows] if together else [[row] for row in rows]:
        ids = ensure_vehicles(batch, now=clock.now, by=SYSTEM)

    held = {(one.customer.id, one.role, one.from_day, one.until_day) for one in queries.holdings(ids[VIN])}
    day = date(2026, 3, 11)
    assert held == {(old, "owner", date(2026, 3, 1), day), (new, "owner", day, None)}


def test_the_database_refuses_two_main_owners_at_once(make_customer, clock):
    owner, other = make_customer(), make_customer("李雷")
    vehicle = ensure_vehicles([seen(owner)], now=clock.now, by=SYSTEM)[VIN]

    second = Ownership(vehicle_id=vehicle, holder_id=other, role="owner", from_day=date(2026, 5, 1), until_day=None)
    db.session.add(second)

    with pytest.raises(Exception, match="ex_ownerships_one_main_owner"), db.session.begin_nested():
        db.session.flush()
    db.session.rollback()


def test_a_later_plate_replaces_an_earlier_one_and_not_the_other_way(make_customer, clock):
    owner = make_customer()
    ensure_vehicles([seen(owner, 0, plate="粤A0X12D")], now=clock.now, by=SYSTEM)
    ids = ensure_vehicles([seen(owner, 9, plate="京A12345")], now=clock.now, by=SYSTEM)

    ensure_vehicles([seen(owner, 4, plate="沪A12345")], now=clock.now, by=SYSTEM)

    assert queries.vehicles_by_ids(ids.values())[ids[VIN]].shown_plate == "京A·12345"


@pytest.mark.parametrize("vin", ["LSVAA4182E212345I", "LSVAA4182O2123456", "LSVQA4182E2123456", "LSVAA4182E212345"])
def test_a_vin_with_letters_that_no_vin_has_is_refused(make_customer, clock, vin):
    with pytest.raises(Malformed) as refusal:
        ensure_vehicles([seen(make_customer(), vin=vin)], now=clock.now, by=SYSTEM)

    assert list(refusal.value.errors) == ["vin"]
    assert count(Vehicle) == 0


def reading(vehicle, km, days, source="core"):
    at = datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=days)
    return ReadingSeen(vehicle, km, at, at.date(), source)


def test_mileage_goes_upward_and_what_does_not_is_left_out_and_told(make_customer, clock):
    vehicle = ensure_vehicles([seen(make_customer())], now=clock.now, by=SYSTEM)[VIN]
    record_readings([reading(vehicle, 5_000, 0), reading(vehicle, 9_000, 20)], now=clock.now, by=SYSTEM)

    told = record_readings(
        [
            reading(vehicle, 4_999, 5),
            reading(vehicle, 5_000, 6),
            reading(vehicle, 9_001, 8),
            reading(vehicle, 9_000, 9),
        ],
        now=clock.now,
        by=SYSTEM,
    )

    assert [type(one) for one in told] == [OdometerBackward, type(None), OdometerBackward, type(None)]
    assert [one.km for one in queries.readings(vehicle)] == [9_000, 9_000, 5_000, 5_000]


def test_the_same_reading_again_is_one_row_and_a_corrected_one_replaces_it(make_customer, clock):
    vehicle = ensure_vehicles([seen(make_customer())], now=clock.now, by=SYSTEM)[VIN]
    record_readings([reading(vehicle, 5_000, 0)] * 2, now=clock.now, by=SYSTEM)

    record_readings([reading(vehicle, 4_500, 0)], now=clock.now, by=SYSTEM)

    assert [row.km for row in db.session.scalars(select(OdometerReading))] == [4_500]


def test_the_timeline_takes_a_batch_in_one_statement_and_pages_backward(make_customer, clock):
    at = make_customer()
    rows = [TimelineEntry(at, clock.now + timedelta(days=n), "sale", "Visit {n}", {"n": n}) for n in range(45)]

    with statements() as sent:
        write_timeline(rows)
    pages = [queries.timeline(at)]
    while pages[-1].next_cursor:
        pages.append(queries.timeline(at, cursor=pages[-1].next_cursor))

    assert len(sent) == 1
    assert [row.numbers["n"] for page in pages for row in page.items] == list(range(44, -1, -1))
    assert [len(page.items) for page in pages] == [20, 20, 5]
