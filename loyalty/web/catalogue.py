"""Every error that the API can answer, read from the code, so that the list is never older than the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

from flask import Blueprint, Flask, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.kernel.errors import Problem
from loyalty.web.errors import HTTP_CODES, HTTP_TEXTS, STATUSES
from loyalty.web.guards import open_to_all

ADDRESS = "/api/v1/errors"

# What a program does about a status; the code says which of its cases it is.
ADVICE_TEXTS = {
    400: "Mend the request; the same again is answered the same.",
    401: "Send a token that is valid as “Authorization: Bearer …”.",
    403: "Ask an administrator for the permission that the details name.",
    404: "It does not exist, or lies outside the stores of the token; both are answered alike.",
    405: "Look up the method in the documentation.",
    406: "Ask for application/json.",
    409: "A rule says no; the sentence names it. The same again is refused until the facts change.",
    413: "Send less at once.",
    415: "Send application/json.",
    422: "Mend the fields that the details name; nothing was changed.",
    429: "Wait for the seconds of Retry-After, then send the same again.",
    500: "Send the same again with the same Idempotency-Key; name the reference when asking about it.",
    503: "Wait for the seconds of Retry-After, then send the same again with the same Idempotency-Key.",
}

pages = Blueprint("error_catalogue", __name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: its status, its English sentence, and the names that its details may hold."""

    code: str
    status: int
    sentence: str
    details: tuple[str, ...]


@pages.get(ADDRESS)
@open_to_all
def show() -> ResponseReturnValue:
    """Show every error by status, with what a program does about it."""
    return render_template("web/error_catalogue.html", errors=_told())


@pages.get(f"{ADDRESS}.json")
@open_to_all
def listed() -> ResponseReturnValue:
    """Answer the same for programs."""
    return jsonify(errors=_told())


def _told() -> list[dict[str, Any]]:
    """Return every error with its sentences in the language asked for."""
    return [
        {
            "code": entry.code,
            "status": entry.status,
            "message": gettext(entry.sentence),
            "details": entry.details,
            "advice": gettext(ADVICE_TEXTS[entry.status]),
        }
        for entry in catalogue()
    ]


def catalogue() -> list[Entry]:
    """Return every code once, by status and name."""
    known = {problem.code: _entry(problem) for problem in _kinds(Problem) if "code" in vars(problem)}
    for status, code in HTTP_CODES.items():
        known.setdefault(code, Entry(code, status, HTTP_TEXTS[status], _names(HTTP_TEXTS[status])))
    return sorted((entry for entry in known.values() if entry.code), key=lambda entry: (entry.status, entry.code))


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)


def _entry(problem: type[Problem]) -> Entry:
    status = next(STATUSES[base] for base in problem.__mro__ if base in STATUSES)
    return Entry(problem.code, status, problem.sentence, _names(problem.sentence))


def _names(sentence: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(sentence) if name))


def init_app(app: Flask) -> None:
    """Serve the list."""
    app.register_blueprint(pages)
