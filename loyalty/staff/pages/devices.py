"""Where an account is signed in, and signing out there."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.sessions import open_sessions
from loyalty.staff import service
from loyalty.web import sessions
from loyalty.web.agents import device
from loyalty.web.guards import signed_in
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("devices", __name__, url_prefix="/staff/me/sessions", template_folder="../templates")


@blueprint.get("")
@signed_in
def list_devices() -> ResponseReturnValue:
    """Show the devices that oneself is signed in on, the one used last first."""
    rows = open_sessions("staff", _own_id(), now=request_now())
    return render_template("staff/devices.html", rows=rows, own=sessions.own_id(), device=device)


@blueprint.post("/<session_id>/end")
@signed_in
def end_one(session_id: str) -> ResponseReturnValue:
    """Sign out on one device."""
    service.end_session(_own_id(), session_id, now=request_now(), by=current_actor())
    notify(_("Signed out on that device."))
    return redirect(url_for("devices.list_devices"), 303)


@blueprint.post("/end-others")
@signed_in
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    service.end_sessions(_own_id(), kept=sessions.own_id(), now=request_now(), by=current_actor())
    notify(_("Signed out on all other devices."))
    return redirect(url_for("devices.list_devices"), 303)


@blueprint.post("/end")
@signed_in
def end_all() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    service.end_sessions(_own_id(), now=request_now(), by=current_actor())
    notify(_("Signed out on all devices."))
    return redirect("/staff/login", 303)


def _own_id() -> int:
    own = current_actor().id
    if own is None:
        raise RuntimeError("only accounts are signed in to the staff pages")
    return own
