"""Reading a member's points and level."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Response, request

from loyalty.kernel.clock import day_at, parse_moment
from loyalty.kernel.paging import page_size
from loyalty.membership import queries
from loyalty.membership.api.blueprint import operations
from loyalty.membership.rules import Rung, check_past
from loyalty.membership.schemas import EntriesQuery, EntryList, LotList, MomentQuery, PointsAnswer, TierAnswer
from loyalty.points import queries as ledger
from loyalty.staff.queries import stores_by_ids
from loyalty.web.api import json_answer
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

_ACCOUNT = frozenset({"available", "pending", "held", "debt"})


@operations.get("/<number>/points")
@guard("points.read")
@operations.response(200, PointsAnswer)
@operations.doc(parameters=[{"in": "query", "name": "as_of", "schema": {"type": "string", "format": "date-time"}}])
def read_points(number: str) -> Response:
    """Read points, level, what lapses next, and the last ten movements; with `as_of` as the ledger stood then.

    Where activity prolongs points, `next_end` of the past is told by the ends of now: former ends are not kept.

    Owners look here most of all, so the answer is written by hand from one statement.
    """
    now, scope = request_now(), current_actor().scope("points.read")
    if "as_of" in request.args:
        as_of = parse_moment(request.args["as_of"], place="as_of")
        check_past(as_of, now=now, place="as_of")
        return json_answer(_past(number, as_of))
    one = queries.summary(number, scope, now=now)
    ends = one.next_end_at
    return json_answer(
        {
            "number": one.number,
            "state": one.state,
            "level": one.level_code,
            "level_until": one.valid_to,
            "balance": {"available": one.available, "pending": one.pending, "held": one.held, "debt": one.debt},
            "next_end": None if ends is None else {"at": ends, "points": one.next_end_points},
            "movements": [_movement(*movement) for movement in one.movements],
        }
    )


@operations.get("/<number>/lots")
@guard("points.read")
@operations.arguments(EntriesQuery(only=("cursor", "limit")), location="query")
@operations.response(200, LotList)
def list_lots(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """List what each award gave and what is left of it, the youngest first."""
    member = queries.member(number, current_actor().scope("points.read"))
    page = queries.lots(member.customer_id, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    items = [{**asdict(lot), "source": lot.source_number} for lot in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operations.get("/<number>/entries")
@guard("points.read")
@operations.arguments(EntriesQuery, location="query")
@operations.response(200, EntryList)
def list_entries(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """List the movements of points or growth, the latest first, each with its document and the rule's version."""
    member = queries.member(number, current_actor().scope("points.read"))
    page = queries.movements(
        member.customer_id, unit=asked["unit"], cursor=asked["cursor"], limit=page_size(asked["limit"])
    )
    return {"items": [_entry(one) for one in page.items], "next_cursor": page.next_cursor}


@operations.get("/<number>/tier")
@guard("members.read")
@operations.arguments(MomentQuery, location="query")
@operations.response(200, TierAnswer)
def read_tier(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Explain the level: why, what is missing for each other, and when it is reviewed; at `as_of` as it stood then."""
    now = request_now()
    check_past(asked["as_of"], now=now, place="as_of")
    member = queries.member(number, current_actor().scope("members.read"))
    zone = stores_by_ids([member.store_id])[member.store_id].zone
    ladder = queries.ladder(member.customer_id, member.joined_day, as_of=day_at(asked["as_of"] or now, zone))
    if ladder is None:
        nothing = dict.fromkeys(("level", "since_day", "valid_to", "review_day", "currency", "keep"))
        return {**nothing, "ladder": []}
    return {
        "level": ladder.level.code,
        "since_day": ladder.since_day,
        "valid_to": ladder.valid_to,
        "review_day": ladder.review_day,
        "currency": ladder.scheme.currency,
        "keep": None if ladder.kept is None else _rung(ladder.kept),
        "ladder": [_rung(rung) for rung in ladder.rungs],
    }


def _past(number: str, as_of: datetime) -> dict[str, Any]:
    """Return the balance and level as they stood at a moment of the past, and the movements booked by then."""
    now = request_now()
    member = queries.member(number, current_actor().scope("points.read"))
    stood = ledger.balance(member.customer_id, now=now, as_of=as_of)
    zone = stores_by_ids([member.store_id])[member.store_id].zone
    ladder = queries.ladder(member.customer_id, member.joined_day, as_of=day_at(as_of, zone))
    booked = queries.movements(member.customer_id, booked_until=as_of, limit=10)
    ends = stood.next_end_at
    return {
        "number": member.number,
        "state": member.state,
        "level": None if ladder is None else ladder.level.code,
        "level_until": None if ladder is None or ladder.valid_to is None else ladder.valid_to.isoformat(),
        "balance": {"available": stood.available, "pending": stood.pending, "held": stood.held, "debt": stood.debt},
        "next_end": None if ends is None else {"at": ends.isoformat(), "points": stood.next_end_points},
        "movements": [
            {
                "id": one.id,
                "at": one.occurred_at.isoformat(),
                "kind": one.kind,
                "points": one.points,
                "source_kind": one.source_kind,
                "source": one.source_number,
                "reason": one.reason,
            }
            for one in booked.items
        ],
    }


def _entry(one: queries.Movement) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.occurred_at,
        "booked_at": one.booked_at,
        "kind": one.kind,
        "points": one.points,
        "moved": one.moved,
        "debit": one.debit,
        "credit": one.credit,
        "key": one.key,
        "source_kind": one.source_kind,
        "source": one.source_number,
        "reason": one.reason,
        "by": one.actor_name,
        "rules": one.version_kind,
        "rules_version": one.version_number,
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "level": rung.level.code,
        "rank": rung.level.rank,
        "least": rung.least,
        "reached": rung.reached,
        "criteria": [
            {
                "metric": one.metric,
                "value": one.figure,
                "threshold": one.whole,
                "missing": max(0, one.whole - one.figure),
                "from_day": one.from_day,
                "to_day": one.to_day,
            }
            for one in rung.checks
        ],
    }


def _movement(*columns: Any) -> dict[str, Any]:
    at, kind, debit, credit, points, occurred_at, source_kind, source, reason = columns
    sign = (credit in _ACCOUNT) - (debit in _ACCOUNT)
    return {
        "id": at,
        "at": occurred_at,
        "kind": kind,
        "points": sign * points,
        "source_kind": source_kind,
        "source": source,
        "reason": reason,
    }
