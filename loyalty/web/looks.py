"""What a reader has chosen about looks, kept in cookies: theme, size of text, single keys. And addresses for pages."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, request

from loyalty.web.requests import actor_or_none

THEMES = ("auto", "light", "dark")
SIZES = ("normal", "large")
KEYS = ("on", "off")
CHOICES = {"theme": THEMES, "size": SIZES, "keys": KEYS}
"""What can be chosen, by the name of the cookie; the first is what stands when nothing was chosen."""


def chosen(name: str) -> str:
    """Return what the reader has chosen for `name`, one of CHOICES."""
    value = request.cookies.get(name, "")
    return value if value in CHOICES[name] else CHOICES[name][0]


def own_address(address: str | None, otherwise: str) -> str:
    """Return `address` when it is a path of this site, else `otherwise`: a redirect never leads away."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    plain = not parts.scheme and not parts.netloc and address.isprintable() and "\\" not in address
    return address if plain else otherwise


def this_address() -> str:
    """Return path and arguments of this page without the language; the front page when it cannot be opened again."""
    if request.method not in {"GET", "HEAD"}:
        return own_address(urlsplit(request.referrer or "").path, "/")
    return address_with(lang=None)


def address_with(**changed: Any) -> str:
    """Return this page's address with the arguments of `changed` replaced, those of None left out."""
    arguments = request.args.copy()
    for name, value in changed.items():
        if value is None:
            arguments.poplist(name)
        else:
            arguments[name] = str(value)
    query = urlencode(list(arguments.items(multi=True)))
    return f"{quote(request.path)}?{query}" if query else quote(request.path)


def init_app(app: Flask) -> None:
    """Give layouts what they ask for."""
    for function in (chosen, this_address, address_with):
        app.add_template_global(function)
    app.add_template_global(actor_or_none, "me")
