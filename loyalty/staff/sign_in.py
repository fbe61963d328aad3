"""Sign-in to the staff pages, by Flask-Security under our own layout, sessions and words.

Flask-Security owns the steps: the password, and for whoever has a second factor the stop after it (`CodeStep`). Its own
pages of the second factor are not used, since they would take a code twice and know no tries. Ours are the form, the
lock after failures, the codes (`pages.factor`), the server-side session with its new id, and the audit row. Who acts in
a request is found by `staff_actor` alone; Flask-Security's own ways to load a user with each request are switched off,
since they would ask the database again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, after_this_request, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, user_authenticated
from flask_security.core import RoleMixin
from flask_security.tf_plugin import TfPluginBase
from flask_security.utils import login_user
from wtforms import PasswordField, StringField

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed, Problem
from loyalty.staff import queries, service
from loyalty.staff.models import Account
from loyalty.staff.rules import AccountDisabled, SignInAgain, SignInLocked, SignInRefused, normal_username
from loyalty.staff.service.hashing import LANES, MEMORY_KIB, TIME_COST
from loyalty.web import sessions
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.requests import ask_first, remote_address, request_now

BLUEPRINT = "security"
SIGN_IN = "60/minute;600/hour"  # of one address: a whole dealership may sign in from behind one at half past eight
UNPROCESSABLE, TOO_MANY = 422, 429

CODE_PAGE = "/staff/login/code"
CONFIRM_PAGE = "/staff/confirm"
FACTOR_PAGE = "/staff/me/factor"
PASSWORD_PAGE = "/staff/me/password"  # noqa: S105 - an address
LEAVE_PAGE = "/staff/logout"
CODE_WITHIN = timedelta(minutes=10)
_WHO = "tf_user_id"  # where Flask-Security keeps it
_WAITING = "tf_waiting"

SETTINGS = {
    "URL_PREFIX": "/staff",
    "LOGIN_USER_TEMPLATE": "staff/login.html",
    "LOGOUT_METHODS": ["POST"],
    "POST_LOGIN_VIEW": "/staff/",
    "POST_LOGOUT_VIEW": "/staff/login",
    "STATIC_FOLDER": None,
    "FLASH_MESSAGES": False,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": normal_username}}],
    "JOIN_USER_ROLES": False,
    "API_ENABLED_METHODS": ["session"],
    "FRESHNESS": timedelta(seconds=-1),  # `web.guards` asks for a fresh proof
    "TWO_FACTOR_ALWAYS_VALIDATE": True,  # no browser is remembered in place of the second factor
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": True,
    "PASSWORD_NORMALIZE_FORM": "NFKC",
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__rounds": TIME_COST,
        "argon2__memory_cost": MEMORY_KIB,
        "argon2__parallelism": LANES,
    },
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody between password and code, and the page that was asked for."""

    account_id: int
    by: Actor
    next: str


class SignInForm(LoginForm):
    """User name and password; every way to be wrong has the same answer."""

    email = None
    remember = None
    username = StringField()
    password = PasswordField()

    def validate(self, **kwargs: Any) -> bool:
        """Return whether the person may come in; each call with both fields filled counts as one try."""
        self.ifield = self.username  # so that Flask-Security looks for nobody itself
        missing = self._missing()
        if missing:
            return self._answer(UNPROCESSABLE, missing)
        username = _readable(self.username.data)
        try:
            locked_until = service.begin_sign_in(username, now=request_now())
        except SignInLocked as locked:
            return self._answer(TOO_MANY, locked)
        self.user = _datastore.find_user(username=username)
        if super().validate(**kwargs):
            return True
        self.username.errors, self.password.errors = [], []
        if self.user_authenticated:
            return self._answer(UNPROCESSABLE, AccountDisabled())
        if locked_until:
            account_id = self.user.id if self.user else None
            service.note_lock(account_id, locked_until, now=request_now(), by=_somebody())
            return self._answer(TOO_MANY, SignInLocked.until(locked_until, request_now()))
        return self._answer(UNPROCESSABLE, SignInRefused())

    @property
    def mistakes(self) -> dict[str, list[str]]:
        """What is wrong, by field, `_form` for the whole."""
        told = {
            "username": self.username.errors,
            "password": self.password.errors,
            "_form": self.form_errors,
        }
        return {name: [str(sentence) for sentence in sentences] for name, sentences in told.items() if sentences}

    def _missing(self) -> Malformed | None:
        needed = {"username": self.username, "password": self.password}
        empty = [name for name, field in needed.items() if not field.data]
        sentences = {"username": "Enter the user name.", "password": "Enter the password."}
        return Malformed({name: [sentences[name]] for name in empty}) if empty else None

    def _answer(self, status: int, problem: Problem) -> bool:
        """Have the form shown again with this status, and the problem in the reader's language."""
        if isinstance(problem, Malformed):
            for name, sentences in problem.errors.items():
                self[name].errors = [say(sentence) for sentence in sentences]
        else:
            self.form_errors = [say(problem.sentence, problem.details)]

        @after_this_request
        def mark(response: Response) -> Response:
            response.status_code = status
            if isinstance(problem, SignInLocked):
                response.headers["Retry-After"] = str(problem.retry_after)
            return response

        return False


class CodeStep(TfPluginBase):
    """The stop between password and code, for accounts with a second factor."""

    def create_blueprint(self, *_given: Any) -> None:
        """Add no pages: ours stand in `pages.factor`."""

    def get_setup_methods(self, user: Account) -> list[tuple[str, str]]:  # type: ignore[override]  # ours alone
        """Return one way to go on when the account has a second factor, else none."""
        return [("code", "")] if queries.factor(user.id) else []

    def tf_login(self, user: Account, _payload: dict[str, Any], next_loc: str | None) -> ResponseReturnValue:  # type: ignore[override]  # ours alone
        """Remember who has given the right password, and lead on to the code."""
        service.forget_password_tries(user.username)
        sessions.renew_id()
        session[_WAITING] = {"until": (request_now() + CODE_WITHIN).isoformat(), "next": next_loc or ""}
        return redirect(CODE_PAGE, 303)


_datastore = SQLAlchemyUserDatastore(db, Account, RoleMixin)


def init_app(app: Flask) -> None:
    """Serve /staff/login and /staff/logout."""
    app.config.update({f"SECURITY_{name}": value for name, value in SETTINGS.items()})
    security = Security(app, _datastore, login_form=SignInForm)
    security.support_mfa = True  # after the constructor, which would serve its own pages too
    security.two_factor_plugins.register_tf_impl(app, "code", CodeStep)
    security.principal.identity_loaders.clear()
    security.login_manager.user_loader(_account_of_session)
    security.login_manager.request_loader(lambda _request: None)
    security.want_json(lambda _request: False)
    login = f"{BLUEPRINT}.login"
    view: Callable[..., Any] = app.view_functions[login]
    app.view_functions[login] = limited(SIGN_IN, scope="staff sign-in")(view)
    user_authenticated.connect(_came_in, app)
    user_logged_out.connect(_left, app)


def waiting_for_code() -> Waiting | None:
    """Return who has given the right password and not yet a code, or None when nobody has, or too long ago."""
    waiting, uniquifier = session.get(_WAITING), session.get(_WHO)
    if not waiting or not uniquifier or datetime.fromisoformat(waiting["until"]) < request_now():
        return None
    account = _datastore.find_user(fs_uniquifier=uniquifier)
    if not isinstance(account, Account) or not account.active:
        return None
    by = Actor(kind="staff", id=account.id, name=account.name, address=remote_address())
    return Waiting(account.id, by, waiting["next"])


def finish_with_code(code: str) -> int | None:
    """Sign in whoever waits for a code; return how many recovery codes are left when one of them was used, else None.

    CodeRefused and CodesLocked as `service.use_code` says; SignInAgain when nobody waits any more.
    """
    waiting = waiting_for_code()
    if waiting is None:
        raise SignInAgain
    left = service.use_code(waiting.account_id, code, now=request_now(), by=waiting.by)
    account = _datastore.find_user(id=waiting.account_id)
    if account is None:
        raise SignInAgain
    session.pop(_WHO)
    session.pop(_WAITING)
    login_user(account, authn_via=["code"])
    return left


def staff_actor() -> Actor | None:
    """Return who is signed in to the staff pages, or None.

    Somebody who must first change a given password or set up the second factor is known on the pages for that alone.
    """
    uniquifier = session.get("_user_id")
    if uniquifier is None or sessions.subject("staff") is None:
        return None
    found = queries.signed_in(uniquifier, now=request_now(), address=remote_address())
    if found is None or (found.has_factor and sessions.proof() != "code"):
        return None
    first = PASSWORD_PAGE if found.password_given else FACTOR_PAGE if found.must_enrol else None
    if first is not None and request.path not in {first, CONFIRM_PAGE, LEAVE_PAGE}:
        ask_first(first)
        return None
    return found.actor


def client_actor() -> Actor | None:
    """Return the program whose token came in the header `Authorization: Bearer …`, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    now = request_now()
    actor = queries.client_actor(token.strip(), now=now, address=remote_address())
    if actor is not None and actor.id is not None:
        _note_use(actor.id, now)
    return actor


_noted: dict[int, datetime] = {}
"""When this process last wrote that a program came: asking the database with each request would slow each one."""


def _note_use(client_id: int, now: datetime) -> None:
    noted = _noted.get(client_id)
    if noted is None or abs(now - noted) >= service.USE_EVERY:
        _noted[client_id] = now
        service.note_use(client_id, now=now)


def _account_of_session(uniquifier: str) -> Account | None:
    """Return the account for Flask-Security's own pages; other pages know the actor and need no account."""
    if request.blueprint != BLUEPRINT or sessions.subject("staff") is None:
        return None
    account = _datastore.find_user(fs_uniquifier=uniquifier)
    if not isinstance(account, Account) or not account.active:
        return None
    return account if sessions.proof() == "code" or queries.factor(account.id) is None else None


def _came_in(_app: Flask, user: Account, authn_via: Sequence[str] | None = None, **_more: Any) -> None:
    """Give the session a new id and the person, and write who came in."""
    session.pop("csrf_token", None)
    sessions.sign_in("staff", user.id, proof="code" if "code" in (authn_via or ()) else "password")
    by = Actor(kind="staff", id=user.id, name=user.name, address=remote_address())
    service.record_sign_in(user.id, username=user.username, now=request_now(), by=by)


def _left(_app: Flask, user: Any = None, **_more: Any) -> None:
    sessions.sign_out()
    if isinstance(user, Account):
        by = Actor(kind="staff", id=user.id, name=user.name, address=remote_address())
        service.record_sign_out(user.id, now=request_now(), by=by)


def _somebody() -> Actor:
    """Return the actor of what people do who have not shown who they are."""
    return Actor(kind="system", id=None, name="sign-in", address=remote_address())


def _readable(typed: str) -> str:
    """Return the user name as it would be stored; what could never be one stays as it is, and is nobody's."""
    try:
        return normal_username(typed)
    except Malformed:
        return typed
