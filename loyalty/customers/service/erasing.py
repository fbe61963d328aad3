"""A person is forgotten: asked for by the owner or the staff, checked, and done; the books stay.

What stays is the pseudonym: the customer's row without anything that tells who it was, under which points and sales add
up as before, and keyed hashes that recognise a phone or a number of another system without telling whose it was. So an
import alone never brings an erased person back; whoever comes again is entered anew by a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from loyalty.approvals.service import forget_requests
from loyalty.customers import queries
from loyalty.customers.events import CustomerErased
from loyalty.customers.models import Customer, ErasureRequest, Tombstone
from loyalty.customers.rules import (
    ErasedBefore,
    ErasureAsked,
    ErasureNotFound,
    TimelineEntry,
    name_key,
    written_forms,
)
from loyalty.customers.sealed import tombstone
from loyalty.customers.service.moving import allow_removal
from loyalty.customers.service.timeline import write_timeline
from loyalty.customers.service.trials import Trial
from loyalty.customers.service.waiting import check_nothing_waits
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.crypto import UNREADABLE
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.staff.service import AuditEntry, record_audit

_IDS = bindparam("ids", type_=ARRAY(BigInteger))

# A plate belongs to whoever holds the vehicle now; of one that somebody else holds by now it is theirs.
_WIPE_PLATES = text("""
    UPDATE vehicles AS v SET plate_sealed = NULL, plate_blind = NULL, plate_end_blind = NULL, plate_at = NULL
    WHERE v.id IN (SELECT vehicle_id FROM ownerships WHERE holder_id = ANY (:ids))
    AND NOT EXISTS (SELECT FROM ownerships AS o WHERE o.vehicle_id = v.id AND o.until_day IS NULL
                    AND o.holder_id <> ALL (:ids))
""").bindparams(_IDS)
# Why a mileage was corrected may tell of whoever drove the car then; that it was corrected stays.
_EMPTY_REASONS = text("""
    UPDATE odometer_readings AS r SET reason = '—' FROM ownerships AS o
    WHERE o.vehicle_id = r.vehicle_id AND o.holder_id = ANY (:ids) AND r.reason IS NOT NULL
    AND (o.until_day IS NULL OR r.read_day <= o.until_day
         OR EXISTS (SELECT FROM unnest(CAST(:traces AS text[])) AS t (trace) WHERE strpos(r.reason, t.trace) > 0))
""").bindparams(_IDS)
# A household is often called after somebody in it, and the others' timelines say what it was called.
_RENAME_HOUSEHOLDS = text("""
    WITH theirs AS (
        SELECT h.id, h.name FROM households AS h JOIN household_people AS p ON p.household_id = h.id
        WHERE p.customer_id = ANY (:ids)
        AND EXISTS (SELECT FROM unnest(CAST(:traces AS text[])) AS t (trace) WHERE strpos(h.name, t.trace) > 0)
    ), renamed AS (
        UPDATE households SET name = '—' WHERE id IN (SELECT id FROM theirs)
    )
    UPDATE timeline_rows SET numbers = jsonb_set(numbers, '{household}', '"—"')
    WHERE customer_id IN (SELECT customer_id FROM household_people WHERE household_id IN (SELECT id FROM theirs))
    AND numbers ->> 'household' IN (SELECT name FROM theirs)
""").bindparams(_IDS)
_WIPE = tuple(
    text(statement).bindparams(_IDS)
    for statement in (
        "DELETE FROM ownerships WHERE holder_id = ANY (:ids)",
        "DELETE FROM identifiers WHERE customer_id = ANY (:ids)",
        "DELETE FROM search_keys WHERE customer_id = ANY (:ids)",
        "DELETE FROM external_numbers WHERE customer_id = ANY (:ids)",
        "DELETE FROM consent_events WHERE customer_id = ANY (:ids)",
        "DELETE FROM timeline_rows WHERE customer_id = ANY (:ids)",
        "DELETE FROM household_people WHERE customer_id = ANY (:ids)",
        """
        DELETE FROM customer_merge_parts AS p USING customer_merges AS m
        WHERE m.id = p.merge_id AND (m.kept_id = ANY (:ids) OR m.gone_id = ANY (:ids))
        """,
        "UPDATE customer_merges SET until_at = merged_at WHERE kept_id = ANY (:ids) OR gone_id = ANY (:ids)",
    )
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did, or would do: in words, and for how many customers that were merged into one."""

    effects: tuple[Effect, ...]


def request_erasure(customer_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Write down that somebody asks for the erasure; refused when it was asked before, or there is nobody to erase."""
    with transaction() as session:
        row = queries.locked(customer_id, scope)
        _check_there(row)
        known = queries.open_request(customer_id)
        if known is not None:
            raise ErasureAsked(day=known.asked_at.date().isoformat())
        session.add(ErasureRequest(customer_id=customer_id, asked_at=now, asked_kind=by.kind, asked_by=by.name))
        _write_down("erasure.asked", row, now=now, by=by)
        write_timeline([TimelineEntry(customer_id, now, "customer", "Erasure asked for", {}, by.name)])


def withdraw_erasure(customer_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Take a request back before it is carried out; ErasureNotFound when none waits."""
    with transaction():
        row = queries.locked(customer_id, scope)
        request = queries.locked_request(customer_id)
        if request is None:
            raise ErasureNotFound
        request.state, request.ended_at, request.ended_by = "withdrawn", now, by.name
        _write_down("erasure.withdrawn", row, now=now, by=by)
        write_timeline([TimelineEntry(customer_id, now, "customer", "Request of erasure withdrawn", {}, by.name)])


def erase(customer_id: int, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Erased:
    """Forget who the customer is, with all that were merged into it; the request that waits is done by it.

    A dry run does the same and takes it back. Refused: nobody asked for it (ErasureNotFound), and whatever other
    features have to settle first, such as points that are owed.
    """
    with Trial(dry_run=dry_run) as trial, transaction() as session:
        trial.answer = _erase(session, customer_id, scope=scope, now=now, by=by)
        trial.end()
    erased: Erased = trial.answer
    return erased


def _erase(session: Session, customer_id: int, *, scope: Scope, now: datetime, by: Actor) -> Erased:
    row = queries.locked(customer_id, scope)
    _check_there(row)
    request = queries.locked_request(customer_id)
    if request is None:
        raise ErasureNotFound
    ids = [customer_id, *queries.aliases(customer_id)]
    check_nothing_waits(ids)
    forget_requests(ids)
    traces = [form for trace in queries.traces_of(ids) for form in written_forms(*trace)]
    effects = announce([CustomerErased(customer_id, tuple(ids), tuple(dict.fromkeys(traces)))], now=now, by=by)
    counted = _counts(ids)
    _bury(session, ids, now=now)
    session.flush()
    allow_removal(session)
    for statement in (_EMPTY_REASONS, _RENAME_HOUSEHOLDS):
        session.execute(statement, {"ids": ids, "traces": traces})
    for statement in (_WIPE_PLATES, *_WIPE):
        session.execute(statement, {"ids": ids})
    session.execute(
        update(Customer)
        .where(Customer.id.in_(ids))
        .values(name=None, name_key=name_key(None), gender=None, birthday=None, lunar=False, advisor_id=None)
    )
    row.state = "erased"
    request.state, request.ended_at, request.ended_by = "done", now, by.name
    _write_down("customer.erased", row, now=now, by=by)
    session.flush()
    write_timeline([TimelineEntry(customer_id, now, "customer", "Erased on request", {}, by.name)])
    return Erased((*counted, *effects))


def _counts(ids: Sequence[int]) -> list[Effect]:
    """Return how much is wiped, in words."""
    held = sum(len(rows) for rows in queries.identifier_rows(ids).values())
    cars = len({one.vehicle.id for at in ids for one in queries.vehicles_of(at, past=True)})
    notes = sum(queries.timeline_length(at) for at in ids)
    told = (
        ("customers.identifiers_wiped", "Phones, addresses and cards that are deleted: {count}.", held),
        ("customers.vehicles_parted", "Vehicles no longer linked to the person: {count}.", cars),
        ("customers.timeline_wiped", "Records of the timeline that are deleted: {count}.", notes),
    )
    name = Effect("customers.name_wiped", "Name, birthday, consents and plates are deleted.", {})
    return [name, *(Effect(kind, sentence, {"count": count}) for kind, sentence, count in told if count)]


def _bury(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Keep the hashes of what the person was known by, under the pseudonym that stands for all of them."""
    held = {(kind, value) for rows in queries.identifier_rows(ids).values() for _, kind, value in rows}
    held |= {("number", f"{source} {number}") for source, number in queries.numbers_of(ids)}
    hashes = {tombstone(kind, value) for kind, value in held if value != UNREADABLE}
    session.add_all(Tombstone(customer_id=ids[0], hash=one, buried_at=now) for one in sorted(hashes))


def _check_there(row: Customer) -> None:
    if row.state in {"erased", "merged"}:
        raise ErasedBefore(number=row.number, state=row.state)


def _write_down(action: str, row: Customer, *, now: datetime, by: Actor) -> None:
    record_audit([AuditEntry(action, "customer", row.id, by, now, row.id, row.home_store_id)])
