"""How often one address may ask for what costs much or is guessed at: counted in Valkey, in the process without it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded

from loyalty.kernel.clock import utc_now
from loyalty.kernel.errors import TooMany
from loyalty.kernel.settings import Settings
from loyalty.web.requests import remote_address

PATIENCE = 1.0  # seconds

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


def limited(rule: str, *, scope: str, reads: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse (TooMany) an address whose unsafe requests to the views of `scope` go over `rule`, as "60/minute".

    With `reads` every request counts: for what takes much out of the house at once.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            if reads or request.method not in {"GET", "HEAD", "OPTIONS"}:
                _count(rule, scope)
            return view(*args, **kwargs)

        return counted

    return decorate


def _count(rule: str, scope: str) -> None:
    try:
        with limiter.shared_limit(rule, scope=scope):
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
