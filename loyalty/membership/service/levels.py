"""Levels by hand: one person says which, until when and why; it counts at the yes of another."""

from collections.abc import Sequence
from datetime import date, datetime

from loyalty.approvals.rules import ApprovalKind, Asked, Figure, Present, Preview, Request
from loyalty.approvals.service import ask
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.membership import queries
from loyalty.membership.service.adjustments import named_members
from loyalty.staff.queries import stores_by_ids
from loyalty.tiers import service as tiers
from loyalty.tiers.queries import scheme_on, standings

KIND = "tier_floor"


def ask_for_level(number: str, level: str, *, until: date, reason: str, scope: Scope, now: datetime, by: Actor) -> int:
    """Let a level below which a member is not to fall through `until` wait for a second person; return the request.

    Refused: a level that is not in force, an end before today, and a second one of the member while one waits.
    """
    with transaction():
        member = queries.lock_member(number, scope)
        floor_id = tiers.set_floor(
            member.customer_id, level, until=until, reason=reason, today=_today(member.store_id, now), now=now, by=by
        )
        body = {"floor_id": floor_id, "level": level, "until": until.isoformat(), "reason": reason}
        asked = Asked(KIND, member.customer_id, member.store_id, about_customer_id=member.customer_id, body=body)
        return ask(asked, now=now, by=by)


def _today(store_id: int | None, now: datetime) -> date:
    zone = stores_by_ids([store_id])[store_id].zone if store_id is not None else "UTC"
    return day_at(now, zone)


def _preview(request: Request, now: datetime) -> Preview:
    body = request.body
    found = tiers.floor_effect(
        request.subject_id,
        body["level"],
        until=date.fromisoformat(body["until"]),
        today=_today(request.store_id, now),
    )
    figures = (
        Figure("Level", dict(found.before.name), dict(found.after.name)),
        Figure("Level valid to", found.valid_before, found.valid_after),
    )
    return Preview((found.effect,), figures)


def _present(requests: Sequence[Request], now: datetime) -> dict[int, Present]:
    scheme = scheme_on(now.date()).rules
    stand = standings({request.subject_id for request in requests})
    return {
        request.id: Present("Level", dict(scheme.level(stand[request.subject_id].level_code).name))
        for request in requests
        if request.subject_id in stand
    }


def _carry_out(request: Request, *, now: datetime, by: Actor) -> list[Effect]:
    today = _today(request.store_id, now)
    return tiers.approve_floor(request.subject_id, request.body["floor_id"], today=today, now=now, by=by)


def _drop(request: Request, *, now: datetime, by: Actor) -> None:
    tiers.drop_floor(request.subject_id, request.body["floor_id"], now=now, by=by)


LEVELS = ApprovalKind(
    "Level by hand",
    code=KIND,
    permission="tiers.set",
    subject_kind="member",
    named=named_members,
    preview=_preview,
    carry_out=_carry_out,
    drop=_drop,
    present=_present,
)
