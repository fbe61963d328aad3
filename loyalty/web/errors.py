"""The one table from a problem to its status, and the two ways to tell it: a body for programs, a page for people.

Nothing leaves the service as a stack trace: what nobody foresaw is logged with a reference, and the page shows that.
"""

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from loyalty.kernel.db import db
from loyalty.kernel.errors import (
    Forbidden,
    KeyInFlight,
    KeyReused,
    Malformed,
    NotFound,
    NotSignedIn,
    Problem,
    Refused,
    TooMany,
    Unavailable,
)
from loyalty.kernel.money import Money
from loyalty.web.csrf import StrangeForm
from loyalty.web.deadlines import database_is_away
from loyalty.web.guards import ProofNeeded
from loyalty.web.kept import keep_form
from loyalty.web.languages import say, say_line
from loyalty.web.looks import this_address
from loyalty.web.requests import actor_or_none, asked_first

logger = logging.getLogger(__name__)

STATUSES: Mapping[type[Problem], int] = {
    StrangeForm: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Refused: 409,
    KeyInFlight: 409,
    KeyReused: 422,
    Malformed: 422,
    TooMany: 429,
    Unavailable: 503,
    Problem: 409,
}

# What the server itself finds wrong with a request, by status.
HTTP_CODES: Mapping[int, str] = {
    400: "bad_request",
    404: NotFound.code,
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_type",
    422: Malformed.code,
    429: TooMany.code,
    500: "unexpected",
    503: Unavailable.code,
}
HTTP_TEXTS: Mapping[int, str] = {
    400: "The request cannot be read.",
    404: "Nothing was found here.",
    405: "This address cannot be used in this way.",
    406: "There is no answer of the type that was asked for.",
    413: "What was sent is too large; at most {most} MB are taken. Split it, or ask for a higher limit.",
    415: "This type of content is not read here.",
    422: "Some fields need attention.",
    429: "Too many tries. Please try again in a little while.",
    500: "Something went wrong on our side. Please name {reference} when asking about it.",
    503: "The service cannot answer at the moment. Please try again shortly.",
}
OTHER_HTTP_TEXTS = {"other": "The request cannot be answered."}

PAGE_TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Please sign in",
    403: "No access to this page",
    404: "Nothing here",
    405: "This does not work in this way",
    409: "Not possible now",
    413: "The file is too large",
    422: "Some fields need attention",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not available at the moment",
}

SIGN_IN = {"/staff": "/staff/login", "/my": "/my/login"}
CONFIRM = "/staff/confirm"
RETRY_SECONDS = 2
BYTES_IN_MB = 1024 * 1024
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
LOCATIONS = {"json", "query", "form", "files", "headers", "path", "json_or_form", "querystring"}


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it is told: the same for a body and a page. `errors` are those of fields, by path."""

    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def status_of(problem: Problem) -> int:
    """Return the status of `problem`: that of its nearest kind in the table."""
    return next(STATUSES[kind] for kind in type(problem).__mro__ if kind in STATUSES)


def flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Return the nested messages of marshmallow by path: {"lines": {0: {"sku": [..]}}} as {"lines[0].sku": [..]}."""
    return {place: told for place, told in _flat(messages, path) if told}


def _flat(messages: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(messages, Mapping):
        yield path or "_", [say_line(line) for line in (messages if isinstance(messages, list) else [messages])]
        return
    for name, inner in messages.items():
        if isinstance(name, int) or str(name).isdigit():
            below = f"{path}[{name}]"
        elif name == "_schema" or (not path and name in LOCATIONS and isinstance(inner, Mapping)):
            below = path
        else:
            below = f"{path}.{name}" if path else str(name)
        yield from _flat(inner, below)


def tell_problem(problem: Problem) -> Told:
    """Return what is told about `problem`, in the reader's language."""
    headers = {}
    retry = getattr(problem, "retry_after", RETRY_SECONDS if isinstance(problem, Unavailable) else None)
    if retry is not None:
        headers["Retry-After"] = str(retry)
    if isinstance(problem, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    errors = flat(dict(problem.errors)) if isinstance(problem, Malformed) else {}
    return Told(
        status_of(problem), problem.code, say(problem.sentence, problem.details), problem.details, errors, headers
    )


def tell_http(error: HTTPException) -> Told:
    """Return what is told about an error of the server's own, such as 404 or 413, or one that a library aborts with."""
    status = error.code or 500
    code = HTTP_CODES.get(status, "http_error")
    sentence = HTTP_TEXTS.get(status, OTHER_HTTP_TEXTS["other"])
    messages = getattr(error, "data", {}).get("messages") if isinstance(getattr(error, "data", None), dict) else None
    headers = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}
    most = max(1, (request.max_content_length or 0) // BYTES_IN_MB)
    return Told(
        status, code, say(sentence, {"reference": "-", "most": most}), {}, flat(messages) if messages else {}, headers
    )


def tell_unexpected(error: Exception) -> Told:
    """Log `error` with a reference and return what is told: the reference and nothing about the error."""
    reference = secrets.token_hex(4)
    logger.error("Unexpected error %s at %s %s", reference, request.method, request.path, exc_info=error)
    details = {"reference": reference}
    return Told(500, HTTP_CODES[500], say(HTTP_TEXTS[500], details), details)


def plain_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return `details` as JSON can hold them: money as units and currency, days and moments in ISO 8601."""
    return {name: _plain(value) for name, value in details.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain_details(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def answer(told: Told) -> BaseResponse:
    """Return the body for programs or the page for people, by the address that was asked."""
    if request.path.startswith("/api/"):
        made: BaseResponse = body(told)
    elif told.status == 401:  # noqa: PLR2004 - not signed in
        made = to_sign_in(told)
    else:
        made = page(told)
    for name, value in told.headers.items():
        if name != "WWW-Authenticate" or request.path.startswith("/api/"):  # browsers would ask for a password
            made.headers[name] = value
    return made


def body(told: Told) -> Response:
    """Return the one error body: code, message, details."""
    details = plain_details(told.details)
    if told.errors:
        details["errors"] = {place: list(lines) for place, lines in told.errors.items()}
    made = jsonify(code=told.code, message=told.message, details=details)
    made.status_code = told.status
    return made


def to_sign_in(told: Told) -> BaseResponse:
    """Return the way to the page that asks who it is in this part of the site, and leads back here."""
    for prefix, sign_in in SIGN_IN.items():
        if request.path == prefix or request.path.startswith(prefix + "/"):
            here = this_address()
            if request.method == "POST":
                keep_form(here)
            address = CONFIRM if told.code == ProofNeeded.code else asked_first() or sign_in
            return redirect(f"{address}?next={quote(here)}", 303)
    return page(told)


def page(told: Told) -> Response:
    """Return the page of an error under the layout of its part of the site."""
    layout, home = _layout(told.status)
    title = PAGE_TITLES.get(told.status, OTHER_HTTP_TEXTS["other"])
    html = render_template("web/error.html", layout=layout, home=home, told=told, heading=gettext(title))
    return make_response(html, told.status)


def _layout(status: int) -> tuple[str, str]:
    """Return layout and home; what needs the database is not used when it may be the database that is gone."""
    path = request.path
    calm = status < 500  # noqa: PLR2004 - the server's own trouble
    if path == "/my" or path.startswith("/my/"):
        return ("web/portal.html" if calm else "web/plain.html"), "/my/"
    if path == "/staff" or path.startswith("/staff/"):
        return ("web/staff.html" if calm and actor_or_none() else "web/plain.html"), "/staff/"
    return "web/plain.html", "/"


def _on_problem(problem: Problem) -> BaseResponse:
    return answer(tell_problem(problem))


def _on_http(error: HTTPException) -> BaseResponse | HTTPException:
    if error.response is not None or (error.code or 500) < 400:  # noqa: PLR2004 - redirects are no errors
        return error
    # What fails before or after a view, as a session that cannot be read, comes wrapped.
    inner = getattr(error, "original_exception", None)
    if isinstance(inner, DBAPIError | PoolTimeout):
        return _on_database(inner)
    return answer(tell_http(error) if inner is None else tell_unexpected(inner))


def _on_invalid(error: ValidationError) -> BaseResponse:
    return answer(Told(422, Malformed.code, gettext(Malformed.sentence), errors=flat(error.messages)))


def _on_database(error: Exception) -> BaseResponse:
    """Tell that the database does not answer, or took too long; other faults of statements are our own."""
    db.session.rollback()
    absent = isinstance(error, OperationalError | PoolTimeout)
    if absent or (isinstance(error, DBAPIError) and error.connection_invalidated):
        database_is_away()
        logger.warning("The database does not answer at %s %s: %s", request.method, request.path, type(error).__name__)
        return answer(tell_problem(Unavailable()))
    return answer(tell_unexpected(error))


def _on_unexpected(error: Exception) -> BaseResponse:
    return answer(tell_unexpected(error))


def init_app(app: Flask) -> None:
    """Answer every error from the table; call it after the libraries that set handlers of their own."""
    app.register_error_handler(Problem, _on_problem)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(ValidationError, _on_invalid)
    app.register_error_handler(DBAPIError, _on_database)
    app.register_error_handler(PoolTimeout, _on_database)
    app.register_error_handler(Exception, _on_unexpected)
