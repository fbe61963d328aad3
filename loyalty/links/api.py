"""Links for programs: where signed events come in, and how links fare."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from loyalty.kernel.errors import Malformed
from loyalty.kernel.paging import page_size
from loyalty.links import queries
from loyalty.links.queries import LinkView, RejectView, Standing
from loyalty.links.rules import (
    MOST_SECONDS,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureWrong,
    UnknownLink,
    check_signature,
)
from loyalty.links.rules.states import lag
from loyalty.links.schemas import (
    AnsweredBody,
    EventBody,
    LinkBody,
    LinksBody,
    RejectedPageBody,
    RejectedQuery,
    event_id,
)
from loyalty.links.service import Received, receive
from loyalty.sales.rules import effect_of
from loyalty.staff.queries import stores_by_ids
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import guard, open_to_all
from loyalty.web.json_fields import effects_json
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint("links", __name__, description="Links to the core sales system.")

MOST_BYTES = 2 * 1024 * 1024
RATE = "600/minute"
WAITING = 202
SIGNED: list[Mapping[str, Any]] = [
    {
        "in": "header",
        "name": TIMESTAMP_HEADER,
        "required": True,
        "schema": {"type": "string"},
        "description": f"The moment of sending in Unix seconds; at most {MOST_SECONDS} s away from the clock here.",
    },
    {
        "in": "header",
        "name": SIGNATURE_HEADER,
        "required": True,
        "schema": {"type": "string"},
        "description": "`sha256=` and HMAC-SHA256 in hexadecimal, under the link's secret, over the timestamp, a full "
        "stop and the raw body.",
    },
]


def take_little(_endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    """Let nobody send more than an event may have, before anything reads the body."""
    request.max_content_length = MOST_BYTES


operations.url_value_preprocessor(take_little)


@operations.post("/links/<code>/events")
@open_to_all
@limited(RATE, scope="links.events")
@operations.doc(
    parameters=SIGNED,
    security=[],
    requestBody={"required": True, "content": {"application/json": {"schema": EventBody}}},
)
@operations.alt_response(WAITING, schema=AnsweredBody, description="The event is kept and is worked on later.")
@operations.response(200, AnsweredBody)
def receive_event(code: str) -> Response:
    """Take an event of the core system.

    No token is needed: the signature proves who sends. The event is kept before it is worked on, and the same event
    again answers the same; another body under its id is refused. What is known with other content is corrected.
    """
    raw = request.get_data(cache=True)
    link = _signed_link(code, raw)
    body = _read(raw)
    received = receive(link, event_id(body), raw, now=request_now())
    made = jsonify(_answer(received))
    made.status_code = WAITING if received.state == "waiting" else 200
    return made


@operations.get("/links")
@guard("links.read")
@operations.response(200, LinksBody)
def list_links() -> dict[str, Any]:
    """List the links and how they fare."""
    found = queries.links(current_actor())
    standings = queries.standings([link.id for link in found], request_now())
    return {"items": [_body(link, standings[link.id]) for link in found]}


@operations.get("/links/<code>")
@guard("links.read")
@operations.response(200, LinkBody)
def show_link(code: str) -> dict[str, Any]:
    """Show how one link fares."""
    link = queries.link_by_code(code, current_actor())
    return _body(link, queries.standings([link.id], request_now())[link.id])


@operations.get("/links/<code>/rejected")
@guard("links.read")
@operations.arguments(RejectedQuery, location="query", as_kwargs=True)
@operations.response(200, RejectedPageBody)
def list_rejected(code: str, cursor: str | None, limit: int | None) -> dict[str, Any]:
    """List what was not taken and waits to be mended, the latest first."""
    link = queries.link_by_code(code, current_actor())
    page = queries.rejects_page(link.id, limit=page_size(limit), cursor=cursor)
    return {"items": [_rejected(reject) for reject in page.items], "next_cursor": page.next_cursor}


def _signed_link(code: str, raw: bytes) -> LinkView:
    """Return the link whose secret has signed the body; one that is unknown answers like a wrong signature."""
    now = request_now()
    try:
        link = queries.link_by_code(code)
        secrets = queries.secrets_in_force(link.id, now)
    except UnknownLink:
        link, secrets = None, []
    check_signature(
        secrets,
        timestamp=request.headers.get(TIMESTAMP_HEADER),
        signature=request.headers.get(SIGNATURE_HEADER),
        body=raw,
        seconds=int(now.timestamp()),
    )
    if link is None:
        raise SignatureWrong
    return link


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed({"_": ["The body is not JSON in UTF-8."]}) from error


def _answer(received: Received) -> dict[str, Any]:
    return {
        "event": received.event_id,
        "state": received.state,
        "repeated": received.repeated,
        "counts": dict(received.counts),
        "items": [
            {
                "kind": item["kind"],
                "place": item["place"],
                "number": item["number"],
                "state": item["state"],
                "effects": effects_json([effect_of(effect) for effect in item["effects"]]),
                "errors": _errors(item["flaws"]),
            }
            for item in received.items
        ],
    }


def _errors(flaws: Any) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for each in flaws:
        errors.setdefault(each["field"] or "_", []).append(say(each["sentence"], each["numbers"]))
    return errors


def _rejected(reject: RejectView) -> dict[str, Any]:
    return {
        "id": str(reject.id),
        "kind": reject.kind,
        "number": reject.key,
        "tries": reject.tries,
        "first_at": reject.first_at,
        "last_at": reject.last_at,
        "errors": _errors(reject.flaws),
    }


def _body(link: LinkView, standing: Standing) -> dict[str, Any]:
    pull = link.pull
    codes = None
    if link.stores is not None:
        codes = sorted(store.code for store in stores_by_ids(link.stores).values())
    return {
        "code": link.code,
        "name": link.name,
        "kind": link.kind,
        "source": link.source,
        "stores": codes,
        "state": link.state,
        "last_seen_at": standing.seen_at,
        "counts": dict(standing.counts),
        "rejected": standing.rejects,
        "waiting": standing.waiting,
        "pull": None if pull is None else _reading(pull),
    }


def _reading(pull: queries.PullView) -> dict[str, Any]:
    behind = lag(pull.seen_at, pull.plan.every_seconds, request_now())
    return {
        "database": pull.url_shown,
        "view": pull.plan.view,
        "every_seconds": pull.plan.every_seconds,
        "watermark": pull.watermark,
        "lag_seconds": None if behind is None else int(behind.total_seconds()),
        "due_at": pull.due_at,
        "compared_at": pull.compared_at,
        "unreachable_since": pull.unreachable_since,
        "problem": None if pull.problem is None else say(pull.problem["sentence"], pull.problem["numbers"]),
    }
