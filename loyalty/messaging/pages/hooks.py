"""Webhooks out: the systems that are told of events, what each got, and what is sent again."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries, service
from loyalty.messaging.forms import HookForm
from loyalty.messaging.pages.blueprint import UNREADABLE
from loyalty.messaging.queries import HookView
from loyalty.messaging.rules.hooks import KINDS
from loyalty.messaging.words import HOOK_KINDS, HOOK_STATES
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

READ, MANAGE = "webhooks.read", "webhooks.manage"

blueprint = Blueprint("hooks", __name__, url_prefix="/staff/webhooks", template_folder="../templates")


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List the webhooks and how they fare."""
    return render_template(
        "messaging/hooks.html", hooks=queries.hooks(), counts=queries.hook_counts(), kinds=HOOK_KINDS
    )


@blueprint.get("/new")
@guard(MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new webhook."""
    return _form(None, empty(), list(KINDS))


@blueprint.post("/new")
@guard(MANAGE, fresh=True)
def create() -> ResponseReturnValue:
    """Make a webhook and show its secret, this once."""
    filled, kinds = load(HookForm, request.form), request.form.getlist("kinds")
    if filled.ok:
        try:
            hook_id, secret = service.create_hook(kinds=kinds, now=request_now(), by=current_actor(), **_said(filled))
        except Malformed as problem:
            filled = _told(filled, problem)
        else:
            return render_template("messaging/hook_secret.html", hook=queries.hook(hook_id), secret=secret), 201
    return _form(None, filled, kinds), UNREADABLE


@blueprint.get("/<int:hook_id>")
@guard(READ)
def show(hook_id: int) -> ResponseReturnValue:
    """Show a webhook and the log of its deliveries."""
    view = queries.hook(hook_id)
    page = queries.deliveries(hook_id, cursor=request.args.get("cursor"))
    return render_template(
        "messaging/hook.html", hook=view, page=page, kinds=HOOK_KINDS, states=HOOK_STATES, now=request_now()
    )


@blueprint.get("/<int:hook_id>/edit")
@guard(MANAGE)
def edit(hook_id: int) -> ResponseReturnValue:
    """Show the form of a webhook."""
    view = queries.hook(hook_id)
    return _form(view, empty(name=view.name, url=view.url, paused="1" if view.paused else ""), view.kinds)


@blueprint.post("/<int:hook_id>/edit")
@guard(MANAGE, fresh=True)
def change(hook_id: int) -> ResponseReturnValue:
    """Change a webhook."""
    view, kinds = queries.hook(hook_id), request.form.getlist("kinds")
    filled = load(HookForm, request.form)
    if filled.ok:
        try:
            paused = filled.values["paused"]
            service.change_hook(
                hook_id, kinds=kinds, paused=paused, now=request_now(), by=current_actor(), **_said(filled)
            )
        except Malformed as problem:
            filled = _told(filled, problem)
        else:
            notify(_("The webhook is changed."))
            return redirect(url_for("hooks.show", hook_id=hook_id), 303)
    return _form(view, filled, kinds), UNREADABLE


@blueprint.post("/<int:hook_id>/secret")
@guard(MANAGE, fresh=True)
def rotate(hook_id: int) -> ResponseReturnValue:
    """Make a new secret and show it, this once."""
    secret = service.rotate_hook(hook_id, now=request_now(), by=current_actor())
    return render_template("messaging/hook_secret.html", hook=queries.hook(hook_id), secret=secret), 201


@blueprint.post("/<int:hook_id>/deliveries/<int:delivery_id>/replay")
@guard(MANAGE)
def replay(hook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Send an event once more."""
    service.replay(hook_id, delivery_id, now=request_now(), by=current_actor())
    notify(_("The event goes out once more, under its own id."))
    return redirect(url_for("hooks.show", hook_id=hook_id), 303)


def _said(filled: Filled) -> dict[str, Any]:
    return {name: filled.values[name] for name in ("name", "url")}


def _told(filled: Filled, problem: Malformed) -> Filled:
    errors = {place: [say_line(line) for line in lines] for place, lines in problem.errors.items()}
    return Filled({}, errors, filled.typed)


def _form(view: HookView | None, filled: Filled, kinds: list[str]) -> str:
    return render_template(
        "messaging/hook_form.html",
        hook=view,
        values=filled.typed,
        errors=filled.errors,
        ticked={"kinds": kinds},
        choices=list(HOOK_KINDS.items()),
    )
