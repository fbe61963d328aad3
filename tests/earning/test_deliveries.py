"""What a delivery earns follows the delivery: withdrawn, on another day, told again, to somebody else."""

from datetime import date

import pytest

from loyalty.customers.service import change_customer
from loyalty.earning import queries
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.points import queries as ledger
from loyalty.points.rules import Ask
from loyalty.points.service import redeem
from loyalty.sales.rules import DeliveryFact, VehicleFact
from loyalty.sales.service import record_deliveries
from tests.earning.counter import EARNING

DAY, LATER = date(2026, 3, 10), date(2026, 3, 11)
CAR = VehicleFact("LSVAA4182E2123456")
REWARD = {"code": "hand-over", "per": "event", "event": "delivery", "points": 1_000, "kinds": ["vehicle"]}
GROWTH = REWARD | {"code": "grow", "unit": "growth", "points": 300}
RULES = {"rules": [REWARD, GROWTH], "rounding": "floor"}


@pytest.fixture
def dealer(counter):
    """A store where a delivery gives 1,000 points that end after 24 months, and 300 growth."""
    counter.load(earning=RULES, expiry={"mode": "months", "months": 24})
    return counter


@pytest.fixture
def member(dealer):
    (member,) = dealer.members("K1")
    return member


@pytest.fixture
def told(dealer, clock):
    """Tell the delivery of the sale apart from it: on a day, or that there was none; give its effects."""

    def tell(day, number="S1"):
        outcome = record_deliveries([DeliveryFact("core", number, day)], now=clock.now, by=SYSTEM)[0]
        assert outcome.problem is None
        return [one.kind for one in outcome.effects]

    return tell


def order(dealer, number="S1", **more):
    return dealer.fact(number, kind="vehicle", vehicle=CAR, **more)


def has(dealer, member):
    """What the member has, with the books and the lines in accord."""
    told = queries.explain_sale(member, dealer.sale_id("S1"))
    latest = max((one.version for one in told), default=0)
    standing = sum(one.points for one in told if one.version == latest and one.unit == "points")
    assert standing == dealer.points(member)
    assert ledger.audit() == []
    return dealer.points(member), dealer.points(member, "growth")


def test_a_delivery_that_never_was_gives_back_what_it_earned(dealer, member, told):
    dealer.record(order(dealer, delivered=DAY))
    before = has(dealer, member)

    effects = told(None)

    assert before == (1_000, 300)
    assert has(dealer, member) == (0, 0)
    assert effects == ["points.revoke", "points.growth_revoke"]


def test_what_was_used_already_is_owed(dealer, member, told, clock):
    dealer.record(order(dealer, delivered=DAY))
    redeem(Ask(member, 400, "U1", dealer.store, "order"), now=clock.now, by=SYSTEM)

    told(None)

    stands = ledger.balance(member, now=clock.now)
    assert (stands.available, stands.debt) == (0, 400)


def test_a_delivery_told_again_earns_again_as_often_as_it_takes(dealer, member, told):
    dealer.record(order(dealer))
    seen = []
    for day in (DAY, None, DAY, None, LATER):
        told(day)
        seen.append(has(dealer, member)[0])

    assert seen == [1_000, 0, 1_000, 0, 1_000]


def test_another_day_moves_the_end_of_the_points(dealer, member, told, clock):
    dealer.record(order(dealer, delivered=DAY))
    first = ends(member, clock)

    told(LATER)

    assert has(dealer, member) == (1_000, 300)
    assert [(second - one).days for one, second in zip(first, ends(member, clock), strict=True)] == [1]


def ends(member, clock):
    return [lot.expires_at for lot in ledger.lots(member, now=clock.now)]


def test_another_vehicle_on_the_same_day_moves_nothing(dealer, member, told):
    dealer.record(order(dealer, delivered=DAY))

    other = order(dealer, delivered=DAY)._replace(vehicle=VehicleFact("LFV2A21K8G4012345"))
    effects = dealer.record(other, mode="correct")[0].effects

    assert has(dealer, member) == (1_000, 300)
    assert not [one for one in effects if one.kind.startswith("points.")]


def test_a_correction_that_tells_no_delivery_takes_it_back_and_a_later_one_brings_it(dealer, member):
    dealer.record(order(dealer, delivered=DAY))

    dealer.record(order(dealer), mode="correct")
    without = has(dealer, member)
    dealer.record(order(dealer, gross=20_000), mode="correct")
    still = has(dealer, member)
    dealer.record(order(dealer, delivered=DAY), mode="correct")

    assert (without, still) == ((0, 0), (0, 0))
    assert has(dealer, member) == (1_000, 300)


def test_a_sale_that_goes_to_somebody_else_takes_its_reward_along(dealer, member):
    (other,) = dealer.members("K2")
    dealer.record(order(dealer, delivered=DAY))

    dealer.record(order(dealer, customer="K2", delivered=DAY), mode="correct")
    moved = (dealer.points(member), has(dealer, other))
    dealer.record(order(dealer, customer="K2"), mode="correct")

    assert moved == (0, (1_000, 300))
    assert (dealer.points(member), has(dealer, other)) == (0, (0, 0))


def test_what_was_refunded_is_taken_off_only_once(dealer, member, told):
    dealer.record(order(dealer, gross=10_000, delivered=DAY))
    dealer.refund("S1", {1: 5_000})
    half = has(dealer, member)

    told(LATER)
    moved = has(dealer, member)
    told(None)
    none = has(dealer, member)
    told(DAY)
    again = has(dealer, member)
    dealer.refund("S1", {1: 5_000})

    assert (half, moved, none, again) == ((500, 150), (500, 150), (0, 0), (500, 150))
    assert has(dealer, member) == (0, 0)


def test_lines_of_the_sale_keep_what_they_earned(counter, clock):
    counter.load(earning={"rules": [REWARD, *EARNING["rules"]], "rounding": "floor"})
    (member,) = counter.members("K1")
    counter.record(order(counter, delivered=DAY))

    record_deliveries([DeliveryFact("core", "S1", None)], now=clock.now, by=SYSTEM)

    assert has(counter, member)[0] == 100


def test_a_closed_member_gives_back_and_earns_nothing_anew(dealer, member, told, clock):
    dealer.record(order(dealer, delivered=DAY))
    change_customer(member, {"state": "closed"}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    told(None)
    told(DAY)

    stands = ledger.balance(member, now=clock.now)
    assert stands.available == 0
