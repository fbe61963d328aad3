"""Roles, passwords, locks and hours."""

from datetime import timedelta

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.staff.rules import (
    GROUP_WIDE,
    PERMISSIONS,
    ROLES,
    Grant,
    check_password,
    check_permissions,
    client_grants,
    grants_of,
    lock_after,
    normal_username,
    parse_opening_hours,
)
from loyalty.staff.words import PERMISSIONS as PERMISSION_WORDS
from loyalty.staff.words import ROLES as ROLE_WORDS


def test_roles_hold_permissions_that_exist():
    assert set().union(*ROLES.values()) <= set(PERMISSIONS)


def test_every_permission_is_held_by_some_role_and_every_word_is_there():
    assert set().union(*ROLES.values()) == set(PERMISSIONS)
    assert set(PERMISSION_WORDS) == set(PERMISSIONS)
    assert set(ROLE_WORDS) == set(ROLES)


def test_the_auditor_changes_nothing():
    assert all(name.endswith(".read") for name in ROLES["auditor"])


def test_roles_in_two_stores_add_up():
    grants = grants_of([Grant("front_desk", 1), Grant("manager", 2)])

    assert grants["points.redeem"] == {1, 2}
    assert grants["points.adjust"] == {2}


def test_a_role_in_all_stores_covers_those_named_beside_it():
    for held in (
        [Grant("front_desk", 1), Grant("front_desk", None)],
        [Grant("front_desk", None), Grant("front_desk", 1)],
    ):
        assert grants_of(held)["points.redeem"] is None


def test_a_role_in_one_store_changes_nothing_for_the_group():
    assert GROUP_WIDE.isdisjoint(grants_of([Grant("manager", 1), Grant("administrator", 1)]))
    assert set(grants_of([Grant("administrator", None)])) >= GROUP_WIDE


def test_a_token_of_one_store_changes_nothing_for_the_group():
    assert client_grants(["programme.edit", "sales.write"], [7]) == {"sales.write": {7}}
    assert client_grants(["programme.edit"], None) == {"programme.edit": None}


@pytest.mark.parametrize("names", [[], ["sales.delete"], ["sales.write", "x"]])
def test_permissions_that_do_not_exist_are_malformed(names):
    with pytest.raises(Malformed) as wrong:
        check_permissions(names)

    assert set(wrong.value.errors) == {"permissions"}


@pytest.mark.parametrize(
    "password", ["correct horse staple", "四季如春花开富贵平安喜乐", "Tr4m-kettle-orbit", "x7Gq!mZp0vLw"]
)
def test_long_passwords_of_one_s_own_are_taken(password):
    assert check_password(password, known=["lin.yue", "林悦", "城东店"]) == password


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "password1234",
        "Passw0rd!2026",
        "qwertyuiop12",
        "1q2w3e4r5t6y7u",
        "woaini1314520",
        "lin.yue.2026!!",
        "abcdefghijklmno",
        "Admin@admin123",
        "linyue20260312",
        "LinYue!2026-99",
        "yue.lin.202612",
        "城东店2026031299",
        "chengdongdian88",
    ],
)
def test_short_and_guessable_passwords_are_malformed(password):
    with pytest.raises(Malformed) as wrong:
        check_password(password, known=["lin.yue", "林悦", "城东店"])

    assert set(wrong.value.errors) == {"password"}


def test_twelve_characters_are_the_least():
    assert check_password("kettle orbit", known=["a", "b"])
    with pytest.raises(Malformed):
        check_password("kettle orbi", known=["a", "b"])


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, None), (4, None), (5, 5), (6, None), (9, None), (10, 15), (15, 60), (16, None), (100, 60)],
)
def test_every_fifth_failure_locks_for_longer(failures, minutes):
    assert lock_after(failures) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(("typed", "stored"), [(" Lin.Yue ", "lin.yue"), ("ｌｉｎ１", "lin1"), ("a" * 32, "a" * 32)])
def test_user_names_are_made_plain(typed, stored):
    assert normal_username(typed) == stored


@pytest.mark.parametrize("typed", ["", "a", ".lin", "林悦", "lin yue", "a" * 33])
def test_other_user_names_are_malformed(typed):
    with pytest.raises(Malformed):
        normal_username(typed)


def test_opening_hours_are_read_by_weekday():
    hours = parse_opening_hours({"mon": "08:30-12:00 13:00-18:00", "sun": "", "sat": "09:00-24:00"})

    assert hours == {"mon": [["08:30", "12:00"], ["13:00", "18:00"]], "sat": [["09:00", "24:00"]]}


@pytest.mark.parametrize("written", ["8:30-12:00", "12:00-08:00", "08:00-12:00 12:00-18:00", "08:00-25:00", "open"])
def test_hours_that_cannot_be_are_malformed_by_weekday(written):
    with pytest.raises(Malformed) as wrong:
        parse_opening_hours({"tue": written})

    assert set(wrong.value.errors) == {"opening_hours.tue"}
