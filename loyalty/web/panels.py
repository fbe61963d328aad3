"""Parts of a page that features above its owner add to it, so that a customer's page need not know who has points."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, render_template
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Panel:
    """One part: `template` is rendered with `context` in the page's `slot`, lower `order` first."""

    slot: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    order: int = 100


Provider = Callable[..., list[Panel]]


def init_app(app: Flask, providers: Mapping[str, Sequence[Provider]]) -> None:
    """Keep who adds to which page; wiring.py lists them."""
    app.extensions["loyalty.panels"] = {page: tuple(listed) for page, listed in providers.items()}


def collect(page: str, **about: Any) -> dict[str, list[Panel]]:
    """Return the panels of `page` by slot, each list in order; a slot that nobody fills is missing."""
    slots: dict[str, list[Panel]] = {}
    for provider in current_app.extensions["loyalty.panels"].get(page, ()):
        for panel in provider(**about):
            slots.setdefault(panel.slot, []).append(panel)
    for panels in slots.values():
        panels.sort(key=lambda panel: panel.order)
    return slots


def rendered(collected: Mapping[str, Sequence[Panel]]) -> dict[str, list[Markup]]:
    """Return the panels of each slot as they stand on the page."""
    return {
        slot: [Markup(render_template(panel.template, **panel.context)) for panel in listed]  # noqa: S704 - rendered
        for slot, listed in collected.items()
    }
