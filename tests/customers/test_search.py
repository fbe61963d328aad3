"""Search finds by name, pinyin, phone, plate, VIN and number, within the stores, by ranges of an index."""

import pytest
from sqlalchemy import event, text

from loyalty.customers import queries
from loyalty.customers.rules import Buyer, CustomerDraft, VehicleSeen
from loyalty.customers.service import create_customer, ensure_customers, ensure_vehicles
from loyalty.kernel.actor import NOTHING, SYSTEM, Scope
from loyalty.kernel.db import db

VIN = "LSVAA4182E2204817"


@pytest.fixture
def king(make_customer, clock):
    """王建国, who drives 粤A0X12D."""
    at = make_customer("王建国", "13812345678", number="K-77")
    seen = VehicleSeen(VIN, at, clock.now, clock.now.date(), "粤A0X12D", "轿车")
    ensure_vehicles([seen], now=clock.now, by=SYSTEM)
    return at


@pytest.mark.parametrize(
    "typed",
    [
        "王建国", "王建", "建国", "国", "wjg", "WJ", "wangjian", "wang jian guo", "5678", "345678", "12345678",
        "13812345678", "138 1234 5678", "+86 138-1234-5678", "粤A0X12D", "粤A·0X12D", "a0x12d", "204817", VIN,
        VIN.lower(), "K-77",
    ],
)  # fmt: skip
def test_a_customer_is_found_however_one_asks(king, make_customer, here, typed):
    make_customer("李雷", "13900009999")

    found = queries.find(typed, here)

    assert [hit.customer.id for hit in found.customers] == [king]


def test_the_own_number_finds(king, here):
    assert [hit.customer.id for hit in queries.find(f"C-{king:07d}", here).customers] == [king]


@pytest.mark.parametrize(
    "typed", ["", " ", "王国", "jg国", "678", "15678", "粤B0X12D", "b0x12d", "%", "_", "n:王", "C-9999999", "'"]
)
def test_what_does_not_fit_is_not_found(king, here, typed):
    found = queries.find(typed, here)

    assert (found.customers, found.vehicles) == ([], [])


@pytest.mark.parametrize("typed", ["王建国", "wjg", "5678", "345678", "13812345678", "粤A0X12D", "204817", "K-77"])
def test_nothing_is_found_outside_the_stores(king, far_store, typed):
    for scope in (Scope(frozenset({far_store})), NOTHING, Scope(None, customer_id=king + 1)):
        found = queries.find(typed, scope)
        assert (found.customers, found.vehicles) == ([], [])


def test_the_whole_name_comes_before_longer_ones_and_hits_are_capped(make_customer, here):
    make_customer("王建国强")
    short = make_customer("王建国")
    for number in range(8):
        make_customer(f"王建国{number}")

    found = queries.find("王建国", here, limit=5)

    assert len(found.customers) == 5
    assert found.more
    assert short in {hit.customer.id for hit in found.customers}


def test_one_phone_may_belong_to_several_people(make_customer, here):
    both = {make_customer("王建国", "13812345678"), make_customer("李雷", "13812345678")}

    assert {hit.customer.id for hit in queries.find("13812345678", here).customers} == both
    assert set(queries.customer_ids_by_phone("+8613812345678")) == both


def test_by_email_too(store, clock, here, agent):
    draft = CustomerDraft("王", home_store_id=store, identifiers=(("email", "Wang@Example.com"),))
    made = create_customer(draft, scope=here, now=clock.now, by=agent)

    assert [hit.customer.id for hit in queries.find("wang@example.com", here).customers] == [made.customer_id]


@pytest.mark.parametrize("typed", ["建国", "wjg", "5678", "13812345678", "粤A0X12D", "204817"])
def test_each_reading_is_a_search_in_an_index_and_reads_no_whole_table(store, clock, king, here, typed):
    people = [Buyer("bulk", f"B{n}", f"周{n}{n * 7}", f"1371{n:07d}", home_store_id=store) for n in range(3000)]
    ensure_customers(people, now=clock.now, by=SYSTEM)
    db.session.execute(text("ANALYZE"))
    sent = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.lstrip().startswith(("SELECT", "WITH")):
            sent.append((statement, parameters))

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    queries.find(typed, here)
    event.remove(connection, "before_cursor_execute", note)

    plans = [
        line
        for statement, parameters in sent
        for (line,) in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    ]
    scans = [line for line in plans if "Seq Scan" in line]
    assert [
        line for line in scans if "stores" not in line and "vehicles" not in line and "ownerships" not in line
    ] == []
    assert 1 <= len(sent) <= 4
