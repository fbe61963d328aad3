"""Versions of the rules for programs."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from loyalty.kernel.errors import Malformed
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor, page_size
from loyalty.programme import queries, service
from loyalty.programme.rules.forms import Change, offered
from loyalty.programme.rules.forms.plainly import changes
from loyalty.programme.schemas import (
    CompareQuery,
    ComparisonSchema,
    DraftSchema,
    NoteSchema,
    VersionSchema,
    VersionsQuery,
    VersionsSchema,
)
from loyalty.programme.words import speaker
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "programme",
    __name__,
    url_prefix="/programme/versions",
    description="Versions of the rules: written by one person, approved by another, never changed once active.",
)


@operations.get("")
@guard("programme.read")
@operations.arguments(VersionsQuery, location="query")
@operations.response(200, VersionsSchema)
def list_versions(asked: dict[str, Any]) -> Page[queries.VersionView]:
    """Return versions, newest first, of one kind or of all."""
    size = page_size(asked["limit"])
    before = decode_cursor(asked["cursor"], [int])[0] if asked["cursor"] else None
    found = queries.versions(kind=asked["kind"], before_id=before, limit=size + 1)
    return Page(found[:size], encode_cursor([found[size - 1].id]) if len(found) > size else None)


@operations.get("/<int:version_id>")
@guard("programme.read")
@operations.response(200, VersionSchema)
def show_version(version_id: int) -> queries.VersionView:
    """Return one version with its rules."""
    return queries.version(version_id)


@operations.post("")
@guard("programme.edit")
@operations.takes_key
@operations.arguments(DraftSchema)
@operations.response(201, VersionSchema)
def draft(asked: dict[str, Any]) -> Response:
    """Write a draft; what is wrong with its rules is named by place, as `body.levels[0].threshold`."""
    return _once(
        "programme.draft",
        request.get_json(),
        lambda: service.draft(
            asked["kind"],
            asked["body"],
            effective_from=asked["effective_from"],
            now=request_now(),
            by=current_actor(),
        ),
        status=201,
    )


@operations.post("/<int:version_id>:submit")
@guard("programme.edit")
@operations.takes_key
@operations.response(200, VersionSchema)
def submit(version_id: int) -> Response:
    """Ask for a draft to be approved."""

    def work() -> int:
        service.submit(version_id, now=request_now(), by=current_actor())
        return version_id

    return _once("programme.submit", {"version": version_id}, work)


@operations.post("/<int:version_id>:approve")
@guard("programme.approve")
@operations.takes_key
@operations.response(200, VersionSchema)
def approve(version_id: int) -> Response:
    """Activate a version in review; refused to its author, who is the person that answers for the token."""

    def work() -> int:
        service.approve(version_id, now=request_now(), by=current_actor())
        return version_id

    return _once("programme.approve", {"version": version_id}, work)


@operations.post("/<int:version_id>:send-back")
@guard("programme.approve")
@operations.takes_key
@operations.arguments(NoteSchema)
@operations.response(200, VersionSchema)
def send_back(asked: dict[str, Any], version_id: int) -> Response:
    """Give a version in review back to its author."""

    def work() -> int:
        service.send_back(version_id, note=asked["note"], now=request_now(), by=current_actor())
        return version_id

    return _once("programme.send_back", {"version": version_id, **asked}, work)


@operations.post("/<int:version_id>:withdraw")
@guard("programme.approve")
@operations.takes_key
@operations.arguments(NoteSchema)
@operations.response(200, VersionSchema)
def withdraw(asked: dict[str, Any], version_id: int) -> Response:
    """Retire an approved version before it begins; refused once it has begun."""

    def work() -> int:
        service.withdraw(version_id, note=asked["note"], now=request_now(), by=current_actor())
        return version_id

    return _once("programme.withdraw", {"version": version_id, **asked}, work)


@operations.get("/compare")
@guard("programme.read")
@operations.arguments(CompareQuery, location="query")
@operations.response(200, ComparisonSchema)
def compare(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what is different between two versions of a kind, field by field, in words."""
    before, after = queries.version(asked["before"]), queries.version(asked["after"])
    if before.kind != after.kind:
        raise Malformed({"after": ["Compare versions of one kind."]})
    word = speaker(offered(request_now()))
    found = changes(after.kind, before.body, after.body)
    return {
        "before": before.id,
        "after": after.id,
        "differences": [
            {
                "within": [word(title) for title in block.titles],
                "field": word(line.label),
                "before": None if line.before is None else word(line.before),
                "after": None if line.after is None else word(line.after),
                "change": line.change.value,
            }
            for block in found
            for line in block.lines
            if line.change is not Change.SAME
        ],
    }


def _once(operation: str, body: object, work: Callable[[], int], *, status: int = 200) -> Response:
    """Answer with the version that `work` names, once for the key of this request."""
    answer = answer_once(operation, body, lambda: VersionSchema().dump(queries.version(work())))
    return make_response(answer, status)
