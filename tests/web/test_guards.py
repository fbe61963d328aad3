"""Every view says who may open it; one that says nothing is shut."""

import pytest

from loyalty.app import create_app
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.web.guards import guard, mark_of, open_to_all
from loyalty.wiring import LIBRARY_BLUEPRINTS


def forgotten():
    return "secret"


@pytest.fixture
def planted(environment, clock, db_session):
    """An application with an open view, a guarded one and one without a mark, and somebody with a permission."""
    application = create_app({"TESTING": True}, clock=clock)
    application.add_url_rule("/planted/open", view_func=open_to_all(lambda: "open"), endpoint="open")
    application.add_url_rule("/planted/guarded", view_func=guard("points.read")(lambda: "points"), endpoint="guarded")
    application.add_url_rule("/planted/forgotten", view_func=forgotten)
    yield application
    with application.app_context():
        db.engine.dispose()


def ask(application, path, grants=None):
    loaders = application.extensions["loyalty.actor_loaders"]
    actor = None if grants is None else Actor("staff", 1, "林悦", grants)
    loaders["/planted"] = lambda: actor
    return application.test_client().get(path).status_code


def test_an_open_view_is_open(planted):
    assert ask(planted, "/planted/open") == 200


def test_a_guarded_view_asks_for_its_permission(planted):
    assert ask(planted, "/planted/guarded") == 401
    assert ask(planted, "/planted/guarded", {"points.adjust": None}) == 403
    assert ask(planted, "/planted/guarded", {"points.read": None}) == 200


def test_a_view_that_nobody_marked_is_shut_to_all(planted):
    assert ask(planted, "/planted/forgotten") == 401
    assert ask(planted, "/planted/forgotten", {"points.read": None}) == 403


def test_without_the_guard_the_forgotten_view_would_be_open(planted):
    """The negative control: the refusal comes from the guard and from nothing else."""
    hooks = planted.before_request_funcs[None]
    hooks[:] = [hook for hook in hooks if hook.__name__ != "refuse_unmarked"]

    assert ask(planted, "/planted/forgotten") == 200


def test_every_view_of_the_product_is_marked(app):
    bare = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if mark_of(app, rule.endpoint) is None
        and rule.endpoint.rpartition(".")[2] != "static"
        and rule.endpoint.split(".")[0] not in LIBRARY_BLUEPRINTS
    ]

    assert bare == []
