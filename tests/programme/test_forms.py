"""Forms of rules: what goes in comes out, what they say, and what is different between two bodies."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.kernel.errors import Malformed
from loyalty.kinds import FORMS, KINDS
from loyalty.programme.rules import forms as f
from loyalty.programme.rules import parse
from tests.programme.bodies import BODIES

RULE = {"code": "service", "per": "amount", "points": "1", "each": {"minor": 100, "currency": "CNY"}}
EARNING = {"rules": [RULE], "rounding": "floor"}
BASIC = {"code": "basic", "name": {"zh": "普通", "en": "Basic"}, "rank": 0}
SILVER = {
    "code": "silver",
    "name": {"zh": "银卡", "en": "Silver"},
    "rank": 1,
    "qualify": {"criteria": [{"metric": "growth", "threshold": 5, "window": {"kind": "lifetime"}}]},
}
TIERS = {"currency": "CNY", "levels": [BASIC, SILVER], "review": {"kind": "rolling", "months": 12}}


def through(kind, body):
    """Return a body after it went into its form and was sent back unchanged."""
    fields = FORMS[kind].fields
    return f.read(fields, f.sent(f.written(fields, body)))


def same(one, other):
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_every_kind_of_rules_has_a_form():
    assert set(FORMS) == set(KINDS) == set(BODIES)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", BODIES)
def test_a_body_comes_out_of_its_form_as_it_went_in(kind):
    @settings(max_examples=150, deadline=None)
    @given(BODIES[kind])
    def holds(body):
        parse(kind, body)
        assert same(through(kind, body), body)
        assert f.shown(kind, body)
        assert f.told(kind, body)
        assert all(block.change is f.Change.SAME for block in f.differences(kind, body, body))

    holds()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("earning", {"rules": [RULE | {"name": None}], "rounding": "floor"}),
        ("earning", {"rules": [RULE | {"code": "two\nlines"}], "rounding": "floor"}),
        ("earning", {"rules": [RULE | {"kinds": ["parts", "parts"]}], "rounding": "floor"}),
        ("earning", {"rules": [RULE | {"code": f"c{number}"} for number in range(41)], "rounding": "floor"}),
        ("earning", {"rules": [RULE | {"points": " 1"}], "rounding": "floor"}),
        ("earning", {**EARNING, "most_factor": "1.0 "}),
        ("tiers", {**TIERS, "levels": [BASIC | {"keep": None}, SILVER]}),
    ],
)
def test_what_a_form_cannot_show_exactly_is_left_alone(app, kind, body):
    parse(kind, body)

    assert f.form_that_fits(kind, body) is None
    assert f.shown(kind, body) is None
    assert not same(through(kind, body), body)  # the control: the form would have lost something


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_typed_is_read_or_refused_and_never_a_fault(app, data):
    kind = data.draw(st.sampled_from(list(BODIES)))
    fields = FORMS[kind].fields
    sheet = f.written(fields, data.draw(BODIES[kind]))
    names = st.sampled_from([*sheet, "rules:rows", "levels:rows", "levels.0.qualify.criteria:rows"])
    typed = st.one_of(st.text(max_size=12), st.sampled_from(["9" * 400, "-1", "1e9", "１", "0.001", "XXX", "tier"]))
    for name in data.draw(st.lists(names, max_size=4)):
        sheet[name] = data.draw(typed)
    body = f.read(fields, f.sent(sheet))

    try:
        parse(kind, body)
        places = set()
    except Malformed as wrong:
        places = set(wrong.errors)

    known = {name for name, _leaf in f.leaves(fields, sheet)}
    assert all(f.known_place(place, known) in known | {""} for place in places)
    assert places or f.told(kind, body)


def test_rows_are_added_taken_out_and_moved():
    fields = FORMS["tiers"].fields
    sheet = f.with_row(fields, f.written(fields, TIERS), "levels")
    assert f.read(fields, sheet)["levels"][2]["name"] == {}

    swapped = f.moved_row(fields, sheet, "levels.1")
    assert [level.get("code") for level in f.read(fields, swapped)["levels"]] == ["silver", "basic", None]

    left = f.without_row(fields, swapped, "levels.1")
    assert [level.get("code") for level in f.read(fields, left)["levels"]] == ["silver", None]
    assert f.read(fields, left)["levels"][0]["qualify"] == SILVER["qualify"]


def test_rows_within_rows_are_added_and_taken_out():
    fields = FORMS["tiers"].fields
    more = f.with_row(fields, f.written(fields, TIERS), "levels.1.qualify.criteria")
    assert len(f.read(fields, more)["levels"][1]["qualify"]["criteria"]) == 2

    none = f.without_row(fields, f.written(fields, TIERS), "levels.1.qualify.criteria.0")
    assert "qualify" not in f.read(fields, none)["levels"][1]


@pytest.mark.parametrize("name", ["", "nothing", "levels.7", "levels.x.qualify.criteria", "currency", "levels.0"])
def test_a_button_of_no_list_changes_nothing(name):
    fields = FORMS["tiers"].fields
    sheet = f.written(fields, TIERS)

    assert f.with_row(fields, sheet, name) == sheet
    assert f.without_row(fields, sheet, f"{name}.9") == sheet
    assert f.moved_row(fields, sheet, "levels.0") == sheet


def test_an_answer_to_a_question_that_was_taken_back_does_not_count():
    fields = FORMS["expiry"].fields
    sheet = f.written(fields, {"mode": "months", "months": 12, "until": "year"}) | {"mode": "none"}

    assert f.read(fields, sheet) == {}


def test_an_amount_is_read_in_the_currency_beside_it():
    fields = FORMS["earning"].fields
    yen = {"rules": [RULE | {"each": {"minor": 100, "currency": "JPY"}, "minimum_minor": 500}], "rounding": "floor"}
    sheet = f.written(fields, yen)

    assert (sheet["rules.0.each"], sheet["rules.0.minimum_minor"]) == ("100", "500")
    assert same(f.read(fields, sheet), yen)


def changes_of(kind, before, after):
    found = []
    for block in f.differences(kind, before, after):
        titles = " › ".join(str(title) for title in block.titles)
        found += [
            (titles, str(line.label), line.change.value) for line in block.lines if line.change is not f.Change.SAME
        ]
    return found


def test_a_changed_figure_is_one_difference(app):
    changed = {**EARNING, "rules": [RULE | {"points": "2"}]}

    assert changes_of("earning", EARNING, changed) == [("service", "How many", "changed")]


def test_stating_a_default_changes_nothing(app):
    assert changes_of("earning", EARNING, {**EARNING, "pending_days": 0}) == []


def test_rows_that_came_and_went_are_told_as_such(app):
    parts = RULE | {"code": "parts"}
    before, after = {**EARNING, "rules": [RULE, parts]}, {**EARNING, "rules": [parts, RULE | {"code": "cars"}]}

    blocks = f.differences("earning", before, after)

    told = [(str(block.titles[0]), block.change.value) for block in blocks if block.titles]
    assert told == [("service", "removed"), ("parts", "same"), ("cars", "added")]
