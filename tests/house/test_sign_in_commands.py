"""`loyalty staff code` and `reset-factor`: for demonstrations, and for the day when no administrator can sign in."""

import pytest
from click.testing import CliRunner

from loyalty.cli import main
from loyalty.cli import staff as commands
from loyalty.cli.demo.staff import PEOPLE, SECRET, hire, open_stores
from loyalty.kernel.settings import Settings
from loyalty.staff import queries
from loyalty.staff.rules import FACTOR_ROLES, code_of, step_at


class Here:
    """The application that stands already, in place of one that a command starts."""

    def __init__(self, app):
        self.app = app

    def __enter__(self):
        return self.app

    def __exit__(self, *_problem):
        return False


@pytest.fixture
def call(app, db_session, clock, monkeypatch):
    """Return a function that calls `loyalty staff`, after the demo's people were hired."""
    hire(open_stores(clock.now), clock.now)
    monkeypatch.setattr(commands, "application", lambda: Here(app))
    monkeypatch.setattr(commands, "utc_now", lambda: clock.now)
    return lambda *words: CliRunner().invoke(main, ["staff", *words])


def test_the_demo_s_accounts_have_what_their_roles_ask_for(call):
    for username, _, role, _ in PEOPLE:
        has_factor = queries.factor(queries.account_id(username)) is not None
        assert has_factor == (role in FACTOR_ROLES)


def test_the_code_of_now_is_shown(call, clock):
    assert call("code", "zhao.gang").output.strip() == code_of(SECRET, step_at(clock.now))


def test_in_production_no_code_is_shown(call, app, monkeypatch):
    settings = Settings.from_environ({"LOYALTY_DATA": "x"})
    production = Settings(**{name: getattr(settings, name) for name in settings.__slots__} | {"production": True})
    monkeypatch.setitem(app.extensions, "loyalty.settings", production)

    answer = call("code", "zhao.gang")

    assert answer.exit_code == 1
    assert not any(character.isdigit() for character in answer.output)


def test_a_factor_is_taken_away_by_hand(call):
    answer = call("reset-factor", "sun.hao")

    assert answer.exit_code == 0
    assert queries.factor(queries.account_id("sun.hao")) is None
