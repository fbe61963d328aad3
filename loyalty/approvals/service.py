"""Asking for a second person, and what that person decides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, cast, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from loyalty.approvals import queries
from loyalty.approvals.models import Approval
from loyalty.approvals.queries import ApprovalView
from loyalty.approvals.rules import (
    APPROVED,
    RETURNED,
    WAITING,
    WITHDRAWN,
    AlreadyWaiting,
    Asked,
    EffectChanged,
    NobodyDecides,
    Request,
    check_asker,
    check_note,
    check_two_people,
    check_waiting,
    in_words,
    kind_of,
    packed,
    packed_effects,
)
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Forbidden
from loyalty.staff.queries import person_behind
from loyalty.staff.service import AuditEntry, record_audit


def ask(asked: Asked, *, now: datetime, by: Actor) -> int:
    """Let a request wait for a second person and return its number; call it in the transaction of what is asked.

    Refused: what would be refused if it were done now, and a second request of the kind about the same subject.
    """
    person, kind = _person(by), kind_of(asked.kind)
    request = Request(
        id=0,
        kind=asked.kind,
        subject_id=asked.subject_id,
        store_id=asked.store_id,
        about_customer_id=asked.about_customer_id,
        body=asked.body,
        asked_by=person,
        asked_name=by.name,
        asked_at=now,
    )
    with transaction() as session:
        effect = kind.preview(request, now)
        written = insert(Approval).values(
            kind=asked.kind,
            subject_kind=kind.subject_kind,
            subject_id=asked.subject_id,
            about_customer_id=asked.about_customer_id,
            store_id=asked.store_id,
            body=dict(asked.body),
            effect=packed(effect),
            asked_by=person,
            asked_at=now,
        )
        number: int | None = session.scalar(written.on_conflict_do_nothing().returning(Approval.id))
        if number is None:
            waiting = queries.waiting_about(asked.kind, asked.subject_id)
            raise AlreadyWaiting(number=None if waiting is None else waiting.id)
        _audit("approval.asked", replace(request, id=number), {"effect": in_words(effect)}, now=now, by=by)
        return number


def approve(approval_id: int, *, seen: str | None = None, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    """Carry out a request and return what happened; all in one transaction, or nothing.

    `seen` is the fingerprint of the effect that was looked at. Refused: one's own, what is decided, an effect that has
    changed, and whatever the feature refuses; forbidden without the kind's permission in the store.
    """
    person = _person(by)
    with transaction():
        view = _locked_for(approval_id, person, scope=scope, by=by)
        kind = kind_of(view.request.kind)
        if seen is not None and seen != kind.preview(view.request, now).fingerprint:
            raise EffectChanged
        effects = kind.carry_out(view.request, now=now, by=by)
        # The decision is written last: who asks anew meanwhile holds what we have just waited for.
        _close(view, APPROVED, now=now, by=by, decided_by=person, outcome=packed_effects(effects))
        return effects


def send_back(approval_id: int, note: str, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Return a request to who asked, with a note. Refused: one's own, what is decided, an empty note."""
    person, told = _person(by), check_note(note)
    with transaction():
        view = _locked_for(approval_id, person, scope=scope, by=by)
        kind_of(view.request.kind).drop(view.request, now=now, by=by)
        _close(view, RETURNED, now=now, by=by, decided_by=person, note=told)


def withdraw(approval_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Take back a request of one's own. Refused: another's, and what is decided."""
    person = _person(by)
    with transaction():
        view = queries.lock(approval_id, scope)
        check_asker(view.request.asked_by, person)
        check_waiting(view.state, view.decided_at)
        kind_of(view.request.kind).drop(view.request, now=now, by=by)
        _close(view, WITHDRAWN, now=now, by=by)


def _locked_for(approval_id: int, person: int, *, scope: Scope, by: Actor) -> ApprovalView:
    """Return a locked request that this person may decide."""
    view = queries.lock(approval_id, scope)
    permission = kind_of(view.request.kind).permission
    if not by.scope(permission).covers(view.request.store_id):
        raise Forbidden(permission=permission)
    check_waiting(view.state, view.decided_at)
    check_two_people(view.request.asked_by, person)
    return view


def forget_requests(customer_ids: Sequence[int]) -> None:
    """Take what people wrote about these customers out of their decided requests: the customers are erased."""
    with transaction() as session:
        decided = update(Approval).where(Approval.about_customer_id.in_(list(customer_ids)), Approval.state != WAITING)
        texts = {
            "note": case((Approval.note.is_not(None), "—")),
            "body": Approval.body.op("-")("reason"),
            # Sentences may quote the reason; the figures name nobody.
            "effect": Approval.effect.op("||")(cast({"effects": []}, JSONB)),
            "outcome": case((Approval.outcome.is_not(None), cast([], JSONB))),
        }
        session.execute(decided.values(texts).execution_options(synchronize_session=False))


def _close(view: ApprovalView, state: str, *, now: datetime, by: Actor, **decision: Any) -> None:
    with transaction() as session:
        closed = update(Approval).where(Approval.id == view.id, Approval.state == WAITING)
        session.execute(closed.values(state=state, decided_at=now, **decision))
        told = {"state": state}
        if "note" in decision and view.request.about_customer_id is None:  # of a person it stands where it can go
            told["note"] = decision["note"]
        _audit(f"approval.{state}", view.request, told, now=now, by=by)


def _audit(action: str, request: Request, after: dict[str, Any], *, now: datetime, by: Actor) -> None:
    told = {"kind": request.kind, **after}
    entry = AuditEntry(
        action,
        "approval",
        request.id,
        by,
        now,
        customer_id=request.about_customer_id,
        store_id=request.store_id,
        after=told,
    )
    record_audit([entry])


def _person(by: Actor) -> int:
    """Return the account that acts, or answers for the token; refused when nobody does."""
    person = person_behind(by)
    if person is None:
        raise NobodyDecides
    return person
