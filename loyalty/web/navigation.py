"""What the side of staff pages and the foot of the portal offer: only what is served, and only to whom may open it.

Entries are addresses of the page map. An address that no view serves yet is left out, so a feature appears in the
navigation by being built.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from loyalty.kernel.actor import Actor
from loyalty.web.icons import use_icons
from loyalty.web.requests import actor_or_none


@dataclass(frozen=True, slots=True)
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
class Shown:
    """An entry as a page shows it."""

    title: str
    address: str
    icon: str
    current: bool
    count: int = 0


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


def groups_for(actor: Actor | None) -> list[tuple[str | None, list[Shown]]]:
    """Return the groups of the staff pages with what `actor` may open; groups left empty are missing."""
    groups: Sequence[Group] = current_app.extensions["loyalty.navigation"]
    current = current_entry(request.path, [entry for group in groups for entry in group.entries])
    shown = []
    for group in groups:
        entries = [_shown(entry, current, actor) for entry in group.entries if _open_to(entry, actor)]
        if entries:
            shown.append((gettext(group.title) if group.title else None, entries))
    return shown


def menu(actor: Actor | None) -> Markup:
    """Return the groups as the staff pages show them, drawn once for all who have the same before them."""
    groups = groups_for(actor)
    use_icons(entry.icon for _, entries in groups for entry in entries)
    return _drawn(tuple((title, tuple(entries)) for title, entries in groups))


@lru_cache(maxsize=512)
def _drawn(groups: tuple[tuple[str | None, tuple[Shown, ...]], ...]) -> Markup:
    shell: Any = current_app.jinja_env.get_template("web/macros/shell.html").module
    drawn: Markup = shell.entries(groups)
    return drawn


def tabs() -> list[Shown]:
    """Return the tabs of the portal."""
    entries: Sequence[Entry] = current_app.extensions["loyalty.tabs"]
    current = current_entry(request.path, entries)
    return [_shown(entry, current, None) for entry in entries]


def _shown(entry: Entry, current: Entry | None, actor: Actor | None) -> Shown:
    waiting = 0 if entry.count is None or actor is None else entry.count(actor)
    return Shown(gettext(entry.title), entry.address, entry.icon, current=entry is current, count=waiting)


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
