"""Messages as lists and pages read them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text, tuple_

from loyalty.customers.models import Customer
from loyalty.customers.queries import aliases, visible
from loyalty.kernel import paging
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.messaging.models import (
    Message,
    MessageAttempt,
    MessageInquiry,
    MessageReceipt,
    SendDecision,
    Template,
    TemplateVersion,
)
from loyalty.messaging.rules import MessageNotFound, Rendered
from loyalty.messaging.sealed import readable_body
from loyalty.staff.models import Store

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message for reading; `rule` says why it is held, denied or expired, `problem` what went wrong on its way."""

    id: int
    customer_id: int
    customer_name: str | None
    template: str
    title: str
    number: int
    purpose: str
    channel: str
    language: str
    state: str
    rule: str | None
    problem: str | None
    due_at: datetime
    next_at: datetime
    not_after: datetime | None
    ended_at: datetime | None
    attempts: int
    store_id: int | None
    store: str | None
    about_kind: str | None
    about_id: int | None
    resends_id: int | None
    planned_at: datetime
    planned_by: str
    reference: str | None
    read_at: datetime | None
    dedupe_key: str
    body_sealed: bytes | None

    @property
    def said(self) -> Rendered | None:
        """Return what the message says, or None when that was erased."""
        return None if self.body_sealed is None else readable_body(self.dedupe_key, bytes(self.body_sealed))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to list; None leaves a part open."""

    state: str | None = None
    channel: str | None = None
    purpose: str | None = None
    rule: str | None = None
    store_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a message; `kind` is attempt, decision, inquiry or receipt."""

    at: datetime
    kind: str
    what: str | None
    rule: str | None = None
    until: datetime | None = None
    detail: str | None = None
    by: str | None = None


def _columns() -> Any:
    return (
        select(
            Message.id,
            Message.customer_id,
            Customer.name,
            Template.name,
            Template.title,
            TemplateVersion.number,
            Message.purpose,
            Message.channel,
            Message.language,
            Message.state,
            Message.rule,
            Message.problem,
            Message.due_at,
            Message.next_at,
            Message.not_after,
            Message.ended_at,
            Message.attempts,
            Message.store_id,
            Store.name,
            Message.about_kind,
            Message.about_id,
            Message.resends_id,
            Message.planned_at,
            Message.planned_by,
            Message.reference,
            Message.read_at,
            Message.dedupe_key,
            Message.body_sealed,
        )
        .join(Customer, Customer.id == Message.customer_id)
        .join(TemplateVersion, TemplateVersion.id == Message.version_id)
        .join(Template, Template.id == TemplateVersion.template_id)
        .outerjoin(Store, Store.id == Message.store_id)
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    fields: list[tuple[Any, Any]] = [
        (Message.state, wanted.state),
        (Message.channel, wanted.channel),
        (Message.purpose, wanted.purpose),
        (Message.rule, wanted.rule),
        (Message.store_id, wanted.store_id),
    ]
    conditions = [column == value for column, value in fields if value is not None]
    if wanted.customer_id is not None:
        conditions.append(Message.customer_id.in_([wanted.customer_id, *aliases(wanted.customer_id)]))
    return conditions


def messages(wanted: Filter, scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[MessageView]:
    """Return messages to customers of the scope, those planned for the latest moment first."""
    chosen = _columns().where(visible(scope), *_conditions(wanted))
    if cursor:
        at, message_id = decode_cursor(cursor, (datetime.fromisoformat, int))
        chosen = chosen.where(tuple_(Message.due_at, Message.id) < tuple_(at, message_id))
    chosen = chosen.order_by(Message.due_at.desc(), Message.id.desc()).limit(limit + 1)
    views = [MessageView(*row) for row in db.session.execute(chosen)]
    last = views[limit - 1] if len(views) > limit else None
    return Page(views[:limit], encode_cursor([last.due_at, last.id]) if last else None)


def every_message(wanted: Filter, scope: Scope, *, most: int) -> Iterator[MessageView]:
    """Give the messages of a filter, at most so many, for an export."""
    return paging.every(lambda cursor, limit: messages(wanted, scope, cursor=cursor, limit=limit), most=most)


def message(message_id: int, scope: Scope) -> MessageView:
    """Return a message; MessageNotFound when there is none, or its customer lies outside the scope."""
    chosen = _columns().where(Message.id == message_id, visible(scope))
    for row in db.session.execute(chosen):
        return MessageView(*row)
    raise MessageNotFound(message=message_id)


def state_counts(scope: Scope) -> dict[str, int]:
    """Return how many messages of the scope need somebody or wait, by state, each counted no further than 1,000."""
    told = {}
    for state in ("unknown", "due", "failed"):
        some = (
            select(Message.id)
            .join(Customer, Customer.id == Message.customer_id)
            .where(and_(Message.state == state, visible(scope)))
            .limit(MOST_COUNTED)
            .subquery()
        )
        told[state] = db.session.scalar(select(func.count()).select_from(some)) or 0
    return told


_KEYS = text("""
    SELECT m.dedupe_key FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[])) AS k (customer_id, dedupe_key)
    JOIN messages AS m ON m.customer_id = k.customer_id AND m.dedupe_key = k.dedupe_key
""")


def keys_among(of: Collection[tuple[int, str]]) -> set[str]:
    """Return which of these keys, each with its customer, have been planned."""
    named = {"ids": [customer_id for customer_id, _ in of], "keys": [key for _, key in of]}
    return set(db.session.scalars(_KEYS, named))


def resent_as(customer_id: int, message_id: int) -> int | None:
    """Return the message that repeats this one, or None."""
    return db.session.scalar(
        select(Message.id).where(Message.customer_id == customer_id, Message.resends_id == message_id)
    )


def repeated(of: Sequence[tuple[int, int]]) -> set[int]:
    """Return which of these messages, each with its customer, were sent again."""
    if not of:
        return set()
    named = tuple_(Message.customer_id, Message.resends_id).in_(list(of))
    return {at for at in db.session.scalars(select(Message.resends_id).where(named)) if at is not None}


def steps_of(view: MessageView) -> list[Step]:
    """Return what happened to a message, in order: decisions of the gate, hand-overs with answers, receipts."""
    mine = {"customer_id": view.customer_id, "message_id": view.id}
    decisions = select(SendDecision).filter_by(**mine)
    attempts = select(MessageAttempt).filter_by(**mine)
    receipts = select(MessageReceipt).filter_by(**mine)
    inquiries = select(MessageInquiry).filter_by(**mine)
    steps = [
        *(Step(one.at, "decision", one.verdict, one.rule, one.until) for one in db.session.scalars(decisions)),
        *(
            Step(one.handed_at, "attempt", one.outcome, None, one.answered_at, one.detail, one.shown)
            for one in db.session.scalars(attempts)
        ),
        *(
            Step(one.at, "receipt", one.kind, None, None, one.detail, one.by_name)
            for one in db.session.scalars(receipts)
        ),
        *(
            Step(one.asked_at, "inquiry", one.said, None, one.next_at, one.detail)
            for one in db.session.scalars(inquiries)
        ),
    ]
    return sorted(steps, key=lambda step: step.at)


def inbox(customer_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[MessageView]:
    """Return what an owner got or was to get by any channel, the latest first: what was sent, not what was decided."""
    ids: Sequence[int] = [customer_id, *aliases(customer_id)]
    chosen = _columns().where(
        Message.customer_id.in_(ids), Message.state.in_(("sent", "delivered")), Message.body_sealed.is_not(None)
    )
    if cursor:
        at, message_id = decode_cursor(cursor, (datetime.fromisoformat, int))
        chosen = chosen.where(tuple_(Message.ended_at, Message.id) < tuple_(at, message_id))
    chosen = chosen.order_by(Message.ended_at.desc(), Message.id.desc()).limit(limit + 1)
    views = [MessageView(*row) for row in db.session.execute(chosen)]
    last = views[limit - 1] if len(views) > limit else None
    return Page(views[:limit], encode_cursor([last.ended_at, last.id]) if last else None)
