"""Refunds: by line, never above what was sold, each number once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.db import db, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Malformed, Problem
from loyalty.kernel.events import announce, foretell
from loyalty.kernel.money import Money
from loyalty.sales import queries
from loyalty.sales.events import RefundedLine, SaleRefunded
from loyalty.sales.queries import StoredSale
from loyalty.sales.rules import (
    Flaw,
    GivenBack,
    Outcome,
    RefundBeforeSale,
    RefundFact,
    RefundNumberTaken,
    UnknownSale,
    by_field,
    check_refund,
    effect_row,
    plan_refund,
    refund_hash,
    refused,
)
from loyalty.sales.service.vetting import moment_in
from loyalty.staff.queries import stores_by_codes
from loyalty.staff.service import AuditEntry, record_audit

_WRITE = text("""
    WITH fact AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS row (
            customer_id bigint, sale_id bigint, source text, number text, store_id bigint, occurred_at timestamptz,
            business_day date, net_minor bigint, gross_minor bigint, dealer_fault boolean, reason text,
            content_hash bytea, lines jsonb
        )
    ), taken AS (
        INSERT INTO refund_numbers (source, number, customer_id, refund_id)
        SELECT source, number, customer_id, nextval('refunds_id_seq') FROM fact
        ON CONFLICT DO NOTHING
        RETURNING source, number, refund_id
    ), written AS (
        INSERT INTO refunds (
            customer_id, id, sale_id, source, number, store_id, occurred_at, business_day, net_minor, gross_minor,
            dealer_fault, reason, content_hash, effects, recorded_at
        )
        SELECT customer_id, refund_id, sale_id, source, number, store_id, occurred_at, business_day, net_minor,
            gross_minor, dealer_fault, reason, content_hash, '[]', :now
        FROM fact JOIN taken USING (source, number)
    ), line AS MATERIALIZED (
        SELECT fact.customer_id, fact.sale_id, taken.refund_id, line.*
        FROM fact JOIN taken USING (source, number)
        CROSS JOIN LATERAL jsonb_to_recordset(fact.lines) AS line (
            number int, quantity numeric, net_minor bigint, gross_minor bigint
        )
    ), lines AS (
        INSERT INTO refund_lines (customer_id, refund_id, number, quantity, net_minor, gross_minor)
        SELECT customer_id, refund_id, number, quantity, net_minor, gross_minor FROM line
    ), counted AS (
        UPDATE sale_lines SET refunded_quantity = refunded_quantity + line.quantity,
            refunded_net_minor = refunded_net_minor + line.net_minor,
            refunded_gross_minor = refunded_gross_minor + line.gross_minor
        FROM line
        WHERE sale_lines.customer_id = line.customer_id AND sale_lines.sale_id = line.sale_id
            AND sale_lines.number = line.number
    ), summed AS (
        UPDATE sales SET refunded_net_minor = refunded_net_minor + fact.net_minor,
            refunded_gross_minor = refunded_gross_minor + fact.gross_minor
        FROM fact WHERE sales.customer_id = fact.customer_id AND sales.id = fact.sale_id
    )
    SELECT refund_id FROM taken
""")

_KEEP_EFFECTS = text("""
    UPDATE refunds SET effects = CAST(:effects AS jsonb) WHERE customer_id = :customer_id AND id = :refund_id
""")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A refund that is well said, beside its sale."""

    fact: RefundFact
    stored: StoredSale
    store_id: int
    occurred_at: datetime
    day: date
    content_hash: bytes


def record_refunds(facts: Sequence[RefundFact], *, now: datetime, by: Actor) -> list[Outcome]:
    """Return what became of each refund, in order; its sale is locked meanwhile.

    A refund that is known with the same content answers as the first time; with other content, of an unknown sale or
    above what was sold it is rejected. The actor needs sales.write in the store of the sale.
    """
    with transaction():
        locked = queries.lock_numbers((fact.source, fact.sale_number) for fact in facts)
        # One by one: a second refund of the same line must see the first.
        return [_record(fact, locked.get((fact.source, fact.sale_number)), now=now, by=by) for fact in facts]


def _record(fact: RefundFact, key: tuple[int, int] | None, *, now: datetime, by: Actor) -> Outcome:
    stored = queries.stored_sales([key]).get(key[1]) if key else None
    try:
        if stored is None or not by.scope("sales.write").covers(stored.sale.store_id):
            raise UnknownSale(number=fact.sale_number, source=fact.source)
        asked = _ask(fact, stored, now=now, by=by)
        known = queries.refund_by_number(fact.source, fact.number)
        if known is None:
            return _write(asked, _plan(asked), now=now, by=by)
        if known.content_hash != asked.content_hash:
            raise RefundNumberTaken(number=fact.number, source=fact.source)
    except Problem as problem:
        return refused(problem)
    return Outcome("same", known.id, known.customer_id, 1, known.effects)


def _ask(fact: RefundFact, stored: StoredSale, *, now: datetime, by: Actor) -> _Asked:
    """Return the refund with its store and moment; Malformed when something in it is wrong."""
    store = _store(fact, stored, by)
    flaws = check_refund(fact, currency=stored.sale.currency, now=now)
    if flaws or store is None:
        sentence = "There is no store “{store}”; use the code of one of your stores."
        raise Malformed(by_field(flaws or [Flaw("store", sentence, {"store": fact.store})]))
    store_id, zone = store
    occurred_at = moment_in(fact.occurred, zone)
    return _Asked(fact, stored, store_id, occurred_at, day_at(occurred_at, zone), refund_hash(fact, occurred_at))


def _plan(asked: _Asked) -> list[GivenBack]:
    """Return what goes back of each line, or refuse."""
    sale = asked.stored.sale
    if asked.occurred_at < sale.occurred_at:
        raise RefundBeforeSale(refunded=asked.day.isoformat(), sold=sale.business_day.isoformat())
    return plan_refund(sale.number, asked.stored.sold, asked.fact.lines, currency=sale.currency)


def _store(fact: RefundFact, stored: StoredSale, by: Actor) -> tuple[int, str] | None:
    """Return the id and zone of the refund's store, or None when there is none for this actor."""
    if fact.store is None:
        return stored.sale.store_id, stored.sale.zone
    store = stores_by_codes([fact.store]).get(fact.store)
    return (store.id, store.zone) if store and by.scope("sales.write").covers(store.id) else None


def _write(asked: _Asked, lines: Sequence[GivenBack], *, now: datetime, by: Actor) -> Outcome:
    rows = as_batch([_row(asked, lines)])
    refund_id = db.session.execute(_WRITE, {"rows": rows, "now": now}).scalar_one_or_none()
    if refund_id is None:  # a refund of another sale took the number at this moment
        raise RefundNumberTaken(number=asked.fact.number, source=asked.fact.source)
    foretell(SaleRefunded, {asked.stored.sale.customer_id})
    effects = [_told(asked, lines), *announce([_event(asked, lines, refund_id)], now=now, by=by)]
    customer_id = asked.stored.sale.customer_id
    kept = {"effects": as_batch([effect_row(effect) for effect in effects])}
    db.session.execute(_KEEP_EFFECTS, {**kept, "customer_id": customer_id, "refund_id": refund_id})
    _remember(asked, sum(line.gross_minor for line in lines), now=now, by=by)
    return Outcome("created", refund_id, customer_id, 1, tuple(effects))


def _row(asked: _Asked, lines: Sequence[GivenBack]) -> dict[str, Any]:
    fact, sale = asked.fact, asked.stored.sale
    return {
        "customer_id": sale.customer_id,
        "sale_id": sale.sale_id,
        "source": fact.source,
        "number": fact.number,
        "store_id": asked.store_id,
        "occurred_at": asked.occurred_at,
        "business_day": asked.day,
        "net_minor": sum(line.net_minor for line in lines),
        "gross_minor": sum(line.gross_minor for line in lines),
        "dealer_fault": fact.dealer_fault,
        "reason": fact.reason,
        "content_hash": asked.content_hash,
        "lines": [
            {
                "number": line.number,
                "quantity": line.quantity,
                "net_minor": line.net_minor,
                "gross_minor": line.gross_minor,
            }
            for line in lines
        ],
    }


def _event(asked: _Asked, lines: Sequence[GivenBack], refund_id: int) -> SaleRefunded:
    return SaleRefunded(
        refund_id=refund_id,
        number=asked.fact.number,
        sale=asked.stored.sale,
        occurred_at=asked.occurred_at,
        business_day=asked.day,
        store_id=asked.store_id,
        lines=tuple(RefundedLine(line.number, line.quantity, line.net_minor, line.gross_minor) for line in lines),
        refunded_before=tuple(
            RefundedLine(line.number, line.refunded_quantity, line.refunded_net_minor, line.refunded_gross_minor)
            for line in asked.stored.sold
            if line.refunded_quantity > Decimal(0) or line.refunded_gross_minor > 0
        ),
        dealer_fault=asked.fact.dealer_fault,
    )


def _told(asked: _Asked, lines: Sequence[GivenBack]) -> Effect:
    sale = asked.stored.sale
    back = sum(line.gross_minor for line in lines)
    left = sum(line.gross_minor - line.refunded_gross_minor for line in asked.stored.sold) - back
    numbers = {
        "amount": Money(back, sale.currency).format(),
        "number": sale.number,
        "left": Money(left, sale.currency).format(),
    }
    sentence = "{amount} of {number} is refunded; {left} is left."
    return Effect("sales.refunded", sentence, numbers, sale.customer_id)


def _remember(asked: _Asked, back: int, *, now: datetime, by: Actor) -> None:
    sale, refund = asked.stored.sale, asked.fact.number
    numbers = {"number": sale.number, "refund": refund, "amount": {"minor": back, "currency": sale.currency}}
    sentence = "Refund {refund} of {number}: {amount}"
    write_timeline(
        [TimelineEntry(sale.customer_id, asked.occurred_at, "refund", sentence, numbers, by.name, "sale", sale.sale_id)]
    )
    record_audit(
        [
            AuditEntry(
                action="sale.refunded",
                subject_kind="sale",
                subject_id=sale.sale_id,
                by=by,
                at=now,
                customer_id=sale.customer_id,
                store_id=asked.store_id,
                after={"refund": refund, "gross_minor": back, "currency": sale.currency},
            )
        ]
    )
