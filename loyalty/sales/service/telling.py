"""What follows from sales that were written: announcements, readings, the timeline, the audit trail, the answers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from loyalty.customers.rules import ReadingSeen, TimelineEntry
from loyalty.customers.service import record_readings, write_timeline
from loyalty.kernel.clock import day_at
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.kernel.journal import Journal
from loyalty.sales.events import SaleRecorded, VehicleDelivered
from loyalty.sales.rules import effect_row
from loyalty.sales.rules.outcomes import plain_numbers
from loyalty.sales.service.vetting import Batch, Vetted
from loyalty.staff.service import AuditEntry, record_audit

Shared = dict[int, list[Effect]]

SENTENCES = {
    "vehicle": "Bought a vehicle, order {number}: {amount}",
    "service": "Service order {number}: {amount}",
    "insurance": "Insurance, order {number}: {amount}",
    "warranty": "Warranty, order {number}: {amount}",
}
OTHER_SALE = "Sale {number}: {amount}"
CORRECTION = "Sale {number} corrected: {before} became {amount}"

_ANSWERS = Journal("sale_answers", {"customer_id": "bigint", "sale_id": "bigint", "version": "int", "effects": "jsonb"})


def follow_vehicles(batch: Batch, sold: Sequence[tuple[Vetted, int]]) -> list[Effect]:
    """Announce deliveries and write the mileage of each new (fact, sale id); what runs backward is left out."""
    deliveries = [
        VehicleDelivered(sale_id, each.customer_id, each.vehicle_id, each.store_id, each.delivered_at)
        for each, sale_id in sold
        if each.delivered_at and each.vehicle_id and each.customer_id
    ]
    return announce(deliveries, now=batch.now, by=batch.by) + read_odometers(batch, sold)


def read_odometers(batch: Batch, sold: Sequence[tuple[Vetted, int]]) -> list[Effect]:
    """Write the mileage of each (fact, sale id), and tell which readings were left out."""
    read = [
        (each, ReadingSeen(each.vehicle_id, each.fact.odometer, each.occurred_at, _day(each), reading_source(sale_id)))
        for each, sale_id in sold
        if each.vehicle_id is not None and each.fact.odometer is not None
    ]
    problems = record_readings([reading for _, reading in read], now=batch.now, by=batch.by)
    return [
        Effect(
            "sales.odometer_left_out",
            "The mileage of {number} was left out: it was {known} km on {day}, so {asked} km cannot be right.",
            {**plain_numbers(problem.details), "number": each.fact.number},
            each.customer_id,
        )
        for (each, _), problem in zip(read, problems, strict=True)
        if problem is not None
    ]


def _day(each: Vetted) -> date:
    return day_at(each.occurred_at, each.zone)


def reading_source(sale_id: int) -> str:
    """Return the name under which the mileage of a sale is kept."""
    return f"sale {sale_id}"


def share_out(sales: Iterable[SaleRecorded], effects: Iterable[Effect]) -> Shared:
    """Return the effects by sale id: by customer and number where an effect names one, else to the customer's last."""
    by_number: dict[tuple[int | None, Any], int] = {}
    last: dict[int | None, int] = {}
    for sale in sales:
        by_number[(sale.customer_id, sale.number)] = sale.sale_id
        last[sale.customer_id] = sale.sale_id
    shared: Shared = {}
    for effect in effects:
        named = by_number.get((effect.customer_id, effect.numbers.get("number")))
        sale_id = named or last.get(effect.customer_id)
        if sale_id is not None:
            shared.setdefault(sale_id, []).append(effect)
    return shared


def keep_answers(sales: Iterable[SaleRecorded], shared: Shared) -> None:
    """Write what each sale brought about, to be told again; nothing for those of which nothing came."""
    rows = [
        {
            "customer_id": sale.customer_id,
            "sale_id": sale.sale_id,
            "version": sale.version,
            "effects": [effect_row(effect) for effect in shared[sale.sale_id]],
        }
        for sale in sales
        if sale.sale_id in shared
    ]
    if rows:
        _ANSWERS.add(rows)


def tell_corrections(batch: Batch, pairs: Sequence[tuple[SaleRecorded, SaleRecorded]]) -> None:
    """Write the timeline and the audit trail of sales that were (before, after)."""
    write_timeline([_timeline(batch, before, after) for before, after in pairs])
    record_audit([_audit(batch, before, after) for before, after in pairs])


def _timeline(batch: Batch, before: SaleRecorded, after: SaleRecorded) -> TimelineEntry:
    numbers = {"number": after.number, "amount": _amount(after), "before": _amount(before)}
    return TimelineEntry(
        after.customer_id, batch.now, "correction", CORRECTION, numbers, batch.by.name, "sale", after.sale_id
    )


def _audit(batch: Batch, before: SaleRecorded, after: SaleRecorded) -> AuditEntry:
    return AuditEntry(
        action="sale.corrected",
        subject_kind="sale",
        subject_id=after.sale_id,
        by=batch.by,
        at=batch.now,
        customer_id=after.customer_id,
        store_id=after.store_id,
        before=_summary(before),
        after=_summary(after),
    )


def _summary(sale: SaleRecorded) -> dict[str, Any]:
    return {
        "source": sale.source,
        "number": sale.number,
        "version": sale.version,
        "customer_id": sale.customer_id,
        "gross_minor": sale.gross_minor,
        "currency": sale.currency,
    }


def _amount(sale: SaleRecorded) -> dict[str, Any]:
    return {"minor": sale.gross_minor, "currency": sale.currency}
