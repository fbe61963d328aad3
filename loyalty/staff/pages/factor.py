"""The second factor: the code after the password, the proof that is asked for again, and setting it up."""

import segno
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from loyalty.kernel.crypto import BrokenSeal, seal, unseal
from loyalty.kernel.errors import Malformed, Problem
from loyalty.kernel.settings import Settings
from loyalty.staff import queries, service, sign_in
from loyalty.staff.forms import CodeForm, ConfirmForm, told
from loyalty.staff.rules import (
    CodeRefused,
    CodesLocked,
    FactorSealedShut,
    Locked,
    SignInAgain,
    SignInLocked,
    WrongPassword,
    app_address,
    in_groups,
    new_secret,
    normal_factor_code,
)
from loyalty.web import forms, sessions
from loyalty.web.guards import open_to_all, require_proof, signed_in
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.looks import own_address
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("factor", __name__, url_prefix="/staff", template_folder="../templates")

HOME = "/staff/"
CODES = "60/minute;600/hour"  # of one address; the tries of one account are counted in the database
_SECRET = "factor_secret"  # noqa: S105 - the name under which the session keeps it
_PLACE = "staff.factor_secret"


@blueprint.get("/login/code")
@open_to_all
def ask_code() -> ResponseReturnValue:
    """Ask whoever gave the right password for a code."""
    if sign_in.waiting_for_code() is None:
        return redirect("/staff/login")
    return render_template("staff/code.html", form=forms.empty())


@blueprint.post("/login/code")
@open_to_all
@limited(CODES, scope="staff codes")
def check_code() -> ResponseReturnValue:
    """Sign in with a code of the app, or one from paper."""
    waiting = sign_in.waiting_for_code()
    if waiting is None:
        notify(say(SignInAgain.sentence, {}), tone="due")
        return redirect("/staff/login", 303)
    filled = forms.load(CodeForm, request.form)
    if not filled.ok:
        return render_template("staff/code.html", form=filled), 422
    try:
        left = sign_in.finish_with_code(normal_factor_code(filled.values["code"]))
    except (Malformed, CodeRefused, CodesLocked, FactorSealedShut) as problem:
        return _again("staff/code.html", filled, "code", problem)
    _tell_codes_left(left)
    return redirect(own_address(waiting.next, HOME), 303)


@blueprint.get("/confirm")
@signed_in
def ask_proof() -> ResponseReturnValue:
    """Ask once more who it is: for a code, or for the password of whoever has no second factor."""
    return render_template("staff/confirm.html", form=forms.empty(next=request.args.get("next", "")), by=_proof())


@blueprint.post("/confirm")
@signed_in
@limited(CODES, scope="staff codes")
def check_proof() -> ResponseReturnValue:
    """Take the proof and go back to the page that asked for it."""
    by_code = _proof() == "code"
    filled = forms.load(CodeForm if by_code else ConfirmForm, request.form)
    if not filled.ok:
        return render_template("staff/confirm.html", form=filled, by=_proof()), 422
    actor, now = current_actor(), request_now()
    try:
        if by_code:
            code = normal_factor_code(filled.values["code"])
            _tell_codes_left(service.use_code(_own_id(), code, now=now, by=actor))
        else:
            service.check_own_password(_own_id(), filled.values["password"], now=now, by=current_actor())
    except (Malformed, CodeRefused, CodesLocked, FactorSealedShut, WrongPassword, SignInLocked) as problem:
        return _again("staff/confirm.html", filled, _proof(), problem, by=_proof())
    sessions.prove(_proof())
    return redirect(own_address(filled.values["next"], HOME), 303)


@blueprint.get("/me/factor")
@signed_in
def show_factor() -> ResponseReturnValue:
    """Show what the app reads to make codes; a new secret waits in the session until its first code comes."""
    require_proof()
    return _enrol(forms.empty(next=request.args.get("next", "")), 200)


@blueprint.post("/me/factor")
@signed_in
@limited(CODES, scope="staff codes")
def set_factor() -> ResponseReturnValue:
    """Set up the second factor with the first code of the app, and show the recovery codes, this once."""
    require_proof()
    filled = forms.load(CodeForm, request.form)
    if not filled.ok:
        return _enrol(filled, 422)
    kept, now = sessions.own_id(), request_now()
    try:
        code = normal_factor_code(filled.values["code"])
        codes = service.set_factor(_own_id(), _secret(), code, kept=kept, now=now, by=current_actor())
    except Malformed as problem:
        return _enrol(told(filled, problem), 422)
    except CodeRefused:
        wrong = {"code": ["The app shows another code. Scan the picture again, and check the clock of the phone."]}
        return _enrol(told(filled, Malformed(wrong)), 409)
    session.pop(_SECRET, None)
    sessions.prove("code")
    return _recovery_codes(codes, filled.values["next"])


@blueprint.post("/me/recovery-codes")
@signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    """Show ten new recovery codes, this once; those before end."""
    require_proof()
    codes = service.renew_recovery_codes(_own_id(), now=request_now(), by=current_actor())
    return _recovery_codes(codes, url_for("staff.me"))


def _secret() -> str:
    """Return the secret that waits in this session, a new one when none does."""
    try:
        return unseal(bytes.fromhex(session[_SECRET]), place=_PLACE)
    except (KeyError, BrokenSeal):
        secret = new_secret()
        session[_SECRET] = seal(secret, place=_PLACE).hex()
        return secret


def _enrol(filled: forms.Filled, status: int) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["loyalty.settings"]
    account, secret = queries.account(_own_id()), _secret()
    issuer = settings.group_name or _("After-sales centre")
    picture = segno.make(app_address(secret, username=account.username, issuer=issuer), error="l", micro=False)
    shown = render_template(
        "staff/factor.html",
        form=filled,
        account=account,
        has_factor=queries.factor(account.id) is not None,
        key=in_groups(secret, " "),
        # Our own drawing of our own text, with no style in it: the content policy takes none.
        picture=Markup(picture.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)),  # noqa: S704
    )
    return shown, status


def _recovery_codes(codes: list[str], following: str) -> ResponseReturnValue:
    return render_template(
        "staff/recovery_codes.html",
        codes=[in_groups(code) for code in codes],
        account=queries.account(_own_id()),
        following=own_address(following, HOME),
    )


def _again(template: str, filled: forms.Filled, field: str, problem: Problem, **more: str) -> ResponseReturnValue:
    """Return the form once more with what is wrong with it."""
    if isinstance(problem, Malformed):
        return render_template(template, form=told(filled, problem), **more), 422
    wrong = forms.Filled({}, {field: [say(problem.sentence, problem.details)]}, filled.typed)
    page = render_template(template, form=wrong, **more)
    if isinstance(problem, Locked):
        return page, 429, {"Retry-After": str(problem.retry_after)}
    return page, 409


def _tell_codes_left(left: int | None) -> None:
    if left is not None:
        words = ngettext("%(num)d recovery code is left.", "%(num)d recovery codes are left.", left)
        notify(words + " " + _("New ones are made under My settings."), tone="due")


def _proof() -> str:
    return "code" if queries.factor(_own_id()) else "password"


def _own_id() -> int:
    own = current_actor().id
    if own is None:
        raise RuntimeError("only accounts are signed in to the staff pages")
    return own
