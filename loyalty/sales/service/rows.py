"""A vetted fact in the two forms in which it leaves the service: announced, and written."""

from typing import Any

from loyalty.sales.events import SaleRecorded
from loyalty.sales.service.vetting import Vetted


def event_of(each: Vetted, sale_id: int, version: int = 1) -> SaleRecorded:
    """Return the announcement of a vetted fact that has become the sale `sale_id`."""
    fact = each.fact
    return SaleRecorded(
        sale_id=sale_id,
        version=version,
        customer_id=each.customer_id or 0,
        store_id=each.store_id,
        vehicle_id=each.vehicle_id,
        source=fact.source,
        number=fact.number,
        kind=fact.kind,
        occurred_at=each.occurred_at,
        business_day=each.business_day,
        zone=each.zone,
        currency=fact.currency,
        net_minor=fact.net_minor,
        gross_minor=fact.gross_minor,
        points_paid_minor=fact.points_paid_minor,
        lines=fact.lines,
        read=fact.odometer is not None,
    )


def sale_row(each: Vetted) -> dict[str, Any]:
    """Return a vetted fact without its lines as the writing statements take it, in the types of JSON alone."""
    fact = each.fact
    net, gross = fact.net_minor, fact.gross_minor
    return {
        "place": each.place,
        "source": fact.source,
        "number": fact.number,
        "row_hash": None if fact.row_hash is None else f"\\x{fact.row_hash.hex()}",
        "customer_id": each.customer_id,
        "kind": fact.kind,
        "store_id": each.store_id,
        "vehicle_id": each.vehicle_id,
        "occurred_at": each.occurred_at.isoformat(),
        "business_day": each.business_day.isoformat(),
        "currency": fact.currency,
        "odometer": fact.odometer,
        "net_minor": net,
        "tax_minor": gross - net,
        "gross_minor": gross,
        "points_paid_minor": fact.points_paid_minor,
        "delivered_at": None if each.delivered_at is None else each.delivered_at.isoformat(),
        "content_hash": f"\\x{each.content_hash.hex()}",
    }


def line_rows(each: Vetted) -> list[dict[str, Any]]:
    """Return the lines of a vetted fact in the same types."""
    return [
        {
            "number": line.number,
            "sku": line.sku,
            "category": line.category,
            "quantity": str(line.quantity),
            "net_minor": line.net_minor,
            "tax_minor": line.tax_minor,
            "gross_minor": line.gross_minor,
            "discount_minor": line.discount_minor,
        }
        for line in each.fact.lines
    ]
