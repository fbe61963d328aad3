"""The sign-in pages of owners, and who an owner's request comes from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from loyalty.customers import queries as customers
from loyalty.customers.rules import masked, normal_phone
from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import BrokenSeal, seal, unseal
from loyalty.kernel.errors import Malformed, Problem, Refused
from loyalty.kernel.sessions import open_sessions
from loyalty.kernel.settings import Settings
from loyalty.messaging.outlets import send_soon
from loyalty.owners import queries, service
from loyalty.owners.forms import CodeForm, LoginForm
from loyalty.owners.rules import CHOOSE_WITHIN, ChooseAgain, TooManyCodes, normal_code
from loyalty.web import forms, sessions
from loyalty.web.agents import device
from loyalty.web.guards import open_to_all, owner_only
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.looks import own_address
from loyalty.web.notices import notify
from loyalty.web.requests import actor_or_none, current_actor, remote_address, request_now
from loyalty.web.texts import row_number

blueprint = Blueprint("owners", __name__, url_prefix="/my", template_folder="templates")

HOME = "/my/"
SIGNING = "signing"
CHOOSING = "choosing"
PLACE = "owners.signing"


def owner_actor() -> Actor | None:
    """Return the owner whose session this request has, or None."""
    customer_id = sessions.subject("owner")
    found = queries.owner(customer_id) if customer_id is not None else None
    if found is None:
        return None
    return Actor("owner", found.id, found.number, customer_id=found.id, address=remote_address())


@blueprint.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    """Ask for the phone and the consents."""
    if actor_or_none() is not None:
        return redirect(HOME)
    return _login_page(forms.empty(next=request.args.get("next", "")))


@blueprint.post("/login")
@open_to_all
@limited("60/hour", scope="owners-login")
def send_code() -> ResponseReturnValue:
    """Send a code to the phone; the answer is the same for a phone that nobody has."""
    filled = forms.load(LoginForm, request.form)
    errors = dict(filled.errors)
    if not errors and not filled.values["privacy"]:
        errors["privacy"] = [gettext("Please read the privacy notice and tick the box to go on.")]
    phone = ""
    try:
        phone = normal_phone(filled.typed.get("phone") or "-")
    except Malformed as problem:
        errors.setdefault("phone", [gettext(line) for lines in problem.errors.values() for line in lines])
    if errors:
        return _login_page(forms.Filled({}, errors, filled.typed), status=422)
    try:
        issued = _issue(phone)
    except TooManyCodes as problem:
        return _later(_login_page(filled, refusal=_told(problem), status=429), problem)
    session[SIGNING] = {
        "phone": seal(phone, place=PLACE).hex(),
        "offers": filled.values["offers"],
        "next": own_address(filled.typed.get("next"), HOME),
    }
    return _sent(issued)


def _issue(phone: str) -> service.Issued:
    settings: Settings = current_app.extensions["loyalty.settings"]
    budget = settings.code_site_budget_per_hour
    return service.issue_code(phone, address=remote_address(), site_budget=budget, now=request_now())


def _sent(issued: service.Issued) -> ResponseReturnValue:
    """Lead on to the code; nobody waits for the message, so that the time of the answer tells nothing."""
    said = service.code_message(issued.code, language=str(get_locale()))
    if issued.known:
        send_soon(issued.phone, said)
    return redirect(url_for("owners.ask_code"), 303)


@blueprint.get("/code")
@open_to_all
def ask_code() -> ResponseReturnValue:
    """Ask for the code."""
    signing = _signing()
    return _code_page(signing) if signing else redirect(url_for("owners.login"))


@blueprint.post("/code")
@open_to_all
@limited("30/minute", scope="owners-code")
def check_code() -> ResponseReturnValue:
    """Sign in with the code; several people on one phone choose next."""
    signing = _signing()
    if not signing:
        return redirect(url_for("owners.login"), 303)
    filled = forms.load(CodeForm, request.form)
    if not filled.ok:
        return _code_page(signing, errors=filled.errors, status=422)
    try:
        code = normal_code(filled.values["code"])
        people = service.check_code(_phone_of(signing), code, address=remote_address(), now=request_now())
    except Malformed as problem:
        errors = {name: [gettext(line) for line in lines] for name, lines in problem.errors.items()}
        return _code_page(signing, errors=errors, status=422)
    except Refused as problem:
        return _code_page(signing, errors={"code": [_told(problem)]}, status=409)
    if len(people) == 1:
        return _enter(people[0], signing)
    until = (request_now() + CHOOSE_WITHIN).isoformat()
    session[CHOOSING] = {"people": people, "until": until}
    return redirect(url_for("owners.choose"), 303)


@blueprint.post("/code/again")
@open_to_all
@limited("60/hour", scope="owners-login")
def send_again() -> ResponseReturnValue:
    """Send another code to the same phone; the one before it ends."""
    signing = _signing()
    if not signing:
        return redirect(url_for("owners.login"), 303)
    try:
        return _sent(_issue(_phone_of(signing)))
    except TooManyCodes as problem:
        return _later(_code_page(signing, refusal=_told(problem), status=429), problem)


@blueprint.get("/who")
@open_to_all
def choose() -> ResponseReturnValue:
    """Ask who of those with this phone it is."""
    people = customers.customers_by_ids(_offered())
    return render_template("owners/who.html", people=[people[at] for at in sorted(people)])


@blueprint.post("/who")
@open_to_all
def chosen() -> ResponseReturnValue:
    """Sign in as one of those with this phone."""
    said = request.form.get("customer", "")
    customer_id = row_number(said) or 0
    if customer_id not in _offered():
        raise ChooseAgain
    return _enter(customer_id, session.get(SIGNING) or {})


def _offered() -> list[int]:
    """Return who may be chosen; ChooseAgain when nobody may (any more)."""
    choosing = session.get(CHOOSING)
    if not choosing or datetime.fromisoformat(choosing["until"]) < request_now():
        raise ChooseAgain
    return list(choosing["people"])


@blueprint.get("/logout")
@open_to_all
def ask_logout() -> ResponseReturnValue:
    """Ask whether to sign out."""
    return render_template("owners/logout.html") if actor_or_none() else redirect(url_for("owners.login"))


@blueprint.post("/logout")
@open_to_all
def logout() -> ResponseReturnValue:
    """End the session."""
    actor = actor_or_none()
    sessions.sign_out()
    if actor is not None and actor.customer_id is not None:
        service.record_sign_out(actor.customer_id, now=request_now(), by=actor)
    return redirect(url_for("owners.login"), 303)


@blueprint.get("/sessions")
@owner_only
def list_devices() -> ResponseReturnValue:
    """Show the devices that the owner is signed in on, the one used last first."""
    rows = open_sessions("owner", _own_id(), now=request_now())
    return render_template("owners/devices.html", rows=rows, own=sessions.own_id(), device=device)


@blueprint.post("/sessions/<session_id>/end")
@owner_only
def end_device(session_id: str) -> ResponseReturnValue:
    """Sign out on one device."""
    service.end_session(_own_id(), session_id, now=request_now(), by=current_actor())
    notify(gettext("Signed out on that device."))
    return redirect(url_for("owners.list_devices"), 303)


@blueprint.post("/sessions/end-others")
@owner_only
def end_other_devices() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    service.end_sessions(_own_id(), kept=sessions.own_id(), now=request_now(), by=current_actor())
    notify(gettext("Signed out on all other devices."))
    return redirect(url_for("owners.list_devices"), 303)


def _own_id() -> int:
    own = current_actor().customer_id
    if own is None:
        raise RuntimeError("only owners are signed in to the portal")
    return own


def _enter(customer_id: int, signing: Mapping[str, Any]) -> ResponseReturnValue:
    found = queries.owner(customer_id)
    if found is None:
        raise ChooseAgain
    by = Actor("owner", customer_id, found.number, customer_id=customer_id, address=remote_address())
    service.record_sign_in(customer_id, offers=bool(signing.get("offers")), now=request_now(), by=by)
    session.clear()
    sessions.sign_in("owner", customer_id, proof="code")
    return redirect(own_address(signing.get("next"), HOME), 303)


def _signing() -> Mapping[str, Any] | None:
    """Return the sign-in that is under way here; None when there is none, or its phone does not open any more."""
    signing: Mapping[str, Any] | None = session.get(SIGNING)
    try:
        if signing:
            _phone_of(signing)
    except BrokenSeal:  # its key was taken out meanwhile
        session.pop(SIGNING)
        notify(gettext("This sign-in can no longer be read. Please type your phone number again."), tone="due")
        return None
    return signing


def _phone_of(signing: Mapping[str, Any]) -> str:
    return unseal(bytes.fromhex(signing["phone"]), place=PLACE)


def _told(problem: Problem) -> str:
    return say(problem.sentence, problem.details)


def _later(answer: ResponseReturnValue, problem: TooManyCodes) -> Response:
    made = make_response(answer)
    made.headers["Retry-After"] = str(problem.retry_after)
    return made


def _login_page(filled: forms.Filled, *, refusal: str | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template("owners/login.html", values=filled.typed, errors=filled.errors, refusal=refusal)
    return page, status


def _code_page(
    signing: Mapping[str, Any],
    *,
    errors: Mapping[str, list[str]] | None = None,
    refusal: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    phone = masked("phone", _phone_of(signing))
    return render_template("owners/code.html", phone=phone, errors=errors or {}, refusal=refusal), status
