"""Kinds, programme files, moves, and the work calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.programme.rules import (
    AuthorApproves,
    DayKind,
    MomentPassed,
    NotThatState,
    WorkCalendar,
    bodies,
    check_body,
    check_move,
    check_two_people,
    is_published,
    parse_file,
    published_until,
    sha256_of,
    special_days,
    start_of,
)

NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)


def entry(**changed):
    return {"kind": "trial", "effective_from": "1997-01-01", "body": {"rate": 1}, **changed}


def errors_of(content):
    with pytest.raises(Malformed) as wrong:
        parse_file(content, zone="Asia/Shanghai")
    return wrong.value.errors


def test_a_file_gives_its_versions_from_local_midnight(trial):
    (one,) = parse_file({"programme": "CDNOW", "versions": [entry()]}, zone="Asia/Shanghai")

    assert (one.kind, one.body) == ("trial", {"rate": 1})
    assert one.effective_from == datetime(1996, 12, 31, 16, tzinfo=UTC)


def test_a_file_may_name_a_moment(trial):
    (one,) = parse_file({"versions": [entry(effective_from="2026-03-12T14:08:00+08:00")]}, zone="Asia/Shanghai")

    assert one.effective_from == NOW


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "file"),
        ({}, "versions"),
        ({"versions": []}, "versions"),
        ({"versions": {}}, "versions"),
        ({"versions": ["x"]}, "versions[0]"),
        ({"versions": [entry()], "programm": 1}, "programm"),
        ({"versions": [entry(until="2027-01-01")]}, "versions[0].until"),
        ({"versions": [entry(), entry(kind=None)]}, "versions[1].kind"),
        ({"versions": [entry(kind="trail")]}, "versions[0].kind"),
        ({"versions": [entry(body=[])]}, "versions[0].body"),
        ({"versions": [entry(body={"rate": 0})]}, "versions[0].body.rate"),
        ({"versions": [entry(effective_from="1997-02-29")]}, "versions[0].effective_from"),
        ({"versions": [entry(effective_from=None)]}, "versions[0].effective_from"),
        ({"versions": [entry(effective_from="2026-03-12T14:08:00")]}, "versions[0].effective_from"),
        ({"versions": [entry(), entry()]}, "versions[1].effective_from"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_by_place(trial, content, place):
    assert set(errors_of(content)) == {place}


def test_everything_wrong_is_told_at_once(trial):
    wrong = errors_of({"versions": [entry(body={"rate": 0}), entry(kind="trail"), entry(effective_from="soon")]})

    assert set(wrong) == {"versions[0].body.rate", "versions[1].kind", "versions[2].effective_from"}


def test_places_within_lists_stand_behind_the_body(trial, monkeypatch):
    def parse(_body):
        raise Malformed({"levels[0].criteria[1].threshold": ["x"], "": ["y"], "[0]": ["z"]})

    monkeypatch.setitem(bodies._parsers, "trial", parse)
    with pytest.raises(Malformed) as wrong:
        check_body("trial", {})

    assert set(wrong.value.errors) == {"body.levels[0].criteria[1].threshold", "body", "body[0]"}


def test_the_hash_of_a_body_does_not_depend_on_the_order_of_its_keys():
    assert sha256_of({"a": 1, "b": [1, 2]}) == sha256_of({"b": [1, 2], "a": 1})
    assert sha256_of({"b": [1, 2]}) != sha256_of({"b": [2, 1]})


@pytest.mark.parametrize(
    ("move", "state", "after"),
    [("submit", "draft", "in_review"), ("send_back", "in_review", "draft"), ("approve", "in_review", "active")],
)
def test_each_move_has_its_one_state(move, state, after):
    assert check_move(move, state) == after
    for other in {"draft", "in_review", "active", "retired"} - {state}:
        with pytest.raises(NotThatState):
            check_move(move, other)


@pytest.mark.parametrize("author", [7, None])
def test_the_author_does_not_approve(author):
    with pytest.raises(AuthorApproves):
        check_two_people(author, 7)


def test_somebody_else_approves():
    check_two_people(7, 8)


def test_rules_begin_when_asked_or_at_once_and_never_in_the_past():
    assert start_of(None, NOW) == NOW
    assert start_of(NOW, NOW) == NOW
    assert start_of(NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)
    with pytest.raises(MomentPassed):
        start_of(NOW - timedelta(seconds=1), NOW)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 13), DayKind.WORKDAY),
        (date(2026, 2, 14), DayKind.MAKE_UP),
        (date(2026, 2, 17), DayKind.HOLIDAY),
        (date(2026, 2, 20), DayKind.HOLIDAY),
        (date(2026, 3, 14), DayKind.WEEKEND),
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 10, 10), DayKind.MAKE_UP),
        (date(2027, 10, 1), DayKind.WORKDAY),
        (date(2027, 10, 2), DayKind.WEEKEND),
    ],
)
def test_days_of_mainland_china(day, kind):
    assert WorkCalendar().kind(day) is kind


def test_a_year_without_a_list_says_so():
    assert is_published(2026)
    assert not is_published(2031)
    assert published_until(2025) >= 2026
    assert published_until(2031) == 2030
    assert special_days(2031) == []


def test_own_days_override_the_list():
    calendar = WorkCalendar({date(2026, 10, 1): True, date(2026, 3, 12): False})

    assert calendar.kind(date(2026, 10, 1)) is DayKind.OWN_WORKDAY
    assert calendar.kind(date(2026, 3, 12)) is DayKind.OWN_REST
    assert calendar.works(date(2026, 10, 1))
    assert not calendar.works(date(2026, 3, 12))


def test_workdays_are_found_around_the_spring_festival():
    calendar = WorkCalendar()

    assert calendar.workday_from(date(2026, 2, 15)) == date(2026, 2, 24)
    assert calendar.workday_until(date(2026, 2, 23)) == date(2026, 2, 14)
    assert calendar.workday_from(date(2026, 2, 24)) == date(2026, 2, 24)
    assert calendar.add_workdays(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar.add_workdays(date(2026, 2, 13), 0) == date(2026, 2, 13)


def test_a_closed_store_does_not_work_even_where_the_dealer_does():
    day, next_day = date(2026, 3, 12), date(2026, 3, 13)
    calendar = WorkCalendar({day: True}, {day: "盘点"})

    assert calendar.kind(day) is DayKind.STORE_REST
    assert not calendar.works(day)
    assert calendar.workday_from(day) == next_day
