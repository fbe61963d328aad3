from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from loyalty.customers.models import TimelineRow
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.points.models import PointsAccount
from loyalty.sales.rules import VehicleFact
from loyalty.staff.service import create_account
from loyalty.tiers import queries, service
from loyalty.tiers.models import LevelChange, TierDay, TierEvaluation, TierStanding
from loyalty.tiers.rules import (
    Anchors,
    FloorEnded,
    FloorNotFound,
    LevelNotFound,
    NoScheme,
    SamePerson,
    StandingNotFound,
)
from tests.tiers.schemes import ROLLING, cny_scheme, in_cny, level, name, spend, visits

TODAY = date(2026, 3, 12)
LIFETIME = {"kind": "lifetime"}


def level_of(member):
    return queries.standing(member).level_code


def review(counter, as_of, *, dry_run=False):
    return service.review(date.fromisoformat(as_of), dry_run=dry_run, now=counter.clock.now, by=SYSTEM)


def explain(member, as_of=TODAY):
    return service.explain(member, as_of)


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def two_levels(*criteria, combine="all", **more):
    body = {
        "currency": "CNY",
        "levels": [{"code": "basic", "name": name("Basic"), "rank": 0}, level("silver", 1, combine, *criteria)],
        "review": {"kind": "rolling", "months": 12},
    }
    return in_cny(body | more)


def test_who_joins_has_the_lowest_level(club):
    (member,) = club.members("K1")

    standing = queries.standing(member)

    assert (standing.level_code, standing.joined_day, standing.valid_to) == ("basic", date(2024, 1, 1), None)
    assert earning_class(member) == "basic"
    assert [one.reason for one in queries.history(member)] == ["joined"]


def earning_class(member):
    return db.session.scalar(
        select(PointsAccount.earning_class).where(PointsAccount.customer_id == member, PointsAccount.unit == "points")
    )


def test_joining_again_changes_nothing(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=5_000)

    club.members("K1", joined=TODAY)

    assert queries.standing(member).joined_day == date(2024, 1, 1)
    assert level_of(member) == "silver"


def test_what_was_bought_before_joining_counts_at_joining(club):
    club.customers("K1")
    club.sell("S1", gross=5_000, day="2026-03-01")

    (member,) = club.members("K1", joined=TODAY)

    assert (level_of(member), queries.standing(member).since_day) == ("silver", TODAY)


def test_who_has_no_standing_is_refused(club):
    (customer,) = club.customers("K1")

    with pytest.raises(StandingNotFound):
        explain(customer)


@pytest.mark.parametrize(("gross", "code"), [(4_999, "basic"), (5_000, "silver")])
def test_a_sale_lifts_at_once_at_the_threshold(club, gross, code):
    (member,) = club.members("K1")

    effects = club.sell("S1", gross=gross, day="2026-03-10")

    assert level_of(member) == code
    assert [one.numbers["level_code"] for one in effects if one.kind == "tiers.risen"] == (
        [] if code == "basic" else [code]
    )


def test_a_rise_is_told_with_its_figures_in_history_timeline_and_earning_class(club):
    (member,) = club.members("K1")

    effects = club.sell("S1", gross=5_000, day="2026-03-10")

    risen = next(one for one in effects if one.kind == "tiers.risen")
    assert str(risen) == "Level Silver reached on 2026-03-10."
    assert earning_class(member) == "silver"
    assert next((one.to_code, one.from_day) for one in queries.history(member)) == ("silver", date(2026, 3, 10))
    evaluation = queries.evaluations(member)[0]
    assert (evaluation.outcome, evaluation.from_code, evaluation.to_code) == ("up", "basic", "silver")
    assert evaluation.figures[0] == {
        "metric": "spend",
        "kinds": [],
        "from_day": "2025-03-11",
        "to_day": "2026-03-10",
        "figure": 5_000,
    }
    assert db.session.scalar(select(func.count()).where(TimelineRow.kind == "tier")) == 1


def test_a_sale_that_lifts_nobody_writes_no_evaluation(club):
    club.members("K1")

    club.sell("S1", gross=100)

    assert count(TierEvaluation) == 0


def test_days_are_counted_and_not_sales(club):
    (member,) = club.members("K1")

    club.sell("S1", gross=100)
    club.sell("S2", gross=100)
    same_day = level_of(member)
    club.sell("S3", gross=100, day="2026-03-11")

    assert (same_day, level_of(member)) == ("basic", "silver")


def test_a_sale_of_nothing_is_no_paid_day(club):
    (member,) = club.members("K1")

    club.sell("S1", gross=0, day="2026-03-10")
    club.sell("S2", gross=100, day="2026-03-11")

    assert level_of(member) == "basic"


@pytest.mark.parametrize(("day", "code"), [("2025-03-11", "silver"), ("2025-03-10", "basic")])
def test_the_window_includes_its_first_day(counter, day, code):
    counter.load(tiers=two_levels(visits(2)))
    (member,) = counter.members("K1")

    counter.record(counter.fact("S1", gross=100, day=day), counter.fact("S2", gross=100, day="2026-03-10"))

    assert level_of(member) == code


def test_a_late_sale_counts_on_its_own_day(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=100, day="2026-03-10")

    club.sell("S2", gross=100, day="2025-06-01")

    standing = queries.standing(member)
    assert (standing.level_code, standing.since_day) == ("silver", date(2026, 3, 10))


def test_a_late_sale_out_of_every_window_lifts_nobody(counter):
    counter.load(tiers=two_levels(visits(2)))
    (member,) = counter.members("K1")
    counter.sell("S1", gross=100, day="2026-03-10")

    counter.sell("S2", gross=100, day="2025-03-10")

    assert level_of(member) == "basic"


def test_a_whole_history_in_one_batch_rises_step_by_step(club):
    (member,) = club.members("K1")
    days = [f"2026-01-{day:02}" for day in range(1, 9)]

    club.record(*(club.fact(f"S{day}", gross=7_000, day=day) for day in days))

    changes = [(one.to_code, one.from_day.day) for one in reversed(queries.history(member))]
    assert changes == [("basic", 1), ("silver", 1), ("gold", 4), ("platinum", 8)]
    assert level_of(member) == "platinum"


def test_a_refund_lowers_only_at_the_next_review(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=5_000, day="2026-03-10")

    club.refund("S1")
    after_refund = level_of(member)
    review(club, "2027-03-10")

    assert (after_refund, level_of(member)) == ("silver", "basic")
    assert earning_class(member) == "basic"


def test_a_correction_moves_the_facts_to_another_day_and_another_member(club):
    first, second = club.members("K1", "K2")
    club.sell("S1", gross=4_000, day="2026-03-10")

    club.correct("S1", customer="K2", gross=5_000, day="2026-03-11")

    assert explain(first).figures == dict.fromkeys(explain(first).figures, 0)
    assert (level_of(first), level_of(second)) == ("basic", "silver")
    assert day_rows() == {(first, "2026-03-10"): 0, (second, "2026-03-11"): 5_000}


def day_rows():
    return {(row.customer_id, row.day.isoformat()): row.net_minor for row in db.session.scalars(select(TierDay))}


def test_amounts_in_another_currency_do_not_count(club):
    (member,) = club.members("K1")

    club.sell("S1", gross=9_999_00, currency="USD")

    assert level_of(member) == "basic"


def test_kinds_and_minimum_amounts_filter(counter):
    counter.load(tiers=two_levels(visits(2, kinds=["service"], minimum_minor=1_000)))
    (member,) = counter.members("K1")

    counter.sell("S1", gross=1_000, day="2026-03-01")
    counter.sell("S2", gross=999, day="2026-03-02")
    counter.sell("S3", gross=5_000, day="2026-03-03", kind="parts")
    before = level_of(member)
    counter.sell("S4", gross=1_000, day="2026-03-04")

    assert (before, level_of(member)) == ("basic", "silver")


def test_growth_counts_from_the_ledger(counter):
    growth = {"code": "grow", "unit": "growth", "per": "amount", "points": 1, "each": {"minor": 100, "currency": "CNY"}}
    counter.load(
        earning={"rules": [growth], "rounding": "floor"},
        tiers=two_levels({"metric": "growth", "threshold": 100, "window": ROLLING}),
    )
    (member,) = counter.members("K1")

    counter.sell("S1", gross=9_900)
    before = level_of(member)
    counter.sell("S2", gross=100)
    counter.refund("S2")

    assert (before, level_of(member)) == ("basic", "silver")
    assert list(explain(member).figures.values()) == [99]


def test_vehicles_and_deliveries_count(counter):
    since_delivery = {"kind": "anniversary", "of": "delivery"}
    counter.load(
        tiers=two_levels({"metric": "vehicles", "threshold": 1, "window": LIFETIME}, visits(1, since_delivery))
    )
    (member,) = counter.members("K1")

    counter.sell("S0", gross=100, day="2026-03-01")
    before = level_of(member)
    vehicle = VehicleFact("LSVAA4182E2123456")
    day = date(2026, 3, 5)
    counter.record(counter.fact("S1", kind="vehicle", vehicle=vehicle, delivered=day, day="2026-03-05"))

    assert (before, level_of(member)) == ("basic", "silver")
    assert queries.standing(member).delivery_day == day


def test_referrals_count_and_are_not_lost_when_sales_are_counted(counter):
    counter.load(tiers=two_levels({"metric": "referrals", "threshold": 2, "window": ROLLING}))
    (member,) = counter.members("K1")
    day = date(2026, 3, 10)

    service.count_referrals({(member, day): 1}, now=counter.clock.now, by=SYSTEM)
    counter.sell("S1", day="2026-03-10")
    before = level_of(member)
    service.count_referrals({(member, day): 1}, now=counter.clock.now, by=SYSTEM)

    assert (before, level_of(member)) == ("basic", "silver")


@pytest.mark.parametrize(
    ("window", "day", "counts"),
    [
        ({"kind": "calendar", "first_month": 4}, "2025-04-01", True),
        ({"kind": "calendar", "first_month": 4}, "2025-03-31", False),
        ({"kind": "calendar", "first_month": 1}, "2026-01-01", True),
        ({"kind": "calendar", "first_month": 1}, "2025-12-31", False),
        ({"kind": "anniversary", "of": "joining"}, "2026-02-28", True),
        ({"kind": "anniversary", "of": "joining"}, "2026-02-27", False),
        ({"kind": "rolling", "months": 1}, "2026-02-13", True),
        ({"kind": "rolling", "months": 1}, "2026-02-12", False),
        (LIFETIME, "1999-12-31", True),
    ],
)
def test_the_database_measures_the_windows_as_the_rules_do(counter, window, day, counts):
    counter.load(tiers=two_levels(spend(1, window)))
    (member,) = counter.members("K1", joined=date(2024, 2, 29))

    counter.sell("S1", gross=100, day=day)

    explained = explain(member)
    measure = next(iter(explained.figures))
    standing = queries.standing(member)
    start = measure.window.start(TODAY, Anchors(standing.joined_day, standing.since_day))
    assert explained.figures[measure] == (100 if counts else 0)
    assert (date.fromisoformat(day) >= start) == counts


def test_a_review_keeps_lowers_by_one_step_and_is_repeatable(club):
    kept, lost = club.members("K1", "K2")
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    for customer in ("K1", "K2"):
        club.record(*(club.fact(f"{customer}{day}", customer=customer, gross=4_000, day=day) for day in days))
    again = ["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"]
    club.record(*(club.fact(f"again{day}", gross=4_000, day=day) for day in again))

    early = review(club, "2027-01-03")
    report = review(club, "2027-01-04")
    repeated = review(club, "2027-01-04")

    assert early["changes"] == {"up": 0, "down": 0, "kept": 0, "grace": 0}
    assert report["changes"] == {"up": 0, "down": 1, "kept": 1, "grace": 0}
    assert repeated["changes"] == early["changes"]
    assert (level_of(kept), level_of(lost)) == ("gold", "silver")
    assert queries.standing(kept).valid_to == date(2028, 1, 4)
    assert queries.standing(lost).since_day == date(2027, 1, 5)


def test_a_late_review_decides_as_punctual_ones(club):
    punctual, late = club.members("K1", "K2")
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    club.record(*(club.fact(f"a{day}", gross=4_000, day=day) for day in days))
    for day in range(400, 1_200, 50):
        review(club, (date(2026, 1, 1) + timedelta(days=day)).isoformat())
    club.record(*(club.fact(f"b{day}", customer="K2", gross=4_000, day=day) for day in days))

    review(club, "2029-06-01")

    def told(member):
        return [(one.to_code, one.from_day, one.reason) for one in queries.history(member)]

    assert told(late) == told(punctual)
    assert level_of(late) == "basic"


def test_a_dry_run_tells_the_same_and_writes_nothing(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=5_000, day="2026-03-10")
    before = count(TierEvaluation)

    dry = review(club, "2027-03-10", dry_run=True)
    untouched = (level_of(member), count(TierEvaluation))
    real = review(club, "2027-03-10")

    assert untouched == ("silver", before)
    assert {**dry, "dry_run": False} == dict(real)
    assert real["levels"] == {"basic": 1, "silver": 0, "gold": 0, "platinum": 0}


def test_grace_comes_before_the_fall(counter):
    counter.load(tiers=cny_scheme(grace_days=30))
    (member,) = counter.members("K1")
    counter.sell("S1", gross=5_000, day="2026-03-10")

    first = review(counter, "2027-03-10")
    second = review(counter, "2027-04-08")
    in_grace = level_of(member)
    third = review(counter, "2027-04-09")

    assert (first["changes"]["grace"], second["changes"], in_grace) == (
        1,
        dict.fromkeys(second["changes"], 0),
        "silver",
    )
    assert third["changes"]["down"] == 1


def test_the_review_lifts_whom_no_sale_lifted(counter):
    counter.load(tiers=two_levels(spend(5_000)))
    (member,) = counter.members("K1")
    counter.sell("S1", gross=5_000, day="2026-03-10")
    db.session.execute(text("UPDATE tier_standings SET level_code = 'basic', settled_day = joined_day"))

    report = review(counter, "2026-03-12")

    assert report["changes"]["up"] == 1
    assert level_of(member) == "silver"


def test_chunks_come_to_the_same_as_one(club, monkeypatch):
    members = club.members(*(f"K{number}" for number in range(7)))
    club.record(*(club.fact(f"S{number}", customer=f"K{number}", gross=5_000) for number in range(0, 7, 2)))
    whole = review(club, "2027-06-01", dry_run=True)

    monkeypatch.setattr("loyalty.tiers.service.reviews.CHUNK", 2)

    assert review(club, "2027-06-01") == {**whole, "dry_run": False}
    assert whole["members"] == len(members)
    assert whole["changes"]["down"] == 4


def test_by_the_rules_alone_is_told_apart_from_what_members_have(club):
    club.members("K1")
    club.sell("S1", gross=5_000, day="2025-06-01")

    report = review(club, "2026-05-31", dry_run=True)
    later = review(club, "2026-06-01", dry_run=True)

    assert (report["by_rules_alone"]["silver"], report["levels"]["silver"]) == (1, 1)
    assert (later["by_rules_alone"]["basic"], later["levels"]["silver"]) == (1, 0)


def test_members_who_join_later_are_left_out(club):
    club.members("K1", joined=date(2026, 3, 13))

    assert review(club, "2026-03-12")["members"] == 0
    assert review(club, "2026-03-13")["members"] == 1


def test_without_a_scheme_there_is_no_review_and_joining_waits_for_one(counter):
    (member,) = counter.members("K1")
    counter.sell("S1", gross=5_000)

    with pytest.raises(NoScheme):
        review(counter, "2026-03-12")

    assert level_of(member) is None
    counter.load(tiers=cny_scheme())
    review(counter, "2026-03-12")
    assert level_of(member) == "silver"


def test_explain_says_why_what_is_missing_and_when_it_is_reviewed(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=12_000, day="2026-03-10")

    told = explain(member)

    assert (told.level.code, told.since_day, told.review_day) == ("silver", date(2026, 3, 10), date(2027, 3, 10))
    assert told.keep.reached
    assert told.next_level.level.code == "gold"
    assert [(one.figure, one.missing) for one in told.next_level.progress] == [(12_000, 3_000), (1, 3)]
    assert [one.level.code for one in told.ladder] == ["silver", "gold", "platinum"]


def test_explain_tells_a_day_of_the_past_as_it_stood(club):
    (member,) = club.members("K1")
    club.sell("S1", gross=5_000, day="2026-01-05")
    club.record(*(club.fact(f"S{day}", gross=4_000, day=f"2026-02-0{day}") for day in range(2, 6)))

    then, now = explain(member, date(2026, 1, 31)), explain(member)

    assert (then.level.code, then.since_day, then.valid_to) == ("silver", date(2026, 1, 5), date(2027, 1, 5))
    assert now.level.code == "gold"
    with pytest.raises(StandingNotFound):
        explain(member, date(2023, 12, 31))


@pytest.fixture
def people(club):
    """Two managers as actors."""

    def person(username):
        made = create_account(
            username=username, name=username, password="correct horse battery", now=club.clock.now, by=SYSTEM
        )
        return Actor(kind="staff", id=made, name=username, grants={"tiers.set": None})

    return person("ann"), person("bob")


def floor(club, member, by, code="gold", until=date(2026, 12, 31)):
    return service.set_floor(member, code, until=until, reason="Kulanz", today=TODAY, now=club.clock.now, by=by)


def approve(club, member, number, by):
    return service.approve_floor(member, number, today=TODAY, now=club.clock.now, by=by)


def test_a_floor_counts_once_a_second_person_approves_it(club, people):
    ann, bob = people
    (member,) = club.members("K1")

    number = floor(club, member, ann)
    before = level_of(member)
    effects = approve(club, member, number, bob)

    assert (before, level_of(member), earning_class(member)) == ("basic", "gold", "gold")
    assert str(effects[0]) == "Level Gold by hand until 2026-12-31."
    told = explain(member)
    assert (told.by_floor, told.floor_until, told.review_day) == (True, date(2026, 12, 31), date(2026, 12, 31))


def test_nobody_approves_a_floor_of_their_own(club, people):
    ann, _ = people
    (member,) = club.members("K1")
    number = floor(club, member, ann)

    with pytest.raises(SamePerson):
        approve(club, member, number, ann)

    assert level_of(member) == "basic"


def test_the_database_refuses_it_too(club, people):
    ann, bob = people
    (member,) = club.members("K1")
    floor(club, member, ann)
    by_one = text("UPDATE tier_floors SET approver_id = :who, approver_name = '', approved_at = now()")

    with pytest.raises(IntegrityError, match="two_people"), db.session.begin_nested():
        db.session.execute(by_one, {"who": ann.id})

    db.session.execute(by_one, {"who": bob.id})


def test_a_floor_is_approved_once_and_must_last_and_be_a_level(club, people):
    ann, bob = people
    (member,) = club.members("K1")

    with pytest.raises(LevelNotFound):
        floor(club, member, ann, "diamond")
    with pytest.raises(FloorEnded):
        floor(club, member, ann, until=TODAY - timedelta(days=1))
    number = floor(club, member, ann, until=TODAY)
    approve(club, member, number, bob)

    with pytest.raises(FloorNotFound):
        approve(club, member, number, bob)


def test_a_member_falls_when_the_floor_ends_and_not_before(club, people):
    ann, bob = people
    (member,) = club.members("K1")
    approve(club, member, floor(club, member, ann), bob)

    review(club, "2026-12-30")
    before = level_of(member)
    review(club, "2026-12-31")

    assert (before, level_of(member)) == ("gold", "silver")


def test_a_batch_costs_as_many_statements_as_one_sale(club):
    numbers = [f"K{index}" for index in range(40)]
    club.members(*numbers)

    def statements(facts):
        seen = []

        def note(conn, cursor, statement, *_):
            if "tier_" in statement:
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        club.record(*facts)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    one = statements([club.fact("A1", customer="K1", gross=100)])
    many = statements([club.fact(f"B{number}", customer=number, gross=100) for number in numbers])

    assert (one, many) == (3, 3)


def test_standings_and_history_belong_together(club):
    members = club.members("K1", "K2")
    club.sell("S1", gross=5_000)

    assert count(TierStanding) == len(members)
    assert count(LevelChange) == len(members) + 1
