"""Versions of the rules for programs."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from loyalty.kernel.paging import Page, decode_cursor, encode_cursor, page_size
from loyalty.programme import queries, service
from loyalty.programme.schemas import DraftSchema, VersionSchema, VersionsQuery, VersionsSchema
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


def _once(operation: str, body: object, work: Callable[[], int], *, status: int = 200) -> Response:
    """Answer with the version that `work` names, once for the key of this request."""
    answer = answer_once(operation, body, lambda: VersionSchema().dump(queries.version(work())))
    return make_response(answer, status)
