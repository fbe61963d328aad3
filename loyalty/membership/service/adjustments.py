"""Adjustments above the limit of one person: asked by one, carried out at the yes of another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from loyalty.approvals.rules import ApprovalKind, Asked, Figure, Named, Present, Preview, Request
from loyalty.approvals.service import ask
from loyalty.customers.queries import customers_by_ids
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.kernel.clock import parse_moment
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.membership import queries
from loyalty.membership.rules import Use, number_of, shown
from loyalty.membership.service.receipts import asked_of, told
from loyalty.points import service as ledger
from loyalty.points.queries import balance, balances
from loyalty.points.rules import Receipt

KIND = "points_adjustment"


def ask_to_adjust(use: Use, *, scope: Scope, now: datetime, by: Actor) -> int:
    """Let an adjustment wait for a second person; return the number of the request.

    Refused: what the ledger would refuse now, and a second one of the member while one waits.
    """
    with transaction():
        member = queries.lock_member(use.number, scope)
        store_id = asked_of(use, member, KIND, "", scope).store_id
        body = {
            "points": use.points,
            "reason": use.reason,
            "store_id": store_id,
            "document": use.document,
            "occurred_at": None if use.occurred_at is None else use.occurred_at.isoformat(),
        }
        asked = Asked(KIND, member.customer_id, member.store_id, about_customer_id=member.customer_id, body=body)
        return ask(asked, now=now, by=by)


def would_adjust(use: Use, *, scope: Scope, now: datetime, by: Actor) -> Receipt:
    """Return what an adjustment above the limit would do if it were approved now; nothing is written."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        asked = asked_of(use, member, "approval", "", scope)
        expires_at = queries.end_of_points(asked.store_id, now) if use.points > 0 else None
        return ledger.adjust(asked, expires_at=expires_at, now=now, by=by, dry_run=True)


def named_members(requests: Sequence[Request]) -> dict[int, Named]:
    """Return name, number and page of the member that each request is about."""
    people = customers_by_ids({request.subject_id for request in requests})
    return {
        request.id: Named(
            "{name}, member {number}",
            {"name": people[request.subject_id].shown_name, "number": shown(number_of(request.subject_id))},
            f"/staff/members/{number_of(request.subject_id)}",
        )
        for request in requests
    }


def _use(request: Request) -> Use:
    body: dict[str, Any] = dict(request.body)
    at = body["occurred_at"]
    return Use(
        number=number_of(request.subject_id),
        points=body["points"],
        reason=body["reason"],
        store_id=body["store_id"],
        document=body["document"],
        occurred_at=None if at is None else parse_moment(at),
    )


def _adjusted(request: Request, *, now: datetime, by: Actor, dry_run: bool) -> Receipt:
    use = _use(request)
    with transaction():
        member = queries.lock_member(use.number, EVERYTHING)
        # Booked under the request, so that it counts for neither person's own limit and leads back to both.
        asked = replace(asked_of(use, member, "approval", "", EVERYTHING), key=f"Q{request.id}", source_id=request.id)
        expires_at = queries.end_of_points(asked.store_id, now) if use.points > 0 else None
        return ledger.adjust(asked, expires_at=expires_at, now=now, by=by, dry_run=dry_run)


def _preview(request: Request, now: datetime) -> Preview:
    before = balance(request.subject_id, now=now)
    receipt = _adjusted(request, now=now, by=SYSTEM, dry_run=True)
    figures = [Figure("Usable points", before.available, receipt.available)]
    if before.debt or receipt.debt:
        figures.append(Figure("Owed points", before.debt, receipt.debt))
    return Preview(receipt.effects, tuple(figures))


def _present(requests: Sequence[Request], now: datetime) -> dict[int, Present]:
    stand = balances({request.subject_id for request in requests}, now=now)
    return {request.id: Present("Usable points", stand[request.subject_id].available) for request in requests}


def _carry_out(request: Request, *, now: datetime, by: Actor) -> list[Effect]:
    receipt = _adjusted(request, now=now, by=by, dry_run=False)
    return list(told(receipt, now=now, by=by, dry_run=False).effects)


ADJUSTMENTS = ApprovalKind(
    "Points adjustment above the limit",
    code=KIND,
    permission="points.adjust",
    subject_kind="member",
    named=named_members,
    preview=_preview,
    carry_out=_carry_out,
    fresh=True,
    present=_present,
)
