"""What sales of a file brought is not kept for each of them, and is told from the ledger when somebody asks."""

import json

from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.programme.service import load_file
from loyalty.sales import queries
from loyalty.sales.schemas import read_sale
from loyalty.sales.service import record_sales
from loyalty.sales.service.merging import carry_sales
from loyalty.staff.service import create_store
from tests.bench.machine import HERE

CNY = {"minor": 50_000, "currency": "CNY"}


def order(number, customer="K-1"):
    return {
        "source": "core",
        "number": number,
        "kind": "service",
        "store": "S1",
        "customer": {"number": customer, "name": "王芳"},
        "occurred_at": "2026-03-02T10:00:00+08:00",
        "lines": [{"number": 1, "category": "labour", "quantity": 1, "net": CNY, "gross": CNY}],
    }


def ready(clock):
    create_store(code="S1", name="东店", now=clock.now, by=SYSTEM)
    load_file(json.loads((HERE / "programme.json").read_text()), now=clock.now, by=SYSTEM)


def recorded(number, clock, *, answered, customer="K-1"):
    fact = read_sale(order(number, customer))
    return record_sales([fact], mode="correct", now=clock.now, by=SYSTEM, answered=answered)[0]


def kept(db_session):
    return db_session.scalar(text("SELECT count(*) FROM sale_answers"))


def test_who_asks_for_a_sale_of_a_file_reads_what_an_answered_one_was_told(clock, db_session):
    ready(clock)
    recorded("A-0", clock, answered=True)  # the first sale makes a member, of which the ledger knows nothing
    answered, silent = recorded("A-1", clock, answered=True), recorded("A-2", clock, answered=False)

    told = queries.first_answers([(one.customer_id, one.id, 1) for one in (answered, silent)])

    assert kept(db_session) == 2
    first, second = told[answered.id], told[silent.id]
    assert [one.kind for one in first] == [one.kind for one in second] != []
    assert [one.numbers["points"] for one in first] == [one.numbers["points"] for one in second]
    assert {one.numbers["number"] for one in second} == {"A-2"}


def test_the_same_sale_again_is_answered_from_the_ledger(clock, db_session):
    ready(clock)
    silent = recorded("A-1", clock, answered=False)

    again = recorded("A-1", clock, answered=True)

    assert (again.state, again.id) == ("same", silent.id)
    assert {one.kind for one in again.effects} <= {one.kind for one in silent.effects}
    assert [one.kind for one in again.effects if one.kind.startswith("points.")]


def test_what_a_sale_of_a_file_brought_goes_with_it_to_another_customer(clock, db_session):
    ready(clock)
    silent = recorded("A-1", clock, answered=False)
    other = recorded("B-1", clock, answered=True, customer="K-2")
    before = queries.first_answers([(silent.customer_id, silent.id, 1)])

    carry_sales(silent.customer_id, other.customer_id)

    after = queries.first_answers([(other.customer_id, silent.id, 1)])
    assert [one.kind for one in after[silent.id]] == [one.kind for one in before[silent.id]] != []
    assert [one.numbers["points"] for one in after[silent.id]] == [one.numbers["points"] for one in before[silent.id]]
