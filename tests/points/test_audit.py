"""The audit from zero: clean after everything the ledger does, and each planted fault is found by name."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from loyalty.kernel.actor import SYSTEM
from loyalty.points import queries, service


@pytest.fixture
def busy(desk, member, make_members, clock):
    """A member who has done everything once, and a friend."""
    friend = make_members(1)[0]
    now = {"now": clock.now, "by": SYSTEM}
    desk.award(member, 100, sale=1, ends=10)
    desk.award(member, 50, sale=2, starts=5)
    desk.award(member, 70, sale=3)
    desk.award(member, 8, unit="growth")
    service.migrate([desk.award_of(member, 5)], **now)
    service.redeem(desk.ask(member, 20, key="order"), **now)
    service.return_redemption(desk.ask(member, 20, key="back"), "order", **now)
    service.hold(desk.ask(member, 30, key="table"), **now)
    service.hold(desk.ask(member, 10, key="chair"), **now)
    service.capture(desk.ask(member, 25, key="meal"), "table", **now)
    service.adjust(desk.ask(member, 9), **now)
    service.adjust(desk.ask(member, -3), **now)
    service.transfer(desk.ask(member, 40, key="gift"), friend, **now)
    desk.take(member, 60, sale=2)
    desk.take(friend, 45, sale=2)
    clock.advance(days=11)
    service.activate_due(clock.now, now=clock.now, by=SYSTEM)
    service.expire_due(clock.now, now=clock.now, by=SYSTEM)
    return member


def names():
    return sorted({finding.check for finding in queries.audit()})


def test_a_ledger_that_has_done_everything_is_clean(busy):
    assert queries.audit() == []


# Each fault, what it may be done by, and the checks that must see it; `m` is the member.
FAULTS = {
    "a posting of one more point": (
        (
            "UPDATE ledger_postings SET points = points + 1 WHERE (customer_id, transaction_id, number) ="
            " (SELECT customer_id, id, 1 FROM ledger_transactions WHERE kind = 'redeem' AND customer_id = :m)"
        ),
        {"transaction_sums_to_zero", "postings_follow_transaction", "account_follows_postings"},
    ),
    "a lost posting": (
        (
            "DELETE FROM ledger_postings p USING ledger_transactions t WHERE t.customer_id = p.customer_id"
            " AND t.id = p.transaction_id AND t.kind = 'debt' AND p.number = 2"
        ),
        {"transaction_sums_to_zero"},
    ),
    "a changed transaction": (
        "UPDATE ledger_transactions SET points = points + 1 WHERE kind = 'expire' AND customer_id = :m",
        {"postings_follow_transaction"},
    ),
    "a balance of its own": (
        "UPDATE points_accounts SET available = available + 1 WHERE customer_id = :m AND unit = 'points'",
        {"account_follows_lots", "account_follows_postings"},
    ),
    "a lot that gives more than it has": (
        "UPDATE points_lots SET remaining = remaining - 1 WHERE customer_id = :m AND state = 'open' AND remaining > 1",
        {"account_follows_lots", "lot_follows_allocations"},
    ),
    "a forgotten hold": (
        "UPDATE points_holds SET state = 'released' WHERE customer_id = :m AND key = 'chair'",
        {"account_follows_lots"},
    ),
    "a changed allocation": (
        (
            "UPDATE ledger_allocations SET points = points + 1 WHERE (customer_id, transaction_id) ="
            " (SELECT customer_id, id FROM ledger_transactions WHERE kind = 'redeem' AND customer_id = :m)"
        ),
        {"lot_follows_allocations", "posting_names_its_lots"},
    ),
    "a use after the end": (
        "UPDATE points_lots SET expires_at = earned_at WHERE customer_id = :m AND points = 100",
        {"no_use_after_the_end"},
    ),
    "a lot in another account": (
        (
            "UPDATE points_lots l SET account_id = a.id FROM points_accounts a"
            " WHERE l.customer_id = :m AND l.points = 100 AND a.customer_id = :m AND a.unit = 'growth'"
        ),
        {"allocation_stays_in_account"},
    ),
    "a return of more than was redeemed": (
        "UPDATE ledger_transactions SET points = points + 1 WHERE kind = 'return' AND customer_id = :m",
        {"returns_stay_within", "reversal_mirrors"},
    ),
    "a transfer that arrives as more": (
        "UPDATE ledger_transactions SET points = points + 1 WHERE kind = 'transfer_in'",
        {"transfers_meet"},
    ),
    "an award without its lot": (
        (
            "WITH lot AS (DELETE FROM points_lots WHERE customer_id = :m AND points = 50 RETURNING 1)"
            " DELETE FROM ledger_allocations WHERE lot_id = (SELECT id FROM points_lots WHERE customer_id = :m AND"
            " points = 50)"
        ),
        {"earning_has_a_lot", "posting_names_its_lots"},
    ),
    "a customer who was merged and kept points": (
        (
            "UPDATE customers SET state = 'merged', merged_into_id = (SELECT min(id) FROM customers WHERE id <> :m)"
            " WHERE id = :m"
        ),
        {"merged_account_is_empty"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_its_row(busy, db_session, unguard, fault):
    statement, seen_by = FAULTS[fault]
    unguard()

    changed = db_session.execute(text(statement), {"m": busy}).rowcount

    assert changed
    assert seen_by <= set(names())
    assert all(finding.row and str(finding.customer_id) for finding in queries.audit())


def test_every_check_is_shown_to_find_something():
    assert {check.name for check in queries.CHECKS} == set().union(*(seen for _, seen in FAULTS.values()))


def test_an_entry_explains_itself(busy, db_session, clock):
    page = queries.entries(busy, limit=100)
    meal = next(entry for entry in page.items if entry.kind == "capture")

    told = queries.explain_entry(busy, meal.id)

    assert [(use.points, use.source_number) for use in told.lots] == [(-25, "S1")]
    assert sorted(entry.kind for entry in told.related) == ["hold", "release"]


def test_entries_come_in_pages_without_gaps(busy):
    whole = [entry.id for entry in queries.entries(busy, limit=100).items]
    paged, cursor = [], None
    while True:
        page = queries.entries(busy, limit=4, cursor=cursor)
        paged += [entry.id for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert paged == whole == sorted(whole, reverse=True)


def test_liability_counts_what_can_still_be_used_by_store(busy, desk, clock, shop):
    desk.award(busy, 10, unit_cost_micro=1_500_000)
    everything = SYSTEM.scope("points.read")

    (one,) = queries.liability(everything, now=clock.now + timedelta(seconds=1))

    assert one.store_id == shop
    assert one.points == desk.balance(busy).available
    assert one.cost_minor == 15
    assert queries.places(everything, as_of=clock.now)[shop]["redeemed"] == 25


def test_lots_are_answered_as_they_stood(desk, member, clock):
    desk.award(member, 100, ends=10)
    desk.award(member, 50, starts=2)
    before = clock.now
    clock.advance(days=3)
    service.redeem(desk.ask(member, 120), now=clock.now, by=SYSTEM)

    then = queries.lots_as_of(member, before)
    today = queries.lots_as_of(member, clock.now)

    assert [(lot.remaining, lot.state) for lot in then] == [(100, "open"), (50, "pending")]
    assert [(lot.remaining, lot.state) for lot in today] == [(30, "open")]
    assert [lot.remaining for lot in queries.lots(member, now=clock.now)] == [30]
    assert queries.lots_as_of(member, before - timedelta(seconds=1)) == []


def test_activity_that_prolongs_points_later_changes_no_figure_of_the_past(desk, member, clock):
    desk.award(member, 100, ends=10)
    clock.advance(days=3)
    before = clock.now
    told, stands = queries.lots_as_of(member, before), desk.balance(member, as_of=before)
    clock.advance(days=2)
    desk.award(member, 5, ends=60, rolls=True)
    between = clock.now
    clock.advance(days=2)
    desk.award(member, 5, ends=90, rolls=True)

    assert queries.lots_as_of(member, before) == told
    assert desk.balance(member, as_of=before) == stands
    assert stands.next_end_at == told[0].expires_at < before + timedelta(days=8)
    assert {lot.expires_at for lot in queries.lots_as_of(member, between)} == {between + timedelta(days=60)}
    assert {lot.expires_at for lot in queries.lots_as_of(member, clock.now)} == {clock.now + timedelta(days=90)}


def test_points_that_were_prolonged_just_in_time_had_not_lapsed_before_and_lapse_no_sooner(desk, member, clock):
    desk.award(member, 100, ends=10)
    clock.advance(days=9)
    desk.award(member, 5, ends=30, rolls=True)
    clock.advance(days=5)

    assert desk.figures(member, as_of=clock.now) == (105, 0, 0, 0)
    assert desk.figures(member, as_of=clock.now - timedelta(days=6)) == (100, 0, 0, 0)


def test_the_ends_that_lots_had_are_kept_as_they_were(desk, member, clock, db_session):
    desk.award(member, 100, ends=10)
    desk.award(member, 5, ends=60, rolls=True)

    for change in ("UPDATE points_lot_ends SET ended_at = moved_at", "DELETE FROM points_lot_ends"):
        with pytest.raises(DBAPIError), db_session.begin_nested():
            db_session.execute(text(change))
