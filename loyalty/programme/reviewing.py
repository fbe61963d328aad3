"""Versions in review as requests in the one list of approvals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loyalty.approvals.rules import ApprovalKind, Figure, Named, Present, Preview, Request
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.programme import queries, service
from loyalty.programme.rules import VERSION_APPROVAL, MomentTaken, start_of
from loyalty.programme.rules.differences import differing
from loyalty.programme.rules.titles import title_of


def _named(requests: Sequence[Request]) -> dict[int, Named]:
    found = queries.versions_by_ids([request.subject_id for request in requests])
    named = {}
    for request in requests:
        version = found[request.subject_id]
        numbers = {"kind": title_of(version.kind), "number": version.number}
        named[request.id] = Named("{kind}, version {number}", numbers, f"/staff/programme/{version.id}")
    return named


def _effect(request: Request, now: datetime) -> Preview:
    """Return what a version changes once it is approved, or raise what stands against that."""
    version = queries.version(request.subject_id)
    before = queries.in_force(version.kind, start_of(version.effective_from, now))
    if before and before.effective_from == version.effective_from:
        raise MomentTaken(number=before.number)
    told: dict[str, Any] = {"kind": title_of(version.kind), "number": version.number, "start": version.effective_from}
    at_once = Effect("programme.activated", "“{kind}”, version {number}, is in force at once in all stores.", told)
    later = Effect("programme.activated", "“{kind}”, version {number}, is in force from {start} in all stores.", told)
    effects = [at_once if version.effective_from is None else later]
    if before:
        told = {"before": before.number, "count": differing(before.body, version.body)}
        effects.append(Effect("programme.replaced", "It replaces version {before}; values that differ: {count}.", told))
    figures = (Figure("Version in force", before.number if before else None, version.number),)
    return Preview(tuple(effects), figures)


def _present(requests: Sequence[Request], now: datetime) -> dict[int, Present]:
    found = queries.versions_by_ids([request.subject_id for request in requests])
    told = {}
    for request in requests:
        version = found[request.subject_id]
        before = queries.in_force(version.kind, start_of(version.effective_from, now))
        told[request.id] = Present("Version in force", before.number if before else None)
    return told


def _carry_out(request: Request, *, now: datetime, by: Actor) -> list[Effect]:
    effects = _effect(request, now).effects
    service.activate(request.subject_id, now=now, by=by)
    return list(effects)


def _drop(request: Request, *, now: datetime, by: Actor) -> None:
    service.take_back(request.subject_id, now=now, by=by)


VERSIONS = ApprovalKind(
    "Version of the rules",
    code=VERSION_APPROVAL,
    permission="programme.approve",
    subject_kind="version",
    named=_named,
    preview=_effect,
    carry_out=_carry_out,
    drop=_drop,
    present=_present,
)
