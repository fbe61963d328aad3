"""The way in, everybody's own settings, and the way out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.errors import Malformed
from loyalty.staff import queries, service
from loyalty.staff.forms import OwnPasswordForm, told
from loyalty.staff.rules import SignInLocked, WrongPassword
from loyalty.staff.words import ROLES
from loyalty.web import forms
from loyalty.web.guards import open_to_all, signed_in
from loyalty.web.languages import say
from loyalty.web.limits import limited
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
    """Show one's own roles and choices."""
    account = queries.account(_own_id())
    return render_template("staff/me.html", account=account, roles=ROLES, factor=queries.factor(account.id))


@blueprint.get("/me/password")
@signed_in
def ask_password() -> ResponseReturnValue:
    """Show the form for another password; whoever got theirs from somebody else sees nothing but this."""
    return _password(forms.empty(), 200)


@blueprint.post("/me/password")
@signed_in
@limited("30/minute", scope="staff password")
def change_password() -> ResponseReturnValue:
    """Set another password; all sessions end, this one too."""
    filled = forms.load(OwnPasswordForm, request.form)
    if not filled.ok:
        return _password(filled, 422)
    try:
        service.change_own_password(_own_id(), **filled.values, now=request_now(), by=current_actor())
    except Malformed as problem:
        return _password(told(filled, problem), 422)
    except (WrongPassword, SignInLocked) as problem:
        status = 429 if isinstance(problem, SignInLocked) else 409
        return _password(told(filled, Malformed({"present": [say(problem.sentence, problem.details)]})), status)
    notify(_("The password is changed. Sign in with the new one."))
    return redirect("/staff/login", 303)


def _password(filled: forms.Filled, status: int) -> tuple[str, int]:
    return render_template("staff/password.html", account=queries.account(_own_id()), form=filled), status


def _own_id() -> int:
    own = current_actor().id
    if own is None:
        raise RuntimeError("only accounts are signed in to the staff pages")
    return own
