"""Pages on which people write, read and compare rules without JSON."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import loyalty.cli.demo
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.programme import queries, service
from loyalty.programme.rules import register_kind
from loyalty.staff.service import create_store
from tests.programme.typing import typed_in
from tests.staff.conftest import Browser

DEMO = json.loads((Path(loyalty.cli.demo.__file__).parent / "programme.json").read_text())
BODIES = {entry["kind"]: entry["body"] for entry in DEMO["versions"]}
CODES = re.compile(r"\b(half_up|birthday_month|min_minor|minimum_minor|one_step|write_off|most_share|first_sale)\b")


@pytest.fixture
def desk(person, app, db_session):
    """Return a function that opens a manager's browser."""

    def opened(name):
        person(name, "manager")
        browser = Browser(app.test_client())
        browser.sign_in(name)
        return browser

    return opened


@pytest.fixture
def writer(desk):
    return desk("writer")


@pytest.fixture
def rules(db_session, clock):
    """The rules of the demo, in force, and a store that they may name."""
    create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    service.load_file(DEMO, now=clock.now, by=SYSTEM)


def fill(writer, address, act="save", **changed):
    """Open a page, change what is named, press a button and return the answer."""
    path = address.replace("&lang=en", "")
    sent = typed_in(writer.get(address).text, path) | {"do": act} | changed
    return writer.client.post(path, data=sent)


def drafted(answer):
    assert answer.status_code == 303, answer.text
    return queries.version(int(answer.location.rsplit("/", 1)[1]))


def test_a_form_that_is_saved_unchanged_gives_the_rules_it_began_with(rules, writer):
    for kind, body in BODIES.items():
        version = drafted(fill(writer, f"/staff/programme/new?kind={kind}"))
        assert version.body == body

        again = drafted(fill(writer, f"/staff/programme/{version.id}/edit"))
        assert (again.id, again.body) == (version.id, body)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_of_a_version_shows_codes_or_json(rules, writer, language):
    for version in queries.versions():
        for page in (f"/staff/programme/{version.id}?", f"/staff/programme/new?kind={version.kind}&"):
            shown = re.sub(r"<[^>]*>", " ", writer.get(f"{page}lang={language}").text)
            assert not CODES.search(shown)
            assert "{" not in shown
        assert "{" in writer.get(f"/staff/programme/{version.id}/json").text


def test_a_new_version_begins_with_the_choice_of_a_kind(rules, writer):
    page = writer.get("/staff/programme/new").text

    assert all(f"/staff/programme/new?kind={kind}" in page for kind in BODIES)


def test_rules_are_told_in_sentences_before_they_are_saved(rules, writer):
    answer = fill(writer, "/staff/programme/new?kind=earning", act="preview", **{"b.rules.0.points": "3"})

    assert answer.status_code == 200
    assert "每消费 ¥1.00 积 3 分" in answer.text
    assert len(queries.versions(kind="earning")) == 1


def test_enter_in_a_field_previews_and_saves_nothing(rules, writer):
    answer = fill(writer, "/staff/programme/new?kind=expiry", act="")

    assert answer.status_code == 200
    assert len(queries.versions(kind="expiry")) == 1


def test_rows_are_added_and_removed_without_script(rules, writer):
    more = fill(writer, "/staff/programme/new?kind=earning", act="add:b.rules", **{"b.rules.0.points": "7"})
    typed = typed_in(more.text, "/staff/programme/new?kind=earning")
    assert (typed["b.rules:rows"], typed["b.rules.0.points"], typed["b.rules.3.code"]) == (["4"], ["7"], [""])

    less = fill(writer, "/staff/programme/new?kind=earning", act="drop:b.rules.0")
    assert typed_in(less.text, "/staff/programme/new?kind=earning")["b.rules:rows"] == ["2"]
    assert len(queries.versions(kind="earning")) == 1


def test_a_choice_brings_its_fields_with_the_next_check(rules, writer):
    page = fill(writer, "/staff/programme/new?kind=earning", act="preview", **{"b.rules.0.per": "event"})
    typed = typed_in(page.text, "/staff/programme/new?kind=earning")

    assert "b.rules.0.event" in typed
    assert "b.rules.0.each" not in typed


@pytest.mark.parametrize(
    ("kind", "typed", "place", "told"),
    [
        ("earning", {"b.rules.0.each": "0"}, "b.rules.0.each", "请填写大于 0 的金额"),
        ("earning", {"b.rules.0.points": "x"}, "b.rules.0.points", "请填写 0 或以上的数字"),
        ("earning", {"b.multipliers.1.factor": "0.5"}, "b.multipliers.1.factor", "1 或以上"),
        ("expiry", {"b.months": "0"}, "b.months", "1"),
        ("redemption", {"b.most_share": "100.01"}, "b.most_share", "0.01 到 100"),
        ("tiers", {"b.levels.1.name.zh": ""}, "b.levels.1.name.zh", "40"),
        ("tiers", {"b.levels.2.rank": "1"}, "b.levels.2.rank", "1"),
        ("tiers", {"b.levels.1.qualify.criteria:rows": "0"}, "b.levels.1.qualify", "条件"),
        ("membership", {"from_day": "2026-02-30"}, "from_day", "2026-02-30"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_is_saved(rules, writer, kind, typed, place, told):
    answer = fill(writer, f"/staff/programme/new?kind={kind}", **typed)

    assert answer.status_code == 422
    assert f'href="#f-{place}"' in answer.text
    assert f'id="f-{place}' in answer.text
    assert told in answer.text
    assert "JSON 对象" not in answer.text
    assert len(queries.versions(kind=kind)) == 1


def test_what_a_form_cannot_show_is_shown_as_it_is_and_edited_as_it_is(rules, writer, clock):
    odd = {**BODIES["earning"], "rules": [{**BODIES["earning"]["rules"][0], "name": None}]}
    answer = writer.post(
        "/staff/programme/new?kind=earning&as=json", {"kind": "earning", "rules": json.dumps(odd, ensure_ascii=False)}
    )
    version = drafted(answer)

    assert "按原样列出" in writer.get(f"/staff/programme/{version.id}").text
    edited = writer.get(f"/staff/programme/{version.id}/edit").text
    assert "用 JSON 编辑" in edited
    assert "&#34;name&#34;: null" in edited


def test_a_version_begins_on_a_day_and_keeps_an_hour_that_a_program_gave(rules, writer):
    version = drafted(fill(writer, "/staff/programme/new?kind=expiry", from_day="2026-05-01"))
    assert version.effective_from == datetime(2026, 4, 30, 16, tzinfo=UTC)

    hour = datetime(2026, 5, 1, 2, 30, tzinfo=UTC)
    author = Actor(kind="staff", id=version.author_id, name="writer")
    service.revise(version.id, BODIES["expiry"], effective_from=hour, now=hour, by=author)
    again = drafted(fill(writer, f"/staff/programme/{version.id}/edit"))
    assert again.effective_from == hour


def approved(writer, checker, kind, **typed):
    """Bring a version through its life by two people and return it."""
    version = drafted(fill(writer, f"/staff/programme/new?kind={kind}", **typed))
    page = f"/staff/programme/{version.id}"
    writer.post(f"{page}/submit", {"note": "更短的有效期"}, page=page)
    assert checker.post(f"{page}/approve").status_code == 303
    return queries.version(version.id)


def test_a_version_for_a_later_day_waits_and_can_be_withdrawn(rules, writer, desk, clock):
    checker = desk("checker")
    day = (clock.now + timedelta(days=30)).date().isoformat()
    version = approved(writer, checker, "expiry", from_day=day, **{"b.months": "6"})
    page = f"/staff/programme/{version.id}"
    assert "待生效" in checker.get(page).text
    assert queries.in_force("expiry", version.effective_from).id == version.id

    assert checker.post(f"{page}/withdraw", {"note": " "}, page=page).status_code == 422
    checker.post(f"{page}/withdraw", {"note": "改为下季度"}, page=page)

    assert queries.version(version.id).state == "retired"
    queries.forget_timetable()
    assert queries.in_force("expiry", version.effective_from).id != version.id
    shown = checker.get(page).text
    assert "改为下季度" in shown
    assert "更短的有效期" in shown
    again = approved(writer, checker, "expiry", from_day=day, **{"b.months": "9"})
    queries.forget_timetable()
    assert queries.in_force("expiry", version.effective_from).id == again.id


def test_a_version_that_has_begun_is_not_withdrawn(rules, writer, desk, clock):
    checker = desk("checker")
    version = approved(writer, checker, "expiry", **{"b.months": "6"})

    refused = checker.post(
        f"/staff/programme/{version.id}/withdraw", {"note": "x"}, page="/staff/programme/new?kind=expiry"
    )

    assert refused.status_code == 409
    assert queries.version(version.id).state == "active"


def test_two_versions_stand_side_by_side_in_words(rules, writer):
    present = queries.versions(kind="earning")[0]
    version = drafted(fill(writer, "/staff/programme/new?kind=earning", **{"b.rules.0.points": "2"}))

    compared = f"/staff/programme/compare?before={present.id}&after={version.id}"
    assert compared in html.unescape(writer.get(f"/staff/programme/{version.id}").text)
    page = writer.get(compared).text

    assert "<del>1</del>" in page
    assert "<ins>2</ins>" in page
    assert "有改动" in page
    assert "积分取整" not in page
    whole = writer.get(f"/staff/programme/compare?before={present.id}&after={version.id}&whole=1").text
    assert "积分取整" in whole


def test_the_approval_shows_what_is_different_from_the_rules_in_force(rules, writer, desk):
    version = drafted(fill(writer, "/staff/programme/new?kind=expiry", **{"b.months": "24"}))
    page = f"/staff/programme/{version.id}"
    writer.post(f"{page}/submit", page=page)

    shown = desk("checker").get(f"{page}/approve").text

    assert "<del>12 个月</del>" in shown
    assert "<ins>24 个月</ins>" in shown


def test_versions_of_two_kinds_are_not_compared(rules, writer):
    one, other = (queries.versions(kind=kind)[0].id for kind in ("expiry", "refunds"))

    assert writer.get(f"/staff/programme/compare?before={one}&after={other}").status_code == 404
    assert writer.get(f"/staff/programme/compare?before={one}").status_code == 404


def test_a_kind_without_a_form_is_written_as_json(writer, monkeypatch):
    register_kind("nested", dict)

    assert 'name="rules"' in writer.get("/staff/programme/new?kind=nested").text


def test_a_form_of_no_kind_is_refused(writer):
    page = "/staff/programme/new?as=json"

    answer = writer.post("/staff/programme/new?kind=nothing", {"do": "save"}, page=page)

    assert answer.status_code == 422


HUGE = "9" * 30


def test_a_number_that_nothing_can_have_is_not_found(writer):
    for address in (HUGE, f"compare?before={HUGE}&after=1", f"tables/{HUGE}", f"tables/new?from={HUGE}"):
        assert writer.get(f"/staff/programme/{address}").status_code == 404


def test_a_button_that_no_page_has_is_no_fault(writer):
    page = "/staff/programme/new?kind=earning"
    for act in ("add:b.b.b", "drop:b.rules.²", "raise:b.rules.-1", "drop:", "nothing", "²"):
        for size in ("3", "²", "99999", "-1"):
            typed = {"do": act, "b.rules:rows": size, "b.rules.0.points": "²"}

            assert writer.post(page, typed, page=page).status_code in {200, 422}
