"""Parts of the layouts that many pages have alike, drawn once in each process for a language and their arguments."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g
from markupsafe import Markup

from loyalty.web.icons import use_icons
from loyalty.web.languages import html_language

SHELL = "web/macros/shell.html"


def drawn(macro: str, *arguments: Hashable) -> Markup:
    """Return what a macro of the layouts draws, which must depend on its arguments and the language alone."""
    part, icons = _part(html_language(), macro, arguments)
    use_icons(icons)
    return part


@lru_cache(maxsize=512)
def _part(_language: str, macro: str, arguments: tuple[Hashable, ...]) -> tuple[Markup, tuple[str, ...]]:
    """Return the part, and the icons that each page with it must carry."""
    others = g.pop("icons", {})
    try:
        shell: Any = current_app.jinja_env.get_template(SHELL).module
        part: Markup = getattr(shell, macro)(*arguments)
        return part, tuple(g.get("icons", ()))
    finally:
        g.icons = others


def init_app(app: Flask) -> None:
    """Give templates `drawn`."""
    app.add_template_global(drawn)
