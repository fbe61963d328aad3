"""Giving points for documents, and taking them back."""

import pytest
from sqlalchemy import event

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.kernel.errors import KeyReused, Malformed
from loyalty.points import service
from loyalty.points.rules import NoAccount


def kinds(effects):
    return [(effect.kind, effect.numbers["points"]) for effect in effects]


def test_an_award_can_be_used_at_once(desk, member):
    effects = desk.award(member, 100)

    assert kinds(effects) == [("points.earn", 100)]
    assert desk.figures(member) == (100, 0, 0, 0)


def test_several_awards_of_one_batch_for_one_account_add_up(desk, member, make_members, clock):
    other = make_members(1)[0]
    batch = [desk.award_of(member, 10), desk.award_of(other, 5), desk.award_of(member, 20)]

    effects = service.award(batch, now=clock.now, by=SYSTEM)

    assert [effect.customer_id for effect in effects] == [member, other, member]
    assert desk.figures(member) == (30, 0, 0, 0)
    assert desk.figures(other) == (5, 0, 0, 0)


def test_a_pending_award_counts_only_from_its_moment(desk, member, clock):
    desk.award(member, 100, starts=7)
    assert desk.figures(member) == (0, 100, 0, 0)

    clock.advance(days=7, seconds=-1)
    assert desk.figures(member) == (0, 100, 0, 0)

    clock.advance(seconds=1)
    assert desk.figures(member) == (100, 0, 0, 0)


def test_points_count_until_their_end_and_not_at_it(desk, member, clock):
    desk.award(member, 100, ends=7)

    clock.advance(days=7, seconds=-1)
    assert desk.figures(member) == (100, 0, 0, 0)

    clock.advance(seconds=1)
    assert desk.figures(member) == (0, 0, 0, 0)


def test_the_same_key_has_one_effect_and_the_same_answer(desk, member):
    first = desk.award(member, 100, key="sale-1", sale=1)

    again = desk.award(member, 100, key="sale-1", sale=1)

    assert again == first
    assert desk.figures(member) == (100, 0, 0, 0)


def test_the_same_key_twice_in_one_batch_has_one_effect(desk, member, clock):
    award = desk.award_of(member, 100)

    effects = service.award([award, award], now=clock.now, by=SYSTEM)

    assert kinds(effects) == [("points.earn", 100), ("points.earn", 100)]
    assert desk.figures(member) == (100, 0, 0, 0)


def test_a_key_with_other_content_is_refused_and_changes_nothing(desk, member):
    desk.award(member, 100, key="sale-1", sale=1)

    with pytest.raises(KeyReused):
        desk.award(member, 101, key="sale-1", sale=1)

    assert desk.figures(member) == (100, 0, 0, 0)


def test_who_has_no_account_is_refused_and_the_batch_is_not_booked(desk, member, clock):
    with pytest.raises(NoAccount):
        service.award([desk.award_of(member, 1), desk.award_of(member + 999, 1)], now=clock.now, by=SYSTEM)

    assert desk.figures(member) == (0, 0, 0, 0)


@pytest.mark.parametrize("points", [0, -1, True, 1.5, "7", 2**53 + 1, None])
def test_what_is_no_number_of_points_is_malformed(desk, member, points):
    with pytest.raises(Malformed):
        desk.award(member, points)


def test_the_largest_number_of_points_is_booked(desk, member):
    desk.award(member, 2**53)

    assert desk.figures(member) == (2**53, 0, 0, 0)


def test_a_refund_takes_the_pending_part_then_the_own_lot_then_others_then_owes(desk, member):
    desk.award(member, 30, sale=1, starts=5)
    desk.award(member, 20, sale=1)
    desk.award(member, 10, sale=2)

    effects = desk.take(member, 65, sale=1)

    assert kinds(effects) == [("points.cancel_pending", 30), ("points.revoke", 30), ("points.debt", 5)]
    assert desk.figures(member) == (0, 0, 0, 5)


def test_the_own_lot_goes_before_one_that_ends_sooner(desk, member):
    desk.award(member, 20, sale=1, ends=100)
    desk.award(member, 20, sale=2, ends=1)

    desk.take(member, 20, sale=1)

    assert desk.balance(member).next_end_points == 20
    assert desk.take(member, 5, sale=1)[0].numbers["points"] == 5


def test_a_shortfall_can_be_written_off(desk, member):
    desk.award(member, 10, sale=1)

    effects = desk.take(member, 15, sale=1, shortfall="write_off")

    assert kinds(effects) == [("points.revoke", 10), ("points.write_off", 5)]
    assert desk.figures(member) == (0, 0, 0, 0)


def test_the_same_refund_again_takes_nothing_more(desk, member):
    desk.award(member, 10, sale=1)
    take = desk.take_of(member, 4, sale=1)
    first = service.take_back([take], now=desk.clock.now, by=SYSTEM)

    again = service.take_back([take], now=desk.clock.now, by=SYSTEM)

    assert again == first
    assert desk.figures(member) == (6, 0, 0, 0)


def test_new_points_settle_what_is_owed_first(desk, member):
    desk.take(member, 30, sale=1)

    effects = desk.award(member, 100)

    assert kinds(effects) == [("points.earn", 100), ("points.settle_debt", 30)]
    assert desk.figures(member) == (70, 0, 0, 0)


def test_pending_points_settle_what_is_owed_when_their_day_comes(desk, member, clock):
    desk.take(member, 30, sale=1)
    desk.award(member, 100, starts=3)
    assert desk.figures(member) == (0, 100, 0, 30)

    clock.advance(days=3)

    assert desk.figures(member) == (70, 0, 0, 0)


def test_growth_is_an_account_of_its_own(desk, member):
    effects = desk.award(member, 100, unit="growth")

    assert effects[0].kind == "points.growth_earn"
    assert desk.figures(member) == (0, 0, 0, 0)
    assert desk.figures(member, unit="growth") == (100, 0, 0, 0)


def test_activity_moves_the_end_of_usable_points_only(desk, member, clock):
    desk.award(member, 10, ends=5)
    desk.award(member, 20, ends=30)
    clock.advance(days=6)

    desk.award(member, 1, ends=60, rolls=True)
    clock.advance(days=59)

    assert desk.figures(member) == (21, 0, 0, 0)


def test_opening_accounts_again_keeps_them(desk, member, clock):
    desk.award(member, 10)

    service.open_accounts([member], now=clock.now, by=SYSTEM)

    assert desk.figures(member) == (10, 0, 0, 0)


@pytest.fixture
def statements(db_session):
    """The statements sent since the test asked, but for savepoints of the test itself."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        if "points_" in statement or "ledger_" in statement:
            sent.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 300])
def test_a_batch_of_any_size_takes_one_or_two_statements(desk, make_members, clock, statements, count):
    members = make_members(count)
    awards = [desk.award_of(member, 10) for member in members]
    takes = [desk.take_of(member, 15, sale=1) for member in members]
    statements.clear()

    service.award(awards, now=clock.now, by=SYSTEM)
    assert len(statements) == 1
    service.take_back(takes, now=clock.now, by=SYSTEM)

    assert len(statements) == 3
    assert {desk.figures(member) for member in members} == {(0, 0, 0, 5)}
