"""The way in, everybody's own settings, and the way out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed
from loyalty.staff import queries, service
from loyalty.staff.forms import OwnPasswordForm, told
from loyalty.staff.rules import WrongPassword
from loyalty.staff.words import ROLES
from loyalty.web import forms
from loyalty.web.guards import open_to_all, signed_in
from loyalty.web.languages import say
from loyalty.web.navigation import groups_for
from loyalty.web.notices import notify
from loyalty.web.requests import actor_or_none, current_actor, request_now

blueprint = Blueprint("staff", __name__, url_prefix="/staff", template_folder="../templates")


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Open the first page of the navigation that the person may open."""
    for _title, entries in groups_for(current_actor()):
        return redirect(entries[0].address)
    return redirect(url_for("staff.me"))


@blueprint.get("/logout")
@open_to_all
def leave() -> ResponseReturnValue:
    """Ask whether to sign out; the form goes to Flask-Security."""
    if actor_or_none() is None:
        return redirect("/staff/login")
    return render_template("staff/logout.html")


@blueprint.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    """Show one's own roles and choices, and the form for another password."""
    return _me(forms.empty(), 200)


@blueprint.post("/me/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Set another password; all sessions end, this one too."""
    filled = forms.load(OwnPasswordForm, request.form)
    if not filled.ok:
        return _me(filled, 422)
    by = current_actor()
    try:
        service.change_own_password(_own_id(), **filled.values, now=request_now(), by=by)
    except Malformed as problem:
        return _me(told(filled, problem), 422)
    except WrongPassword as problem:
        return _me(told(filled, Malformed({"present": [problem.sentence]})), 409)
    notify(_("The password is changed. Sign in with the new one."))
    return redirect("/staff/login", 303)


@blueprint.post("/me/sessions/end")
@signed_in
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    service.end_sessions(_own_id(), now=request_now(), by=current_actor())
    notify(_("Signed out on all devices."))
    return redirect("/staff/login", 303)


def _me(filled: forms.Filled, status: int) -> tuple[str, int]:
    account = queries.account(_own_id())
    shown = render_template("staff/me.html", account=account, roles=ROLES, form=filled, say=say)
    return shown, status


def _own_id() -> int:
    own = current_actor().id
    if own is None:
        raise RuntimeError("only accounts are signed in to the staff pages")
    return own
