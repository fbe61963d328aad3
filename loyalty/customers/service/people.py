"""Customers that staff or a client writes down and changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.customers import queries
from loyalty.customers.models import Customer, ExternalNumber, Identifier
from loyalty.customers.rules import (
    VERSIONED,
    ChangedMeanwhile,
    CustomerDraft,
    KnownIdentifier,
    NoSuchIdentifier,
    NumberTaken,
    TimelineEntry,
    check_birthday,
    check_move,
    data_version,
    masked,
    masked_name,
    masked_values,
    name_key,
    normal_identifier,
    normal_name,
)
from loyalty.customers.service.closing import close_row
from loyalty.customers.service.rows import Entry, write_identifiers, write_search_keys
from loyalty.customers.service.timeline import write_timeline
from loyalty.customers.service.trials import Trial
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Forbidden, Malformed
from loyalty.staff.queries import account, stores_by_ids
from loyalty.staff.rules import AccountNotFound
from loyalty.staff.service import AuditEntry, record_audit

CHANGEABLE = frozenset(
    {"name", "kind", "gender", "birthday", "lunar", "language", "home_store_id", "advisor_id", "state"},
)


@dataclass(frozen=True, slots=True)
class Created:
    """A customer that was asked for; `fresh` unless the same was there under its external number."""

    customer_id: int
    fresh: bool


def create_customer(draft: CustomerDraft, *, scope: Scope, now: datetime, by: Actor) -> Created:
    """Create a customer; under an external number the same draft again answers the same customer.

    Refused: other data under a known external number, a home store outside `scope` (Forbidden); malformed: name,
    birthday, identifiers.
    """
    if not scope.covers(draft.home_store_id):
        raise Forbidden(permission="customers.edit")
    name = normal_name(draft.name) if draft.name else None
    entries = _normal_entries(draft)
    _check_named(draft.home_store_id, draft.advisor_id)
    if draft.birthday:
        check_birthday(draft.birthday, today=now.date())
    with transaction() as session:
        if draft.source and draft.external_number:
            known = queries.external_owner(draft.source, draft.external_number)
            if known is not None:
                return _same_again(known, draft, name, entries, scope)
        row = Customer(
            kind=draft.kind,
            name=name,
            name_key=name_key(name),
            gender=draft.gender,
            birthday=draft.birthday,
            lunar=draft.lunar,
            language=draft.language,
            home_store_id=draft.home_store_id,
            advisor_id=draft.advisor_id,
            state="active",
            created_at=now,
        )
        session.add(row)
        session.flush()
        _take_number(session, row.id, draft)
        write_identifiers(session, [Entry(row.id, kind, value) for kind, value in entries], now=now)
        write_search_keys(session, [(row.id, name)])
        write_timeline([TimelineEntry(row.id, now, "customer", "Customer added", {}, by.name)])
        after = {
            "name": name and masked_name(name),
            "kind": draft.kind,
            "identifiers": [masked(kind, value) for kind, value in entries],
        }
        _audit("customer.created", row.id, row.home_store_id, now=now, by=by, after=after)
    return Created(row.id, fresh=True)


def _check_named(store_id: int | None, advisor_id: int | None) -> None:
    """Refuse a store or a person in charge that there is none of."""
    if store_id is not None and not stores_by_ids([store_id]):
        raise Malformed({"home_store_id": ["Choose a store."]})
    try:
        if advisor_id is not None:
            account(advisor_id)
    except AccountNotFound:
        raise Malformed({"advisor_id": ["Choose one of the entries."]}) from None


def _normal_entries(draft: CustomerDraft) -> list[tuple[str, str]]:
    return list(dict.fromkeys((kind, normal_identifier(kind, typed)) for kind, typed in draft.identifiers))


def _take_number(session: Session, customer_id: int, draft: CustomerDraft) -> None:
    if not draft.source or not draft.external_number:
        return
    taken = session.execute(
        insert(ExternalNumber)
        .values(source=draft.source, number=draft.external_number, customer_id=customer_id)
        .on_conflict_do_nothing()
        .returning(ExternalNumber.customer_id),
    ).scalar()
    if taken is None:  # somebody else was quicker by a moment; the whole transaction is taken back
        raise NumberTaken(source=draft.source, number=draft.external_number)


def _same_again(
    customer_id: int,
    draft: CustomerDraft,
    name: str | None,
    entries: list[tuple[str, str]],
    scope: Scope,
) -> Created:
    """Return the customer under the external number when it is what the draft says; NumberTaken otherwise."""
    row = queries.locked(customer_id, scope)
    held = {(kind, value) for _, kind, value in queries.identifier_rows([customer_id]).get(customer_id, [])}
    same = (row.name, row.kind, row.gender, row.birthday, row.lunar, row.home_store_id) == (
        name,
        draft.kind,
        draft.gender,
        draft.birthday,
        draft.lunar,
        draft.home_store_id,
    )
    if not same or not held.issuperset(entries):
        raise NumberTaken(source=draft.source, number=draft.external_number)
    return Created(customer_id, fresh=False)


def change_customer(
    customer_id: int,
    changes: Mapping[str, Any],
    *,
    seen: str | None = None,
    scope: Scope,
    now: datetime,
    by: Actor,
    dry_run: bool = False,
) -> tuple[Effect, ...]:
    """Change fields of a customer (see `CHANGEABLE`), and return what hung on them and changed with them.

    What is the same already leaves no trace. The state `closed` closes the account as its owner would. A dry run does
    the same and takes it back. `seen` is the version (`Card.version`) that the changes were made on: ChangedMeanwhile
    when it is another one now. Refused: a state that cannot follow, reserved points of an account to be closed, a home
    store outside `scope` (Forbidden); malformed: name, birthday.
    """
    asked = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "home_store_id" in asked and not scope.covers(asked["home_store_id"]):
        raise Forbidden(permission="customers.edit")
    if asked.get("name"):
        asked["name"] = normal_name(asked["name"])
    if asked.get("birthday"):
        check_birthday(asked["birthday"], today=now.date())
    with Trial(dry_run=dry_run) as trial, transaction():
        row = queries.locked(customer_id, scope)
        _check_seen(row, seen)
        changed = {name: value for name, value in asked.items() if getattr(row, name) != value}
        _check_named(changed.get("home_store_id"), changed.get("advisor_id"))
        closing = changed.get("state") == "closed"
        if closing:
            del changed["state"]
        _change(row, changed, now=now, by=by)
        trial.answer = close_row(row, now=now, by=by) if closing else ()
        trial.end()
    effects: tuple[Effect, ...] = trial.answer
    return effects


def _change(row: Customer, changed: Mapping[str, Any], *, now: datetime, by: Actor) -> None:
    if not changed:
        return
    if "state" in changed:
        check_move(row.state, changed["state"])
    before = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if "name" in changed:
        row.name_key = name_key(row.name)
        with transaction() as session:
            write_search_keys(session, [(row.id, row.name)])
    told = {"before": masked_values(before), "after": masked_values(changed)}
    _audit("customer.changed", row.id, row.home_store_id, now=now, by=by, **told)
    write_timeline([TimelineEntry(row.id, now, "customer", "Customer data changed", {}, by.name)])


def _check_seen(row: Customer, seen: str | None) -> None:
    if seen is not None and seen != data_version([getattr(row, name) for name in VERSIONED]):
        raise ChangedMeanwhile


def add_identifier(customer_id: int, kind: str, typed: str, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Add a phone, e-mail address, openid or card; one that the customer has already is refused."""
    value = normal_identifier(kind, typed)
    with transaction() as session:
        row = queries.locked(customer_id, scope)
        held = queries.identifier_rows([customer_id], [kind]).get(customer_id, [])
        if value in {known for _, _, known in held}:
            raise KnownIdentifier
        write_identifiers(session, [Entry(customer_id, kind, value)], now=now)
        after = {"kind": kind, "value": masked(kind, value)}
        _audit("identifier.added", customer_id, row.home_store_id, now=now, by=by, after=after)
        write_timeline([TimelineEntry(customer_id, now, "customer", "{value} added", after, by.name)])


def remove_identifier(customer_id: int, identifier_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Take an identifier away; NoSuchIdentifier when the customer does not have it."""
    with transaction() as session:
        row = queries.locked(customer_id, scope)
        kind, value = _held(customer_id, identifier_id)
        session.execute(
            delete(Identifier).where(Identifier.customer_id == customer_id, Identifier.id == identifier_id),
        )
        before = {"kind": kind, "value": masked(kind, value)}
        _audit("identifier.removed", customer_id, row.home_store_id, now=now, by=by, before=before)
        write_timeline([TimelineEntry(customer_id, now, "customer", "{value} removed", before, by.name)])


def reveal_identifier(customer_id: int, identifier_id: int, *, scope: Scope, now: datetime, by: Actor) -> str:
    """Return an identifier in full, having written down who looked at it."""
    with transaction():
        found = queries.customer(customer_id, scope)
        kind, value = _held(customer_id, identifier_id, in_full=True)
        shown = {"kind": kind, "value": masked(kind, value)}
        _audit("identifier.revealed", customer_id, found.home_store_id, now=now, by=by, after=shown)
    return value


def _held(customer_id: int, identifier_id: int, *, in_full: bool = False) -> tuple[str, str]:
    for at, kind, value in queries.identifier_rows([customer_id], in_full=in_full).get(customer_id, []):
        if at == identifier_id:
            return kind, value
    raise NoSuchIdentifier


def _audit(
    action: str,
    customer_id: int,
    store_id: int | None,
    *,
    now: datetime,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    entry = AuditEntry(action, "customer", customer_id, by, now, customer_id, store_id, before=before, after=after)
    record_audit([entry])
