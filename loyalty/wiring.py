"""The table of contents: every blueprint, every reaction, every outside adapter, in the order in which they count."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask

from loyalty import kinds, menu
from loyalty.appointments import api as appointments_api
from loyalty.appointments import pages as appointments_pages
from loyalty.appointments import portal as appointments_portal
from loyalty.appointments import reactions as appointments_reactions
from loyalty.appointments.events import AppointmentMissed
from loyalty.approvals import api as approvals_api
from loyalty.approvals import pages as approvals_pages
from loyalty.customers import api as customers_api
from loyalty.customers import pages as customers_pages
from loyalty.customers import portal as customers_portal
from loyalty.customers.events import (
    AddressReindexed,
    CustomerClosed,
    CustomerErased,
    CustomersMerged,
    CustomersParted,
    MileageRead,
    OwnerChanged,
)
from loyalty.earning import reactions as earning_reactions
from loyalty.kernel import events, presence, schedule
from loyalty.kernel.effects import Effect
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
from loyalty.membership import reactions as membership_reactions
from loyalty.messaging import adapters, outlets
from loyalty.messaging import api as messaging_api
from loyalty.messaging import pages as messaging_pages
from loyalty.messaging import portal as messaging_portal
from loyalty.messaging import queries as messaging_queries
from loyalty.messaging import reactions as messaging_reactions
from loyalty.messaging.events import MessageEnded, OptedOut, ReplyArrived, ReplyHandled
from loyalty.messaging.ports import Ways
from loyalty.owners import portal as owners_portal
from loyalty.owners import reactions as owners_reactions
from loyalty.points import queries as points_queries
from loyalty.points import reactions as points_reactions
from loyalty.programme import api as programme_api
from loyalty.programme import pages as programme_pages
from loyalty.programme import queries as programme_queries
from loyalty.programme import words as programme_words
from loyalty.sales import api as sales_api
from loyalty.sales import pages as sales_pages
from loyalty.sales import queries as sales_queries
from loyalty.sales import reactions as sales_reactions
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered
from loyalty.saved import pages as saved_pages
from loyalty.staff import api as staff_api
from loyalty.staff import pages as staff_pages
from loyalty.staff import sign_in
from loyalty.staff.events import WorkEnded
from loyalty.staff.pages import audit_words
from loyalty.tasks import api as tasks_api
from loyalty.tasks import pages as tasks_pages
from loyalty.tasks import reactions as tasks_reactions
from loyalty.tasks.events import TaskConcluded, TaskReopened
from loyalty.tiers import queries as tiers_queries
from loyalty.tiers import reactions as tiers_reactions
from loyalty.visits import api as visits_api
from loyalty.visits import calendar as visits_calendar
from loyalty.visits import pages as visits_pages
from loyalty.visits import reactions as visits_reactions
from loyalty.web import (
    api,
    assets,
    catalogue,
    charts,
    compression,
    csrf,
    deadlines,
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

# What the reactions to sales will ask about the buyers. It travels with the sale itself; and so standings are locked
# before accounts of points, in the order in which a review locks them.
_BUYERS: Sequence[events.Foresight] = (
    tiers_queries.ask_standings,
    points_queries.ask_earners,
    programme_queries.ask_timetable,
)
FORESIGHT: Mapping[type, Sequence[events.Foresight]] = {
    SaleRecorded: _BUYERS,
    SaleCorrected: _BUYERS,
    SaleRefunded: (tiers_queries.ask_standings,),
    VehicleDelivered: (tiers_queries.ask_standings,),
}

# Who reacts to what, in the order in which they run: members first, then points, then tiers.
REACTIONS: Mapping[type, Sequence[Callable[..., list[Effect]]]] = {
    SaleRecorded: (
        membership_reactions.enrol_buyers,
        earning_reactions.award_points,
        tiers_reactions.count_sales,
        visits_reactions.note_services,
    ),
    SaleCorrected: (
        membership_reactions.enrol_corrected_buyers,
        earning_reactions.correct_points,
        tiers_reactions.count_corrections,
        visits_reactions.replan_corrected,
    ),
    SaleRefunded: (earning_reactions.take_back_points, tiers_reactions.count_refunds, visits_reactions.end_refunded),
    VehicleDelivered: (
        earning_reactions.award_deliveries,
        tiers_reactions.note_deliveries,
        visits_reactions.note_deliveries,
    ),
    DeliveryCorrected: (
        earning_reactions.correct_deliveries,
        tiers_reactions.correct_deliveries,
        visits_reactions.replan_deliveries,
    ),
    OwnerChanged: (appointments_reactions.cancel_sold, visits_reactions.stop_sold),
    MileageRead: (visits_reactions.replan_read,),
    AppointmentMissed: (tasks_reactions.call_missed,),
    TaskConcluded: (visits_reactions.settle, tasks_reactions.answer_replies),
    TaskReopened: (visits_reactions.unsettle,),
    MessageEnded: (visits_reactions.settle_messages, messaging_reactions.publish_ends),
    ReplyArrived: (messaging_reactions.publish_replies, tasks_reactions.open_replies),
    ReplyHandled: (tasks_reactions.end_replies,),
    OptedOut: (messaging_reactions.publish_opt_outs,),
    CustomersMerged: (
        membership_reactions.check_merges,
        sales_reactions.carry_sales,
        appointments_reactions.carry_appointments,
        tasks_reactions.carry_tasks,
        visits_reactions.carry_plans,
        earning_reactions.carry_lines,
        points_reactions.carry_points,
        tiers_reactions.merge_levels,
        membership_reactions.merge_members,
        owners_reactions.end_gone_sessions,
    ),
    CustomersParted: (
        sales_reactions.return_sales,
        appointments_reactions.return_appointments,
        tasks_reactions.return_tasks,
        visits_reactions.return_plans,
        earning_reactions.return_lines,
        points_reactions.return_points,
        membership_reactions.part_members,
        tiers_reactions.part_levels,
    ),
    CustomerClosed: (
        messaging_reactions.cancel_messages,
        points_reactions.end_points,
        membership_reactions.close_members,
        appointments_reactions.end_closed,
        visits_reactions.end_closed,
        tasks_reactions.end_closed,
        owners_reactions.end_closed_sessions,
    ),
    CustomerErased: (
        points_reactions.check_erasures,
        points_reactions.forget_remarks,
        membership_reactions.forget_members,
        sales_reactions.forget_people,
        appointments_reactions.forget_people,
        visits_reactions.forget_people,
        tasks_reactions.forget_people,
        messaging_reactions.forget_messages,
        tiers_reactions.forget_reasons,
        owners_reactions.end_sessions,
    ),
    AddressReindexed: (messaging_reactions.follow_addresses,),
    WorkEnded: (tasks_reactions.share_out_left,),
}

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
    events.wire(REACTIONS, FORESIGHT)
    outlets.init_app(app, WAYS(app.extensions["loyalty.settings"]))
    links_outlets.init_app(app, links_adapters.SqlDatabases(), links_schemas.read_items)
    panels.init_app(app, PANELS)
    guards.init_app(app, LIBRARY_BLUEPRINTS)
    shown = (assets, icons, languages, formats, tables, looks, charts)
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
