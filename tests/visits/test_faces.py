"""The pages of follow-up plans, and the template as a version of the rules."""

import copy
from datetime import date

import pytest

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.programme.rules import check_body
from loyalty.programme.rules import forms as f
from loyalty.programme.service import load_file
from loyalty.visits.rules import FOLLOW_UP_FORM, USUAL_BODY, parse_template
from tests.visits.conftest import days, plans

PAGE = "/staff/visits"


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
