import copy
import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.kernel.errors import Malformed
from loyalty.tiers.rules import (
    BEGINNING,
    NEVER,
    Anchors,
    Review,
    Standing,
    Window,
    judge_review,
    judge_rise,
    last_anniversary,
    parse_scheme,
    progress_of,
    qualified,
    rolling_start,
)
from tests.tiers.schemes import level, scheme, spend, visits

SALES = Path(__file__).parents[1] / "data" / "cdnow_sales.csv"
CALENDAR = {"kind": "calendar", "first_month": 1}
DAY = date(2026, 3, 12)


def figures(rules, *, minor=0, days=0):
    return {measure: {"spend": minor, "visits": days}[measure.metric] for measure in rules.measures}


def standing(code="gold", **changes):
    known = {
        "customer_id": 7,
        "level_code": code,
        "since_day": date(2025, 3, 12),
        "joined_day": date(2024, 1, 1),
        "settled_day": date(2025, 3, 12),
        "valid_to": DAY,
    }
    return Standing(**(known | changes))


@pytest.mark.parametrize(
    ("as_of", "months", "start"),
    [
        ("1998-06-30", 12, "1997-07-01"),
        ("1998-06-29", 12, "1997-06-30"),
        ("1997-12-31", 12, "1997-01-01"),
        ("2024-02-28", 12, "2023-02-28"),
        ("2024-02-29", 12, "2023-03-01"),
        ("2025-02-28", 12, "2024-03-01"),
        ("2026-04-30", 1, "2026-04-01"),
        ("2026-03-30", 1, "2026-02-28"),
        ("2026-03-31", 1, "2026-03-01"),
    ],
)
def test_rolling_months_include_both_ends(as_of, months, start):
    assert rolling_start(date.fromisoformat(as_of), months) == date.fromisoformat(start)


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(1, 36))
def test_rolling_windows_that_follow_one_another_leave_no_gap(as_of, months):
    start = rolling_start(as_of, months)

    assert rolling_start(as_of + timedelta(days=1), months) - start <= timedelta(days=4)
    assert rolling_start(as_of + timedelta(days=1), months) >= start


@pytest.mark.parametrize(
    ("as_of", "first_month", "start"),
    [("1997-12-31", 1, "1997-01-01"), ("2026-03-31", 4, "2025-04-01"), ("2026-04-01", 4, "2026-04-01")],
)
def test_a_calendar_year_begins_with_any_month(as_of, first_month, start):
    window = Window("calendar", first_month=first_month)

    assert window.start(date.fromisoformat(as_of), Anchors(DAY, DAY)) == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("day", "as_of", "latest"),
    [
        ("2024-02-29", "2025-02-27", "2024-02-29"),
        ("2024-02-29", "2025-02-28", "2025-02-28"),
        ("2024-02-29", "2028-02-28", "2027-02-28"),
        ("2024-02-29", "2028-02-29", "2028-02-29"),
        ("2025-03-12", "2026-03-11", "2025-03-12"),
        ("2025-03-12", "2026-03-12", "2026-03-12"),
    ],
)
def test_an_anniversary_of_29_february_is_28_in_common_years(day, as_of, latest):
    assert last_anniversary(date.fromisoformat(day), date.fromisoformat(as_of)) == date.fromisoformat(latest)


def test_windows_of_a_lifetime_and_of_a_delivery_that_never_was():
    anchors = Anchors(joining=date(2020, 5, 1), tier=date(2025, 7, 1))

    assert Window("lifetime").start(DAY, anchors) == BEGINNING
    assert Window("anniversary", anchor="joining").start(DAY, anchors) == date(2025, 5, 1)
    assert Window("anniversary", anchor="tier").start(DAY, anchors) == date(2025, 7, 1)
    assert Window("anniversary", anchor="delivery").start(DAY, anchors) == NEVER


@pytest.mark.parametrize(
    ("minor", "days", "code"),
    [
        (0, 0, "basic"),
        (4_999, 1, "basic"),
        (5_000, 1, "silver"),
        (4_999, 2, "silver"),
        (14_999, 4, "silver"),
        (15_000, 3, "silver"),
        (15_000, 4, "gold"),
        (49_999, 8, "gold"),
        (50_000, 7, "gold"),
        (50_000, 8, "platinum"),
    ],
)
def test_levels_are_reached_at_their_thresholds(minor, days, code):
    rules = parse_scheme(scheme())

    assert qualified(rules, figures(rules, minor=minor, days=days)).code == code


def test_k_of_n_criteria_are_enough():
    body = scheme()
    body["levels"][1] = level("silver", 1, 2, spend(5_000), visits(2), spend(1_000, {"kind": "lifetime"}))
    rules = parse_scheme(body)
    measures = dict(zip(["year", "days", "life"], rules.measures[:3], strict=True))

    def code(**reached):
        return qualified(rules, dict.fromkeys(rules.measures, 0) | {measures[k]: v for k, v in reached.items()}).code

    assert code(year=5_000) == "basic"
    assert code(year=5_000, life=1_000) == "silver"
    assert code(days=2, life=1_000) == "silver"


def test_a_rise_is_decided_at_once_and_never_before_the_settled_day():
    rules = parse_scheme(scheme())
    enough = figures(rules, minor=50_000, days=8)
    member = standing("silver", settled_day=DAY)

    rise = judge_rise(rules, member, enough, DAY)

    assert rise is not None
    assert (rise.outcome, rise.level.code, rise.since_day, rise.valid_to) == ("up", "platinum", DAY, date(2027, 3, 12))
    assert judge_rise(rules, member, enough, DAY - timedelta(days=1)) is None
    assert judge_rise(rules, member, figures(rules), DAY) is None


def test_a_review_keeps_what_the_keep_rule_keeps():
    keep = {"criteria": [spend(8_000)]}
    body = scheme()
    body["levels"][2]["keep"] = keep
    rules = parse_scheme(body)

    kept = judge_review(rules, standing(), figures(rules, minor=8_000), DAY)
    lost = judge_review(rules, standing(), figures(rules, minor=7_999), DAY)

    assert (kept.outcome, kept.level.code, kept.valid_to) == ("kept", "gold", date(2027, 3, 12))
    assert (lost.outcome, lost.level.code, lost.since_day) == ("down", "silver", DAY + timedelta(days=1))


@pytest.mark.parametrize(("downgrade", "code"), [("one_step", "gold"), ("full", "basic")])
def test_a_fall_is_one_step_or_full(downgrade, code):
    rules = parse_scheme(scheme(downgrade=downgrade))

    assert judge_review(rules, standing("platinum"), figures(rules), DAY).level.code == code


def test_grace_comes_once_before_a_fall():
    rules = parse_scheme(scheme(grace_days=30))
    in_grace = standing(grace_until=DAY + timedelta(days=30))

    first = judge_review(rules, standing(), figures(rules), DAY)
    second = judge_review(rules, in_grace, figures(rules), DAY + timedelta(days=30))
    saved = judge_review(rules, in_grace, figures(rules, minor=15_000, days=4), DAY + timedelta(days=30))

    assert (first.outcome, first.level.code, first.grace_until) == ("grace", "gold", date(2026, 4, 11))
    assert (second.outcome, second.level.code) == ("down", "silver")
    assert (saved.outcome, saved.valid_to, saved.grace_until) == ("kept", date(2027, 3, 12), None)


@pytest.mark.parametrize(
    ("until", "outcome", "code", "valid_to"),
    [
        ("2026-03-12", "down", "silver", "2027-03-13"),
        ("2026-03-13", "kept", "gold", "2026-03-13"),
        ("2027-06-01", "kept", "gold", "2027-03-12"),
    ],
)
def test_a_floor_holds_a_level_through_its_last_day(until, outcome, code, valid_to):
    rules = parse_scheme(scheme())
    member = standing(floor_code="gold", floor_until=date.fromisoformat(until))

    decided = judge_review(rules, member, figures(rules), DAY)

    assert (decided.outcome, decided.level.code) == (outcome, code)
    assert decided.valid_to == date.fromisoformat(valid_to)


def test_a_level_that_the_scheme_forgot_counts_as_the_lowest():
    rules = parse_scheme(scheme())

    decided = judge_rise(rules, standing("diamond"), figures(rules, minor=5_000), DAY)

    assert decided is not None
    assert decided.level.code == "silver"


@pytest.mark.parametrize(
    ("review", "since", "valid_to", "after"),
    [
        (Review("rolling", months=12), "2024-02-29", "2025-02-28", "2026-02-28"),
        (Review("rolling", months=1), "2026-01-31", "2026-02-28", "2026-03-31"),
        (Review("calendar", months=0, month=12), "2026-12-31", "2026-12-31", "2027-12-31"),
        (Review("calendar", months=0, month=2), "2026-03-01", "2027-02-28", "2028-02-29"),
        (Review("calendar", months=12, month=12), "2026-03-12", "2027-12-31", "2028-12-31"),
    ],
)
def test_levels_are_valid_through_the_day_of_their_review(review, since, valid_to, after):
    since, valid_to = date.fromisoformat(since), date.fromisoformat(valid_to)

    assert review.valid_to(since) == valid_to
    assert review.next_valid_to(valid_to, since) == date.fromisoformat(after)


def test_progress_says_what_is_missing():
    rules = parse_scheme(scheme())
    gold = rules.levels[2]

    progress = progress_of(gold, gold.qualify, figures(rules, minor=12_000, days=5))

    assert [(one.figure, one.missing) for one in progress.progress] == [(12_000, 3_000), (5, 0)]
    assert not progress.reached


def broken(change):
    body = copy.deepcopy(scheme())
    change(body)
    return body


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda body: body["levels"].pop(1), "levels"),
        (lambda body: body.update(levels=[]), "levels"),
        (lambda body: body["levels"][2].update(rank=1), "levels[2].rank"),
        (lambda body: body["levels"][2].update(code="silver"), "levels[2].code"),
        (lambda body: body["levels"][1].pop("qualify"), "levels[1].qualify"),
        (lambda body: body["levels"][0].update(qualify={"criteria": [visits(1)]}), "levels[0].qualify"),
        (lambda body: body["levels"][1].pop("name"), "levels[1].name"),
        (
            lambda body: body["levels"][1]["qualify"]["criteria"][1].pop("threshold"),
            "levels[1].qualify.criteria[1].threshold",
        ),
        (
            lambda body: body["levels"][1]["qualify"]["criteria"][1].update(threshold=1.5),
            "levels[1].qualify.criteria[1].threshold",
        ),
        (
            lambda body: body["levels"][1]["qualify"]["criteria"][1].update(metric="smiles"),
            "levels[1].qualify.criteria[1].metric",
        ),
        (
            lambda body: body["levels"][1]["qualify"]["criteria"][0]["threshold"].update(currency="CNY"),
            "levels[1].qualify.criteria[0].threshold.currency",
        ),
        (
            lambda body: body["levels"][1]["qualify"]["criteria"][0].pop("window"),
            "levels[1].qualify.criteria[0].window",
        ),
        (lambda body: body["levels"][1]["qualify"].update(combine=3), "levels[1].qualify.combine"),
        (lambda body: body.pop("review"), "review"),
        (lambda body: body.update(review={"kind": "calendar", "month": 13}), "review.month"),
        (lambda body: body.update(currency="XXX"), "currency"),
        (lambda body: body.update(surprise=1), "surprise"),
    ],
)
def test_a_wrong_scheme_is_refused_with_its_place(change, place):
    with pytest.raises(Malformed) as refused:
        parse_scheme(broken(change))

    assert place in refused.value.errors


@pytest.mark.parametrize(
    ("window", "as_of", "expected"),
    [
        ({"kind": "rolling", "months": 12}, date(1998, 6, 30), [1_806, 399, 128, 24]),
        (CALENDAR, date(1997, 12, 31), [1_127, 989, 208, 33]),
    ],
)
def test_the_real_history_gives_the_known_levels(window, as_of, expected):
    rules = parse_scheme(scheme(window))
    start = rules.measures[0].window.start(as_of, Anchors(as_of, as_of))
    spent, days, everyone = Counter(), {}, set()
    with SALES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            everyone.add(row["customer_no"])
            minor = round(float(row["amount_usd"]) * 100)
            if start <= date.fromisoformat(row["date"]) <= as_of and minor > 0:
                spent[row["customer_no"]] += minor
                days.setdefault(row["customer_no"], set()).add(row["date"])

    levels = Counter(
        qualified(rules, figures(rules, minor=spent[one], days=len(days.get(one, ())))).rank for one in everyone
    )

    assert [levels[rank] for rank in range(4)] == expected
