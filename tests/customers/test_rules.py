"""Names, phones, VINs, plates, mileage, consents: bounds on both sides."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from loyalty.customers.rules import (
    ConsentGiven,
    ImpossibleMove,
    OdometerBackward,
    after,
    agreed,
    check_birthday,
    check_consent,
    check_move,
    check_reading,
    customer_number,
    folded_consents,
    id_of_number,
    masked,
    name_key,
    names,
    new_energy,
    normal_identifier,
    normal_name,
    normal_phone,
    normal_plate,
    normal_vin,
    pinyin,
    probes,
    search_keys,
    shown_phone,
    shown_plate,
    vin_checks,
)
from loyalty.kernel.errors import Malformed

NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "stored", "shown", "hidden"),
    [
        ("13812345678", "+8613812345678", "138 1234 5678", "138****5678"),
        (" 138-1234-5678 ", "+8613812345678", "138 1234 5678", "138****5678"),
        ("１３８１２３４５６７８", "+8613812345678", "138 1234 5678", "138****5678"),
        ("+86 138 1234 5678", "+8613812345678", "138 1234 5678", "138****5678"),
        ("020 8123 4567", "+862081234567", "020 8123 4567", "20****4567"),
        ("+852 5123 4567", "+85251234567", "+852 5123 4567", "+8****4567"),
    ],
)
def test_a_phone_has_one_stored_form_and_is_masked(typed, stored, shown, hidden):
    assert normal_phone(typed) == stored
    assert shown_phone(stored) == shown
    assert masked("phone", stored) == hidden


@pytest.mark.parametrize("typed", ["", "1381234567", "138123456789", "12812345678", "abc", "123", "+", "0"])
def test_what_cannot_be_a_phone_is_malformed(typed):
    with pytest.raises(Malformed) as problem:
        normal_phone(typed)

    assert list(problem.value.errors) == ["phone"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("email", "Wang@Example.com", "wang@example"),
        ("openid", "oX1_abc-9", "o x"),
        ("card", "6688-0012", "12"),
    ],
)
def test_other_identifiers_have_their_form_too(kind, good, bad):
    assert normal_identifier(kind, f" {good} ") in {good, good.lower()}
    with pytest.raises(Malformed):
        normal_identifier(kind, bad)


def test_an_unknown_kind_of_identifier_is_malformed():
    with pytest.raises(Malformed):
        normal_identifier("fax", "1234567")


@pytest.mark.parametrize("vin", ["LSVAA4182E2123456", "lsvaa4182e2123456", "LSVAA 4182 E212 3456"])
def test_a_vin_is_seventeen_signs_in_capitals(vin):
    assert normal_vin(vin) == "LSVAA4182E2123456"


@pytest.mark.parametrize(
    "vin", ["LSVAA4182E212345", "LSVAA4182E21234567", "LSVAA4182E212345I", "OSVAA4182E2123456", ""]
)
def test_other_vins_are_malformed(vin):
    with pytest.raises(Malformed):
        normal_vin(vin)


@pytest.mark.parametrize(
    ("vin", "fits"), [("1M8GDM9AXKP042788", True), ("11111111111111111", True), ("1M8GDM9A1KP042788", False)]
)
def test_the_check_digit_is_only_told(vin, fits):
    assert normal_vin(vin) == vin
    assert vin_checks(vin) is fits


@pytest.mark.parametrize(
    ("typed", "stored", "shown", "green"),
    [
        ("粤A·0X12D", "粤A0X12D", "粤A·0X12D", False),
        ("粤a d38620", "粤AD38620", "粤A·D38620", True),
        ("京A1234学", "京A1234学", "京A·1234学", False),
    ],
)
def test_plates_have_seven_or_eight_signs(typed, stored, shown, green):
    assert normal_plate(typed) == stored
    assert (shown_plate(stored), new_energy(stored)) == (shown, green)


@pytest.mark.parametrize("typed", ["A0X12D", "粤A0X1", "粤A0X12D34", "粤10X12D", "粤AOX12D", "國A12345", ""])
def test_other_plates_are_malformed(typed):
    with pytest.raises(Malformed):
        normal_plate(typed)


@pytest.mark.parametrize(("km", "good"), [(4_999, False), (5_000, True), (9_000, True), (9_001, False)])
def test_mileage_lies_between_its_neighbours(km, good):
    before, later = (5_000, date(2026, 1, 1)), (9_000, date(2026, 3, 1))

    if good:
        check_reading(km, before=before, after=later)
    else:
        with pytest.raises(OdometerBackward):
            check_reading(km, before=before, after=later)
    check_reading(km, before=None, after=None)


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("王建国", ["wang", "jian", "guo"]),
        ("单田芳", ["shan", "tian", "fang"]),
        ("曾国藩", ["zeng", "guo", "fan"]),
        ("尉迟恭", ["yu", "chi", "gong"]),
        ("John Smith", ["john", "smith"]),
        ("王 John", ["wang", "john"]),
    ],
)
def test_names_are_spoken_as_surnames_are(name, syllables):
    assert pinyin(name) == syllables


@given(st.text(st.sampled_from("王张单曾重庆长乐银行华伟芳都朝阳还石家庄了得地的"), min_size=1, max_size=6))
@example("重庆银行")
@example("朝阳")
def test_names_without_a_phrase_are_spoken_sign_by_sign_as_a_whole_would_be(name):
    assert names._syllables(name) == names._spoken(name) == tuple(lazy_pinyin(name))


def test_names_are_sorted_by_pinyin_and_the_nameless_come_last():
    names = ["周迅", None, "安一", "单田芳", "Zoe", "白二"]

    assert sorted(names, key=name_key) == ["安一", "白二", "单田芳", "周迅", "Zoe", None]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("王建国", {"n:王建国", "n:建国", "n:国", "p:wangjianguo", "i:wjg"}),
        ("John O'Neil-Smith", {"n:johnoneilsmith", "n:oneilsmith", "n:neilsmith", "n:smith"}),
        ("欧阳 Anna", {"n:欧阳anna", "n:阳anna", "n:anna", "p:ouyanganna", "i:oya"}),
        ("", frozenset()),
        (None, frozenset()),
    ],
)
def test_a_name_is_found_from_each_character_and_word_on(name, keys):
    assert search_keys(name) == keys


def test_a_long_company_name_has_a_bounded_number_of_keys():
    assert len(search_keys("广" * 80)) <= 27


@pytest.mark.parametrize("name", ["", "   ", "王" * 81, "王\x00国", "\x1b[31m"])
def test_names_that_are_none_are_malformed(name):
    with pytest.raises(Malformed):
        normal_name(name)


def test_a_name_loses_only_needless_spaces():
    assert normal_name("  John \n Smith ") == "John Smith"


@pytest.mark.parametrize(("at", "number"), [(1, "C-0000001"), (12_845, "C-0012845"), (123_456_789, "C-123456789")])
def test_a_number_is_made_from_the_id_and_read_back(at, number):
    assert customer_number(at) == number
    assert id_of_number(number) == id_of_number(f" {number.lower()} ") == at


@pytest.mark.parametrize("number", ["", "C-", "12845", "C-１２", "C-12a", "X-12", "C-" + "9" * 19])
def test_other_texts_are_no_numbers(number):
    assert id_of_number(number) is None


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("王", {"prefixes"}),
        ("wjg", {"prefixes"}),
        ("5678", {"tail"}),
        ("567", set()),
        ("204817", {"tail", "vin_tail", "plate_end"}),
        ("13812345678", {"phone"}),
        ("粤A0X12D", {"prefixes", "plate"}),
        ("a0x12d", {"prefixes", "vin_tail", "plate_end"}),
        ("C-0012845", {"prefixes", "customer_id"}),
        ("LSVAA4182E2123456", {"prefixes", "vin"}),
        ("wang@example.com", {"prefixes", "email"}),
    ],
)
def test_a_search_text_is_read_in_every_way_it_may_mean(text, readings):
    found = probes(text)

    names = ("prefixes", "customer_id", "phone", "email", "tail", "vin", "vin_tail", "plate", "plate_end")
    assert {name for name in names if getattr(found, name)} == readings


@pytest.mark.parametrize("text", ["", "  ", "·", "%", "__"])
def test_nothing_to_look_for_finds_nothing(text):
    assert probes(text) == probes("")


def test_the_end_of_a_range_is_above_every_text_that_begins_so():
    texts = ["n:王\U0010ffff", "n:王建国", "n:王"]

    assert all("n:王" <= text < after("n:王") for text in texts)


def test_the_last_event_of_a_purpose_and_channel_counts():
    events = [
        ConsentGiven("marketing", "sms", True, NOW),
        ConsentGiven("marketing", "sms", False, NOW + timedelta(days=1)),
        ConsentGiven("marketing", "sms", True, NOW - timedelta(days=9)),
        ConsentGiven("privacy", "all", True, NOW),
    ]

    state = folded_consents(events)

    assert agreed(state, "marketing", "sms") is False
    assert agreed(state, "privacy", "all") is True
    assert agreed(state, "marketing", "phone") is None


@pytest.mark.parametrize(
    ("purpose", "channel"), [("x", "sms"), ("marketing", "all"), ("privacy", "sms"), ("service", "fax")]
)
def test_consents_that_make_no_sense_are_malformed(purpose, channel):
    with pytest.raises(Malformed):
        check_consent(purpose, channel)


@pytest.mark.parametrize(
    ("day", "good"),
    [(date(1899, 12, 31), False), (date(1900, 1, 1), True), (date(2026, 3, 12), True), (date(2026, 3, 13), False)],
)
def test_a_birthday_lies_between_1900_and_today(day, good):
    if good:
        check_birthday(day, today=date(2026, 3, 12))
    else:
        with pytest.raises(Malformed):
            check_birthday(day, today=date(2026, 3, 12))


@pytest.mark.parametrize(
    ("state", "asked", "good"),
    [("prospect", "active", True), ("active", "closed", True), ("closed", "active", True), ("active", "active", True),
     ("active", "prospect", False), ("erased", "active", False), ("active", "erased", False)],
)  # fmt: skip
def test_states_follow_their_order(state, asked, good):
    if good:
        check_move(state, asked)
    else:
        with pytest.raises(ImpossibleMove):
            check_move(state, asked)
