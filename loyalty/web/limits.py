"""How often one address or one person may ask for what costs much or is guessed at.

It is counted in Valkey, and in the process without it.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded

from loyalty.kernel.clock import utc_now
from loyalty.kernel.errors import TooMany
from loyalty.kernel.settings import Settings
from loyalty.web.requests import actor_or_none, remote_address

PATIENCE = 1.0  # seconds

# Of one person or program.
SEARCHES = "240/minute"  # a field that searches as one types asks a few times for each name
UPLOADS = "120/hour"
USES = "120/minute"  # points moved at the desk
USES_BY_PROGRAM = "12000/minute"
SEARCHES_BY_PROGRAM = "6000/minute"
COPIES_BY_PROGRAM = "300/hour"

P = ParamSpec("P")
R = TypeVar("R")

limiter = Limiter(key_func=remote_address, key_prefix="limits", in_memory_fallback_enabled=True)


def init_app(app: Flask) -> None:
    """Count where the settings say."""
    settings: Settings = app.extensions["loyalty.settings"]
    app.config["RATELIMIT_STORAGE_URI"] = _storage(settings.redis_url)
    if settings.redis_url:  # a Valkey that hangs must not hang us: it is counted in the process then
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    limiter.init_app(app)
    # No limit hangs on an address; the library would look for one at each request, for a twelfth of the time it takes.
    app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001 - it offers no switch for it


def limited(
    rule: str, *, scope: str, reads: bool = False, each: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse (TooMany) an address whose unsafe requests to the views of `scope` go over `rule`, as "60/minute".

    With `reads` every request counts: for what takes much out of the house at once. With `each` those of one person or
    program count, wherever they come from: a whole dealership stands behind one address.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            if reads or request.method not in {"GET", "HEAD", "OPTIONS"}:
                _count(rule, scope, _caller if each else remote_address)
            return view(*args, **kwargs)

        return counted

    return decorate


def _caller() -> str:
    actor = actor_or_none()
    return remote_address() if actor is None else f"{actor.kind}:{actor.id}"


def _count(rule: str, scope: str, key: Callable[[], str]) -> None:
    try:
        with limiter.shared_limit(rule, scope=scope, key_func=key):
            pass
    except RateLimitExceeded:
        full = limiter.current_limit
        # The limits are counted by real time, whatever the application's clock says.
        wait = full.reset_at - int(utc_now().timestamp()) if full else 1
        raise TooMany(retry_after=wait) from None


def _storage(redis_url: str) -> str:
    """Return the address as the limits library writes it."""
    if not redis_url:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url
