"""A form that met a sign-in that had run out comes back filled: what was typed waits in the session.

So does one that asked for a fresh proof of who it is. Passwords, tokens and files are never kept, and nothing is kept
for long: the next opening of the form takes it. A browser does not send a box without its tick, so the field macros
name the boxes of a form in the hidden field `boxes`: what is named there and was not sent comes back without its tick.
"""

from typing import Any
from urllib.parse import quote

from flask import Flask, g, request, session
from flask_babel import gettext

from loyalty.web import sessions
from loyalty.web.notices import notify
from loyalty.web.requests import actor_or_none

MOST_CHARACTERS = 8_000
BOXES = "boxes"

_KEPT = "kept_form"
_PARTS = ("/staff/", "/my/")


def keep_form(address: str) -> None:
    """Keep the form of this request until its person has said who it is and opens `address` again.

    That person is the one signed in, or the one whose sign-in has run out; what somebody unknown sent is not kept.
    """
    if not isinstance(session, sessions.ServerSession):
        return
    typed = {
        name: request.form.getlist(name)
        for name in request.form
        if name != "csrf_token" and "password" not in name and name != "code"
    }
    kind, subject = sessions.present()
    whose = sessions.former() if kind == "guest" else (kind, subject)
    length = sum(len(name) + sum(map(len, values)) for name, values in typed.items())
    if typed and whose is not None and length <= MOST_CHARACTERS:
        ran_out = kind == "guest"
        session[_KEPT] = {"address": address, "typed": typed, "whose": list(whose), "ran_out": ran_out}


def init_app(app: Flask) -> None:
    """Fill the form in again on the first page that has it; the field macros ask `value_of`."""
    app.before_request(_bring_back)
    app.add_template_global(value_of)


def value_of(values: Any, name: str) -> Any:
    """Return what the field `name` begins with: what was kept, else what the page says."""
    kept: dict[str, list[str]] = g.get("kept_form") or {}
    if name in kept:
        return _Typed(kept[name])
    return "" if name in kept.get(BOXES, ()) else values.get(name, "")


class _Typed(list[str]):
    """What was typed into fields of one name: as a text the first, as a list all that were ticked."""

    def __str__(self) -> str:
        return self[0] if self else ""


def _bring_back() -> None:
    if request.method != "GET" or not request.path.startswith(_PARTS):
        return
    kept = session.get(_KEPT)
    if not kept or actor_or_none() is None:
        return
    if kept["whose"] != list(sessions.present()):
        session.pop(_KEPT)  # somebody else has signed in on this browser
    elif kept["address"] == quote(request.path):
        g.kept_form = session.pop(_KEPT)["typed"]
        ran_out = gettext("The sign-in had run out. What was filled in is here again; check it and save.")
        confirmed = gettext("Confirmed. What was filled in is here again; check it and save.")
        notify(ran_out if kept["ran_out"] else confirmed, tone="info")
