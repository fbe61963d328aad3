"""Two customers become one, and within 30 days two again.

What came after a merge stays with the customer that was kept: sales, points, notes and consents of that time are its
own. Taking the merge back gives the gone customer all that was its own, as far as it is still there: points that were
used or lapsed since stay used, a refund since goes back with its sale, and a field that was changed since keeps the
change. What comes in under its numbers from then on is its own again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from loyalty.customers import queries
from loyalty.customers.events import CustomersMerged, CustomersParted
from loyalty.customers.models import Customer, Merge, MergePart
from loyalty.customers.rules import (
    CHOOSABLE,
    UNDO_FOR,
    ErasureAsked,
    MergedOnward,
    MergeWithSelf,
    PartedBefore,
    TimelineEntry,
    check_choice,
    check_merge,
    check_undo,
    customer_number,
    name_key,
)
from loyalty.customers.service.moving import give_back, take_over
from loyalty.customers.service.rows import write_search_keys
from loyalty.customers.service.timeline import write_timeline
from loyalty.customers.service.trials import Trial
from loyalty.customers.service.waiting import check_nothing_waits
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.staff.service import AuditEntry, record_audit

Carry = Callable[[int, int, Sequence[int] | None], list[int]]
"""Moves a feature's rows from one customer to another (of these ids, or all) and returns their ids."""

OWN_PART = "customers"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did, or would do (`merge_id` None)."""

    merge_id: int | None
    effects: tuple[Effect, ...]


def merge_customers(
    kept_id: int,
    gone_id: int,
    choice: Mapping[str, str],
    *,
    scope: Scope,
    now: datetime,
    by: Actor,
    dry_run: bool = False,
) -> Merged:
    """Let `kept_id` stand for `gone_id` too; `choice` names the fields that come from the gone one (`gone`).

    A dry run does the same and takes it back, so that its effects are exactly those of the real call. Refused: the
    same customer, one that is not in use, a person and a company, and whatever other features cannot let come over.
    """
    check_choice(choice)
    if kept_id == gone_id:
        raise MergeWithSelf
    with Trial(dry_run=dry_run) as trial, transaction() as session:
        trial.answer = _merge(session, kept_id, gone_id, choice, scope=scope, now=now, by=by)
        trial.end()
    merged: Merged = trial.answer
    return replace(merged, merge_id=None) if dry_run else merged


def _merge(
    session: Session,
    kept_id: int,
    gone_id: int,
    choice: Mapping[str, str],
    *,
    scope: Scope,
    now: datetime,
    by: Actor,
) -> Merged:
    rows = queries.locked_pair(kept_id, gone_id, scope)
    kept, gone = rows[kept_id], rows[gone_id]
    check_merge((kept.number, kept.kind, kept.state), (gone.number, gone.kind, gone.state))
    check_nothing_waits([gone_id])
    _check_not_leaving(gone_id)
    row = Merge(
        kept_id=kept_id,
        gone_id=gone_id,
        merged_at=now,
        merged_by=by.name,
        until_at=now + UNDO_FOR,
        effects=[],
    )
    session.add(row)
    session.flush()
    fields = _choose(session, kept, gone, choice)
    today = day_at(now, queries.zone_of_customer(kept.home_store_id))
    moved = take_over(session, kept_id, gone_id, today=today)
    keep_part(row.id, OWN_PART, {**moved, "state": gone.state, "fields": fields})
    gone.state, gone.merged_into_id = "merged", kept_id
    session.flush()
    effects = [*_told(kept, gone, moved), *announce([CustomersMerged(kept_id, gone_id, row.id, today)], now=now, by=by)]
    row.effects = [{"kind": one.kind, "sentence": one.sentence, "numbers": dict(one.numbers)} for one in effects]
    _write_down("customer.merged", kept, gone, row.id, now=now, by=by)
    sentence = "Customer {number} merged into this one"
    write_timeline([TimelineEntry(kept_id, now, "customer", sentence, {"number": gone.number}, by.name)])
    return Merged(row.id, tuple(effects))


def _check_not_leaving(customer_id: int) -> None:
    """Refuse to merge somebody who asked to be forgotten: that is carried out or withdrawn first."""
    asked = queries.open_request(customer_id)
    if asked is not None:
        raise ErasureAsked(day=asked.asked_at.date().isoformat())


def part_customers(merge_id: int, *, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    """Take a merge back: the gone customer stands for itself again, with all that was its own and is still there.

    Refused: after 30 days, when it was done before, and while the kept customer is itself merged into another one.
    """
    with transaction() as session:
        row = queries.locked_merge(merge_id)
        rows = queries.locked_pair(row.kept_id, row.gone_id, scope)
        kept, gone = rows[row.kept_id], rows[row.gone_id]
        if row.parted_at is not None:
            raise PartedBefore
        if kept.merged_into_id is not None:
            raise MergedOnward(kept=kept.number, onward=customer_number(kept.merged_into_id))
        check_undo(
            row.until_at, now=now, day=day_at(row.until_at, queries.zone_of_customer(kept.home_store_id)).isoformat()
        )
        own = queries.merge_part(merge_id, OWN_PART)
        gone.state, gone.merged_into_id = own["state"], None
        _unchoose(session, kept, own["fields"])
        session.flush()
        give_back(session, kept.id, gone.id, own)
        write_search_keys(session, [(gone.id, gone.name)])
        row.parted_at, row.parted_by = now, by.name
        parted = CustomersParted(kept.id, gone.id, merge_id, day_at(now, queries.zone_of_customer(kept.home_store_id)))
        effects = announce([parted], now=now, by=by)
        _write_down("customer.parted", kept, gone, merge_id, now=now, by=by)
        sentence = "Merge with customer {number} undone"
        write_timeline(
            [
                TimelineEntry(one.id, now, "customer", sentence, {"number": other.number}, by.name)
                for one, other in ((kept, gone), (gone, kept))
            ]
        )
        return [
            Effect("customers.parted", "Customer {number} is a customer of its own again.", {"number": gone.number}),
            *effects,
        ]


def keep_part(merge_id: int, part: str, content: Mapping[str, Any]) -> None:
    """Write down what a feature moved by a merge, to be read by it alone when the merge is taken back."""
    with transaction() as session:
        session.add(MergePart(merge_id=merge_id, part=part, content=dict(content)))


def carry_over(merges: Iterable[CustomersMerged], part: str, carry: Carry) -> list[tuple[CustomersMerged, list[int]]]:
    """Let a feature carry its rows over to the kept customers, and keep which; return them by merge."""
    carried = []
    for one in merges:
        ids = carry(one.gone_id, one.kept_id, None)
        keep_part(one.merge_id, part, {"ids": ids})
        carried.append((one, ids))
    return carried


def carry_back(partings: Iterable[CustomersParted], part: str, carry: Carry) -> list[tuple[CustomersParted, list[int]]]:
    """Let a feature carry back what it carried over, as far as it is there still; return it by parting."""
    return [
        (one, carry(one.kept_id, one.gone_id, queries.merge_part(one.merge_id, part).get("ids", [])))
        for one in partings
    ]


def _choose(session: Session, kept: Customer, gone: Customer, choice: Mapping[str, str]) -> dict[str, Any]:
    """Give the kept customer the chosen fields of the gone one, and those it lacks; return what they replaced."""
    taken = {
        field
        for field in CHOOSABLE
        if choice.get(field) == "gone" or (field not in choice and getattr(kept, field) is None)
    }
    fields = sorted(taken | ({"lunar"} if "birthday" in taken else set()))
    changed = {}
    for field in fields:
        before, after = getattr(kept, field), getattr(gone, field)
        if before != after and after is not None:
            changed[field] = {"before": _plain(before), "after": _plain(after)}
            setattr(kept, field, after)
    _rename(session, kept, changed)
    return changed


def _unchoose(session: Session, kept: Customer, fields: Mapping[str, Mapping[str, Any]]) -> None:
    """Give the fields their former values, but for those that were changed since."""
    restored = {}
    for field, values in fields.items():
        if _plain(getattr(kept, field)) == values["after"]:
            before = values["before"]
            is_day = field == "birthday" and before is not None
            setattr(kept, field, date.fromisoformat(before) if is_day else before)
            restored[field] = before
    _rename(session, kept, restored)


def _rename(session: Session, kept: Customer, changed: Mapping[str, Any]) -> None:
    if "name" in changed:
        kept.name_key = name_key(kept.name)
        write_search_keys(session, [(kept.id, kept.name)])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _told(kept: Customer, gone: Customer, moved: Mapping[str, Any]) -> list[Effect]:
    counts: Sequence[tuple[str, str, int]] = (
        ("customers.vehicles_moved", "Vehicles that come over: {count}.", moved["vehicles"]),
        ("customers.identifiers_moved", "Phones, addresses and cards that come over: {count}.", moved["identifiers"]),
        ("customers.numbers_moved", "Numbers of other systems that point to it: {count}.", len(moved["numbers"])),
    )
    effects = [Effect(kind, sentence, {"count": count}, kept.id) for kind, sentence, count in counts if count]
    sentence = "Customer {gone} is {kept} from now on."
    return [Effect("customers.merged", sentence, {"gone": gone.number, "kept": kept.number}, kept.id), *effects]


def _write_down(action: str, kept: Customer, gone: Customer, merge_id: int, *, now: datetime, by: Actor) -> None:
    record_audit(
        [
            AuditEntry(
                action,
                "customer",
                one.id,
                by,
                now,
                one.id,
                one.home_store_id,
                after={"merge": merge_id, "kept": kept.number, "gone": gone.number},
            )
            for one in (kept, gone)
        ]
    )
