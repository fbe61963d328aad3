"""Pages and API of tables of facts and of the work calendar."""

import io
from datetime import date

import pytest

from loyalty.approvals.queries import waiting_about
from loyalty.kernel.actor import SYSTEM
from loyalty.programme import queries, service
from loyalty.programme.rules import TABLE_APPROVAL
from loyalty.staff.service import create_api_client
from tests.programme.typing import typed_in
from tests.staff.conftest import Browser

TABLES = "/staff/programme/tables"
API = "/api/v1/programme"
HEAD = {"region": "CN", "source": "notice of 2026", "certainty": "weak", "remark": ""}
ROW = {"b.rows:rows": "1", "b.rows.0.least": "0.6", "b.rows.0.most": "1.4"}
NEW = {"kind": "pricing_factor", **HEAD, **ROW, "do": "save"}


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
def token(author, clock, db_session):
    """A token of somebody who reads and writes rules."""
    made = {"name": "core", "permissions": ["programme.read", "programme.edit"], "owner_id": author.id}
    _, token = create_api_client(**made, now=clock.now, by=SYSTEM)
    return {"Authorization": f"Bearer {token}"}


def drafted(writer, **changed):
    answer = writer.post(f"{TABLES}/new", NEW | changed, page=f"{TABLES}/new?kind=pricing_factor")
    assert answer.status_code == 303, answer.text
    return queries.tables()[0]


def test_the_first_tables_are_listed_with_their_certainty(writer, clock):
    assert "loyalty programme tables load" in writer.get(TABLES).text
    service.load_tables(now=clock.now, by=SYSTEM)

    for language, checked in (("zh-CN", "待核对"), ("en", "to be checked")):
        page = writer.get(f"{TABLES}?kind=compulsory_float&region=CN-BJ&lang={language}").text
        assert page.count("<tr") == 2
        assert checked in page


def test_a_table_comes_into_force_by_two_people(writer, desk, clock):
    table = drafted(writer, valid_from="2026-01-01")
    page = f"{TABLES}/{table.id}"
    assert (table.rows, table.certainty) == ([{"least": "0.6", "most": "1.4"}], "weak")
    writer.post(f"{page}/submit", {"note": "新通知"}, page=page)
    waiting = waiting_about(TABLE_APPROVAL, table.id)

    checker = desk("checker")
    assert f"/staff/approvals/{waiting.id}" in checker.get(page).text
    request = f"/staff/approvals/{waiting.id}"
    assert "商业险：自主定价系数" in checker.get(request).text
    checker.post(f"{request}/approve", typed_in(checker.get(request).text, f"{request}/approve"), page=request)

    assert queries.rows_in_force("pricing_factor", "CN-HA", date(2026, 3, 12)).id == table.id
    shown = checker.get(page).text
    assert "新通知" in shown
    assert "未见可靠来源" in shown


def test_a_table_is_sent_back_and_a_mistaken_one_is_retired(writer, desk, clock):
    checker = desk("checker")
    table = drafted(writer)
    page = f"{TABLES}/{table.id}"
    writer.post(f"{page}/submit", page=page)
    checker.post(f"{page}/send-back", {"note": "来源不清"}, page=page)
    assert queries.table(table.id).state == "draft"
    assert "来源不清" in writer.get(page).text

    refused = checker.post(f"{page}/retire", {"note": "wrong"}, page=page)
    assert refused.status_code == 409
    assert checker.post(f"{page}/retire", {}, page=page).status_code == 422


def test_mistakes_in_rows_stand_in_their_cells(writer):
    answer = writer.post(
        f"{TABLES}/new", NEW | {"b.rows.0.least": "x", "source": ""}, page=f"{TABLES}/new?kind=pricing_factor"
    )

    assert answer.status_code == 422
    assert 'id="f-b.rows.0.least-error"' in answer.text
    assert 'id="f-source-error"' in answer.text
    assert 'value="x"' in answer.text
    assert queries.tables() == []


def test_rows_come_from_csv_and_are_shown_before_they_are_saved(writer):
    upload = (io.BytesIO(b"least,most\n0.5,1.5\nx,2\n"), "rows.csv")

    shown = writer.post(f"{TABLES}/new", NEW | {"file": upload}, page=f"{TABLES}/new?kind=pricing_factor")

    assert shown.status_code == 200
    assert "读到 2 行" in shown.text
    typed = typed_in(shown.text, f"{TABLES}/new")
    assert (typed["b.rows.0.least"], typed["b.rows.1.least"], typed["source"]) == (["0.5"], ["x"], ["notice of 2026"])
    assert queries.tables() == []
    wrong = (io.BytesIO(b"nothing\n1\n"), "rows.csv")
    refused = writer.post(f"{TABLES}/new", NEW | {"file": wrong}, page=f"{TABLES}/new?kind=pricing_factor")
    assert (refused.status_code, "没有这些列：nothing" in refused.text) == (422, True)


def test_rows_are_added_without_script_and_exported(writer):
    page = f"{TABLES}/new?kind=pricing_factor"
    more = writer.post(f"{TABLES}/new", NEW | {"do": "add:b.rows"}, page=page)
    assert typed_in(more.text, f"{TABLES}/new")["b.rows:rows"] == ["2"]

    table = drafted(writer)
    csv = writer.get(f"{TABLES}/{table.id}/rows.csv")
    assert csv.headers["Content-Disposition"].startswith("attachment")
    assert csv.text.splitlines()[1] == "0.6,1.4,,"


def test_a_draft_is_edited_and_compared(writer):
    first = drafted(writer)
    second = drafted(writer, **{"b.rows.0.most": "1.5"})
    sent = typed_in(writer.get(f"{TABLES}/{second.id}/edit").text, f"{TABLES}/{second.id}/edit") | {"do": "save"}

    assert writer.client.post(f"{TABLES}/{second.id}/edit", data=sent).status_code == 303
    assert queries.table(second.id).rows == [{"least": "0.6", "most": "1.5"}]
    page = writer.get(f"{TABLES}/compare?before={first.id}&after={second.id}").text
    assert "<del>1.4</del>" in page
    assert "<ins>1.5</ins>" in page
    assert writer.get(f"{TABLES}/compare?before={first.id}").status_code == 404


def test_a_new_table_begins_with_the_kind_or_the_table_that_is_named(writer, clock):
    assert "三包" in writer.get(f"{TABLES}/new").text
    assert writer.get(f"{TABLES}/new?kind=nothing").status_code == 404
    loaded = service.load_tables(now=clock.now, by=SYSTEM)

    typed = typed_in(writer.get(f"{TABLES}/new?from={loaded[0]}").text, f"{TABLES}/new")

    assert typed["b.rows.0.change"] == ["-10"]


def test_programs_write_and_read_tables(client, token, clock):
    body = {"kind": "pricing_factor", "source": "s", "certainty": "seen", "rows": [{"least": "0.5", "most": "1.5"}]}
    made = client.post(f"{API}/tables", json=body, headers=token)
    assert (made.status_code, made.json["state"], made.json["region"]) == (201, "draft", "CN")
    one = f"{API}/tables/{made.json['id']}"
    assert client.post(f"{one}:submit", headers=token).json["state"] == "in_review"
    assert client.get(one, headers=token).json["rows"] == body["rows"]
    assert len(client.get(f"{API}/tables?kind=pricing_factor", headers=token).json["items"]) == 1

    missing = client.get(f"{API}/tables/in-force?kind=pricing_factor&day=2026-03-12", headers=token)
    assert (missing.status_code, missing.json["code"]) == (404, "programme.table_not_found")
    wrong = client.post(f"{API}/tables", json=body | {"rows": [{"least": "x", "most": "1"}]}, headers=token)
    assert set(wrong.json["details"]["errors"]) == {"rows[0].least"}


def test_programs_ask_what_holds_where_on_a_day(client, token, clock):
    service.load_tables(now=clock.now, by=SYSTEM)

    asked = f"{API}/tables/in-force?kind=compulsory_float&region=CN-BJ&day=2026-03-12"
    found = client.get(asked, headers=token).json

    assert (found["region"], found["certainty"], found["rows"][0]["change"]) == ("CN-BJ", "general", -1500)


def test_programs_compare_versions(client, token, author, clock):
    ids = [service.draft("expiry", {"mode": "months", "months": n}, now=clock.now, by=author) for n in (12, 24)]

    answer = client.get(
        f"{API}/versions/compare?before={ids[0]}&after={ids[1]}", headers=token | {"Accept-Language": "en"}
    )

    assert answer.json["differences"] == [
        {
            "within": [],
            "field": "After how many months",
            "before": "12 months",
            "after": "24 months",
            "change": "changed",
        }
    ]


def test_programs_send_back_and_withdraw(client, token, author, approver, clock):
    version_id = service.draft("expiry", {"mode": "none"}, now=clock.now, by=author)
    service.submit(version_id, now=clock.now, by=author)
    _, secret = create_api_client(
        name="approves", permissions=["programme.approve"], owner_id=approver.id, now=clock.now, by=SYSTEM
    )
    headers = {"Authorization": f"Bearer {secret}"}

    back = client.post(f"{API}/versions/{version_id}:send-back", json={"note": "why?"}, headers=headers)
    refused = client.post(f"{API}/versions/{version_id}:withdraw", json={}, headers=headers)

    assert (back.status_code, back.json["state"]) == (200, "draft")
    assert (refused.status_code, refused.json["code"]) == (409, "programme.not_that_state")


def test_the_year_shows_its_months_and_what_each_day_is(writer):
    page = "/staff/programme/calendar?year=2026"
    writer.post(page, {"day": "2026-10-01", "works": "yes", "name": "国庆值班"})

    shown = writer.get(page).text

    assert shown.count('class="panel calmonth"') == 12
    assert 'class="cal-own_workday" title="自定上班 · 国庆值班">1' in shown
    assert 'class="cal-holiday" title="法定节假日 · 国庆节">2' in shown
    assert 'class="cal-make_up" title="调休上班">10' in shown
    assert "自定日" in shown
    assert "Writer" in shown
    assert "National Day" in writer.get(f"{page}&lang=en").text


def test_programs_read_and_set_days(client, token):
    asked = f"{API}/calendar?since=2026-10-01&until=2026-10-02"
    made = client.put(f"{API}/calendar/2026-10-01", json={"works": True, "name": "值班"}, headers=token)
    assert (made.status_code, made.json["kind"], made.json["works"]) == (200, "own_workday", True)

    items = client.get(asked, headers=token).json["items"]
    assert [(one["day"], one["kind"], one["name"]) for one in items] == [
        ("2026-10-01", "own_workday", "值班"),
        ("2026-10-02", "holiday", "国庆节"),
    ]
    assert client.delete(f"{API}/calendar/2026-10-01", headers=token).json["kind"] == "holiday"
    assert client.get(f"{API}/calendar?since=2031-10-01&until=2031-10-01", headers=token).json["items"][0] == {
        "day": "2031-10-01",
        "works": True,
        "kind": "workday",
        "name": None,
        "published": False,
    }
    assert client.get(f"{API}/calendar?since=2026-10-02&until=2026-10-01", headers=token).status_code == 422
    assert client.put(f"{API}/calendar/2026-02-30", json={"works": True, "name": "x"}, headers=token).status_code == 422
