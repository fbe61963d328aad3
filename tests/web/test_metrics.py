"""Figures for whoever watches over the installation."""

import re
from datetime import timedelta

import pytest

from loyalty.kernel import schedule
from loyalty.kernel.db import database_now
from loyalty.sales.models import ImportRun

TOKEN = "a-token-that-only-prometheus-knows"


@pytest.fixture
def measuring(app, monkeypatch):
    """The application with a token set for those who measure."""
    settings = app.extensions["loyalty.settings"]
    monkeypatch.setitem(
        app.extensions, "loyalty.settings", type(settings)(**{**fields(settings), "metrics_token": TOKEN})
    )


def fields(settings):
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def ask(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def figure(text, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def test_without_the_setting_nothing_is_there_even_for_an_empty_token(client):
    assert ask(client, "").status_code == 404


@pytest.mark.parametrize("token", ["", "another", TOKEN[:-1], TOKEN + "x", "令牌"])
def test_only_the_token_opens_it(client, measuring, token):
    assert ask(client, token.encode().decode("latin-1")).status_code == 404
    assert ask(client).status_code == 200


def test_requests_are_counted_by_endpoint_and_guesses_make_no_names(client, measuring):
    name = 'loyalty_requests_total{endpoint="health.alive",method="GET",status="200"}'
    before = figure(ask(client).text, name) or 0

    client.get("/healthz")
    client.get("/nothing/here/13800138000")
    after = ask(client).text

    assert figure(after, name) == before + 1
    assert "13800138000" not in after
    assert 'endpoint="none",method="GET",status="404"' in after


def test_work_that_waits_is_told_with_how_long(client, measuring, db_session, clock):
    schedule.plan([schedule.Slot("night", "Asia/Shanghai", clock.now.date(), database_now() - timedelta(hours=3))])
    db_session.add(
        ImportRun(
            state="due",
            dry_run=False,
            file_name="f.csv",
            file_bytes=1,
            actor_kind="system",
            actor_name="system",
            created_at=clock.now,
            due_at=database_now() - timedelta(minutes=10),
        )
    )
    db_session.flush()

    told = ask(client).text

    assert figure(told, 'loyalty_schedule_open{work="night"}') == 1
    assert 3 * 3600 <= figure(told, 'loyalty_schedule_waiting_seconds{work="night"}') < 3 * 3600 + 60
    assert figure(told, 'loyalty_imports{state="due"}') == 1
    assert 600 <= figure(told, "loyalty_imports_waiting_seconds") < 660
    assert figure(told, 'loyalty_points_waiting_seconds{step="expire"}') == 0
