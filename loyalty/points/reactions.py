"""What merges and erasures of customers mean for points."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from loyalty.customers.events import CustomerClosed, CustomerErased, CustomersMerged, CustomersParted
from loyalty.customers.queries import merge_part
from loyalty.customers.rules import TimelineEntry, customer_number
from loyalty.customers.service import keep_part, write_timeline
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.points import service
from loyalty.points.queries import balances
from loyalty.points.rules.merging import HeldBeforeErasure, OwedBeforeErasure
from loyalty.points.service.merging import Moved, end_account, merge_accounts, part_accounts

PART = "points"
SENTENCES = {
    "points": "{points} points come over from {number}.",
    "growth": "Growth of {points} comes over from {number}.",
    "debt": "{points} owed points come over from {number}.",
}


def carry_points(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let what the gone customer has and owes be the kept one's; refused while points are reserved."""
    effects = []
    for one in merges:
        moved = merge_accounts(one.merge_id, kept=one.kept_id, gone=one.gone_id, now=now, by=by)
        keep_part(one.merge_id, PART, {unit: {"points": m.points, "debt": m.debt} for unit, m in moved.items()})
        effects += _told(moved, one.kept_id, one.gone_id, now=now, by=by)
    return effects


def return_points(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the gone customer back what is left of its points; what was used since stays used."""
    effects = []
    for one in partings:
        parts = merge_part(one.merge_id, PART)
        moved = part_accounts(
            one.merge_id,
            kept=one.kept_id,
            gone=one.gone_id,
            sale_ids=merge_part(one.merge_id, "sales").get("ids", []),
            debts={unit: figures["debt"] for unit, figures in parts.items()},
            now=now,
            by=by,
        )
        effects += _told(moved, one.gone_id, one.kept_id, now=now, by=by)
    return effects


def _told(moved: Mapping[str, Moved], to: int, giver: int, *, now: datetime, by: Actor) -> list[Effect]:
    figures = [(unit, one.points) for unit, one in moved.items()]
    figures.append(("debt", sum(one.debt for unit, one in moved.items() if unit == "points")))
    effects = [
        Effect(f"points.merged_{name}", SENTENCES[name], {"points": points, "number": customer_number(giver)}, to)
        for name, points in figures
        if points
    ]
    write_timeline([TimelineEntry(to, now, "points", one.sentence, one.numbers, by.name) for one in effects])
    return effects


def check_erasures(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Refuse while points are owed or reserved; what is left stays in the books under the pseudonym until it ends."""
    del by
    effects = []
    for one in erasures:
        for customer_id, stands in balances(one.customer_ids, now=now).items():
            number = customer_number(customer_id)
            if stands.debt:
                raise OwedBeforeErasure(points=stands.debt, number=number)
            if stands.held:
                raise HeldBeforeErasure(points=stands.held, number=number)
            left = stands.available + stands.pending
            if left:
                sentence = "{points} points can no longer be used; they end in the books on their own days."
                effects.append(Effect("points.unreachable", sentence, {"points": left}, customer_id))
    return effects


def forget_remarks(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Delete what people wrote about the movements of erased people."""
    del now, by
    for one in erasures:
        service.forget_remarks(one.customer_ids, one.traces)
    return []


def end_points(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the points of a closed account lapse at once; refused while some are reserved."""
    effects = []
    for one in closings:
        ended = end_account(one.customer_id, day=one.day, now=now, by=by)
        if ended:
            effects.append(Effect("points.lapsed", "{points} points lapse.", {"points": ended}, one.customer_id))
    return effects
