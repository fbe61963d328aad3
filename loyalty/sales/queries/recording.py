"""What must be known before a sale or a refund is written, for thousands at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select, text

from loyalty.kernel.db import batch, db, id_array, run
from loyalty.kernel.effects import Effect
from loyalty.kernel.journal import write_waiting
from loyalty.sales.events import LineFact, SaleRecorded
from loyalty.sales.models import Refund, RefundNumber
from loyalty.sales.ports import SaleKey, retold
from loyalty.sales.rules import SaleFact, SoldLine, effect_of

# How many facts come is not known when the statement is planned. OFFSET 0 keeps each part a look by its key: for a
# hundred rows that are only guessed, the planner would rather read a small table whole.
_LOOK_UP = text("""
    SELECT store.id AS store_id, store.zone, store.name AS store_name, buyer.customer_id, vehicle.id AS vehicle_id,
        vehicle.plated, vehicle.held, taken.customer_id AS sold_to, taken.sale_id, taken.version, taken.content_hash,
        taken.store_id AS sold_by
    FROM json_to_recordset(CAST(:facts AS json)) AS fact (
        place int, source text, number text, store text, customer text, vin text
    )
    LEFT JOIN stores AS store ON store.code = fact.store
    LEFT JOIN LATERAL (
        SELECT customer_id FROM external_numbers WHERE number = fact.customer AND source = fact.source OFFSET 0
    ) AS buyer ON true
    LEFT JOIN LATERAL (
        SELECT id, plate_blind IS NOT NULL AS plated,
            EXISTS (
                SELECT FROM ownerships
                WHERE vehicle_id = vehicles.id AND holder_id = buyer.customer_id AND until_day IS NULL
            ) AS held
        FROM vehicles WHERE vin = fact.vin OFFSET 0
    ) AS vehicle ON true
    LEFT JOIN LATERAL (
        SELECT number.customer_id, number.sale_id, sale.version, sale.content_hash, sale.store_id
        FROM sale_numbers AS number
        JOIN sales AS sale ON sale.customer_id = number.customer_id AND sale.id = number.sale_id
        WHERE number.source = fact.source AND number.number = fact.number OFFSET 0
    ) AS taken ON true
    ORDER BY fact.place
""")

_LOCK = text("""
    SELECT taken.source, taken.number, taken.customer_id, taken.sale_id
    FROM sale_numbers AS taken
    JOIN unnest(CAST(:sources AS text[]), CAST(:numbers AS text[])) AS fact (source, number)
        ON fact.source = taken.source AND fact.number = taken.number
    ORDER BY taken.source, taken.number
    FOR UPDATE OF taken
""")

_STORED = text("""
    SELECT sale.*, store.zone, vehicle.vin, lines.lines
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:sale_ids AS bigint[])) AS wanted (customer_id, sale_id)
    JOIN sales AS sale ON sale.customer_id = wanted.customer_id AND sale.id = wanted.sale_id
    JOIN stores AS store ON store.id = sale.store_id
    LEFT JOIN vehicles AS vehicle ON vehicle.id = sale.vehicle_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(line) - 'customer_id' - 'sale_id' ORDER BY line.number) AS lines
        FROM sale_lines AS line WHERE line.customer_id = sale.customer_id AND line.sale_id = sale.id
    ) AS lines
""")

_ANSWERS = text("""
    SELECT answer.sale_id, answer.effects
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:sale_ids AS bigint[]), CAST(:versions AS int[]))
        AS wanted (customer_id, sale_id, version)
    JOIN sale_answers AS answer ON answer.customer_id = wanted.customer_id AND answer.sale_id = wanted.sale_id
        AND answer.version = wanted.version
""")


class Found(NamedTuple):
    """Which rows the codes and numbers of a fact name; None where there is no such row.

    `plated` tells whether the vehicle has a plate, `held` whether the buyer already is its owner or driver.
    """

    store_id: int | None
    zone: str | None
    store_name: str | None
    customer_id: int | None
    vehicle_id: int | None
    plated: bool
    held: bool
    sold_to: int | None
    sale_id: int | None
    version: int | None
    content_hash: bytes | None
    sold_by: int | None


@dataclass(frozen=True, slots=True)
class StoredSale:
    """A sale as it is known now, with what refunds gave back of each line."""

    sale: SaleRecorded
    content_hash: bytes
    vin: str | None
    odometer: int | None
    delivered_at: datetime | None
    delivery_told: bool
    sold: tuple[SoldLine, ...]

    @property
    def refunded(self) -> bool:
        """Return whether anything of it was given back."""
        return any(line.refunded_gross_minor or line.refunded_quantity for line in self.sold)


def look_up(facts: Sequence[SaleFact]) -> list[Found]:
    """Return for each fact, in order, which rows its codes and numbers name; one statement."""
    rows = [
        {
            "place": place,
            "source": fact.source,
            "number": fact.number,
            "store": fact.store,
            "customer": fact.customer.number,
            "vin": fact.vehicle.vin if fact.vehicle else None,
        }
        for place, fact in enumerate(facts)
    ]
    found = run(_LOOK_UP, {"facts": batch(rows)})
    return [Found._make(row) for row in found]


def lock_numbers(numbers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Lock the sales of these (source, number) until the transaction ends, in their order; unknown ones are left out.

    The answer is the customer's and the sale's id. Whoever corrects or refunds a sale holds this lock.
    """
    pairs = sorted(set(numbers))
    rows = db.session.execute(
        _LOCK, {"sources": [source for source, _ in pairs], "numbers": [number for _, number in pairs]}
    )
    return {(row.source, row.number): (row.customer_id, row.sale_id) for row in rows}


def stored_sales(keys: Iterable[tuple[int, int]]) -> dict[int, StoredSale]:
    """Return by sale id the sales of these (customer id, sale id); one statement."""
    pairs = list(keys)
    rows = db.session.execute(
        _STORED, {"customer_ids": [customer for customer, _ in pairs], "sale_ids": [sale for _, sale in pairs]}
    )
    return {row.id: _stored(row) for row in rows}


def first_answers(keys: Iterable[SaleKey]) -> dict[int, tuple[Effect, ...]]:
    """Return by sale id what each (customer id, sale id, version) brought about; those without effects are left out.

    It is the answer that was given then, and of a sale of a file, which nobody was answered for, what the ledger tells.
    """
    triples = list(keys)
    write_waiting()  # the first time may have been in this transaction
    rows = run(
        _ANSWERS,
        {
            "customer_ids": id_array(customer for customer, _, _ in triples),
            "sale_ids": id_array(sale for _, sale, _ in triples),
            "versions": id_array(version for _, _, version in triples),
        },
    )
    told = {row.sale_id: tuple(effect_of(effect) for effect in row.effects) for row in rows}
    others = retold([triple for triple in triples if triple[1] not in told])
    return told | {sale_id: tuple(effects) for sale_id, effects in others.items()}


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """A refund that was recorded before, and what it brought about."""

    id: int
    customer_id: int
    content_hash: bytes
    effects: tuple[Effect, ...]


def refund_by_number(source: str, number: str) -> KnownRefund | None:
    """Return the refund of that number, or None when there is none; its sale has to be locked already."""
    statement = (
        select(Refund.id, Refund.customer_id, Refund.content_hash, Refund.effects)
        .join(
            RefundNumber,
            (RefundNumber.customer_id == Refund.customer_id) & (RefundNumber.refund_id == Refund.id),
        )
        .where(RefundNumber.source == source, RefundNumber.number == number)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    return KnownRefund(row.id, row.customer_id, row.content_hash, tuple(effect_of(each) for each in row.effects))


def _stored(row: Any) -> StoredSale:
    return StoredSale(
        SaleRecorded(
            sale_id=row.id,
            version=row.version,
            customer_id=row.customer_id,
            store_id=row.store_id,
            vehicle_id=row.vehicle_id,
            source=row.source,
            number=row.number,
            kind=row.kind,
            occurred_at=row.occurred_at,
            business_day=row.business_day,
            zone=row.zone,
            currency=row.currency,
            net_minor=row.net_minor,
            gross_minor=row.gross_minor,
            points_paid_minor=row.points_paid_minor,
            lines=tuple(_line(line) for line in row.lines or ()),
        ),
        content_hash=bytes(row.content_hash),
        vin=row.vin,
        odometer=row.odometer,
        delivered_at=row.delivered_at,
        delivery_told=row.delivery_told,
        sold=tuple(_sold(line) for line in row.lines or ()),
    )


def _line(line: dict[str, Any]) -> LineFact:
    return LineFact(
        line["number"],
        line["sku"],
        line["category"],
        Decimal(str(line["quantity"])),
        line["net_minor"],
        line["tax_minor"],
        line["gross_minor"],
        line["discount_minor"],
    )


def _sold(line: dict[str, Any]) -> SoldLine:
    return SoldLine(
        line["number"],
        Decimal(str(line["quantity"])),
        line["net_minor"],
        line["gross_minor"],
        Decimal(str(line["refunded_quantity"])),
        line["refunded_net_minor"],
        line["refunded_gross_minor"],
    )
