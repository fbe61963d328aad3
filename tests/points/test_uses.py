"""Redemptions, returns, holds, adjustments and transfers."""

from datetime import timedelta

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.errors import KeyReused, Malformed
from loyalty.points import service
from loyalty.points.rules import (
    AboveShare,
    BelowMinimum,
    CaptureAboveHold,
    HoldClosed,
    HoldNotFound,
    NotAMultiple,
    NotEnoughPoints,
    RedemptionNotFound,
    ReturnAboveRedeemed,
    TransferToSelf,
)
from loyalty.programme.service import load_file


def kinds(effects):
    return [(effect.kind.removeprefix("points."), effect.numbers["points"]) for effect in effects]


@pytest.fixture
def does(clock):
    """Run a service at the clock's moment."""

    def run(name, *arguments, **more):
        return getattr(service, name)(*arguments, **more, now=clock.now, by=SYSTEM)

    return run


@pytest.fixture
def policy(clock, db_session):
    """Put a version of a kind in force."""

    def put(kind, body):
        versions = [{"kind": kind, "effective_from": "2000-01-01", "body": body}]
        load_file({"programme": "test", "versions": versions}, now=clock.now, by=SYSTEM)

    return put


def test_what_ends_first_is_used_first_and_what_never_ends_last(desk, member, does):
    desk.award(member, 10)
    desk.award(member, 20, ends=30)
    desk.award(member, 40, ends=10)

    does("redeem", desk.ask(member, 45))

    assert desk.balance(member).next_end_points == 15
    assert desk.figures(member) == (25, 0, 0, 0)


def test_of_lots_that_end_together_the_older_is_used_first(desk, member, does, clock):
    desk.award(member, 10, ends=30, sale=2)
    desk.award(member, 10, ends=30, sale=1, occurred_at=clock.now - timedelta(days=1))

    does("redeem", desk.ask(member, 10))

    assert kinds(desk.take(member, 10, sale=2)) == [("revoke", 10)]


def test_too_few_points_are_refused_with_what_could_be_used(desk, member, does):
    desk.award(member, 99)
    desk.award(member, 50, starts=1)

    with pytest.raises(NotEnoughPoints) as refusal:
        does("redeem", desk.ask(member, 100))

    assert refusal.value.details == {"available": 99, "asked": 100}
    assert desk.figures(member) == (99, 50, 0, 0)


def test_points_past_their_end_cannot_be_used_although_no_job_ran(desk, member, does, clock):
    desk.award(member, 100, ends=1)
    clock.advance(days=1)

    with pytest.raises(NotEnoughPoints):
        does("redeem", desk.ask(member, 1))


def test_points_whose_day_has_come_can_be_used_although_no_job_ran(desk, member, does, clock):
    desk.award(member, 100, starts=1)
    clock.advance(days=1)

    receipt = does("redeem", desk.ask(member, 60))

    assert kinds(receipt.effects) == [("activate", 100), ("redeem", 60)]
    assert receipt.available == 40


def test_a_dry_run_answers_the_same_and_keeps_nothing(desk, member, does):
    desk.award(member, 100)
    ask = desk.ask(member, 60)

    tried = does("redeem", ask, dry_run=True)
    assert desk.figures(member) == (100, 0, 0, 0)

    assert does("redeem", ask) == tried
    assert desk.figures(member) == (40, 0, 0, 0)


def test_a_repeated_redemption_has_one_effect_and_another_body_is_refused(desk, member, does):
    desk.award(member, 100)
    first = does("redeem", desk.ask(member, 60, key="order-1"))

    assert does("redeem", desk.ask(member, 60, key="order-1")).effects == first.effects
    with pytest.raises(KeyReused):
        does("redeem", desk.ask(member, 40, key="order-1"))
    assert desk.figures(member) == (40, 0, 0, 0)


def test_the_programme_bounds_a_redemption(desk, member, does, policy):
    policy("redemption", {"multiple": 50, "minimum": 100, "most_share": 5000, "worth": {"points": 1, "minor": 1}})
    desk.award(member, 1000)

    with pytest.raises(BelowMinimum):
        does("redeem", desk.ask(member, 50))
    with pytest.raises(NotAMultiple) as refusal:
        does("redeem", desk.ask(member, 149))
    assert refusal.value.details["nearest"] == 100
    with pytest.raises(AboveShare) as refusal:
        does("redeem", desk.ask(member, 350), order_minor=699)
    assert refusal.value.details["most"] == 300
    assert does("redeem", desk.ask(member, 350), order_minor=700).available == 650


@pytest.mark.parametrize("points", [0, -5, True, 2.0, 2**53 + 1])
def test_what_is_no_number_of_points_cannot_be_redeemed(desk, member, does, points):
    with pytest.raises(Malformed):
        does("redeem", desk.ask(member, points))


def test_returned_points_go_back_to_their_lots_with_their_first_end(desk, member, does):
    desk.award(member, 30, ends=10)
    desk.award(member, 30, ends=20)
    does("redeem", desk.ask(member, 50, key="order"))

    receipt = does("return_redemption", desk.ask(member, 50), "order")

    assert kinds(receipt.effects) == [("return", 50)]
    assert (desk.balance(member).available, desk.balance(member).next_end_points) == (60, 30)


def test_partial_returns_equal_one_and_never_exceed_it(desk, member, does):
    desk.award(member, 30, ends=10)
    desk.award(member, 30, ends=20)
    does("redeem", desk.ask(member, 50, key="order"))

    does("return_redemption", desk.ask(member, 15), "order")
    assert desk.balance(member).next_end_points == 25  # the later lot, used last, is whole first
    does("return_redemption", desk.ask(member, 20), "order")
    with pytest.raises(ReturnAboveRedeemed) as refusal:
        does("return_redemption", desk.ask(member, 16), "order")
    does("return_redemption", desk.ask(member, 15), "order")

    assert refusal.value.details == {"asked": 16, "left": 15}
    assert (desk.balance(member).available, desk.balance(member).next_end_points) == (60, 30)


def test_what_lapsed_meanwhile_stays_lapsed(desk, member, does, clock):
    desk.award(member, 30, ends=10)
    desk.award(member, 30, ends=20)
    does("redeem", desk.ask(member, 50, key="order"))
    clock.advance(days=10)

    receipt = does("return_redemption", desk.ask(member, 50), "order")

    assert kinds(receipt.effects) == [("return", 50), ("expire", 30)]
    assert desk.figures(member) == (30, 0, 0, 0)


def test_what_lapsed_lives_again_for_some_days_when_the_dealer_was_at_fault(desk, member, does, clock, policy):
    policy("refunds", {"reinstate_days": 7})
    desk.award(member, 30, ends=10)
    does("redeem", desk.ask(member, 30, key="order"))
    clock.advance(days=10)

    receipt = does("return_redemption", desk.ask(member, 30), "order", dealer_fault=True)

    assert (receipt.available, kinds(receipt.effects)) == (30, [("return", 30)])
    assert desk.balance(member).next_end_at.isoformat() == "2026-03-29T16:00:00+00:00"


def test_returned_points_settle_a_debt_first(desk, member, does):
    desk.award(member, 30, sale=1)
    does("redeem", desk.ask(member, 30, key="order"))
    desk.take(member, 30, sale=1)

    receipt = does("return_redemption", desk.ask(member, 30), "order")

    assert kinds(receipt.effects) == [("return", 30), ("settle_debt", 30)]
    assert desk.figures(member) == (0, 0, 0, 0)


def test_a_return_of_nothing_known_is_not_found(desk, member, does):
    with pytest.raises(RedemptionNotFound):
        does("return_redemption", desk.ask(member, 1), "nothing")


def test_held_points_are_reserved_until_captured_or_released(desk, member, does):
    desk.award(member, 100)
    does("hold", desk.ask(member, 70, key="table"))
    assert desk.figures(member) == (30, 0, 70, 0)
    with pytest.raises(NotEnoughPoints):
        does("redeem", desk.ask(member, 31))

    receipt = does("capture", desk.ask(member, 50), "table")

    assert kinds(receipt.effects) == [("capture", 50), ("release", 20)]
    assert desk.figures(member) == (50, 0, 0, 0)


def test_a_hold_is_closed_once(desk, member, does):
    desk.award(member, 100)
    does("hold", desk.ask(member, 70, key="table"))
    with pytest.raises(CaptureAboveHold):
        does("capture", desk.ask(member, 71), "table")
    release = desk.ask(member, 70)
    does("release", release, "table")

    with pytest.raises(HoldClosed):
        does("capture", desk.ask(member, 1), "table")
    with pytest.raises(HoldNotFound):
        does("release", desk.ask(member, 1), "chair")
    assert kinds(does("release", release, "table").effects) == [("release", 70)]
    assert desk.figures(member) == (100, 0, 0, 0)


def test_a_captured_hold_can_be_returned_like_a_redemption(desk, member, does):
    desk.award(member, 100, ends=9)
    does("hold", desk.ask(member, 70, key="table"))
    does("capture", desk.ask(member, 70, key="meal"), "table")

    does("return_redemption", desk.ask(member, 70), "meal")

    assert desk.figures(member) == (100, 0, 0, 0)


def test_released_points_that_lapsed_meanwhile_end(desk, member, does, clock):
    desk.award(member, 100, ends=5)
    does("hold", desk.ask(member, 70, key="table"))
    clock.advance(days=5)

    receipt = does("release", desk.ask(member, 70), "table")

    assert kinds(receipt.effects) == [("release", 70), ("expire", 70)]
    assert desk.figures(member) == (0, 0, 0, 0)


def test_a_hold_is_released_when_its_time_is_over(desk, member, does, clock):
    desk.award(member, 100)
    does("hold", desk.ask(member, 70), until=clock.now + timedelta(hours=2))

    clock.advance(hours=2, seconds=-1)
    assert does("release_lapsed", clock.now) == 0
    clock.advance(seconds=1)
    assert does("release_lapsed", clock.now) == 1
    assert does("release_lapsed", clock.now) == 0
    assert desk.figures(member) == (100, 0, 0, 0)


def test_an_adjustment_adds_with_an_end_or_takes_in_use_order(desk, member, does, clock):
    does("adjust", desk.ask(member, 50), expires_at=clock.now + timedelta(days=3))
    desk.award(member, 50)

    receipt = does("adjust", desk.ask(member, -60))

    assert kinds(receipt.effects) == [("adjust_down", 60)]
    assert desk.balance(member).next_end_at is None
    with pytest.raises(NotEnoughPoints):
        does("adjust", desk.ask(member, -41))
    with pytest.raises(Malformed):
        does("adjust", desk.ask(member, 0))


def test_transferred_points_keep_their_ends_and_settle_the_takers_debt(desk, member, make_members, does):
    friend = make_members(1)[0]
    desk.award(member, 30, ends=10)
    desk.award(member, 30, ends=20)
    desk.take(friend, 5, sale=99)

    receipt = does("transfer", desk.ask(member, 40), friend)

    assert receipt.available == 20
    assert desk.figures(friend) == (35, 0, 0, 0)
    assert desk.balance(friend).next_end_points == 25


def test_nothing_is_transferred_to_oneself(desk, member, does):
    desk.award(member, 10)

    with pytest.raises(TransferToSelf):
        does("transfer", desk.ask(member, 5), member)


def test_a_balance_is_answered_as_it_stood(desk, member, does, clock):
    desk.award(member, 100, ends=10)
    first = clock.now
    clock.advance(days=5)
    does("redeem", desk.ask(member, 30))
    second = clock.now
    clock.advance(days=6)
    does("expire_due", clock.now)

    assert desk.figures(member, as_of=first) == (100, 0, 0, 0)
    assert desk.figures(member, as_of=second) == (70, 0, 0, 0)
    assert desk.balance(member, as_of=second).next_end_points == 70
    assert desk.figures(member, as_of=clock.now - timedelta(seconds=1)) == (0, 0, 0, 0)
    assert desk.figures(member, as_of=first - timedelta(seconds=1)) == (0, 0, 0, 0)
