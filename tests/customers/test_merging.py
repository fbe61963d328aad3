"""Two customers become one, and two again: what comes over, what is refused, and what comes back."""

from datetime import date

from sqlalchemy import text

from loyalty.customers import queries, service
from loyalty.customers.rules import (
    ConsentGiven,
)
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import db
from loyalty.membership import queries as membership
from loyalty.points import queries as points
from loyalty.points import service as ledger
from loyalty.points.rules import Ask
from loyalty.sales.queries import strayed_count
from loyalty.sales.service import follow_merges, record_refunds, record_sales
from loyalty.tiers import queries as tiers
from tests.sales.conftest import OTHER_VIN, VIN, a_line, a_refund, a_sale, back


def usable(customer_id, clock, unit="points"):
    return points.balance(customer_id, now=clock.now, unit=unit).available


def level(customer_id):
    return tiers.standing(customer_id).level_code


COMPARED = {
    "customers": "SELECT name, gender, birthday, state, merged_into_id FROM customers WHERE id = :at",
    "identifiers": "SELECT id, kind, tail FROM identifiers WHERE customer_id = :at ORDER BY id",
    "consents": "SELECT id, purpose, channel, granted FROM consent_events WHERE customer_id = :at ORDER BY id",
    "numbers": "SELECT source, number FROM external_numbers WHERE customer_id = :at ORDER BY 1, 2",
    "cars": "SELECT vehicle_id, id, role, from_day, until_day FROM ownerships WHERE holder_id = :at ORDER BY 1, 2",
    "household": "SELECT id, household_id, from_day, until_day FROM household_people WHERE customer_id = :at"
    " ORDER BY id",
    "sales": "SELECT id, number, version, net_minor FROM sales WHERE customer_id = :at AND NOT moved ORDER BY id",
    "sale numbers": "SELECT number, sale_id FROM sale_numbers WHERE customer_id = :at ORDER BY 1",
    "search": "SELECT key FROM search_keys WHERE customer_id = :at ORDER BY key",
    "balances": "SELECT unit, available, pending, held, debt, earns, earning_class"
    " FROM points_accounts WHERE customer_id = :at ORDER BY unit",
    "lots": "SELECT remaining, state, earned_at, expires_at, unit_cost_micro, funding_store_id FROM points_lots"
    " WHERE customer_id = :at AND remaining > 0 ORDER BY 1, 3",
    "standing": "SELECT level_code, since_day, joined_day, settled_day, valid_to, grace_until, floor_code, delivery_day"
    " FROM tier_standings WHERE customer_id = :at",
    "days": "SELECT day, kind, net_minor, paid_orders FROM tier_days WHERE customer_id = :at AND net_minor > 0"
    " ORDER BY day",
    "member": "SELECT joined_at, state, state_reason FROM members WHERE customer_id = :at",
}


def picture(*customer_ids):
    """Everything that a merge touches, by customer."""
    return {
        (name, at): [tuple(row) for row in db.session.execute(text(sql), {"at": at})]
        for name, sql in COMPARED.items()
        for at in customer_ids
    }


def test_points_level_sales_and_cars_come_over_and_the_books_stay_clean(kept, gone, merge, clock):
    assert (level(kept), level(gone)) == ("basic", "gold")

    told = merge(kept, gone)

    kinds = {one.kind: dict(one.numbers) for one in told.effects}
    assert kinds["points.merged_points"]["points"] == 12_000
    assert kinds["sales.moved"] == {"count": 4}
    assert kinds["customers.vehicles_moved"] == {"count": 1}
    assert kinds["tiers.merged"]["level"] == "Gold"
    assert (usable(kept, clock), usable(gone, clock)) == (14_000, 0)
    assert level(kept) == "gold"
    assert len(queries.vehicles_of(kept)) == 2
    assert queries.vehicles_of(gone) == []
    assert len(queries.identifier_rows([kept])[kept]) == 2
    assert points.audit() == []


def test_a_dry_run_tells_the_same_and_changes_nothing(kept, gone, merge):
    before = picture(kept, gone)

    tried = merge(kept, gone, dry_run=True)

    assert picture(kept, gone) == before
    assert tried.merge_id is None
    assert tried.effects == merge(kept, gone).effects


def test_the_joint_figures_are_judged_at_once(kept, gone, merge, sell):
    for n in range(4):
        sell(a_sale(f"A-9{n}", a_line(gross=500_000), customer="K-1", occurred=date(2026, 2, 20 + n)))
    assert level(kept) == level(gone) == "gold"

    merge(kept, gone)

    assert level(kept) == "platinum"  # 34,000.00 in nine visits: neither had them alone


def test_a_later_import_under_the_gone_number_goes_to_the_kept_one(kept, gone, merge, sell, clock):
    merge(kept, gone)

    bought = sell(a_sale("B-9", a_line(gross=100_000), customer="K-2", phone="13900000001"))

    assert bought == kept
    assert usable(kept, clock) == 15_000


def test_the_same_sale_again_is_the_same_still(kept, gone, merge, clock):
    merge(kept, gone)

    again = record_sales(
        [a_sale("A-1", a_line(gross=200_000), customer="K-1", phone="13812345678", vin=VIN)],
        mode="upsert",
        now=clock.now,
        by=SYSTEM,
    )
    came = record_sales(
        [a_sale("B-0", a_line(gross=300_000), customer="K-2", name="王建囯", phone="13900000001", vin=OTHER_VIN,
                occurred=date(2026, 1, 5))],
        mode="upsert",
        now=clock.now,
        by=SYSTEM,
    )  # fmt: skip

    assert [again[0].state, came[0].state] == ["same", "same"]


def test_a_refund_of_a_sale_that_came_over_takes_the_points_where_they_are(kept, gone, merge, clock):
    merge(kept, gone)

    (answer,) = record_refunds(
        [a_refund("R-1", back(gross=300_000), sale="B-2", occurred=date(2026, 3, 11))], now=clock.now, by=SYSTEM
    )

    assert answer.problem is None
    assert usable(kept, clock) == 11_000
    assert points.balance(gone, now=clock.now).debt == 0
    assert points.audit() == []


def test_taken_back_at_once_everything_is_as_it_was(kept, gone, merge, part):
    told = ConsentGiven("marketing", "sms", granted=True, at=queries.card(gone, EVERYTHING).created_at)
    service.record_consents(gone, [told], scope=EVERYTHING, now=told.at, by=SYSTEM)
    before = picture(kept, gone)

    merged = merge(kept, gone, {"name": "gone"})
    assert picture(kept, gone) != before
    part(merged.merge_id)

    assert picture(kept, gone) == before
    assert points.audit() == []


def test_what_came_after_the_merge_stays_and_what_was_used_stays_used(kept, gone, merge, part, sell, store, clock):
    merged = merge(kept, gone, {"name": "gone"})
    sell(a_sale("C-1", a_line(gross=100_000), customer="K-2", occurred=date(2026, 3, 12)))
    ledger.redeem(Ask(kept, 1_000, "R1", store, "service"), now=clock.now, by=SYSTEM)
    record_refunds([a_refund("R-1", back(gross=300_000), sale="B-1")], now=clock.now, by=SYSTEM)
    service.change_customer(kept, {"name": "王建国（新）"}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    part(merged.merge_id)

    # 12,000 came over; 3,000 went with the refund, and of the redeemed 1,000 those that end first were the gone one's.
    assert (usable(gone, clock), usable(kept, clock)) == (8_000, 3_000)
    assert queries.customer(kept, EVERYTHING).name == "王建国（新）"
    numbers = "SELECT number FROM sales WHERE customer_id = :at AND NOT moved ORDER BY 1"
    assert list(db.session.scalars(text(numbers), {"at": kept})) == ["A-1", "C-1"]
    assert list(db.session.scalars(text(numbers), {"at": gone})) == ["B-0", "B-1", "B-2", "B-3"]
    refund = record_refunds([a_refund("R-2", back(gross=300_000), sale="B-2")], now=clock.now, by=SYSTEM)
    assert refund[0].problem is None
    assert usable(gone, clock) == 5_000
    assert points.audit() == []


def test_after_the_undoing_the_gone_number_is_its_own_again(kept, gone, merge, part, sell):
    merged = merge(kept, gone)
    part(merged.merge_id)

    assert sell(a_sale("B-9", customer="K-2", phone="13900000001")) == gone
    assert queries.ids_by_number([f"C-{gone:07d}"]) == {f"C-{gone:07d}": gone}


def test_a_debt_comes_over_and_is_paid_from_what_there_is(kept, gone, merge, sell, store, clock):
    ledger.redeem(Ask(gone, 11_000, "R1", store, "service"), now=clock.now, by=SYSTEM)
    record_refunds([a_refund("R-1", back(gross=300_000), sale="B-1")], now=clock.now, by=SYSTEM)
    assert points.balance(gone, now=clock.now).debt == 2_000

    merge(kept, gone)

    assert points.balance(kept, now=clock.now).available == 0
    assert points.balance(kept, now=clock.now).debt == 0
    assert points.balance(gone, now=clock.now).debt == 0
    assert points.audit() == []


def test_the_older_membership_counts(kept, gone, merge, part):
    assert membership.member_of(kept, EVERYTHING).joined_day == date(2026, 3, 10)

    merged = merge(kept, gone)
    assert membership.member_of(kept, EVERYTHING).joined_day == date(2026, 1, 5)
    assert membership.member_of(gone, EVERYTHING).state == "closed"
    part(merged.merge_id)

    assert membership.member_of(kept, EVERYTHING).joined_day == date(2026, 3, 10)
    assert membership.member_of(gone, EVERYTHING).state == "active"


def test_one_car_under_two_numbers_has_one_holder_afterwards(rules, sell, merge, part):
    owner = sell(a_sale("A-1", customer="K-1", vin=VIN, occurred=date(2026, 1, 1)))
    driver = sell(a_sale("B-1", customer="K-2", vin=VIN, occurred=date(2026, 2, 1)))
    before = picture(owner, driver)

    merged = merge(driver, owner)

    assert [held.role for held in queries.vehicles_of(driver)] == ["owner"]
    part(merged.merge_id)
    assert picture(owner, driver) == before


def test_the_gone_one_is_found_as_the_kept_one(kept, gone, merge):
    merge(kept, gone)

    by_phone = queries.find("13900000001", EVERYTHING)
    by_number = queries.find(f"C-{gone:07d}", EVERYTHING)

    assert [hit.customer.id for hit in by_phone.customers] == [kept]
    assert [hit.customer.id for hit in by_number.customers] == [kept]
    assert gone not in [hit.customer.id for hit in queries.customer_list(EVERYTHING).items]


def test_a_sale_that_a_merge_overtook_follows_in_the_night(kept, gone, merge, sell, clock):
    merged = merge(kept, gone)
    db.session.execute(text("UPDATE external_numbers SET customer_id = :gone WHERE number = 'K-2'"), {"gone": gone})
    assert sell(a_sale("B-9", a_line(gross=100_000), customer="K-2", phone="13900000001")) == gone
    assert strayed_count() == 1
    assert {one.check for one in points.audit()} == {"merged_account_is_empty"}

    follow_merges(now=clock.now, by=SYSTEM)

    assert merged.merge_id
    assert strayed_count() == 0
    assert usable(kept, clock) == 15_000
    assert points.audit() == []


def test_the_kept_one_takes_the_place_in_the_household(kept, gone, merge, part, make_customer, clock):
    what = {"day": date(2026, 3, 1), "scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    household = service.start_household(gone, "王家", **what)
    service.join_household(household, make_customer("李雷"), **what)
    before = picture(kept, gone)

    merged = merge(kept, gone)

    assert [one.customer.id for one in queries.household(household, EVERYTHING).present].count(kept) == 1
    assert queries.household_of(gone) is None
    part(merged.merge_id)
    assert picture(kept, gone) == before


def test_the_page_of_a_gone_member_opens_still(kept, gone, merge, clock):
    merge(kept, gone)

    assert tiers.explain(gone, day_at(clock.now, "Asia/Shanghai")).level.code == "gold"
