"""A known sale with other content: a new version, the old one kept, the difference announced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.customers.service import withdraw_readings
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.db import db
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Problem
from loyalty.kernel.events import announce, foretell
from loyalty.sales import queries
from loyalty.sales.events import SaleCorrected, VehicleDelivered
from loyalty.sales.queries import StoredSale
from loyalty.sales.rules import FixedByRefund, Outcome, UnknownSale, below_refunded, refused
from loyalty.sales.service.delivering import announce_deliveries, delivery_of, told_delivery
from loyalty.sales.service.rows import event_of, line_rows, sale_row
from loyalty.sales.service.telling import keep_answers, read_odometers, reading_source, share_out, tell_corrections
from loyalty.sales.service.vetting import Batch, Vetted, create_missing

# Lines that are no longer there go, the others are written over, with what refunds gave back of them left as it is.
# A sale that goes to another customer leaves its old row and lines behind, marked as moved.
_REWRITE = text("""
    WITH fact AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS row (
            sale_id bigint, sold_to bigint, version int, before jsonb, source text, number text, row_hash bytea,
            customer_id bigint, kind text, store_id bigint, vehicle_id bigint, occurred_at timestamptz,
            business_day date, currency text, odometer int, net_minor bigint, tax_minor bigint, gross_minor bigint,
            points_paid_minor bigint, delivered_at timestamptz, delivery_told boolean, content_hash bytea, lines jsonb
        )
    ), kept AS (
        INSERT INTO sale_versions (customer_id, sale_id, version, content, replaced_at, replaced_by)
        SELECT sold_to, sale_id, version - 1, before, :now, :by FROM fact
    ), left_behind AS (
        UPDATE sales SET moved = true FROM fact
        WHERE sales.customer_id = fact.sold_to AND sales.id = fact.sale_id AND fact.sold_to <> fact.customer_id
    ), renumbered AS (
        UPDATE sale_numbers SET customer_id = fact.customer_id, row_hash = fact.row_hash FROM fact
        WHERE sale_numbers.source = fact.source AND sale_numbers.number = fact.number
    ), rewritten AS (
        INSERT INTO sales AS sale (
            customer_id, id, source, number, version, kind, store_id, vehicle_id, occurred_at, business_day, currency,
            odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, delivery_told, content_hash,
            recorded_at
        )
        SELECT customer_id, sale_id, source, number, version, kind, store_id, vehicle_id, occurred_at, business_day,
            currency, odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, delivery_told,
            content_hash, :now
        FROM fact
        ON CONFLICT (customer_id, id) DO UPDATE SET version = excluded.version, kind = excluded.kind,
            store_id = excluded.store_id, vehicle_id = excluded.vehicle_id, occurred_at = excluded.occurred_at,
            business_day = excluded.business_day, currency = excluded.currency, odometer = excluded.odometer,
            net_minor = excluded.net_minor, tax_minor = excluded.tax_minor, gross_minor = excluded.gross_minor,
            points_paid_minor = excluded.points_paid_minor, delivered_at = excluded.delivered_at,
            delivery_told = excluded.delivery_told,
            content_hash = excluded.content_hash, recorded_at = excluded.recorded_at, moved = false
    ), line AS MATERIALIZED (
        SELECT fact.customer_id, fact.sale_id, line.*
        FROM fact CROSS JOIN LATERAL jsonb_to_recordset(fact.lines) AS line (
            number int, sku text, category text, quantity numeric, net_minor bigint, tax_minor bigint,
            gross_minor bigint, discount_minor bigint
        )
    ), dropped AS (
        DELETE FROM sale_lines AS old USING fact
        WHERE old.customer_id = fact.customer_id AND old.sale_id = fact.sale_id AND NOT EXISTS (
            SELECT FROM line WHERE line.sale_id = old.sale_id AND line.number = old.number
        )
    )
    INSERT INTO sale_lines AS old (
        customer_id, sale_id, number, sku, category, quantity, net_minor, tax_minor, gross_minor, discount_minor
    )
    SELECT customer_id, sale_id, number, sku, category, quantity, net_minor, tax_minor, gross_minor, discount_minor
    FROM line
    ON CONFLICT (customer_id, sale_id, number) DO UPDATE SET sku = excluded.sku, category = excluded.category,
        quantity = excluded.quantity, net_minor = excluded.net_minor, tax_minor = excluded.tax_minor,
        gross_minor = excluded.gross_minor, discount_minor = excluded.discount_minor
""")


@dataclass(frozen=True, slots=True)
class _Change:
    """A vetted fact beside the sale that it changes."""

    vetted: Vetted
    stored: StoredSale


def correct(batch: Batch, changed: Sequence[Vetted]) -> None:
    """Correct known sales, each under its lock and compared again; those that rules refuse stay as they are."""
    create_missing(batch, changed)
    locked = queries.lock_numbers((each.fact.source, each.fact.number) for each in changed)
    stored = queries.stored_sales(locked.values())
    changes = []
    for each in changed:
        sale = stored[locked[each.fact.source, each.fact.number][1]]
        if sale.content_hash == each.content_hash:
            # Somebody made the same correction while this one waited for the lock.
            batch.outcomes[each.place] = _same(sale)
        elif problem := _problem(batch, each, sale):
            batch.outcomes[each.place] = refused(problem)
        else:
            changes.append(_Change(each, sale))
    if changes:
        _rewrite(batch, changes)


def _same(stored: StoredSale) -> Outcome:
    sale = stored.sale
    told = queries.first_answers([(sale.customer_id, sale.sale_id, sale.version)])
    return Outcome("same", sale.sale_id, sale.customer_id, sale.version, told.get(sale.sale_id, ()))


def _problem(batch: Batch, each: Vetted, stored: StoredSale) -> Problem | None:
    """Return why this sale cannot be changed so, or None when it can."""
    before, fact = stored.sale, each.fact
    if not batch.by.scope("sales.write").covers(before.store_id):
        return UnknownSale(number=fact.number, source=fact.source)
    if not stored.refunded:
        return None
    if (each.customer_id, fact.currency) != (before.customer_id, before.currency):
        return FixedByRefund(number=fact.number)
    return below_refunded(fact.number, stored.sold, fact.lines, currency=before.currency)


def _rewrite(batch: Batch, changes: Sequence[_Change]) -> None:
    rows = [_row(change) for change in changes]
    db.session.execute(_REWRITE, {"rows": as_batch(rows), "now": batch.now, "by": batch.by.name})
    events = [_event(change) for change in changes]
    foretell(SaleCorrected, {sale.customer_id for event in events for sale in (event.before, event.after)})
    sales = [event.after for event in events]
    effects = announce(events, now=batch.now, by=batch.by)
    effects += _follow_vehicles(batch, changes)
    shared = share_out(sales, _with_former_customers(events, effects))
    for change, sale in zip(changes, sales, strict=True):
        told = tuple(shared.get(sale.sale_id, ()))
        batch.outcomes[change.vetted.place] = Outcome("corrected", sale.sale_id, sale.customer_id, sale.version, told)
    keep_answers(sales, shared)
    tell_corrections(batch, [(event.before, event.after) for event in events])


def _follow_vehicles(batch: Batch, changes: Sequence[_Change]) -> list[Effect]:
    """Announce what has become of deliveries, and write the mileage that is now told in place of the one before."""
    deliveries = [(told_delivery(each.stored), _delivery_now(each)) for each in changes]
    withdraw_readings(
        [
            (each.stored.sale.vehicle_id, reading_source(each.stored.sale.sale_id))
            for each in changes
            if each.stored.sale.vehicle_id is not None and _reading_before(each) != _reading_now(each)
        ]
    )
    readings = read_odometers(batch, [(each.vetted, each.stored.sale.sale_id) for each in changes])
    return announce_deliveries(deliveries, now=batch.now, by=batch.by) + readings


def _reading_before(change: _Change) -> tuple[Any, ...]:
    sale = change.stored.sale
    return (sale.vehicle_id, sale.occurred_at, change.stored.odometer)


def _reading_now(change: _Change) -> tuple[Any, ...]:
    return (change.vetted.vehicle_id, change.vetted.occurred_at, change.vetted.fact.odometer)


def _delivery_now(change: _Change) -> VehicleDelivered | None:
    sale = event_of(change.vetted, change.stored.sale.sale_id)
    return delivery_of(sale, _delivered_at(change))


def _delivered_at(change: _Change) -> datetime | None:
    """Return the delivery after the correction: one that was told by itself stays unless another is told."""
    told = change.vetted.delivered_at
    return change.stored.delivered_at if told is None and change.stored.delivery_told else told


def _with_former_customers(events: Iterable[SaleCorrected], effects: Iterable[Effect]) -> list[Effect]:
    """Return the effects with those on a former customer told at the sale that was taken from that one."""
    now_of = {event.before.customer_id: event.after.customer_id for event in events}
    still = {event.after.customer_id for event in events}
    return [
        effect
        if effect.customer_id in still or effect.customer_id not in now_of
        else Effect(effect.kind, effect.sentence, effect.numbers, now_of[effect.customer_id])
        for effect in effects
    ]


def _event(change: _Change) -> SaleCorrected:
    before = change.stored.sale
    return SaleCorrected(before, event_of(change.vetted, before.sale_id, before.version + 1))


def _row(change: _Change) -> Mapping[str, Any]:
    before = change.stored.sale
    return {
        **sale_row(change.vetted),
        "lines": line_rows(change.vetted),
        "delivered_at": _delivered_at(change),
        "delivery_told": change.stored.delivery_told and change.vetted.delivered_at is None,
        "sale_id": before.sale_id,
        "sold_to": before.customer_id,
        "version": before.version + 1,
        "before": _content(change.stored),
    }


def _content(stored: StoredSale) -> dict[str, Any]:
    sale = stored.sale
    return {
        "customer_id": sale.customer_id,
        "store_id": sale.store_id,
        "vehicle_id": sale.vehicle_id,
        "kind": sale.kind,
        "occurred_at": sale.occurred_at,
        "business_day": sale.business_day,
        "currency": sale.currency,
        "odometer": stored.odometer,
        "net_minor": sale.net_minor,
        "gross_minor": sale.gross_minor,
        "points_paid_minor": sale.points_paid_minor,
        "delivered_at": stored.delivered_at,
        "lines": [
            {
                "number": line.number,
                "sku": line.sku,
                "category": line.category,
                "quantity": line.quantity,
                "net_minor": line.net_minor,
                "tax_minor": line.tax_minor,
                "gross_minor": line.gross_minor,
            }
            for line in sale.lines
        ],
    }
