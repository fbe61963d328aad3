"""Who may open a page or call an operation; each view says it where it is written.

A view without a mark is refused to all, so that a forgotten guard shuts a door and never opens one. What may do great
harm asks a person to prove once more who they are (`fresh`): by the second factor, or by the password where there is
none. Programs have nothing but their token, which says all that they may do.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request

from loyalty.kernel.errors import Forbidden, NotSignedIn
from loyalty.web import sessions
from loyalty.web.requests import actor_or_none, current_actor, request_now

P = ParamSpec("P")
R = TypeVar("R")

OPEN = "open"
SIGNED_IN = "signed in"
OWNER = "owner"
MARK = "loyalty_permission"
FRESH_FOR = timedelta(minutes=10)
_PROOF = "loyalty.proof"


class ProofNeeded(NotSignedIn):
    """The person is signed in, and proved who they are too long ago for this."""

    code = "proof_needed"
    sentence = "Please confirm first that it is you."


def _marked(view: Callable[P, R], mark: str) -> Callable[P, R]:
    setattr(view, MARK, mark)
    return view


def guard(permission: str, *, fresh: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in only actors that hold `permission` in some store; which rows they see is up to the query's scope.

    With `fresh`, a person whose second factor was used more than 10 minutes ago is asked for it first (ProofNeeded).
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            current_actor().require(permission)
            if fresh:
                require_proof()
            return view(*args, **kwargs)

        return _marked(guarded, permission)

    return decorate


def require_proof() -> None:
    """Refuse (ProofNeeded) a person who has not proved within the last 10 minutes who they are."""
    if current_actor().kind != "staff":
        return
    proved_at = current_app.extensions[_PROOF]()
    if proved_at is None or proved_at < request_now() - FRESH_FOR:
        raise ProofNeeded


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let in any member of staff or client that is known."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        current_actor()
        return view(*args, **kwargs)

    return _marked(guarded, SIGNED_IN)


def owner_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let in owners, who see what is theirs."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if current_actor().kind != "owner":
            raise NotSignedIn
        return view(*args, **kwargs)

    return _marked(guarded, OWNER)


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Let in everybody: sign-in, open links, health, static files."""
    return _marked(view, OPEN)


def mark_of(app: Flask, endpoint: str) -> str | None:
    """Return what the view of `endpoint` asks for: a permission, one of the words above, or None when unmarked."""
    view: Callable[..., object] | None = app.view_functions[endpoint]
    while view is not None:
        mark: str | None = getattr(view, MARK, None)
        if mark is not None:
            return mark
        view = getattr(view, "__wrapped__", None)
    return None


def init_app(app: Flask, open_blueprints: frozenset[str]) -> None:
    """Refuse views without a mark, but for those of the libraries in `open_blueprints` (files and their own forms)."""

    def refuse_unmarked() -> None:
        endpoint = request.endpoint
        if endpoint is None or endpoint.rpartition(".")[2] == "static" or endpoint.split(".")[0] in open_blueprints:
            return
        if mark_of(current_app, endpoint) is None:
            if actor_or_none() is None:
                raise NotSignedIn
            raise Forbidden(permission=endpoint)

    app.before_request(refuse_unmarked)
    app.extensions[_PROOF] = sessions.proved_at
