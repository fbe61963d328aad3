"""What stands in the menus: by address, for whoever may open it."""

from collections.abc import Sequence

from loyalty.approvals.queries import waiting_for
from loyalty.kernel.actor import Actor
from loyalty.tasks.queries import due_for
from loyalty.web.navigation import Entry, Group
from loyalty.web.requests import request_now


def _due(actor: Actor) -> int:
    return due_for(actor, request_now())


# The page map: entries whose address is served appear, for whom may open them.
NAVIGATION: Sequence[Group] = (
    Group(
        None,
        (
            Entry("Today's tasks", "/staff/today", "list-check", "tasks.work", ("/staff/tasks",), count=_due),
            Entry("Calendar", "/staff/calendar", "calendar3", "tasks.read"),
            Entry("Appointments", "/staff/appointments", "calendar-event", "appointments.read"),
            Entry("Approvals", "/staff/approvals", "person-check", "approvals.read", count=waiting_for),
            Entry("Customers", "/staff/customers", "people", "customers.read", ("/staff/search",)),
            Entry("Vehicles", "/staff/vehicles", "car-front", "customers.read"),
            Entry("Messages", "/staff/messages", "chat-dots", "messages.read"),
            Entry("Requests of erasure", "/staff/erasures", "file-earmark-person", "customers.erase"),
        ),
    ),
    Group(
        "Daily business",
        (Entry("Follow-up", "/staff/visits", "telephone-outbound", "tasks.read"),),
    ),
    Group(
        "Members",
        (
            Entry("Members and points", "/staff/members", "award", "members.read"),
            Entry("Sales", "/staff/sales", "receipt", "sales.read"),
            Entry("Imports", "/staff/imports", "file-earmark-arrow-up", "sales.import"),
        ),
    ),
    Group(
        "Administration",
        (
            Entry("Settings", "/staff/settings", "gear", "programme.read", ("/staff/roles",)),
            Entry("Programme", "/staff/programme", "sliders", "programme.read"),
            Entry("Message templates", "/staff/templates", "card-text", "messages.read"),
            Entry("Stores", "/staff/stores", "shop", "stores.manage"),
            Entry("Accounts", "/staff/accounts", "person-badge", "accounts.manage"),
            Entry("API clients", "/staff/clients", "key", "clients.manage"),
            Entry("Links to core sales", "/staff/links", "diagram-2", "links.read"),
            Entry("Webhooks", "/staff/webhooks", "broadcast", "webhooks.read"),
            Entry("Audit", "/staff/audit", "journal-check", "audit.read"),
        ),
    ),
)
TABS: Sequence[Entry] = (
    Entry("Home", "/my/", "house"),
    Entry("Points", "/my/points", "coin"),
    Entry("Tier", "/my/tier", "award"),
    Entry(
        "Me",
        "/my/profile",
        "person",
        None,
        ("/my/inbox", "/my/appointments", "/my/consents", "/my/privacy", "/my/close", "/my/cars", "/my/sessions"),
    ),
)
