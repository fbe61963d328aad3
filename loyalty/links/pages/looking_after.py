"""Looking after a link: pause, read now, a new secret, rejected rows tried again or set aside."""

from datetime import timedelta
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed
from loyalty.links import queries, service
from loyalty.links.forms import RotationForm
from loyalty.links.pages.blueprint import MANAGE, blueprint, told, visible_link
from loyalty.links.queries import LinkView
from loyalty.links.rules import NotAWebhook
from loyalty.web import forms
from loyalty.web.forms import Filled
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now


@blueprint.post("/<code>/pause")
@guard(MANAGE)
def pause(code: str) -> ResponseReturnValue:
    """Pause a link."""
    service.set_paused(visible_link(code), paused=True, now=request_now(), by=current_actor())
    notify(_("The link is paused: events are kept and wait, and the view is not read."), tone="due")
    return _back(code)


@blueprint.post("/<code>/resume")
@guard(MANAGE)
def resume(code: str) -> ResponseReturnValue:
    """Let a link go on."""
    service.set_paused(visible_link(code), paused=False, now=request_now(), by=current_actor())
    notify(_("The link goes on."))
    return _back(code)


@blueprint.post("/<code>/read")
@guard(MANAGE)
def read_now(code: str) -> ResponseReturnValue:
    """Let a worker read the view at once; the page shows how far it is."""
    service.ask_for_reading(visible_link(code), now=request_now())
    return _back(code)


@blueprint.get("/<code>/secret")
@guard(MANAGE)
def ask_rotation(code: str) -> ResponseReturnValue:
    """Ask whether the link shall have a new secret, and how long the former one serves."""
    return _rotation_form(_webhook(code), forms.empty(hours="24"), 200)


@blueprint.post("/<code>/secret")
@guard(MANAGE, fresh=True)
def rotate_secret(code: str) -> ResponseReturnValue:
    """Make a new secret and show it, this once."""
    link = _webhook(code)
    filled = forms.load(RotationForm, request.form)
    if filled.ok:
        try:
            keep = timedelta(hours=min(max(filled.values["hours"], -1), 10_000))
            secret = service.rotate_secret(link, keep=keep, now=request_now(), by=current_actor())
        except Malformed as problem:
            filled = told(filled, Malformed({"hours": problem.errors["keep"]}))
        else:
            return render_template("links/secret.html", link=link, secret=secret), 201
    return _rotation_form(link, filled, 422)


@blueprint.post("/<code>/rejects/retry")
@guard(MANAGE)
def retry_all(code: str) -> ResponseReturnValue:
    """Try all that is rejected again."""
    link = visible_link(code)
    _tell(service.retry_rejects(link, now=request_now(), by=current_actor()))
    return _back(code)


@blueprint.post("/<code>/rejects/<uuid:reject_id>/retry")
@guard(MANAGE)
def retry_one(code: str, reject_id: UUID) -> ResponseReturnValue:
    """Try one rejected thing again."""
    link = visible_link(code)
    _tell(service.retry_rejects(link, reject_id=reject_id, now=request_now(), by=current_actor()))
    return _back(code)


@blueprint.post("/<code>/rejects/<uuid:reject_id>/dismiss")
@guard(MANAGE)
def dismiss(code: str, reject_id: UUID) -> ResponseReturnValue:
    """Set one rejected thing aside for good."""
    service.dismiss_reject(visible_link(code), reject_id, now=request_now(), by=current_actor())
    notify(_("The row is set aside and is not tried again."))
    return _back(code)


@blueprint.post("/<code>/events/retry")
@guard(MANAGE)
def retry_events(code: str) -> ResponseReturnValue:
    """Let events that were given up be worked on again."""
    count = service.try_again(visible_link(code), now=request_now(), by=current_actor())
    notify(_("%(count)s events are worked on again.", count=count))
    return _back(code)


@blueprint.get("/<code>/missing")
@guard(MANAGE)
def ask_missing(code: str) -> ResponseReturnValue:
    """Show the sales that the view no longer has, before they are cancelled."""
    link = visible_link(code)
    numbers = queries.missing_numbers(link.id, limit=100)
    return render_template("links/missing.html", link=link, numbers=numbers)


@blueprint.post("/<code>/missing")
@guard(MANAGE, fresh=True)
def cancel_missing(code: str) -> ResponseReturnValue:
    """Cancel the sales that the view no longer has."""
    count = service.accept_missing(visible_link(code), now=request_now(), by=current_actor())
    notify(_("%(count)s sales are cancelled.", count=count))
    return _back(code)


def _webhook(code: str) -> LinkView:
    link = visible_link(code)
    if link.kind != "webhook":
        raise NotAWebhook(link=code)
    return link


def _rotation_form(link: LinkView, filled: Filled, status: int) -> ResponseReturnValue:
    return render_template("links/rotate.html", link=link, values=filled.typed, errors=filled.errors), status


def _tell(counts: dict[str, int]) -> None:
    rejected = counts.get("rejected", 0)
    taken = sum(counts.values()) - rejected
    text = _("%(taken)s taken, %(rejected)s rejected again.", taken=taken, rejected=rejected)
    notify(text, tone="due" if rejected else "ok")


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("links.show_link", code=code), 303)
