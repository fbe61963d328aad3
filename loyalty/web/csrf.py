"""Forms of our pages are taken only from our pages; programs prove themselves by token and have no cookie to abuse."""

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from loyalty.kernel.errors import NotSignedIn, Problem
from loyalty.web.guards import OPEN, mark_of
from loyalty.web.requests import actor_or_none

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKENS_ONLY = "/api/"
# Choices about looks come from pages of staff and of owners, whose sessions differ; the origin says enough for them.
# An opt-out is posted by mail programs too, which have no page of ours; its address is the proof.
ORIGIN_ENOUGH = frozenset({"web.choose_looks", "opt_out.confirm"})


class StrangeForm(Problem):
    """The form did not come from a page of ours, or the page stood open for too long."""

    code = "strange_form"
    sentence = "This form has run out. Please go back, reload the page and send it again."


def from_our_site(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Return whether a browser says that the request comes from a page of `host`.

    `origin` and `fetch_site` are the headers Origin and Sec-Fetch-Site; programs that send neither cannot be riding on
    a browser's cookies, and the token is still asked of them.
    """
    if origin is not None:
        return origin != "null" and urlsplit(origin).netloc == host
    return fetch_site in (None, "same-origin", "none")


def _send_to_sign_in() -> None:
    """Refuse as not signed in what needs a sign-in: when that has run out, the token has too."""
    if request.endpoint and mark_of(current_app, request.endpoint) != OPEN and actor_or_none() is None:
        raise NotSignedIn


def init_app(app: Flask) -> None:
    """Check the origin and the token of every unsafe request but those of the API."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session: a form may stand open over lunch
    app.config["WTF_CSRF_SSL_STRICT"] = False  # Origin is checked here, where Referer may be withheld
    protection = CSRFProtect(app)

    def check() -> None:
        if request.method not in UNSAFE or request.path.startswith(TOKENS_ONLY):
            return
        if not from_our_site(request.host, request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")):
            raise StrangeForm
        if request.endpoint in ORIGIN_ENOUGH or not app.config["WTF_CSRF_ENABLED"]:
            return
        try:
            protection.protect()
        except CSRFError as error:
            _send_to_sign_in()
            raise StrangeForm from error

    app.before_request(check)
