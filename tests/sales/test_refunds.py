"""Refunds: how much goes back of each line, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import Money
from loyalty.sales import queries
from loyalty.sales.events import RefundedLine, SaleRefunded
from loyalty.sales.models import Refund, Sale, SaleLine
from loyalty.sales.rules import MoreThanSold, NothingLeft, RefundLineFact, SoldLine, plan_refund
from loyalty.sales.service import record_refunds
from tests.sales.conftest import a_line, a_refund, a_sale, back, with_gross


def sold(quantity=3, gross=100, net=88, **before):
    return SoldLine(1, Decimal(quantity), net, gross, **before)


def test_a_quantity_gives_back_its_share_and_the_last_piece_all_that_is_left():
    first = plan_refund("S", [sold()], [back(quantity=1)], currency="CNY")[0]
    rest = sold(
        refunded_quantity=Decimal(1), refunded_net_minor=first.net_minor, refunded_gross_minor=first.gross_minor
    )
    last = plan_refund("S", [rest], [back(quantity=2)], currency="CNY")[0]

    assert (first.gross_minor, first.net_minor) == (33, 29)
    assert (last.gross_minor, last.net_minor) == (67, 59)


def test_after_a_price_reduction_a_piece_gives_back_its_share_of_the_rest():
    reduced = sold(quantity=2, gross=100, net=100, refunded_gross_minor=50, refunded_net_minor=50)

    assert plan_refund("S", [reduced], [back(quantity=1)], currency="CNY")[0].gross_minor == 25


@given(st.integers(0, 10_000), st.integers(0, 1_300), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_refunds_piece_by_piece_come_to_the_whole(net, tax, pieces):
    line = sold(quantity=sum(pieces), gross=net + tax, net=net)

    for piece in pieces:
        given_back = plan_refund("S", [line], [back(quantity=piece)], currency="CNY")[0]
        line = SoldLine(
            1,
            line.quantity,
            net,
            net + tax,
            line.refunded_quantity + piece,
            line.refunded_net_minor + given_back.net_minor,
            line.refunded_gross_minor + given_back.gross_minor,
        )

    assert (line.refunded_net_minor, line.refunded_gross_minor) == (net, net + tax)


@pytest.mark.parametrize(("asked", "left"), [(back(quantity=4), "3"), (back(gross=101), Money(100, "CNY"))])
def test_more_than_was_sold_is_refused_with_what_is_left(asked, left):
    with pytest.raises(MoreThanSold) as refusal:
        plan_refund("S", [sold()], [asked], currency="CNY")

    assert refusal.value.details["left"] == left


@pytest.mark.parametrize("asked", [back(quantity=3), back(gross=100)])
def test_all_that_was_sold_may_go_back(asked):
    assert plan_refund("S", [sold()], [asked], currency="CNY")[0].gross_minor == 100


def test_without_lines_all_that_is_left_goes_back_once():
    half = sold(quantity=2, gross=100, net=100, refunded_quantity=Decimal(1), refunded_gross_minor=50)
    whole = sold(quantity=1, gross=100, net=100, refunded_quantity=Decimal(1), refunded_gross_minor=100)

    assert plan_refund("S", [half], [], currency="CNY")[0].gross_minor == 50
    with pytest.raises(NothingLeft):
        plan_refund("S", [whole], [], currency="CNY")


def test_a_line_that_was_never_sold_is_named():
    with pytest.raises(Malformed) as problem:
        plan_refund("S", [sold()], [back(1, quantity=1), back(7, quantity=1)], currency="CNY")

    assert problem.value.errors == {"lines[1].number": ["The sale has no line 7; its lines are 1."]}


@pytest.fixture
def refund(record, clock, here, listener):
    """Refund a sale of two lines: 3 pieces for ¥100.00, and ¥5.00."""
    record(a_sale("S-1", a_line(1, 10_000, quantity=3), a_line(2, 500)))

    def call(fact, by=None):
        return record_refunds([fact], now=clock.now, by=by or here)[0]

    return call


def remaining():
    rows = db.session.scalars(select(SaleLine).order_by(SaleLine.number).execution_options(populate_existing=True))
    return [row.gross_minor - row.refunded_gross_minor for row in rows]


def test_a_refund_is_counted_on_its_lines_and_announced_with_what_came_before(refund, listener):
    refund(a_refund("R-1", back(1, quantity=1)))
    outcome = refund(a_refund("R-2", back(1, quantity=1), back(2, gross=200), dealer_fault=True))

    assert remaining() == [3_333, 300]
    heard = listener.of(SaleRefunded)[1]
    assert (heard.refund_id, heard.number, heard.dealer_fault) == (outcome.id, "R-2", True)
    assert heard.lines == (RefundedLine(1, Decimal(1), 3_334, 3_334), RefundedLine(2, Decimal(0), 200, 200))
    assert heard.refunded_before == (RefundedLine(1, Decimal(1), 3_333, 3_333),)
    assert [effect.kind for effect in outcome.effects] == ["sales.refunded", "test.heard"]
    assert str(outcome.effects[0]) == "¥35.34 of S-1 is refunded; ¥36.33 is left."


def test_the_same_refund_again_answers_the_same(refund, listener):
    first = refund(a_refund("R-1", back(1, quantity=1)))

    again = refund(a_refund("R-1", back(1, quantity=1)))

    assert (again.state, again.id, again.effects) == ("same", first.id, first.effects)
    assert (remaining(), len(listener.of(SaleRefunded))) == ([6_667, 500], 1)


def test_its_number_with_other_content_is_refused(refund):
    refund(a_refund("R-1", back(1, quantity=1)))

    outcome = refund(a_refund("R-1", back(1, quantity=2)))

    assert (outcome.problem.code, remaining()) == ("sales.refund_number_taken", [6_667, 500])


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (a_refund("R-1", back(1, quantity=4)), "sales.more_than_sold"),
        (a_refund("R-1", back(2, gross=501)), "sales.more_than_sold"),
        (a_refund("R-1", back(1, quantity=1), sale="S-9"), "sales.unknown"),
        (a_refund("R-1", back(3, quantity=1)), "malformed"),
        (a_refund("R-1", back(1, quantity=0)), "malformed"),
        (a_refund("R-1", back(1, gross=-1)), "malformed"),
        (a_refund("R-1", RefundLineFact(1)), "malformed"),
        (a_refund("R-1", back(1, quantity=1), back(1, quantity=1)), "malformed"),
        (a_refund(" ", back(1, quantity=1)), "malformed"),
        (a_refund("R-1", back(1, gross=1), currency="USD"), "malformed"),
        (a_refund("R-1", back(1, gross=1), store="XX99"), "malformed"),
        (a_refund("R-1", back(1, gross=1), occurred=date(2026, 3, 9)), "sales.refund_before_sale"),
        (a_refund("R-1", back(1, gross=1), occurred=date(2026, 3, 14)), "malformed"),
    ],
)
def test_what_cannot_go_back_is_refused_and_nothing_changes(refund, fact, code):
    outcome = refund(fact)

    assert (outcome.state, outcome.problem.code) == ("rejected", code)
    assert remaining() == [10_000, 500]
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0


def test_a_sale_of_another_store_is_as_unknown_as_a_missing_one(refund, far_store):
    elsewhere = Actor("client", 9, "far link", {"sales.write": frozenset({far_store})})

    assert refund(a_refund("R-1", back(1, quantity=1)), by=elsewhere).problem.code == "sales.unknown"


def test_the_database_itself_refuses_more_than_was_sold(refund, clock, here):
    refund(a_refund("R-1", back(2, gross=500)))

    line = db.session.scalars(select(SaleLine).where(SaleLine.number == 2)).one()
    line.refunded_gross_minor = 501
    with pytest.raises(IntegrityError, match="refunded_gross"):
        db.session.flush()
    db.session.rollback()


def test_a_correction_below_what_was_refunded_is_refused(refund, record):
    refund(a_refund("R-1", back(2, gross=500)))
    whole = a_sale("S-1", a_line(1, 10_000, quantity=3), a_line(2, 500))

    less = record(a_sale("S-1", whole.lines[0], a_line(2, 499)), mode="correct")[0]
    gone = record(a_sale("S-1", whole.lines[0]), mode="correct")[0]
    fine = record(with_gross(whole, 9_000), mode="correct")[0]

    assert (less.problem.code, gone.problem.code, fine.state) == (
        "sales.below_refunded",
        "sales.below_refunded",
        "corrected",
    )
    assert (gone.problem.details["left"], less.problem.details["refunded"]) == ("¥0.00", "¥5.00")
    assert remaining() == [9_000, 0]


def test_a_sale_with_refunds_keeps_its_customer(refund, record):
    refund(a_refund("R-1", back(2, gross=500)))

    moved = a_sale("S-1", a_line(1, 10_000, quantity=3), a_line(2, 500), customer="K-2")
    assert record(moved, mode="correct")[0].problem.code == "sales.fixed_by_refund"


def test_day_totals_count_what_is_left_on_the_day_of_the_sale(refund, record):
    record(a_sale("S-2", a_line(1, 0)), a_sale("S-3", a_line(1, 700), kind="parts"), a_sale("S-4", a_line(1, 300)))
    refund(a_refund("R-1", back(1, gross=10_000)))
    customer = db.session.scalars(select(Sale.customer_id).limit(1)).one()

    rows = db.session.execute(queries.day_totals_select()).all()

    day = date(2026, 3, 10)
    assert sorted(map(tuple, rows)) == [
        (customer, day, "parts", "CNY", 700, 1, 700),
        (customer, day, "service", "CNY", 800, 2, 500),
    ]


def test_day_totals_leave_out_what_was_given_to_another_customer(record, listener):
    record(a_sale())
    moved = record(a_sale(customer="K-2"), mode="correct")[0]

    rows = db.session.execute(queries.day_totals_select()).all()

    assert [(row.customer_id, row.net_minor) for row in rows] == [(moved.customer_id, 10_000)]
