"""A small application that stands on the web parts alone, with views that fail in every way."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Blueprint, Flask, abort, render_template_string, request
from flask_smorest import abort as api_abort
from marshmallow import Schema, fields
from sqlalchemy import create_engine, text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.kernel.errors import (
    Forbidden,
    KeyInFlight,
    KeyReused,
    Malformed,
    NotFound,
    NotSignedIn,
    Refused,
    TooMany,
    Unavailable,
)
from loyalty.kernel.money import Money
from loyalty.web import (
    assets,
    charts,
    compression,
    csrf,
    drawn,
    errors,
    formats,
    guards,
    headers,
    icons,
    kept,
    languages,
    looks,
    navigation,
    pages,
    tables,
)
from loyalty.web.guards import open_to_all
from loyalty.web.navigation import Entry, Group
from loyalty.web.notices import notify
from loyalty.web.templating import PageEnvironment

NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)
PO = Path(languages.__file__).parent / "translations"


class NotEnoughPoints(Refused):
    code = "probe.not_enough_points"
    sentence = "There are {available:,} points, and {asked:,} were asked for."


class WrongAmount(Refused):
    code = "probe.wrong_amount"
    sentence = "The amount is {amount}, at {at}."


class Body(Schema):
    points = fields.Integer(required=True)


class Everything(dict):
    """Grants of somebody who may do all."""

    def __contains__(self, permission):
        return True


PROBLEMS = {
    "refused": lambda: NotEnoughPoints(available=8420, asked=9000),
    "amount": lambda: WrongAmount(amount=Money(-123450, "CNY"), at=NOW),
    "not-found": NotFound,
    "unavailable": Unavailable,
    "forbidden": lambda: Forbidden(permission="points.adjust"),
    "not-signed-in": NotSignedIn,
    "malformed": lambda: Malformed({"phone": ["Points start at 1."]}),
    "key-reused": lambda: KeyReused(key="k1"),
    "key-in-flight": lambda: KeyInFlight(key="k1"),
    "too-many": lambda: TooMany(retry_after=30),
    "unexpected": lambda: ZeroDivisionError("the secret of the house"),
}


def raises(name):
    problem = PROBLEMS[name]()
    raise problem


def invalid():
    Body().load({"points": "many", "colour": 1})


def aborted():
    api_abort(422, messages={"json": {"lines": {0: {"sku": ["Unknown field."]}}}})


def stopped(status):
    abort(status)


def statement(sql):
    db.session.execute(text(sql))


def sends():
    return request.get_json()


def views():
    blueprint = Blueprint("probe", __name__)
    for prefix in ("/api/v1", "/staff", "/my", ""):
        for rule, view in {
            "/raise/<name>": raises,
            "/invalid": invalid,
            "/aborted": aborted,
            "/stop/<int:status>": stopped,
            "/sql/<path:sql>": statement,
        }.items():
            blueprint.add_url_rule(prefix + rule, f"{prefix}{view.__name__}".replace("/", "_"), open_to_all(view))
    blueprint.add_url_rule("/api/v1/json", "sends", open_to_all(sends), methods=["POST"])
    blueprint.add_url_rule("/form", "form", open_to_all(lambda: "taken"), methods=["POST"])
    blueprint.add_url_rule("/staff/form", "staff_form", guards.signed_in(lambda: "taken"), methods=["POST"])
    blueprint.add_url_rule("/staff/customers", "customers", open_to_all(lambda: page("staff")))
    blueprint.add_url_rule("/staff/work", "work", open_to_all(lambda: render_template_string(WORK)))
    blueprint.add_url_rule("/staff/told", "told", open_to_all(told))
    blueprint.add_url_rule("/my/", "mine", open_to_all(lambda: page("portal")))
    blueprint.add_url_rule("/my/profile", "profile", open_to_all(lambda: page("portal")))
    blueprint.add_url_rule("/plain", "plain", open_to_all(lambda: page("plain")))
    return blueprint


def page(layout):
    return render_template_string(
        '{% extends "web/' + layout + '.html" %}{% block title %}Probe{% endblock %}'
        "{% block content %}<p>{{ icon('telephone') }}</p>{% endblock %}"
    )


WORK = """
{% extends "web/staff.html" %}
{% import "web/macros/fields.html" as f %}{% import "web/macros/tables.html" as t %}
{% import "web/macros/status.html" as s %}{% import "web/macros/charts.html" as c %}
{% import "web/macros/notices.html" as n %}
{% block title %}Work{% endblock %}{% block heading %}<h1>Work</h1>{% endblock %}
{% block content %}
{% call n.warn() %}Mind the <a href="/staff/customers">complaint</a>.{% endcall %}
{% call n.refused() %}No.{% endcall %}{% call n.told() %}Nothing is written yet.{% endcall %}
<section class="panel"><header><h2>Rows</h2></header>
{% call t.table("Rows", ["Name", ("Points", "num"), ("Note", "wide")]) %}
{% for name in ["Ann", "Ben"] %}<tr><td><a href="/staff/customers?{{ name }}">{{ name }}</a></td>
<td class="num">{{ 1200|points }}</td><td class="wide">{{ s.plate("粤AD38620") }} {{ s.tag("Late", "over") }}
{% for tier in ["basic", "silver", "gold", "platinum", "diamond"] %}{{ s.tier(tier, tier) }}{% endfor %}</td></tr>
{% endfor %}{% endcall %}</section>
<section class="panel">{{ t.empty("none", "Nothing found", "Try another word.", "/staff/customers", "All") }}</section>
{% for tier in ["basic", "silver", "gold", "platinum", "diamond"] %}<section class="mcard mcard-{{ tier }}">
<b>{{ tier }}</b> <a href="/staff/customers">More</a>{{ s.progress(3, 4, "Progress of " ~ tier) }}</section>{% endfor %}
<section class="panel p-3">{{ c.bars("Most are gold", [("Gold", 3)]) }}{{ c.line("Up", [("Jan", 1), ("Feb", 2)]) }}
{{ c.spark("Steady", [4, 5, 4]) }}</section>
<form class="form panel p-3" action="/staff/customers">
{{ f.radios("result", "Result", [("a", "Reached"), ("b", "Not reached")], {}, {}, chips=true, keys=true) }}
{{ f.text("note", "Note", {}, {"note": ["Too short."]}, hint="Some words", data_count=20) }}
{{ f.choose("kind", "Kind", [("a", "A")]) }}{{ f.area("more", "More", optional=true) }}{{ f.tick("sure", "Sure") }}
{{ f.file("file", "File", {}, "CSV") }}{{ f.submit("Save") }}</form>
<a href="/staff/customers" data-dialog id="ask">Ask</a>
<section id="progress"{% if steps() < 2 %} data-refresh="1000"{% endif %}>
{{ s.progress(steps(), 2, "Import") }}</section>
{% endblock %}
"""


def told():
    notify("Saved", undo="/staff/undo")
    return page("staff")


NAVIGATION = (
    Group(None, (Entry("Today", "/staff/today", "list-check"), Entry("Customers", "/staff/customers", "people"))),
    Group("Administration", (Entry("Help", "/staff/help", "key", "accounts.manage"),)),
)
TABS = (Entry("Home", "/my/", "house"), Entry("Benefits", "/my/benefits", "gift"), Entry("Me", "/my/profile", "person"))


@pytest.fixture(scope="session")
def probe():
    """The application; `probe.extensions["who"]` is whom the loaders find. Its database is where nobody listens."""
    app = Flask(__name__, static_folder=None)
    app.jinja_environment = PageEnvironment
    app.config.update(
        TESTING=True,
        SECRET_KEY="not a secret",
        SQLALCHEMY_DATABASE_URI="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        MAX_CONTENT_LENGTH=2_000,
    )
    app.extensions["loyalty.clock"] = lambda: NOW
    app.extensions["who"] = None
    app.extensions["loyalty.actor_loaders"] = {
        prefix: lambda: app.extensions["who"] for prefix in ("/staff", "/my", "/api")
    }
    app.extensions["steps"] = 0
    app.add_template_global(lambda: app.extensions["steps"], "steps")
    db.init_app(app)
    guards.init_app(app, frozenset())
    for part in (assets, icons, languages, formats, tables, looks, drawn, charts, csrf, headers, kept, compression):
        part.init_app(app)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(views())
    errors.init_app(app)
    navigation.init_app(app, NAVIGATION, TABS)
    return app


@pytest.fixture
def hasty_database(probe, database_url, monkeypatch):
    """A real database for the probe, which gives each statement a tenth of a second."""
    engine = create_engine(database_url, connect_args={"options": "-c statement_timeout=100"})
    with probe.app_context():
        monkeypatch.setitem(db._app_engines[probe], None, engine)
    yield
    engine.dispose()


@pytest.fixture
def visitor(probe):
    """A client whom nobody knows."""
    probe.extensions["who"] = None
    return probe.test_client()


@pytest.fixture
def staff(probe):
    """A client of somebody who may do everything."""
    probe.extensions["who"] = Actor("staff", 1, "林悦", Everything())
    yield probe.test_client()
    probe.extensions["who"] = None


@pytest.fixture
def desk(probe):
    """A client of somebody who may do nothing but look around."""
    probe.extensions["who"] = Actor("staff", 2, "何佳", {})
    yield probe.test_client()
    probe.extensions["who"] = None


@pytest.fixture
def rendered(probe):
    """Return a function that renders a template text inside a request."""

    def render(source, path="/staff/customers", **context):
        with probe.test_request_context(path):
            return render_template_string(source, **context)

    return render
