"""The page of approvals and its API."""

import re
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from loyalty.approvals import queries
from loyalty.approvals.rules import kinds
from loyalty.kernel.actor import EVERYTHING
from loyalty.staff.queries import AuditFilter, audit_rows
from tests.approvals.conftest import token_of

LIST = "/staff/approvals"
API = "/api/v1/approvals"


@pytest.fixture
def desk(client, acting, decider):
    acting(decider)
    return client


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1)


def state(number):
    return queries.approval(number, EVERYTHING).state


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("asked", ["", "?state=all", "?state=returned", "?kind=trial&store=CD01", "?state=nonsense"])
def test_the_list_opens_in_both_languages(desk, make_request, asked, language):
    make_request()

    answer = desk.get(f"{LIST}{asked}", headers={"Accept-Language": language})

    assert answer.status_code == 200


def test_the_list_names_what_who_and_the_effect(desk, make_request):
    number = make_request()

    page = desk.get(LIST)

    for told in ("T1", "Asker", "人工增加 5 积分", f"{LIST}/{number}", "城东店"):
        assert told in page.text


def test_the_menu_counts_what_waits(desk, make_request, acting, asker):
    make_request()

    assert '<span class="n">1</span>' in desk.get(LIST).text
    acting(asker)
    assert '<span class="n">' not in desk.get(LIST).text


def test_an_empty_list_says_that_all_is_done(desk, trial):
    assert "没有待他人审批的事项" in desk.get(LIST).text
    assert "没有符合的申请" in desk.get(f"{LIST}?state=approved").text


def test_a_request_is_approved_on_its_page(desk, make_request, trial):
    number = make_request()
    page = desk.get(f"{LIST}/{number}")

    done = desk.post(f"{LIST}/{number}/approve", data={"seen": hidden(page, "seen")})

    assert ("补登记" in page.text, "10" in page.text) == (True, True)
    assert (done.status_code, done.location, trial.done) == (303, LIST, [number])
    assert "人工增加 5 积分" in desk.get(LIST).text
    decided = desk.get(f"{LIST}/{number}")
    assert "Decider" in decided.text
    assert "/approve" not in decided.text


def test_an_effect_that_changed_is_told_and_not_carried_out(desk, make_request, trial):
    number = make_request()
    page = desk.get(f"{LIST}/{number}")
    trial.level = 6

    answer = desk.post(f"{LIST}/{number}/approve", data={"seen": hidden(page, "seen")})

    assert (answer.status_code, state(number)) == (409, "waiting")
    assert "与申请时不同" in answer.text
    assert "与申请时不同" not in page.text


def test_what_moves_points_asks_for_a_fresh_proof(app, desk, make_request, trial, monkeypatch):
    number = make_request()
    page = desk.get(f"{LIST}/{number}")
    monkeypatch.setitem(kinds(), "trial", replace(kinds()["trial"], fresh=True))
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: None)

    answer = desk.post(f"{LIST}/{number}/approve", data={"seen": hidden(page, "seen")})

    assert (answer.status_code, trial.done, state(number)) == (303, [], "waiting")


def test_a_yes_names_the_effect_that_was_seen(desk, make_request):
    number = make_request()

    assert desk.post(f"{LIST}/{number}/approve", data={}).status_code == 422
    assert state(number) == "waiting"


def test_what_stands_against_a_yes_is_told_and_leaves_the_return(desk, make_request, trial):
    number = make_request()
    trial.broken = True

    page = desk.get(f"{LIST}/{number}")

    assert page.status_code == 200
    assert f"{LIST}/{number}/approve" not in page.text
    assert f"{LIST}/{number}/return" in page.text


def test_own_requests_are_shown_and_barred_with_a_sentence(desk, acting, asker, make_request, trial):
    number = make_request()
    acting(asker)

    page = desk.get(f"{LIST}/{number}")
    answer = desk.post(f"{LIST}/{number}/approve", data={"seen": "x"})

    assert "需由另一位审批" in page.text
    assert f"{LIST}/{number}/approve" not in page.text
    assert (answer.status_code, trial.done) == (409, [])
    assert desk.post(f"{LIST}/{number}/withdraw").status_code == 303
    assert state(number) == "withdrawn"


def test_a_return_needs_a_note(desk, make_request):
    number = make_request()

    empty = desk.post(f"{LIST}/{number}/return", data={"note": " "})
    done = desk.post(f"{LIST}/{number}/return", data={"note": "请附工单"})

    assert (empty.status_code, done.status_code) == (422, 303)
    assert "错误：" in empty.text
    assert "请附工单" in desk.get(f"{LIST}/{number}").text


def test_foreign_and_missing_requests_are_not_found(desk, acting, person, make_request, far_store):
    number = make_request()
    acting(person("far", stores=frozenset({far_store})))

    for at in (number, number + 1000):
        assert desk.get(f"{LIST}/{at}").status_code == 404
        assert desk.post(f"{LIST}/{at}/approve", data={"seen": "x"}).status_code == 404
        assert desk.post(f"{LIST}/{at}/return", data={"note": "x"}).status_code == 404
        assert desk.post(f"{LIST}/{at}/withdraw").status_code == 404
        assert desk.get(f"{API}/{at}").status_code == 404
        assert desk.post(f"{API}/{at}:approve", json={}).status_code == 404
    assert desk.get(f"{LIST}?store=CD01").status_code == 404


def test_the_export_has_the_rows_of_the_filter_and_computes_nothing(desk, make_request, trial, monkeypatch):
    trial.named = None
    number = make_request(reason="=1+1")

    answer = desk.get(f"{LIST}/export.xlsx?state=waiting&kind=trial")

    assert answer.status_code == 200
    with ZipFile(BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2
    assert "T1" in sheet
    assert "<f>" not in sheet
    (row,) = audit_rows(AuditFilter(action="list.exported"), EVERYTHING)
    assert (row.after, number > 0) == ({"list": "approvals", "state": "waiting", "kind": "trial"}, True)


def test_the_export_needs_its_permission(desk, acting, person, make_request):
    acting(person("reader", permissions=("approvals.read",)))

    assert desk.get(f"{LIST}/export.xlsx").status_code == 403


@pytest.fixture
def program(client, acting, decider):
    acting(decider)
    return client


def test_programs_list_read_and_approve(program, make_request, trial):
    number = make_request()

    (listed,) = program.get(API).json["items"]
    read = program.get(f"{API}/{number}").json
    done = program.post(f"{API}/{number}:approve", json={"seen": read["effect_now"]["seen"]})

    assert (listed["id"], listed["store"], listed["state"]) == (number, "CD01", "waiting")
    assert read["effect_now"]["figures"][0]["after"] == 10
    assert (done.status_code, done.json["approval"]["state"], trial.done) == (200, "approved", [number])
    assert program.get(API).json["items"] == []
    assert len(program.get(API, query_string={"state": "approved"}).json["items"]) == 1


def test_the_same_key_decides_once_and_answers_the_same(program, make_request, trial):
    number = make_request()

    answers = [program.post(f"{API}/{number}:approve", json={}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    other = program.post(f"{API}/{number}:approve", json={})

    assert answers[0].json == answers[1].json
    assert (other.status_code, other.json["code"]) == (409, "approvals.not_waiting")
    assert trial.done == [number]


def test_programs_return_and_withdraw(program, make_request, acting, asker, decider):
    first, second = make_request(1), make_request(2)

    assert program.post(f"{API}/{first}:return", json={"note": ""}).status_code == 422
    assert program.post(f"{API}/{first}:return", json={"note": "请附工单"}).json["approval"]["note"] == "请附工单"
    assert program.post(f"{API}/{second}:withdraw").json["code"] == "approvals.not_the_asker"
    acting(asker)
    assert program.post(f"{API}/{second}:withdraw").json["approval"]["state"] == "withdrawn"


def test_programs_read_why_a_yes_is_refused(program, make_request, trial):
    number = make_request()
    trial.broken = True

    assert program.get(f"{API}/{number}").json["refused"]["code"] == "trial.broken"


@pytest.mark.parametrize("body", [{"seen": 5}, {"seen": "x", "more": 1}, []])
def test_bodies_are_strict(program, make_request, trial, body):
    number = make_request()

    assert program.post(f"{API}/{number}:approve", json=body).status_code == 422
    assert trial.done == []


def test_a_token_decides_as_the_person_who_answers_for_it(client, acting, asker, make_request, trial, clock):
    number = make_request()
    acting(replace(token_of(asker, 999_999)))

    answer = client.post(f"{API}/{number}:approve", json={})

    assert (answer.status_code, answer.json["code"]) == (409, "approvals.nobody_answers")
