"""Sales as faces show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from loyalty.customers.models import Customer, Ownership, Vehicle
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.kernel.effects import Effect
from loyalty.kernel.money import Money
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.sales.models import Refund, RefundLine, Sale, SaleLine, SaleNumber, SaleVersion
from loyalty.sales.queries.recording import first_answers
from loyalty.sales.rules import UnknownSale
from loyalty.staff.models import Store


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a sale; `refunded` is the gross amount that went back."""

    number: int
    sku: str | None
    category: str
    quantity: Decimal
    net: Money
    tax: Money
    gross: Money
    discount: Money
    refunded_quantity: Decimal
    refunded: Money


@dataclass(frozen=True, slots=True)
class SaleView:
    """A sale with the names of what it points at; `lines` is empty in lists."""

    id: int
    customer_id: int
    customer: str
    customer_name: str | None
    source: str
    number: str
    version: int
    kind: str
    store: str
    store_name: str
    vin: str | None
    vehicle_id: int | None
    occurred_at: datetime
    business_day: date
    delivered_at: datetime | None
    odometer: int | None
    recorded_at: datetime
    net: Money
    gross: Money
    points_paid: Money
    refunded: Money
    lines: tuple[LineView, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund of a sale with its lines: number, quantity and gross amount of each."""

    id: int
    number: str
    occurred_at: datetime
    store_name: str
    gross: Money
    dealer_fault: bool
    reason: str
    effects: tuple[Mapping[str, Any], ...]
    lines: tuple[tuple[int, Decimal, Money], ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """What a sale said before a correction."""

    version: int
    gross: Money
    business_day: date
    lines: int
    replaced_at: datetime
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sales to list; None does not narrow."""

    store: str | None = None
    customer: str | None = None
    customer_id: int | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what the rows must meet."""
        given: list[ColumnElement[bool]] = []
        for value, column in ((self.store, Store.code), (self.customer, Customer.number), (self.kind, Sale.kind)):
            if value is not None:
                given.append(column == value)
        if self.customer_id is not None:
            given.append(Sale.customer_id == self.customer_id)
        if self.since is not None:
            given.append(Sale.business_day >= self.since)
        if self.until is not None:
            given.append(Sale.business_day <= self.until)
        return given


def sales_page(scope: Scope, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Page[SaleView]:
    """Return sales in the scope, the latest recorded first."""
    statement = _views(scope).where(*wanted.conditions()).order_by(Sale.id.desc()).limit(limit + 1)
    if cursor:
        statement = statement.where(Sale.id < decode_cursor(cursor, [int])[0])
    rows = [_view(row) for row in db.session.execute(statement)]
    more = encode_cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return Page(rows[:limit], more)


def latest_sales(customer_id: int, scope: Scope, limit: int) -> list[SaleView]:
    """Return the latest sales of one customer, by the day on which they happened."""
    latest = _views(scope).where(Sale.customer_id == customer_id).order_by(Sale.occurred_at.desc(), Sale.id.desc())
    return [_view(row) for row in db.session.execute(latest.limit(limit))]


def sales_of_vehicle(vehicle_id: int, scope: Scope, limit: int) -> list[SaleView]:
    """Return the latest sales of a vehicle in `scope`, found by whoever holds or held it."""
    holders = select(Ownership.holder_id).where(Ownership.vehicle_id == vehicle_id)
    theirs = _views(scope).where(Sale.customer_id.in_(holders), Sale.vehicle_id == vehicle_id)
    latest = theirs.order_by(Sale.occurred_at.desc(), Sale.id.desc()).limit(limit)
    return [_view(row) for row in db.session.execute(latest)]


def sale_by_id(sale_id: int, scope: Scope) -> SaleView:
    """Return a sale with its lines; UnknownSale when there is none in the scope."""
    row = db.session.execute(_views(scope).where(Sale.id == sale_id)).one_or_none()
    if row is None:
        raise UnknownSale(number=sale_id, source="--")
    return _view(row, _lines(row.Sale))


def sale_by_number(source: str, number: str, scope: Scope) -> SaleView:
    """Return a sale with its lines; UnknownSale when there is none in the scope."""
    numbered = _views(scope).join(
        SaleNumber, (SaleNumber.customer_id == Sale.customer_id) & (SaleNumber.sale_id == Sale.id)
    )
    row = db.session.execute(numbered.where(SaleNumber.source == source, SaleNumber.number == number)).one_or_none()
    if row is None:
        raise UnknownSale(number=number, source=source)
    return _view(row, _lines(row.Sale))


def effects_of(sale: SaleView) -> list[Effect]:
    """Return what the sale, as it is now, brought about when it was recorded or corrected."""
    told = first_answers([(sale.customer_id, sale.id, sale.version)])
    return list(told.get(sale.id, ()))


def refunds_of(sale: SaleView) -> list[RefundView]:
    """Return the refunds of a sale, the oldest first."""
    mine = (Refund.customer_id == sale.customer_id) & (Refund.sale_id == sale.id)
    refunds = db.session.execute(
        select(Refund, Store.name).join(Store, Store.id == Refund.store_id).where(mine).order_by(Refund.id)
    ).all()
    lines: dict[int, list[tuple[int, Decimal, Money]]] = {}
    chosen = select(RefundLine).where(
        RefundLine.customer_id == sale.customer_id, RefundLine.refund_id.in_([refund.id for refund, _ in refunds])
    )
    currency = sale.gross.currency
    for line in db.session.scalars(chosen.order_by(RefundLine.number)):
        lines.setdefault(line.refund_id, []).append((line.number, line.quantity, Money(line.gross_minor, currency)))
    return [
        RefundView(
            refund.id,
            refund.number,
            refund.occurred_at,
            store,
            Money(refund.gross_minor, currency),
            refund.dealer_fault,
            refund.reason,
            tuple(refund.effects),
            tuple(lines.get(refund.id, ())),
        )
        for refund, store in refunds
    ]


def versions_of(sale: SaleView) -> list[VersionView]:
    """Return what a sale said before its corrections, the latest first; those of former customers included."""
    rows = db.session.scalars(
        select(SaleVersion).where(SaleVersion.sale_id == sale.id).order_by(SaleVersion.version.desc())
    )
    return [
        VersionView(
            row.version,
            Money(row.content["gross_minor"], row.content["currency"]),
            date.fromisoformat(row.content["business_day"]),
            len(row.content["lines"]),
            row.replaced_at,
            row.replaced_by,
        )
        for row in rows
    ]


def _views(scope: Scope) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Sale,
            Customer.number.label("customer"),
            Customer.name.label("customer_name"),
            Store.code.label("store"),
            Store.name.label("store_name"),
            Vehicle.vin,
        )
        .join(Customer, Customer.id == Sale.customer_id)
        .join(Store, Store.id == Sale.store_id)
        .outerjoin(Vehicle, Vehicle.id == Sale.vehicle_id)
        .where(~Sale.moved)
    )
    if scope.stores is not None:
        statement = statement.where(Sale.store_id.in_(scope.stores))
    if scope.customer_id is not None:
        statement = statement.where(Sale.customer_id == scope.customer_id)
    return statement


def _lines(sale: Sale) -> tuple[LineView, ...]:
    rows = db.session.scalars(
        select(SaleLine)
        .where(SaleLine.customer_id == sale.customer_id, SaleLine.sale_id == sale.id)
        .order_by(SaleLine.number)
    )
    return tuple(
        LineView(
            line.number,
            line.sku,
            line.category,
            line.quantity,
            Money(line.net_minor, sale.currency),
            Money(line.tax_minor, sale.currency),
            Money(line.gross_minor, sale.currency),
            Money(line.discount_minor, sale.currency),
            line.refunded_quantity,
            Money(line.refunded_gross_minor, sale.currency),
        )
        for line in rows
    )


def _view(row: Any, lines: tuple[LineView, ...] = ()) -> SaleView:
    sale: Sale = row.Sale
    return SaleView(
        id=sale.id,
        customer_id=sale.customer_id,
        customer=row.customer,
        customer_name=row.customer_name,
        source=sale.source,
        number=sale.number,
        version=sale.version,
        kind=sale.kind,
        store=row.store,
        store_name=row.store_name,
        vin=row.vin,
        vehicle_id=sale.vehicle_id,
        occurred_at=sale.occurred_at,
        business_day=sale.business_day,
        delivered_at=sale.delivered_at,
        odometer=sale.odometer,
        recorded_at=sale.recorded_at,
        net=Money(sale.net_minor, sale.currency),
        gross=Money(sale.gross_minor, sale.currency),
        points_paid=Money(sale.points_paid_minor, sale.currency),
        refunded=Money(sale.refunded_gross_minor, sale.currency),
        lines=lines,
    )
