"""What clients send and get as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from loyalty.sales.rules import SaleFact
from loyalty.sales.schemas.bodies import (
    MOST_IN_BATCH,
    BatchOutcomeBody,
    OutcomeBody,
    RefundBody,
    RefundOutcomeBody,
    SaleBody,
    SalesBody,
    SalesQuery,
    SoldBody,
    SoldPageBody,
)
from loyalty.sales.schemas.quick import quick_sale

_SALE = SaleBody()


def read_sale(body: object) -> SaleFact:
    """Return the sale of a JSON body; ValidationError by field when something is wrong."""
    sale = quick_sale(body)
    if sale is None:
        read: SaleFact = _SALE.load(_an_object(body))
        return read
    return sale


def _an_object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise ValidationError("A sale is a JSON object.")
    return body


__all__ = [
    "MOST_IN_BATCH",
    "BatchOutcomeBody",
    "OutcomeBody",
    "RefundBody",
    "RefundOutcomeBody",
    "SaleBody",
    "SalesBody",
    "SalesQuery",
    "SoldBody",
    "SoldPageBody",
    "read_sale",
]
