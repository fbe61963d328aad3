"""A customer as a whole (360): header, figures, vehicles, timeline, and the parts that upper features add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from loyalty.customers import queries, service
from loyalty.customers.attempts import attempt
from loyalty.customers.forms import NoteForm
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.pages.merging import may_undo
from loyalty.customers.rules import CHANNELS, TIMELINE_GROUPS, ConsentGiven, agreed, customer_number, shown_phone
from loyalty.customers.words import channel_word, shown_numbers
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import day_at
from loyalty.web import forms, panels
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

LOOKS: Mapping[str, tuple[str, str]] = {
    "note": ("pencil", ""),
    "call": ("telephone-outbound", "ok"),
    "task": ("list-check", ""),
    "message": ("send", ""),
    "sale": ("tools", ""),
    "visit": ("tools", ""),
    "service": ("tools", ""),
    "delivery": ("car-front", "ok"),
    "refund": ("arrow-counterclockwise", "due"),
    "correction": ("pencil-square", "due"),
    "points": ("coin", "info"),
    "redeem": ("ticket-perforated", "info"),
    "tier": ("award", "ok"),
    "member": ("person-badge", "info"),
    "customer": ("person", ""),
    "vehicle": ("car-front", ""),
    "consent": ("shield-check", ""),
    "reading": ("speedometer2", ""),
}
"""Icon and tone of a timeline row, by its kind."""


@dataclass(frozen=True, slots=True)
class Event:
    """A timeline row as it is shown."""

    row: queries.TimelineItem
    text: str
    icon: str
    tone: str
    more: list[Markup] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Day:
    """The timeline rows of one day of the store."""

    day: date
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConsentMarks:
    """What the header says of offers: channels agreed to, refused, and whether the rest was never asked."""

    yes: list[str]
    no: list[str]
    privacy: bool | None


def consent_marks(state: Mapping[tuple[str, str], ConsentGiven]) -> ConsentMarks:
    """Return the marks for a folded state."""
    by_channel = {channel: agreed(dict(state), "marketing", channel) for channel in CHANNELS}
    return ConsentMarks(
        yes=[channel_word(channel) for channel, yes in by_channel.items() if yes],
        no=[channel_word(channel) for channel, yes in by_channel.items() if yes is False],
        privacy=agreed(dict(state), "privacy", "all"),
    )


def consent_text(rows: Sequence[queries.TimelineItem]) -> str:
    """Return the answers that were given at once as one text: each sentence once, with its channels."""
    channels: dict[str, list[str]] = {}
    for row in reversed(rows):
        channels.setdefault(row.sentence, []).append(channel_word(row.numbers.get("channel")))
    return str(gettext("; ")).join(
        say(sentence, {"channel": gettext(", ").join(listed)}) for sentence, listed in channels.items()
    )


def _as_given(row: queries.TimelineItem) -> tuple[Any, ...]:
    """Return what rows share that are shown as one: answers of one moment, by one person."""
    return ("consent", row.at, row.by_name) if row.kind == "consent" else (row.id,)


def by_day(
    rows: Sequence[queries.TimelineItem], zone: str, notes: Mapping[str, list[Markup]] | None = None
) -> list[Day]:
    """Return timeline rows under the days of the store, with what upper features add under sales."""
    days: list[Day] = []
    for _, group in groupby(rows, key=_as_given):
        together = list(group)
        row = together[0]
        that = day_at(row.at, zone)
        if not days or days[-1].day != that:
            days.append(Day(that))
        icon, tone = LOOKS.get(row.kind, ("dot", ""))
        given = row.kind == "consent"
        told = consent_text(together) if given else say(row.sentence, shown_numbers(row.numbers))
        more = (notes or {}).get(f"sale {row.source_id}", []) if _is_sale(row) else []
        days[-1].events.append(Event(row, told, icon, tone, more))
    return days


def _is_sale(row: queries.TimelineItem) -> bool:
    """Tell whether the row is the sale itself, not its refund or correction."""
    return row.source_kind == "sale" and row.source_id is not None and row.kind in {"sale", "service"}


@blueprint.get("/customers/<int:customer_id>")
@guard("customers.read")
def whole(customer_id: int) -> ResponseReturnValue:
    """Show a customer as a whole; one that was merged into another is shown as that one."""
    stands = queries.standing_for([customer_id]).get(customer_id, customer_id)
    if stands != customer_id:
        found = queries.customer(stands, current_actor().scope("customers.read"))
        gone = customer_number(customer_id)
        notify(gettext("%(gone)s was merged into %(kept)s.", gone=gone, kept=found.number), tone="info")
        return redirect(url_for("customers.whole", customer_id=found.id))
    return _page(customer_id)


@blueprint.post("/customers/<int:customer_id>/identifiers/<int:identifier_id>/reveal")
@guard("customers.reveal")
def reveal(customer_id: int, identifier_id: int) -> ResponseReturnValue:
    """Show one identifier in full, once; who looked is written to the audit trail."""
    actor = current_actor()
    value = service.reveal_identifier(
        customer_id,
        identifier_id,
        scope=actor.scope("customers.reveal"),
        now=request_now(),
        by=actor,
    )
    return _page(customer_id, revealed={identifier_id: shown_phone(value) if value.startswith("+") else value})


@blueprint.post("/customers/<int:customer_id>/notes")
@guard("customers.edit")
def add_note(customer_id: int) -> ResponseReturnValue:
    """Write a note to the timeline."""
    filled = forms.load(NoteForm, request.form)
    if not filled.ok:
        return _page(customer_id, errors=filled.errors, typed=filled.typed, status=422)
    actor = current_actor()
    scope = actor.scope("customers.edit")
    outcome = attempt(
        lambda: service.add_note(
            customer_id,
            filled.values["note"],
            kind=filled.values["kind"],
            scope=scope,
            now=request_now(),
            by=actor,
        ),
    )
    if not outcome.ok:
        return _page(customer_id, errors=outcome.errors, typed=filled.typed, status=outcome.status)
    notify(gettext("Note saved."))
    return redirect(url_for("customers.whole", customer_id=customer_id), 303)


def _page(
    customer_id: int,
    *,
    revealed: Mapping[int, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    card = queries.card(customer_id, actor.scope("customers.read"))
    zone = show_in_zone_of(card.customer.home_store_id)
    group = request.args.get("show") or None
    rows = queries.timeline(
        customer_id,
        group=group if group in TIMELINE_GROUPS else None,
        cursor=request.args.get("cursor"),
    )
    sale_ids = [row.source_id for row in rows.items if _is_sale(row)]
    notes = panels.rendered(
        panels.collect("customer360-timeline", customer_id=customer_id, sale_ids=sale_ids, actor=actor)
    )
    slots = panels.rendered(panels.collect("customer360", customer_id=customer_id, actor=actor, now=request_now()))
    page = render_template(
        "customers/whole.html",
        card=card,
        marks=consent_marks(queries.consents(customer_id)),
        vehicles=queries.vehicles_of(customer_id),
        rows=rows,
        days=by_day(rows.items, zone, notes),
        length=queries.timeline_length(customer_id),
        group=group,
        groups=[("", gettext("All")), *_groups()],
        slots=slots,
        **_others(card.customer, actor.scope("customers.read")),
        merges=[(one, may_undo(one, customer_id, request_now())) for one in queries.merges_of(customer_id)],
        revealed=revealed or {},
        errors=errors or {},
        values=typed or {"kind": "note"},
    )
    return page, status


def _others(who: queries.CustomerView, scope: Scope) -> dict[str, Any]:
    """Return who belongs to the customer: the household of a person, the drivers of a company's vehicles."""
    if who.kind == "company":
        return {"household": None, "drivers": queries.drivers_of(who.id, scope)}
    known = queries.household_of(who.id)
    return {"household": None if known is None else queries.household(known[0], scope), "drivers": []}


def _groups() -> list[tuple[str, str]]:
    return [
        ("contact", gettext("Contact")),
        ("visit", gettext("Visits")),
        ("points", gettext("Points and tier")),
        ("record", gettext("Data")),
    ]
