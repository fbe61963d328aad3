"""What a face knows of its request: the moment it came, and who sends it."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask import current_app, g, request

from loyalty.kernel.actor import Actor
from loyalty.kernel.errors import NotSignedIn

PROGRAMS = "/api/"

Loader = Callable[[], Actor | None]


class TokenMissing(NotSignedIn):
    """A program came without a token, or with one that opens nothing any more."""

    sentence = "Send a token that is in force in the header “Authorization: Bearer …”; an administrator creates one."


def request_now() -> datetime:
    """Return the moment of this request (UTC): read once, the same all through it."""
    if "now" not in g:
        g.now = current_app.extensions["loyalty.clock"]()
    return cast("datetime", g.now)


def current_actor() -> Actor:
    """Return who sends this request; NotSignedIn when nobody known does."""
    actor = actor_or_none()
    if actor is None:
        raise TokenMissing if request.path.startswith(PROGRAMS) else NotSignedIn
    return actor


def actor_or_none() -> Actor | None:
    """Return who sends this request, or None; asked of the loader of the address' prefix once a request."""
    if "actor" not in g:
        g.actor = None
        loaders: dict[str, Loader] = current_app.extensions["loyalty.actor_loaders"]
        for prefix, loader in loaders.items():
            if request.path.startswith(prefix):
                g.actor = loader()
                break
    return cast("Actor | None", g.actor)


def ask_first(address: str) -> None:
    """Let this request be of nobody until what the page at `address` asks for is done; actor loaders call it."""
    g.asked_first = address


def asked_first() -> str | None:
    """Return the address of what must be done before anything else, or None."""
    return cast("str | None", g.get("asked_first"))


def remote_address() -> str:
    """Return the address of the client; behind proxies only as far as LOYALTY_TRUSTED_PROXIES says."""
    return request.remote_addr or "-"
