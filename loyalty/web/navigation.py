"""What the side of staff pages and the foot of the portal offer: only what is served, and only to whom may open it.

Entries are addresses of the page map. An address that no view serves yet is left out, so a feature appears in the
navigation by being built.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, request
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from loyalty.kernel.actor import Actor
from loyalty.web.drawn import drawn
from loyalty.web.requests import actor_or_none


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One address; `title` is an English text, `permission` None for all who are signed in."""

    title: str
    address: str
    icon: str
    permission: str | None = None
    also: tuple[str, ...] = ()
    """Other addresses below which this entry is the current one."""
    count: Callable[[Actor], int] | None = None
    """How many things wait there for whoever looks; asked once for each page of staff."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under a heading; the first group has none."""

    title: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """An entry of the portal as a page shows it."""

    title: str
    address: str
    icon: str
    current: bool


Open = tuple[tuple[str | None, tuple[Entry, ...]], ...]
"""Groups by their heading, with the entries that somebody may open."""


def _below(path: str, address: str) -> bool:
    return path == address or path.startswith(address.rstrip("/") + "/")


def current_entry(path: str, entries: Sequence[Entry]) -> Entry | None:
    """Return the entry whose address (or one of its others) is the longest above `path`."""
    found = [
        (len(address), entry) for entry in entries for address in (entry.address, *entry.also) if _below(path, address)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def served(app: Flask, address: str) -> bool:
    """Return whether a view answers a GET of `address`."""
    try:
        app.url_map.bind("").match(address, method="GET")
    except HTTPException:
        return False
    return True


def _open_to(entry: Entry, actor: Actor | None) -> bool:
    return entry.permission is None or (actor is not None and actor.may(entry.permission))


def groups_for(actor: Actor | None) -> Open:
    """Return the groups of the staff pages with what `actor` may open; groups left empty are missing."""
    groups: Sequence[Group] = current_app.extensions["loyalty.navigation"]
    opened = ((group.title, tuple(entry for entry in group.entries if _open_to(entry, actor))) for group in groups)
    return tuple((title, entries) for title, entries in opened if entries)


def menu(actor: Actor | None) -> Markup:
    """Return the groups as the staff pages show them, with how many things wait."""
    groups = groups_for(actor)
    listed = [entry for _, entries in groups for entry in entries]
    counts = tuple((entry, entry.count(actor)) for entry in listed if entry.count is not None and actor is not None)
    return drawn("entries", groups, current_entry(request.path, listed), counts)


def tabs() -> list[Tab]:
    """Return the tabs of the portal."""
    entries: Sequence[Entry] = current_app.extensions["loyalty.tabs"]
    current = current_entry(request.path, entries)
    return [Tab(gettext(entry.title), entry.address, entry.icon, entry is current) for entry in entries]


def may(permission: str) -> bool:
    """Return whether who looks at this page holds `permission` in some store."""
    actor = actor_or_none()
    return actor is not None and actor.may(permission)


def init_app(app: Flask, staff: Sequence[Group], portal: Sequence[Entry]) -> None:
    """Keep what of the two tables is served; call it when all blueprints are registered."""
    app.extensions["loyalty.navigation"] = [
        Group(group.title, tuple(entry for entry in group.entries if served(app, entry.address))) for group in staff
    ]
    app.extensions["loyalty.tabs"] = [entry for entry in portal if served(app, entry.address)]
    app.add_template_global(menu, "navigation_menu")
    app.add_template_global(tabs, "navigation_tabs")
    app.add_template_global(may)
    known: dict[str, bool] = {}  # what is served does not change once the application runs

    def served_here(address: str) -> bool:
        if address not in known:
            known[address] = served(app, address)
        return known[address]

    app.add_template_global(served_here, "served")
