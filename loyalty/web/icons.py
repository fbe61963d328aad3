"""Icons: single symbols of the shipped sprite, of which a page carries those it uses and no others."""

import re
from collections.abc import Iterable, Mapping

from flask import Flask, current_app, g
from markupsafe import Markup, escape

from loyalty.web.assets import bootstrap_folder

_SYMBOL = re.compile(r'<symbol class="bi[^"]*" viewBox="(?P<box>[^"]+)" id="(?P<name>[^"]+)">(?P<shape>.*?)</symbol>')


class UnknownIcon(KeyError):
    """A template asks for an icon that the sprite does not have: a slip that a test or the first look finds."""


def read_symbols(sprite: str) -> dict[str, tuple[str, str]]:
    """Return view box and shape of each symbol in `sprite`, by its name."""
    return {found["name"]: (found["box"], found["shape"]) for found in _SYMBOL.finditer(sprite)}


def icon(name: str, label: str | None = None) -> Markup:
    """Return the icon, hidden from screen readers unless it has a `label`, and note that the page uses it."""
    known: Mapping[str, tuple[str, str]] = current_app.extensions["loyalty.icons"]
    if name not in known:
        raise UnknownIcon(name)
    g.setdefault("icons", {})[name] = True  # a dict, as it keeps the order of first use
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(f'<svg class="bi" {said}><use href="#bi-{name}"/></svg>')  # noqa: S704 - label escaped, name known


def use_icons(names: Iterable[str]) -> None:
    """Note that the page uses these icons, which were drawn before."""
    g.setdefault("icons", {}).update(dict.fromkeys(names, True))


def icon_symbols() -> Markup:
    """Return the symbols that the page has used so far; layouts call it last."""
    known: Mapping[str, tuple[str, str]] = current_app.extensions["loyalty.icons"]
    symbols = (
        f'<symbol id="bi-{name}" viewBox="{known[name][0]}">{known[name][1]}</symbol>' for name in g.get("icons", ())
    )
    return Markup(f'<svg id="icons" hidden aria-hidden="true">{"".join(symbols)}</svg>')  # noqa: S704 - the package's


def init_app(app: Flask) -> None:
    """Read the sprite once and give templates `icon` and `icon_symbols`."""
    sprite = (bootstrap_folder() / "icons" / "bootstrap-icons.svg").read_text()
    app.extensions["loyalty.icons"] = read_symbols(sprite)
    app.add_template_global(icon)
    app.add_template_global(icon_symbols)
