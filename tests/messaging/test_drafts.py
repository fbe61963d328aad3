"""A template is written as a draft, looked at with sample values, and put into use or thrown away."""

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.messaging import queries
from loyalty.messaging.rules import (
    DraftChanged,
    DraftNotFound,
    NewMessage,
    TemplateTaken,
    VersionChanged,
    sample_values,
    sms_parts,
)
from loyalty.messaging.service import TemplateDraft, activate_draft, discard_draft, plan, save_draft, write_version
from tests.messaging.conftest import LONG_AGO, READY, rows
from tests.messaging.test_pages import written

EN = {"Accept-Language": "en"}


def saying(words):
    texts = {language: {"text": words} for language in ("zh_Hans_CN", "en")}
    return TemplateDraft("ready", "Ready", "service", {"variables": ["name"], "texts": {"sms": texts}})


@pytest.fixture
def keep(clock):
    def keep(words, *, after=1, edition=0):
        return save_draft(saying(words), after=after, edition=edition, now=clock.now, by=SYSTEM)

    return keep


@pytest.fixture
def what(clock):
    return {"now": clock.now, "by": SYSTEM}


def test_nothing_is_written_by_a_draft_before_it_is_in_use(templates, person, keep, what):
    keep("{name}, new")
    customer_id = person()

    def planned(key):
        message = NewMessage(key, customer_id, "ready", LONG_AGO, {"name": "王"}, channel="sms")
        plan([message], **what)
        return rows("SELECT version_id FROM messages WHERE dedupe_key = :key", key=key)[0][0]

    before = planned("k:1")
    assert activate_draft("ready", edition=1, **what) == 2
    after = planned("k:2")

    assert queries.template("ready").version_id == after != before
    assert queries.template("ready").texts.texts["sms"]["en"].text == "{name}, new"
    with pytest.raises(DraftNotFound):
        queries.draft("ready")
    actions = [action for (action,) in rows("SELECT action FROM audit_rows WHERE action LIKE 'template.%' ORDER BY id")]
    assert actions[-2:] == ["template.drafted", "template.changed"]


def test_a_draft_is_thrown_away_and_what_is_in_use_stays(templates, keep, what):
    keep("{name}, never")

    discard_draft("ready", edition=1, **what)

    assert queries.drafts() == []
    assert queries.template("ready").number == 1


def test_two_people_do_not_overwrite_each_other(templates, keep, what):
    keep("{name}, mine")
    assert keep("{name}, mine again", edition=1) == 2

    for act in (
        lambda: keep("{name}, yours"),
        lambda: keep("{name}, yours", edition=1),
        lambda: activate_draft("ready", edition=1, **what),
        lambda: discard_draft("ready", edition=1, **what),
    ):
        with pytest.raises(DraftChanged):
            act()
    assert queries.draft("ready").texts.texts["sms"]["en"].text == "{name}, mine again"


def test_a_draft_of_a_version_that_is_no_longer_the_last_is_not_put_into_use(templates, keep, what):
    keep("{name}, late")
    write_version("ready", "Ready", READY, after=1, **what)

    with pytest.raises(VersionChanged):
        activate_draft("ready", edition=1, **what)

    assert queries.draft("ready").after == 1
    assert queries.template("ready").number == 2


def test_a_new_template_is_not_written_under_a_name_that_is_taken(templates, keep):
    with pytest.raises(TemplateTaken):
        keep("{name}", after=0)


@pytest.mark.parametrize("field", ["after", "edition"])
@pytest.mark.parametrize("value", ["-1", "1000001", "9" * 30, "x"])
def test_hidden_numbers_that_cannot_be_are_refused(desk, templates, field, value):
    answer = desk.post("/staff/templates/ready/edit", data=written(**{"after": "1", field: value}))

    assert (answer.status_code, queries.drafts()) == (422, [])


@pytest.mark.parametrize("name", ["new", "drafts"])
def test_names_that_pages_use_are_refused(desk, name):
    answer = desk.post("/staff/templates/new", data=written(name=name), headers=EN)

    assert (answer.status_code, "The pages use this name themselves." in answer.text) == (422, True)


def test_the_pages_write_show_change_and_throw_away_a_draft(desk):
    made = desk.post("/staff/templates/new", data=written())
    shown = desk.get("/staff/templates/drafts/hello?value-name=" + "王" * 80, headers=EN).text
    form = desk.get("/staff/templates/drafts/hello/edit").text
    saved = desk.post("/staff/templates/drafts/hello/edit", data=written(edition="1", title="问候二"))
    late = desk.post("/staff/templates/drafts/hello/discard", data={"edition": "1"})
    gone = desk.post("/staff/templates/drafts/hello/discard", data={"edition": "2"})

    assert (made.location, saved.location) == ("/staff/templates/drafts/hello",) * 2
    assert "2 text messages" in shown
    assert 'name="edition" value="1"' in form
    assert (late.status_code, gone.status_code, gone.location) == (409, 303, "/staff/templates")
    assert desk.get("/staff/templates/drafts/hello").status_code == 404


def test_the_next_version_goes_on_where_its_draft_stands(desk, templates):
    desk.post("/staff/templates/ready/edit", data=written(after="1"))

    again = desk.get("/staff/templates/ready/edit")

    assert (again.status_code, again.location) == (303, "/staff/templates/drafts/ready/edit")
    assert "/staff/templates/drafts/ready" in desk.get("/staff/templates/ready").text


def test_samples_are_what_was_given_or_usual_or_the_name():
    names = frozenset({"store", "day", "colour"})

    assert sample_values(names, "en", {"day": "tomorrow", "store": ""}) == {
        "store": "East Store",
        "day": "tomorrow",
        "colour": "〔colour〕",
    }


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_how_many_sms_a_text_takes(length, parts):
    assert sms_parts("字" * length) == parts
