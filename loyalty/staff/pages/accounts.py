"""Accounts and their roles."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import Malformed, Refused
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.kernel.sessions import open_sessions
from loyalty.staff import queries, service
from loyalty.staff.forms import AccountChangeForm, AccountForm, PasswordForm, RoleForm, told
from loyalty.staff.rules import FACTOR_ROLES, UsernameTaken
from loyalty.staff.words import ROLES
from loyalty.web import forms
from loyalty.web.agents import device
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("accounts", __name__, url_prefix="/staff/accounts", template_folder="../templates")

PERMISSION = "accounts.manage"
PAGE = 50
_GROUP_ZONE = "Asia/Shanghai"


@blueprint.get("")
@guard(PERMISSION)
def list_accounts() -> ResponseReturnValue:
    """Show the accounts by user name."""
    cursor = request.args.get("cursor")
    after = decode_cursor(cursor, [str])[0] if cursor else ""
    found = queries.accounts(after=after, limit=PAGE + 1)
    following = encode_cursor([found[PAGE - 1].username]) if len(found) > PAGE else None
    return render_template("staff/accounts.html", page=Page(found[:PAGE], following), roles=ROLES)


@blueprint.get("/new")
@guard(PERMISSION)
def new_account() -> ResponseReturnValue:
    """Show the form of a new account."""
    return render_template("staff/account_form.html", form=forms.empty())


@blueprint.post("/new")
@guard(PERMISSION)
def create_account() -> ResponseReturnValue:
    """Open an account; its roles are given on its own page."""
    filled = forms.load(AccountForm, request.form)
    status = 422
    if filled.ok:
        try:
            account_id = service.create_account(**filled.values, given=True, now=request_now(), by=current_actor())
        except Malformed as problem:
            filled = told(filled, problem)
        except UsernameTaken as problem:
            status, filled = 409, told(filled, Malformed({"username": [say(problem.sentence, problem.details)]}))
        else:
            notify(_("The account is open. Give it a role now."))
            return redirect(url_for("accounts.show_account", account_id=account_id), 303)
    return render_template("staff/account_form.html", form=filled), status


@blueprint.get("/<int:account_id>")
@guard(PERMISSION)
def show_account(account_id: int) -> ResponseReturnValue:
    """Show an account, its roles, and the forms to change them."""
    today = day_at(request_now(), _GROUP_ZONE)
    return _account(account_id, forms.empty(from_day=today.isoformat()), forms.empty(), 200)


@blueprint.get("/<int:account_id>/edit")
@guard(PERMISSION)
def edit_account(account_id: int) -> ResponseReturnValue:
    """Show the form of an account."""
    account = queries.account(account_id)
    form = forms.empty(name=account.name, email=account.email or "")
    return render_template("staff/account_edit.html", account=account, form=form)


@blueprint.post("/<int:account_id>/edit")
@guard(PERMISSION)
def update_account(account_id: int) -> ResponseReturnValue:
    """Change name and e-mail address of an account."""
    filled = forms.load(AccountChangeForm, request.form)
    if not filled.ok:
        return render_template("staff/account_edit.html", account=queries.account(account_id), form=filled), 422
    service.update_account(account_id, **filled.values, now=request_now(), by=current_actor())
    notify(_("The account is saved."))
    return _back(account_id)


@blueprint.post("/<int:account_id>/roles")
@guard(PERMISSION, fresh=True)
def give_role(account_id: int) -> ResponseReturnValue:
    """Give an account a role."""
    filled = forms.load(RoleForm, request.form)
    if not filled.ok:
        return _account(account_id, filled, forms.empty(), 422)
    try:
        service.assign(account_id, **filled.values, now=request_now(), by=current_actor())
    except Malformed as problem:
        return _account(account_id, told(filled, problem), forms.empty(), 422)
    notify(_("The role is given."))
    return _back(account_id)


@blueprint.post("/<int:account_id>/roles/<int:assignment_id>/end")
@guard(PERMISSION, fresh=True)
def end_role(account_id: int, assignment_id: int) -> ResponseReturnValue:
    """Take a role away at once."""
    try:
        service.end_assignment(account_id, assignment_id, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(account_id, problem)
    notify(_("The role is ended, and the account is signed out."))
    return _back(account_id)


@blueprint.post("/<int:account_id>/password")
@guard(PERMISSION, fresh=True)
def set_password(account_id: int) -> ResponseReturnValue:
    """Give an account another password and end its sessions."""
    filled = forms.load(PasswordForm, request.form)
    if not filled.ok:
        return _account(account_id, forms.empty(), filled, 422)
    try:
        service.change_password(account_id, **filled.values, given=True, now=request_now(), by=current_actor())
    except Malformed as problem:
        return _account(account_id, forms.empty(), told(filled, problem), 422)
    notify(_("The password is changed; all sessions of the account have ended."))
    return _back(account_id)


@blueprint.get("/<int:account_id>/factor/reset")
@guard(PERMISSION, fresh=True)
def ask_reset_factor(account_id: int) -> ResponseReturnValue:
    """Ask whether the second factor of an account shall go."""
    return render_template("staff/factor_reset.html", account=queries.account(account_id))


@blueprint.post("/<int:account_id>/factor/reset")
@guard(PERMISSION, fresh=True)
def reset_factor(account_id: int) -> ResponseReturnValue:
    """Take the second factor of an account away and sign it out."""
    try:
        service.reset_factor(account_id, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(account_id, problem)
    notify(_("The second factor is reset, and the account is signed out."))
    return _back(account_id)


@blueprint.post("/<int:account_id>/sessions/end")
@guard(PERMISSION)
def end_sessions(account_id: int) -> ResponseReturnValue:
    """Sign an account out on all devices."""
    service.end_sessions(account_id, now=request_now(), by=current_actor())
    notify(_("The account is signed out on all devices."))
    return _back(account_id)


@blueprint.post("/<int:account_id>/disable")
@guard(PERMISSION)
def disable(account_id: int) -> ResponseReturnValue:
    """Let an account sign in no more."""
    try:
        service.disable(account_id, now=request_now(), by=current_actor())
    except Refused as problem:
        return _refused(account_id, problem)
    notify(_("The account is disabled."), undo=url_for("accounts.enable", account_id=account_id))
    return _back(account_id)


@blueprint.post("/<int:account_id>/enable")
@guard(PERMISSION)
def enable(account_id: int) -> ResponseReturnValue:
    """Let a disabled account sign in again."""
    service.enable(account_id, now=request_now(), by=current_actor())
    notify(_("The account can sign in again."))
    return _back(account_id)


def _back(account_id: int) -> ResponseReturnValue:
    return redirect(url_for("accounts.show_account", account_id=account_id), 303)


def _refused(account_id: int, problem: Refused) -> tuple[str, int]:
    return _account(account_id, forms.empty(), forms.empty(), 409, refusal=say(problem.sentence, problem.details))


def _account(
    account_id: int,
    role: forms.Filled,
    password: forms.Filled,
    status: int,
    *,
    refusal: str | None = None,
) -> tuple[str, int]:
    shown = render_template(
        "staff/account.html",
        account=queries.account(account_id),
        sessions=open_sessions("staff", account_id, now=request_now()),
        device=device,
        with_factor=FACTOR_ROLES,
        store_choices=[(view.id, view.name) for view in queries.stores(EVERYTHING)],
        roles=ROLES,
        role_form=role,
        password_form=password,
        refusal=refusal,
    )
    return shown, status
