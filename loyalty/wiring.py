"""The table of contents: every blueprint, every panel, every outside adapter, in the order in which they count."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask

from loyalty import kinds, menu, reactions
from loyalty.appointments import api as appointments_api
from loyalty.appointments import pages as appointments_pages
from loyalty.appointments import portal as appointments_portal
from loyalty.approvals import api as approvals_api
from loyalty.approvals import pages as approvals_pages
from loyalty.customers import api as customers_api
from loyalty.customers import pages as customers_pages
from loyalty.customers import portal as customers_portal
from loyalty.earning import queries as earning_queries
from loyalty.kernel import events, presence, schedule
from loyalty.kernel.settings import Settings
from loyalty.links import adapters as links_adapters
from loyalty.links import api as links_api
from loyalty.links import outlets as links_outlets
from loyalty.links import pages as links_pages
from loyalty.links import queries as links_queries
from loyalty.links import schemas as links_schemas
from loyalty.membership import api as membership_api
from loyalty.membership import pages as membership_pages
from loyalty.membership import portal as membership_portal
from loyalty.messaging import adapters, outlets
from loyalty.messaging import api as messaging_api
from loyalty.messaging import pages as messaging_pages
from loyalty.messaging import portal as messaging_portal
from loyalty.messaging import queries as messaging_queries
from loyalty.messaging.ports import Ways
from loyalty.owners import portal as owners_portal
from loyalty.points import queries as points_queries
from loyalty.programme import api as programme_api
from loyalty.programme import pages as programme_pages
from loyalty.programme import words as programme_words
from loyalty.sales import api as sales_api
from loyalty.sales import pages as sales_pages
from loyalty.sales import queries as sales_queries
from loyalty.sales.ports import retell_by
from loyalty.saved import pages as saved_pages
from loyalty.staff import api as staff_api
from loyalty.staff import pages as staff_pages
from loyalty.staff import sign_in
from loyalty.staff.pages import audit_words
from loyalty.tasks import api as tasks_api
from loyalty.tasks import pages as tasks_pages
from loyalty.visits import api as visits_api
from loyalty.visits import calendar as visits_calendar
from loyalty.visits import pages as visits_pages
from loyalty.web import (
    api,
    assets,
    catalogue,
    charts,
    compression,
    csrf,
    deadlines,
    drawn,
    errors,
    formats,
    guards,
    headers,
    health,
    icons,
    kept,
    languages,
    limits,
    looks,
    metrics,
    navigation,
    panels,
    sessions,
    tables,
    texts,
)
from loyalty.web import pages as web_pages
from loyalty.web.requests import Loader

# Pages of staff and owners, by feature from the ground up.
PAGES: Sequence[Blueprint] = (
    health.pages,
    metrics.pages,
    web_pages.blueprint,
    customers_pages.blueprint,
    customers_portal.blueprint,
    owners_portal.blueprint,
    *staff_pages.BLUEPRINTS,
    saved_pages.blueprint,
    approvals_pages.blueprint,
    *programme_pages.BLUEPRINTS,
    appointments_pages.blueprint,
    appointments_portal.blueprint,
    tasks_pages.blueprint,
    sales_pages.blueprint,
    links_pages.blueprint,
    *messaging_pages.BLUEPRINTS,
    messaging_portal.blueprint,
    membership_pages.blueprint,
    membership_portal.blueprint,
    visits_pages.blueprint,
)

# Operations of the API, in the order of the documentation.
OPERATIONS: Sequence[api.ApiBlueprint] = (
    staff_api.operations,
    staff_api.accounts,
    staff_api.roles,
    approvals_api.operations,
    customers_api.customers,
    customers_api.vehicles,
    *programme_api.OPERATIONS,
    appointments_api.operations,
    tasks_api.operations,
    sales_api.operations,
    sales_api.imports,
    links_api.operations,
    *messaging_api.OPERATIONS,
    membership_api.operations,
    visits_api.operations,
)

# Who adds parts to which page.
PANELS: Mapping[str, Sequence[panels.Provider]] = {
    "customer360": (
        tasks_pages.customer_panels,
        appointments_pages.customer_panels,
        messaging_pages.customer_panels,
        sales_pages.customer_panels,
        membership_pages.customer_panels,
        visits_pages.customer_panels,
    ),
    "calendar": (visits_calendar.entry_panels,),
    "task": (sales_pages.task_panels, membership_pages.task_panels),
    "tasks": (membership_pages.queue_panels,),
    "customer360-timeline": (membership_pages.timeline_panels,),
    "vehicle": (sales_pages.vehicle_panels, visits_pages.vehicle_panels),
    "my-profile": (membership_portal.profile_panels,),
    "my-car": (sales_pages.car_panels,),
}

# Who finds out who acts, by the start of the address.
ACTOR_LOADERS: Mapping[str, Loader] = {
    "/staff": sign_in.staff_actor,
    "/api/": sign_in.client_actor,
    "/my": owners_portal.owner_actor,
}

# How messages, codes and events leave the house.
WAYS: Callable[[Settings], Ways] = adapters.ways

# Who knows figures for whoever watches over the installation.
MEASURES: Sequence[metrics.Asked] = (
    schedule.measures,
    presence.measures,
    sales_queries.import_measures,
    links_queries.link_measures,
    points_queries.lateness,
    messaging_queries.message_measures,
)

# Blueprints of libraries: their files and forms are open, or guarded by the library.
LIBRARY_BLUEPRINTS = frozenset({"api-docs", "security"})


def init_app(app: Flask) -> None:
    """Put everything together."""
    sessions.init_app(app)
    app.extensions["loyalty.actor_loaders"] = dict(ACTOR_LOADERS)
    events.wire(reactions.REACTIONS, reactions.FORESIGHT)
    retell_by(earning_queries.brought_by_sales)
    outlets.init_app(app, WAYS(app.extensions["loyalty.settings"]))
    links_outlets.init_app(app, links_adapters.SqlDatabases(), links_schemas.read_items)
    panels.init_app(app, PANELS)
    guards.init_app(app, LIBRARY_BLUEPRINTS)
    shown = (assets, icons, languages, formats, tables, looks, drawn, charts)
    for part in (*shown, csrf, texts, headers, kept, compression, limits):
        part.init_app(app)
    metrics.init_app(app, MEASURES)
    catalogue.init_app(app)
    kinds.register_all()
    sign_in.init_app(app)
    audit_words.know(programme_words.CODES)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    documented: Any = api.init_app(app)
    for operations in OPERATIONS:
        documented.register_blueprint(operations)
    errors.init_app(app)
    deadlines.init_app(app)
    navigation.init_app(app, menu.NAVIGATION, menu.TABS)
