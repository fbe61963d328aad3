"""The pages of follow-up plans, and the template as a version of the rules."""

import copy
from datetime import date

import pytest

from loyalty.customers.queries import vehicle_id_by_vin
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.programme.rules import check_body
from loyalty.programme.rules import forms as f
from loyalty.programme.service import draft, load_file, load_tables
from loyalty.visits.rules import FOLLOW_UP_FORM, USUAL_BODY, parse_template
from tests.sales.conftest import VIN
from tests.visits.conftest import days, plans

PAGE = "/staff/visits"
FIVE = {"code": "five", "name": {"zh": "五天", "en": "Five"}, "days": 5}


@pytest.fixture
def desk(app, client, store, agent, monkeypatch):
    """A browser in which an agent of the store is signed in."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    names = ("tasks.read", "tasks.work", "customers.read", "programme.read")
    actor = Actor("staff", agent, "Agent", dict.fromkeys(names, frozenset({store})))
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: actor})
    return client


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("asked", ["", "?state=all", "?state=void", "/plans", "/plans?trigger=service&day=2026-02-12"])
def test_the_pages_open_in_both_languages(desk, serve, night, asked, language):
    serve()
    night(date(2026, 3, 13))

    assert desk.get(f"{PAGE}{asked}", headers={"Accept-Language": language}).status_code == 200


def test_a_plan_shows_its_steps_and_is_stopped(desk, serve, night):
    serve()
    night(date(2026, 3, 13))
    at = plans()[0].id

    page = desk.get(f"{PAGE}/{at}").text
    assert "维修后 3 天回访" in page
    assert "按时间：2026-09-10 满 6 个月" in page
    assert desk.post(f"{PAGE}/{at}/stop").status_code == 303
    assert "计划已停止" in desk.get(f"{PAGE}/{at}").text
    assert desk.post(f"{PAGE}/{at}/stop").status_code == 409


def test_the_preview_says_the_days_and_what_is_not_published(desk):
    shown = desk.get(f"{PAGE}/plans?day=2026-02-12").text
    assert "2026-02-19 是法定节假日，顺延到 2026-02-24" in shown
    assert "2031 年的节假日安排尚未公布" in desk.get(f"{PAGE}/plans?day=2031-02-12").text
    assert "请选择日期" in desk.get(f"{PAGE}/plans?day=x").text


def test_first_use_says_what_comes(desk):
    assert "还没有回访" in desk.get(PAGE).text


def test_the_usual_body_is_a_body_of_the_kind_and_of_the_form():
    assert check_body("follow-up", USUAL_BODY) == USUAL_BODY
    assert f.form_that_fits("follow-up", USUAL_BODY) is FOLLOW_UP_FORM
    assert len(FOLLOW_UP_FORM.tell(parse_template(USUAL_BODY))) == 3


def test_a_published_template_plans_what_comes_after_it(desk, serve, night, clock):
    body = copy.deepcopy(USUAL_BODY)
    body["steps"] = [one | {"days": 1} for one in body["steps"] if one["code"] == "service-3"]
    kept = {"kind": "follow-up", "effective_from": "2026-01-01", "body": body}
    load_file({"programme": "x", "versions": [kept]}, now=clock.now, by=SYSTEM)

    serve()
    night(date(2026, 3, 13))

    assert days(plans()[0]) == {"service-3": "2026-03-11"}


def test_a_draft_shows_its_days_while_it_is_written_and_when_it_is_saved(app, client, manager, monkeypatch, clock):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: manager})
    step = {**FIVE, "trigger": "delivery", "task": "delivery-call"}
    sheet = f.written(FOLLOW_UP_FORM.fields, {"steps": [step]})
    typed = {f"b.{name}": value for name, value in sheet.items()}

    written = client.post(
        "/staff/programme/new?kind=follow-up", data={**typed, "do": "preview", "sample_day": "2026-02-12"}
    ).text
    assert "以 2026-02-12 为例" in written
    assert "2026-02-17 是法定节假日，顺延到 2026-02-24" in written

    saved = draft("follow-up", {"steps": [step]}, now=clock.now, by=manager)
    shown = client.get(f"/staff/programme/{saved}?sample_day=2026-02-12").text
    assert "2026-02-17 是法定节假日，顺延到 2026-02-24" in shown


def test_the_preview_takes_the_draft_that_was_chosen(desk, manager, clock):
    step = {**FIVE, "trigger": "service", "task": "service-call"}
    saved = draft("follow-up", {"steps": [step]}, now=clock.now, by=manager)

    shown = desk.get(f"{PAGE}/plans?version={saved}&trigger=service&day=2026-02-12").text
    assert "以下按计划第 1 版计算" in shown
    assert "五天" in shown
    assert "五天" not in desk.get(f"{PAGE}/plans?trigger=service&day=2026-02-12").text
    assert desk.get(f"{PAGE}/plans?version=999999999").status_code == 404


def test_a_message_stands_on_the_page_of_the_plan_and_of_the_customer(desk, deliver, night):
    customer_id = deliver()
    night(date(2026, 3, 11))

    plan = desk.get(f"{PAGE}/{plans()[0].id}").text
    assert "等待发送" in plan or "等待" in plan
    whole = desk.get(f"/staff/customers/{customer_id}").text
    assert "交车次日感谢" in whole


def test_the_page_of_a_vehicle_takes_what_was_found_out_of_its_inspection(desk, deliver, clock):
    load_tables(now=clock.now, by=SYSTEM)
    deliver()
    vehicle_id = vehicle_id_by_vin(VIN, EVERYTHING)
    page = f"/staff/vehicles/{vehicle_id}"
    assert "请填写初次登记日期或官方检验到期日" in desk.get(page).text

    known = {"official_day": "2026-05-31", "exceptions": "none"}
    assert desk.post(f"{PAGE}/vehicles/{vehicle_id}/inspection", data=known).status_code == 303
    shown = desk.get(page).text
    assert "交管部门给出的日期：2026-05-31" in shown

    desk.post(f"{PAGE}/vehicles/{vehicle_id}/inspection", data={**known, "official_day": "31.5."})
    assert "没有保存" in desk.get(page).text
