"""What owners see and decide of their own data: /my/profile, /my/consents, /my/privacy, /my/close, /my/cars."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.copies import as_file, tables
from loyalty.customers.forms import ProfileForm
from loyalty.customers.rules import ASKED, CONSENT_TEXT, GENDERS, LANGUAGES, ConsentGiven
from loyalty.customers.words import choices, effect_texts
from loyalty.kernel.actor import Scope
from loyalty.web import forms, panels
from loyalty.web.guards import open_to_all, owner_only
from loyalty.web.limits import limited
from loyalty.web.notices import notify
from loyalty.web.requests import actor_or_none, current_actor, request_now

blueprint = Blueprint("mine", __name__, url_prefix="/my", template_folder="templates")

CHANGEABLE = ("gender", "birthday", "lunar", "language")
"""What owners change by themselves; a name and a phone are changed by the staff, who can tell who asks."""


@blueprint.get("/profile")
@owner_only
def profile() -> ResponseReturnValue:
    """Show the owner's own data, phones masked."""
    return _profile_page()


@blueprint.post("/profile")
@owner_only
def save_profile() -> ResponseReturnValue:
    """Change what owners change by themselves, and add an e-mail address."""
    filled = forms.load(ProfileForm, request.form)
    if not filled.ok:
        return _profile_page(filled, Outcome(errors=filled.errors))
    email = filled.values.pop("email")

    def change() -> None:
        now, by = request_now(), current_actor()
        changes = {name: filled.values[name] for name in CHANGEABLE}
        service.change_customer(_me(), changes, scope=_own(), now=now, by=by)
        if email:
            service.add_identifier(_me(), "email", email, scope=_own(), now=now, by=by)

    outcome = attempt(change)
    if not outcome.ok:
        return _profile_page(filled, outcome)
    notify(gettext("Saved."))
    return redirect(url_for("mine.profile"), 303)


def _profile_page(filled: forms.Filled | None = None, outcome: Outcome | None = None) -> ResponseReturnValue:
    card = queries.card(_me(), _own())
    outcome = outcome or Outcome()
    known = {name: getattr(card, name, None) for name in CHANGEABLE} | {"gender": card.customer.gender}
    page = render_template(
        "customers/portal/profile.html",
        who=card,
        more=panels.rendered(panels.collect("my-profile", customer_id=_me())),
        values=filled.typed if filled else known,
        errors=outcome.errors,
        refusal=outcome.refusal,
        genders=choices(GENDERS, empty=gettext("Not said")),
        languages=choices(LANGUAGES),
    )
    return page, 200 if outcome.ok else outcome.status


@blueprint.get("/consents")
@owner_only
def consents() -> ResponseReturnValue:
    """Show what the owner agrees to, by purpose and channel."""
    _in_own_zone()
    state = queries.consents(_me())
    return render_template("customers/portal/consents.html", asked=ASKED, state=state, version=CONSENT_TEXT)


@blueprint.post("/consents")
@owner_only
def save_consents() -> ResponseReturnValue:
    """Write down what the owner chose; a choice that was not made changes nothing."""
    now, by = request_now(), current_actor()
    said = {pair: request.form.get("-".join(pair)) for pair in ASKED}
    given = [
        ConsentGiven(purpose, channel, answer == "yes", now, CONSENT_TEXT, "/my/consents")
        for (purpose, channel), answer in said.items()
        if answer in {"yes", "no"}
    ]
    service.record_consents(_me(), given, scope=_own(), now=now, by=by)
    notify(gettext("Your choices are saved."))
    return redirect(url_for("mine.consents"), 303)


@blueprint.get("/privacy")
@open_to_all
def privacy() -> ResponseReturnValue:
    """Show what is kept and why, and to whoever is signed in, what may be asked about it."""
    me = actor_or_none()
    waiting = queries.open_request(_me()) if me is not None and me.kind == "owner" else None
    return render_template("customers/portal/privacy.html", version=CONSENT_TEXT, waiting=waiting)


@blueprint.post("/copy/print")
@owner_only
@limited("20/hour", scope="owners-copy")
def print_copy() -> ResponseReturnValue:
    """Show the copy of everything on one page."""
    _in_own_zone()
    copy = service.copy_everything(_me(), scope=_own(), now=request_now(), by=current_actor())
    who = queries.customer(_me(), _own())
    return render_template("customers/copy.html", customer=who, tables=tables(copy), taken_at=request_now())


@blueprint.post("/copy/file")
@owner_only
@limited("20/hour", scope="owners-copy")
def copy_file() -> ResponseReturnValue:
    """Send the copy of everything as a JSON file."""
    return as_file(_me(), service.copy_everything(_me(), scope=_own(), now=request_now(), by=current_actor()))


@blueprint.post("/erasure")
@owner_only
def ask_erasure() -> ResponseReturnValue:
    """Ask to be forgotten; the store checks it and carries it out."""
    outcome = attempt(
        lambda: service.request_erasure(_me(), scope=_own(), now=request_now(), by=current_actor()),
    )
    done = gettext("Your request is with the store. It is checked and carried out there.")
    notify(outcome.refusal or done, tone="ok" if outcome.ok else "over")
    return redirect(url_for("mine.privacy"), 303)


@blueprint.post("/erasure/withdraw")
@owner_only
def withdraw_erasure() -> ResponseReturnValue:
    """Take the request back."""
    service.withdraw_erasure(_me(), scope=_own(), now=request_now(), by=current_actor())
    notify(gettext("Your request is withdrawn."))
    return redirect(url_for("mine.privacy"), 303)


@blueprint.get("/close")
@owner_only
def ask_close() -> ResponseReturnValue:
    """Explain what closing the account means, and offer to see it in numbers."""
    return _close_page()


@blueprint.post("/close/check")
@owner_only
def check_close() -> ResponseReturnValue:
    """Show in numbers what closing the account does; nothing is written yet."""
    told: list[str] = []
    outcome = attempt(
        lambda: told.extend(
            effect_texts(
                service.close_account(_me(), scope=_own(), now=request_now(), by=current_actor(), dry_run=True)
            )
        )
    )
    return _close_page(told, outcome)


@blueprint.post("/close")
@owner_only
def close() -> ResponseReturnValue:
    """Close the account; the owner is signed out by it."""
    outcome = attempt(lambda: service.close_account(_me(), scope=_own(), now=request_now(), by=current_actor()))
    if not outcome.ok:
        return _close_page(outcome=outcome)
    return render_template("customers/portal/closed.html")


def _close_page(effects: list[str] | None = None, outcome: Outcome | None = None) -> ResponseReturnValue:
    outcome = outcome or Outcome()
    page = render_template(
        "customers/portal/close.html",
        checked=effects is not None and outcome.ok,
        effects=effects or [],
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status


@blueprint.get("/cars")
@owner_only
def cars() -> ResponseReturnValue:
    """Show the owner's vehicles."""
    return render_template("customers/portal/cars.html", cars=queries.vehicles_of(_me()))


@blueprint.get("/cars/<int:vehicle_id>")
@owner_only
def car(vehicle_id: int) -> ResponseReturnValue:
    """Show one of the owner's vehicles: its data, its mileage, and what was done to it."""
    _in_own_zone()
    found = queries.vehicle(vehicle_id, _own())
    more = panels.rendered(panels.collect("my-car", customer_id=_me(), vehicle_id=vehicle_id))
    readings = queries.readings(vehicle_id, limit=10)
    return render_template("customers/portal/car.html", vehicle=found, readings=readings, more=more)


def _in_own_zone() -> None:
    """Let this page show moments as the clock in the owner's store does."""
    g.zone = queries.zone_of_customer(queries.customer(_me(), _own()).home_store_id)


def _me() -> int:
    return current_actor().customer_id or 0


def _own() -> Scope:
    return Scope(stores=None, customer_id=_me())
