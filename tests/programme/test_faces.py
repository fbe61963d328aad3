"""Pages and API of rules and the work calendar."""

import io
import json
import re
from datetime import date, timedelta

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.programme import queries, service
from loyalty.programme.rules import register_kind
from loyalty.staff.rules import StoreDetails
from loyalty.staff.service import create_api_client, create_store, update_store
from tests.staff.conftest import Browser

pytestmark = pytest.mark.usefixtures("trial")

VERSIONS = "/api/v1/programme/versions"


@pytest.fixture
def writer(person, app, db_session):
    """A manager's browser."""
    person("writer", "manager")
    browser = Browser(app.test_client())
    browser.sign_in("writer")
    return browser


@pytest.fixture
def checker(person, app, db_session):
    """Another manager's browser."""
    person("checker", "manager")
    browser = Browser(app.test_client())
    browser.sign_in("checker")
    return browser


@pytest.fixture
def token_of(clock):
    """Return a function that makes a token for which a person answers."""
    made = iter(range(1000))

    def make(actor, *permissions):
        _, token = create_api_client(
            name=f"client {next(made)}",
            permissions=permissions,
            owner_id=actor.id if actor else None,
            now=clock.now,
            by=SYSTEM,
        )
        return {"Authorization": f"Bearer {token}"}

    return make


def draft_of(writer, rate=2, **more):
    answer = writer.post("/staff/programme/new?as=json", {"kind": "trial", "rules": json.dumps({"rate": rate}), **more})
    assert answer.status_code == 303
    return answer.location


@pytest.mark.parametrize("page", ["", "/new", "/calendar", "/calendar?year=2031", "?kind=trial"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_open_in_both_languages(writer, page, language):
    answer = writer.get(f"/staff/programme{page}{'&' if '?' in page else '?'}lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


def test_two_people_bring_a_version_into_force(writer, checker, clock):
    page = draft_of(writer)
    writer.post(f"{page}/submit", page=page)
    assert "等待另一位" in writer.get(page).text
    assert f"{page}/approve" not in writer.get(page).text

    assert "立即在所有门店生效" in checker.get(f"{page}/approve").text
    answer = checker.post(f"{page}/approve")

    assert (answer.status_code, answer.location) == (303, page)
    assert queries.in_force("trial", clock.now).rules == 2


def test_a_version_leads_to_its_request_and_back(writer, checker):
    page = draft_of(writer)
    before = writer.get(page).text
    writer.post(f"{page}/submit", page=page)

    waiting = re.search(r"/staff/approvals/\d+", checker.get(page).text)[0]
    checker.post(f"{page}/approve")

    assert "/staff/approvals/" not in re.sub(r"<nav.*?</nav>", "", before, flags=re.DOTALL)
    assert f'href="{page}"' in checker.get(waiting).text
    assert waiting in writer.get(page).text  # also once it is decided


def test_the_author_is_told_that_another_person_approves(writer):
    page = draft_of(writer)
    writer.post(f"{page}/submit", page=page)

    answer = writer.post(f"{page}/approve")

    assert answer.status_code == 409
    assert "编写人不能批准自己的版本" in answer.text


def test_rules_come_as_a_file_too(writer):
    upload = (io.BytesIO(b'\xef\xbb\xbf{"rate": 7}'), "rules.json")

    answer = writer.post("/staff/programme/new?as=json", {"kind": "trial", "file": upload})

    assert answer.status_code == 303
    assert queries.versions()[0].body == {"rate": 7}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "trial", "rules": '{"rate": 0}'}, "body.rate"),
        ({"kind": "trial", "rules": '{"rate": x}'}, "第 1 行第 10 列"),
        ({"kind": "trial", "rules": "[]"}, "规则要写成 JSON 对象"),
        ({"kind": "trail", "rules": "{}"}, "没有这类规则"),
        ({"kind": "trial", "rules": '{"rate": 1}', "from_day": "2026-02-30"}, "2026-02-30"),
    ],
)
def test_a_draft_that_cannot_be_keeps_what_was_typed(writer, typed, sentence):
    answer = writer.post("/staff/programme/new?as=json", typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed["rules"].replace('"', "&#34;") in answer.text
    assert queries.versions() == []


def test_a_new_version_starts_from_the_rules_in_force(writer, clock):
    service.load_file(
        {"versions": [{"kind": "trial", "effective_from": "1997-01-01", "body": {"rate": 4}}]},
        now=clock.now,
        by=SYSTEM,
    )

    assert "&#34;rate&#34;: 4" in writer.get("/staff/programme/new?kind=trial").text


def test_a_draft_is_edited_by_its_author_alone(writer, checker):
    page = draft_of(writer)

    assert writer.post(f"{page}/edit", {"rules": '{"rate": 9}'}).status_code == 303
    refused = checker.post(f"{page}/edit", {"rules": '{"rate": 1}'})

    assert refused.status_code == 409
    assert queries.versions()[0].body == {"rate": 9}


def test_a_version_is_sent_back(writer, checker):
    page = draft_of(writer)
    writer.post(f"{page}/submit", page=page)

    checker.post(f"{page}/send-back", page=page)

    assert queries.versions()[0].state == "draft"


def test_a_version_that_is_not_there_is_not_found(writer):
    assert writer.get("/staff/programme/999999").status_code == 404


def test_who_may_only_read_writes_nothing(person, app, db_session):
    person("reader", "finance")
    browser = Browser(app.test_client())
    browser.sign_in("reader")

    assert browser.get("/staff/programme").status_code == 200
    assert browser.get("/staff/programme/new").status_code == 403
    assert browser.post("/staff/programme/calendar", {}, page="/staff/me").status_code == 403


def test_a_year_without_a_list_says_so_on_the_page(writer):
    assert "尚未公布" in writer.get("/staff/programme/calendar?year=2031").text
    assert "尚未公布" not in writer.get("/staff/programme/calendar?year=2026").text
    assert writer.get("/staff/programme/calendar?year=1900").status_code == 404


def test_an_own_day_is_set_and_taken_back(writer):
    page = "/staff/programme/calendar?year=2026"
    writer.post(page, {"day": "2026-10-01", "works": "yes", "name": "国庆值班"})
    assert "国庆值班" in writer.get(page).text

    writer.post("/staff/programme/calendar/2026-10-01/unset", page=page)
    assert queries.own_days(2026) == []

    wrong = writer.post(page, {"day": "2026-02-30", "works": "yes"})
    assert wrong.status_code == 422
    assert queries.own_days(2026) == []


def test_programs_write_read_and_approve(client, token_of, author, approver):
    writes, approves = token_of(author, "programme.edit", "programme.read"), token_of(approver, "programme.approve")

    made = client.post(VERSIONS, json={"kind": "trial", "body": {"rate": 3}}, headers=writes)
    assert (made.status_code, made.json["state"], made.json["author"]) == (201, "draft", "Author")
    one = f"{VERSIONS}/{made.json['id']}"
    assert client.post(f"{one}:submit", headers=writes).json["state"] == "in_review"
    done = client.post(f"{one}:approve", headers=approves)
    assert (done.status_code, done.json["state"], done.json["approver"]) == (200, "active", "Approver")

    listed = client.get(f"{VERSIONS}?kind=trial&limit=1", headers=writes).json
    assert [item["id"] for item in listed["items"]] == [made.json["id"]]
    assert "body" not in listed["items"][0]
    assert client.get(one, headers=writes).json["body"] == {"rate": 3}


def test_the_same_key_writes_one_draft(client, token_of, author):
    headers = {**token_of(author, "programme.edit"), "Idempotency-Key": "k1"}
    answers = [client.post(VERSIONS, json={"kind": "trial", "body": {"rate": 3}}, headers=headers) for _ in range(2)]
    other = client.post(VERSIONS, json={"kind": "trial", "body": {"rate": 4}}, headers=headers)

    assert answers[0].json == answers[1].json
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert len(queries.versions()) == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "trial", "body": {"rate": 0}}, "body.rate"),
        ({"kind": "trial", "body": {"rate": 1, "extra": 1}}, "body.extra"),
        ({"kind": "trail", "body": {}}, "kind"),
        ({"kind": "trial"}, "body"),
        ({"kind": "trial", "body": {"rate": 1}, "state": "active"}, "state"),
        ({"kind": "trial", "body": {"rate": 1}, "effective_from": "2026-03-12"}, "effective_from"),
    ],
)
def test_what_is_wrong_with_a_draft_is_named_by_place(client, token_of, author, body, place):
    answer = client.post(VERSIONS, json=body, headers=token_of(author, "programme.edit"))

    assert (answer.status_code, answer.json["code"]) == (422, "malformed")
    assert set(answer.json["details"]["errors"]) == {place}
    assert queries.versions() == []


def test_a_token_without_the_permission_is_403_in_our_body(client, token_of, author):
    answer = client.post(VERSIONS, json={"kind": "trial", "body": {"rate": 1}}, headers=token_of(author, "sales.read"))

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert answer.json["details"] == {"permission": "programme.edit"}


def test_a_token_that_nobody_answers_for_is_refused(client, token_of):
    answer = client.post(
        VERSIONS, json={"kind": "trial", "body": {"rate": 1}}, headers=token_of(None, "programme.edit")
    )

    assert (answer.status_code, answer.json["code"]) == (409, "programme.nobody_answers")


def test_the_author_s_own_token_does_not_approve(client, token_of, author):
    headers = token_of(author, "programme.edit", "programme.approve")
    one = client.post(VERSIONS, json={"kind": "trial", "body": {"rate": 1}}, headers=headers).json["id"]
    client.post(f"{VERSIONS}/{one}:submit", headers=headers)

    answer = client.post(f"{VERSIONS}/{one}:approve", headers=headers)

    assert (answer.status_code, answer.json["code"]) == (409, "programme.author_approves")


def test_a_missing_version_is_404(client, token_of, author):
    answer = client.get(f"{VERSIONS}/999999", headers=token_of(author, "programme.read"))

    assert (answer.status_code, answer.json["code"]) == (404, "programme.version_not_found")


def test_rules_are_shown_by_the_places_that_errors_name(writer, clock):
    body = {
        "levels": [{"code": "gold", "any": [{"metric": "spend", "from": 5}]}],
        "names": ["金卡", "Gold"],
        "on": True,
    }
    register_kind("nested", dict)
    (version_id,) = service.load_file(
        {"versions": [{"kind": "nested", "effective_from": "1997-01-01", "body": body}]}, now=clock.now, by=SYSTEM
    )

    page = writer.get(f"/staff/programme/{version_id}").text

    for place in ("levels[0].code", "levels[0].any[0].from", "names", "on"):
        assert f"<code>{place}</code>" in page
    assert "金卡, Gold" in page


@pytest.fixture
def closing(db_session, clock):
    """A store that is closed from 16 to 18 March and on Sundays, and one that says nothing."""
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "08:30-18:00")
    details = StoreDetails(opening_hours=hours, holidays="2026-03-16 2026-03-18 展厅装修")
    how = {"now": clock.now, "by": SYSTEM}
    shut = create_store(code="CD01", name="城东店", **how)
    update_store(shut, name="城东店", details=details, **how)
    return shut, create_store(code="CX01", name="城西店", **how)


def test_the_closing_days_of_a_store_are_in_its_calendar_alone(closing):
    shut, other = closing
    first, last = date(2026, 3, 15), date(2026, 3, 19)

    found = queries.work_calendars({shut, other}, first, last)

    days = [first + timedelta(days=index) for index in range(5)]
    assert [found[shut].kind(day).value for day in days] == [*["store_rest"] * 4, "workday"]
    assert [found[other].kind(day).value for day in days] == ["weekend", *["workday"] * 4]
    assert queries.work_calendar(first, last, store_id=shut).workday_from(first) == last
    assert queries.work_calendar(first, last).workday_from(first) == date(2026, 3, 16)


def test_the_page_shows_the_calendar_of_a_store(writer, closing):
    page = writer.get("/staff/programme/calendar?year=2026&store=CD01").text

    assert page.count("展厅装修") == 3 * 2  # as a title and for readers of the screen
    assert "门店休息日" in page
    assert "展厅装修" not in writer.get("/staff/programme/calendar?year=2026").text
    assert writer.get("/staff/programme/calendar?year=2026&store=nowhere").status_code == 404


def test_programs_read_the_calendar_of_a_store(client, token_of, author, closing):
    headers = token_of(author, "programme.read")
    asked = "/api/v1/programme/calendar?since=2026-03-16&until=2026-03-16"

    ours = client.get(f"{asked}&store=CD01", headers=headers).json["items"]
    everybody = client.get(asked, headers=headers).json["items"]

    assert [(one["works"], one["kind"], one["name"]) for one in ours] == [(False, "store_rest", "展厅装修")]
    assert [(one["works"], one["kind"]) for one in everybody] == [(True, "workday")]
