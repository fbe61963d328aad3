"""Merging two customers: find the other one, see both side by side, check what happens, and take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.rules import CHOOSABLE, CustomerNotFound, id_of_number
from loyalty.customers.words import effect_texts, word
from loyalty.kernel.actor import Scope
from loyalty.web.formats import day as shown_day
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both customers, as they are shown side by side."""

    field: str
    label: str
    kept: str
    gone: str

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        return self.kept != self.gone


@blueprint.get("/customers/<int:customer_id>/merge")
@guard("customers.merge")
def ask_merge(customer_id: int) -> ResponseReturnValue:
    """Find the other customer, or show both side by side once it is named (`with`)."""
    scope = current_actor().scope("customers.merge")
    number = request.args.get("with", "").strip()
    if not number:
        return _find_page(customer_id, scope)
    try:
        return _sides_page(customer_id, _other(number, scope), scope, {})
    except CustomerNotFound:
        return _find_page(customer_id, scope, missing=number)


@blueprint.post("/customers/<int:customer_id>/merge/check")
@guard("customers.merge")
def check_merge(customer_id: int) -> ResponseReturnValue:
    """Show what the merge would do, in numbers; nothing is written yet."""
    actor = current_actor()
    scope = actor.scope("customers.merge")
    gone_id, choice = _other(request.form.get("with", ""), scope), _choice()
    tried: list[service.Merged] = []
    outcome = attempt(
        lambda: tried.append(
            service.merge_customers(
                customer_id, gone_id, choice, scope=scope, now=request_now(), by=actor, dry_run=True
            )
        )
    )
    if not outcome.ok:
        return _sides_page(customer_id, gone_id, scope, choice, outcome)
    return render_template(
        "customers/merge_check.html",
        kept=queries.customer(customer_id, scope),
        gone=queries.customer(gone_id, scope),
        taken=[label for field, label in _labels().items() if choice.get(field) == "gone"],
        choice=choice,
        effects=effect_texts(tried[0].effects),
    )


@blueprint.post("/customers/<int:customer_id>/merge")
@guard("customers.merge")
def merge(customer_id: int) -> ResponseReturnValue:
    """Merge the two."""
    actor = current_actor()
    scope = actor.scope("customers.merge")
    gone_id, choice, now = _other(request.form.get("with", ""), scope), _choice(), request_now()
    done: list[service.Merged] = []
    outcome = attempt(
        lambda: done.append(
            service.merge_customers(customer_id, gone_id, choice, scope=scope, now=now, by=actor),
        )
    )
    if not outcome.ok:
        return _sides_page(customer_id, gone_id, scope, choice, outcome)
    undo = url_for("customers.part", merge_id=done[0].merge_id)
    notify(gettext("Customers merged. This can be undone for 30 days."), undo=undo)
    return redirect(url_for("customers.whole", customer_id=customer_id), 303)


@blueprint.post("/customers/merges/<int:merge_id>/part")
@guard("customers.merge")
def part(merge_id: int) -> ResponseReturnValue:
    """Take a merge back."""
    actor = current_actor()
    scope = actor.scope("customers.merge")
    found = queries.merge(merge_id, scope)
    outcome = attempt(lambda: service.part_customers(merge_id, scope=scope, now=request_now(), by=actor))
    if outcome.ok:
        notify(gettext("Merge undone. Customer %(number)s stands for itself again.", number=found.gone_number))
        return redirect(url_for("customers.whole", customer_id=found.gone_id), 303)
    notify(outcome.refusal or "", tone="over")
    return redirect(url_for("customers.whole", customer_id=found.kept_id), 303)


def may_undo(one: queries.MergeView, customer_id: int, now: datetime) -> bool:
    """Return whether this customer was kept by the merge, and it can still be taken back."""
    return one.kept_id == customer_id and one.parted_at is None and now < one.until_at


def _other(number: str, scope: Scope) -> int:
    at = id_of_number(number)
    if at is None:
        raise CustomerNotFound(customer=number)
    return queries.customer(at, scope).id


def _choice() -> dict[str, str]:
    return {field: request.form[field] for field in CHOOSABLE if request.form.get(field) in {"kept", "gone"}}


def _labels() -> dict[str, str]:
    return {
        "name": gettext("Customer name"),
        "gender": gettext("Form of address"),
        "birthday": gettext("Birthday"),
        "language": gettext("Language"),
        "home_store_id": gettext("Home store"),
        "advisor_id": gettext("Service advisor"),
    }


def _sides(kept: queries.Card, gone: queries.Card) -> list[Row]:
    def texts(card: queries.Card) -> dict[str, str]:
        lunar = f" ({gettext('lunar')})" if card.lunar else ""
        return {
            "name": card.customer.name or "--",
            "gender": word(card.customer.gender) or "--",
            "birthday": f"{shown_day(card.birthday)}{lunar}" if card.birthday else "--",
            "language": word(card.language),
            "home_store_id": card.store_name or "--",
            "advisor_id": card.advisor_name or "--",
        }

    left, right = texts(kept), texts(gone)
    return [Row(field, label, left[field], right[field]) for field, label in _labels().items()]


def _sides_page(
    kept_id: int, gone_id: int, scope: Scope, choice: Mapping[str, str], outcome: Outcome | None = None
) -> ResponseReturnValue:
    kept, gone = queries.card(kept_id, scope), queries.card(gone_id, scope)
    show_in_zone_of(kept.customer.home_store_id)
    page = render_template(
        "customers/merge.html",
        kept=kept,
        gone=gone,
        rows=_sides(kept, gone),
        choice=choice,
        vehicles=[queries.vehicles_of(kept_id), queries.vehicles_of(gone_id)],
        refusal=outcome.refusal if outcome else None,
    )
    return page, 200 if outcome is None else outcome.status


def _find_page(customer_id: int, scope: Scope, *, missing: str = "") -> ResponseReturnValue:
    found = queries.customer(customer_id, scope)
    text = missing or request.args.get("q", "").strip()
    hits = _alike(customer_id, text, scope)
    page = render_template("customers/merge_find.html", customer=found, text=text, hits=hits)
    return page, 404 if missing and not hits else 200


def _alike(customer_id: int, text: str, scope: Scope) -> Sequence[queries.Hit]:
    """Return who may be the same: whom the text finds, or without one whoever shares a phone or the name."""
    kinds = {"name", "phone", "email"}
    texts = [text] if text else [value for kind, value in queries.traces_of([customer_id]) if kind in kinds]
    found: dict[int, queries.Hit] = {}
    for one in texts:
        found |= {hit.customer.id: hit for hit in queries.find_customers(one, scope, limit=MOST_ALIKE)}
    found.pop(customer_id, None)
    return list(found.values())
