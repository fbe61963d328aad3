"""Requests as lists and pages read them, and how many wait for somebody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from loyalty.approvals.models import Approval
from loyalty.approvals.rules import (
    WAITING,
    ApprovalNotFound,
    Named,
    Present,
    Preview,
    Request,
    kind_of,
    kinds,
    unpacked,
    unpacked_effects,
)
from loyalty.kernel import paging
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import db
from loyalty.kernel.effects import Effect
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.staff.models import Account, Store
from loyalty.staff.queries import person_behind

READ, DECIDE = "approvals.read", "approvals.decide"


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A request with its decision; `effect` as it was when asked, `outcome` None unless approved.

    `store` is None for requests of the group; `decided_name` None while it waits, and when it was withdrawn.
    """

    request: Request
    state: str
    effect: Preview
    outcome: tuple[Effect, ...] | None
    store_code: str | None
    store: str | None
    decided_by: int | None
    decided_name: str | None
    decided_at: datetime | None
    note: str | None

    @property
    def id(self) -> int:
        """The number of the request."""
        return self.request.id

    @property
    def waiting(self) -> bool:
        """Whether it is still to be decided."""
        return self.state == WAITING


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests to list; None leaves a part open."""

    state: str | None = None
    kind: str | None = None
    store_id: int | None = None
    about_customer_id: int | None = None
    subject_id: int | None = None


def listed(wanted: Filter, scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[ApprovalView]:
    """Return requests of the scope: those that wait by age, the oldest first; others the latest first."""
    oldest_first = wanted.state == WAITING
    chosen = _within(scope).where(*_conditions(wanted))
    if cursor is not None:
        (last,) = decode_cursor(cursor, (int,))
        chosen = chosen.where(Approval.id > last if oldest_first else Approval.id < last)
    chosen = chosen.order_by(Approval.id if oldest_first else Approval.id.desc()).limit(limit + 1)
    views = [_view(row) for row in db.session.execute(chosen)]
    return Page(views[:limit], encode_cursor([views[limit - 1].id]) if len(views) > limit else None)


def every(wanted: Filter, scope: Scope, *, most: int) -> Iterator[ApprovalView]:
    """Give the requests of `listed`, at most so many, for an export."""
    return paging.every(lambda cursor, limit: listed(wanted, scope, cursor=cursor, limit=limit), most=most)


def approval(approval_id: int, scope: Scope) -> ApprovalView:
    """Return a request; not found where there is none, or it lies outside the scope."""
    for row in db.session.execute(_within(scope).where(Approval.id == approval_id)):
        return _view(row)
    raise ApprovalNotFound(number=approval_id)


def lock(approval_id: int, scope: Scope) -> ApprovalView:
    """Return a request as `approval` does, as it is now, and keep others from deciding it."""
    chosen = select(Approval.id).where(Approval.id == approval_id).with_for_update()
    db.session.execute(chosen)
    return approval(approval_id, scope)


def waiting_about(kind: str, subject_id: int) -> ApprovalView | None:
    """Return the request of a kind that waits for a subject, or None."""
    mine = (Approval.kind == kind, Approval.subject_id == subject_id, Approval.state == WAITING)
    for row in db.session.execute(_columns().where(*mine)):
        return _view(row)
    return None


def names(views: list[ApprovalView]) -> Mapping[int, Named]:
    """Return what each of the requests is about, with one question to each kind."""
    told: dict[int, Named] = {}
    for code in {view.request.kind for view in views}:
        told |= kind_of(code).named([view.request for view in views if view.request.kind == code])
    return told


def present(views: list[ApprovalView], now: datetime) -> Mapping[int, Present]:
    """Return the figure that a yes changes as it stands now, for those that wait, with one question to each kind."""
    told: dict[int, Present] = {}
    waiting = [view.request for view in views if view.waiting]
    for code in {request.kind for request in waiting}:
        told |= kind_of(code).present([request for request in waiting if request.kind == code], now)
    return told


def latest_about(kind: str, subject_id: int, actor: Actor) -> ApprovalView | None:
    """Return the latest request of a kind about a subject, as far as the actor may read requests, or None."""
    if not actor.may(READ):
        return None
    found = listed(Filter(kind=kind, subject_id=subject_id), actor.scope(READ), limit=1).items
    return found[0] if found else None


def preview(view: ApprovalView, now: datetime) -> Preview:
    """Return the effect that a yes would have now, or raise the refusal that stands against it."""
    return kind_of(view.request.kind).preview(view.request, now)


def waiting_for(actor: Actor) -> int:
    """Return how many requests wait that this actor may decide: the own ones of others' stores are not among them."""
    wanted = [_decidable(actor, code, kind.permission) for code, kind in kinds().items()]
    if all(one is None for one in wanted):
        return 0
    person = person_behind(actor)
    chosen = select(func.count()).where(
        Approval.state == WAITING,
        Approval.asked_by != person,
        or_(false(), *[one for one in wanted if one is not None]),
    )
    return db.session.scalar(chosen) or 0


def _decidable(actor: Actor, code: str, permission: str) -> ColumnElement[bool] | None:
    if not actor.may(permission):
        return None
    stores = actor.scope(permission).stores
    mine = Approval.kind == code
    return mine if stores is None else and_(mine, Approval.store_id.in_(stores))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    fields: list[tuple[Any, Any]] = [
        (Approval.state, wanted.state),
        (Approval.kind, wanted.kind),
        (Approval.store_id, wanted.store_id),
        (Approval.about_customer_id, wanted.about_customer_id),
        (Approval.subject_id, wanted.subject_id),
    ]
    return [column == value for column, value in fields if value is not None]


def _within(scope: Scope) -> Select[Any]:
    chosen = _columns()
    return chosen if scope.stores is None else chosen.where(Approval.store_id.in_(scope.stores))


def _columns() -> Select[Any]:
    asker, decider = aliased(Account), aliased(Account)
    return (
        select(
            Approval.id,
            Approval.kind,
            Approval.subject_id,
            Approval.store_id,
            Approval.about_customer_id,
            Approval.body,
            Approval.asked_by,
            asker.name.label("asked_name"),
            Approval.asked_at,
            Approval.state,
            Approval.effect,
            Approval.outcome,
            Store.code.label("store_code"),
            Store.name.label("store_name"),
            Approval.decided_by,
            decider.name.label("decided_name"),
            Approval.decided_at,
            Approval.note,
        )
        .join(asker, asker.id == Approval.asked_by)
        .outerjoin(decider, decider.id == Approval.decided_by)
        .outerjoin(Store, Store.id == Approval.store_id)
    )


def _view(row: Any) -> ApprovalView:
    request = Request(*row[:9])
    outcome = None if row.outcome is None else tuple(unpacked_effects(row.outcome))
    return ApprovalView(request, row.state, unpacked(row.effect), outcome, *row[12:])


def own_requests(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what was asked to be approved about a person, for the copy that the person may have."""
    chosen = (
        select(Approval.asked_at.label("at"), Approval.kind, Approval.state, Approval.note, Approval.decided_at)
        .where(Approval.about_customer_id.in_(list(ids)))
        .order_by(Approval.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]
