"""The JSON bodies of sales and refunds: what the document describes, and what explains a wrong one."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from loyalty.kernel.money import Money
from loyalty.sales.rules import KINDS, CustomerFact, LineFact, RefundFact, RefundLineFact, SaleFact, VehicleFact
from loyalty.web.api import EffectBody, ErrorBody
from loyalty.web.json_fields import AmountField, CodeField, DayField, MomentField, StrictSchema, WholeField

MOST_IN_BATCH = 500

_QUANTITY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,3})?", re.ASCII)


class QuantityField(fields.Field[Decimal]):
    """A quantity of 0 or more: a whole number, or a text with up to 3 decimals such as "1.5"."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Decimal:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
            raise ValidationError('A quantity is a whole number from 0, or a text such as "1.5" with up to 3 decimals.')
        return Decimal(value)


class CustomerBody(StrictSchema):
    """The buyer, by the number in the source; who is new is created with the rest."""

    number = CodeField(64, required=True)
    name = CodeField(80, load_default=None, allow_none=True)
    phone = CodeField(32, load_default=None, allow_none=True)
    kind = fields.String(load_default="person", validate=validate.OneOf(["person", "company"]))

    @post_load
    def build(self, values: dict[str, Any], **_kwargs: Any) -> CustomerFact:
        """Return the plain value."""
        return CustomerFact(**values)


class VehicleBody(StrictSchema):
    """The vehicle that was sold or served."""

    vin = CodeField(32, required=True)
    plate = CodeField(16, load_default=None, allow_none=True)
    model = CodeField(80, load_default=None, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_kwargs: Any) -> VehicleFact:
        """Return the plain value."""
        return VehicleFact(**values)


class LineBody(StrictSchema):
    """One line; `gross` is what was charged. Of `net` and `tax` the one left out follows; without both, tax is 0."""

    number = WholeField(required=True)
    sku = CodeField(64, load_default=None, allow_none=True)
    category = CodeField(64, load_default="other")
    quantity = QuantityField(load_default=Decimal(1))
    gross = AmountField(required=True)
    net = AmountField(load_default=None)
    tax = AmountField(load_default=None)
    discount = AmountField(load_default=None)


class SaleBody(StrictSchema):
    """A sale of the core system; all amounts are of one currency."""

    source = CodeField(64, required=True)
    number = CodeField(64, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    store = CodeField(64, required=True)
    customer = fields.Nested(CustomerBody, required=True)
    occurred_at = MomentField(required=True)
    lines = fields.List(fields.Nested(LineBody), required=True, validate=validate.Length(min=1, max=500))
    vehicle = fields.Nested(VehicleBody, load_default=None, allow_none=True)
    odometer = WholeField(load_default=None, allow_none=True)
    points_paid = AmountField(load_default=None, allow_none=True)
    delivered_at = MomentField(load_default=None, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_kwargs: Any) -> SaleFact:
        """Return the plain value; the currency is that of the first line, and the others must agree."""
        currency = values["lines"][0]["gross"].currency
        lines = tuple(_line(f"lines[{index}]", line, currency) for index, line in enumerate(values.pop("lines")))
        paid = _of(currency, "points_paid", values.pop("points_paid"))
        return SaleFact(
            source=values["source"],
            number=values["number"],
            kind=values["kind"],
            store=values["store"],
            customer=values["customer"],
            occurred=values["occurred_at"],
            currency=currency,
            lines=lines,
            vehicle=values["vehicle"],
            odometer=values["odometer"],
            points_paid_minor=paid or 0,
            delivered=values["delivered_at"],
        )


def _of(currency: str, place: str, amount: Money | None) -> int | None:
    if amount is None:
        return None
    if amount.currency != currency:
        raise ValidationError({place: ["All amounts of a sale are of one currency."]})
    return amount.minor


def _line(path: str, line: Mapping[str, Any], currency: str) -> LineFact:
    gross = _of(currency, f"{path}.gross", line["gross"]) or 0
    net, tax = _of(currency, f"{path}.net", line["net"]), _of(currency, f"{path}.tax", line["tax"])
    if net is None:
        net = gross - (tax or 0)
    return LineFact(
        line["number"],
        line["sku"],
        line["category"],
        line["quantity"],
        net,
        gross - net if tax is None else tax,
        gross,
        _of(currency, f"{path}.discount", line["discount"]) or 0,
    )


class RefundLineBody(StrictSchema):
    """How much of a line goes back: `quantity` or `amount` (gross), one of the two."""

    number = WholeField(required=True)
    quantity = QuantityField(load_default=None)
    amount = AmountField(load_default=None)


class RefundBody(StrictSchema):
    """A refund; without `lines` all that is left goes back, without `store` it happened where the sale did."""

    number = CodeField(64, required=True)
    occurred_at = MomentField(required=True)
    lines = fields.List(fields.Nested(RefundLineBody), load_default=list, validate=validate.Length(max=500))
    store = CodeField(64, load_default=None, allow_none=True)
    dealer_fault = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    reason = fields.String(load_default="", validate=validate.Length(max=200))

    @staticmethod
    def fact(values: Mapping[str, Any], source: str, sale_number: str) -> RefundFact:
        """Return the plain value; all amounts must be of one currency, which is then compared with the sale's."""
        currencies = {line["amount"].currency for line in values["lines"] if line["amount"]}
        if len(currencies) > 1:
            raise ValidationError({"lines": ["All amounts of a refund are of one currency."]})
        return RefundFact(
            source=source,
            sale_number=sale_number,
            number=values["number"],
            occurred=values["occurred_at"],
            currency=next(iter(currencies), None),
            lines=tuple(
                RefundLineFact(line["number"], line["quantity"], line["amount"].minor if line["amount"] else None)
                for line in values["lines"]
            ),
            store=values["store"],
            dealer_fault=values["dealer_fault"],
            reason=values["reason"],
        )


class SalesBody(StrictSchema):
    """Up to 500 sales in one call; each is answered for itself."""

    sales = fields.List(fields.Nested(SaleBody), required=True, validate=validate.Length(min=1, max=MOST_IN_BATCH))


class OutcomeBody(Schema):
    """What became of a sale, with all that it brought about."""

    state = fields.String(validate=validate.OneOf(["created", "same", "corrected", "rejected"]))
    source = fields.String()
    number = fields.String()
    version = fields.Integer()
    effects = fields.List(fields.Nested(EffectBody))


class BatchedOutcomeBody(OutcomeBody):
    """What became of one sale of a batch; a rejected one has an `error` like any other answer, and no version."""

    error = fields.Nested(ErrorBody)


class BatchOutcomeBody(Schema):
    """The outcomes in the order of the call."""

    sales = fields.List(fields.Nested(BatchedOutcomeBody))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class RefundOutcomeBody(Schema):
    """What a refund gave back."""

    state = fields.String(validate=validate.OneOf(["created", "same"]))
    number = fields.String()
    effects = fields.List(fields.Nested(EffectBody))


class SalesQuery(StrictSchema):
    """Which sales to list, the latest recorded first."""

    store = fields.String(load_default=None)
    customer = fields.String(load_default=None, metadata={"description": "The customer's number here, C-0000001."})
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    since = DayField(load_default=None)
    until = DayField(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class SoldLineBody(Schema):
    """A line of a sale, and how much of it went back."""

    number = fields.Integer()
    sku = fields.String(allow_none=True)
    category = fields.String()
    quantity = fields.String()
    net = AmountField()
    tax = AmountField()
    gross = AmountField()
    discount = AmountField()
    refunded_quantity = fields.String()
    refunded = AmountField()


class ListedBody(Schema):
    """A sale as it is known now, without its lines."""

    source = fields.String()
    number = fields.String()
    version = fields.Integer()
    kind = fields.String()
    store = fields.String()
    customer = fields.String()
    vin = fields.String(allow_none=True)
    occurred_at = MomentField()
    business_day = DayField()
    delivered_at = MomentField(allow_none=True)
    odometer = fields.Integer(allow_none=True)
    net = AmountField()
    gross = AmountField()
    points_paid = AmountField()
    refunded = AmountField()


class SoldBody(ListedBody):
    """A sale as it is known now."""

    lines = fields.List(fields.Nested(SoldLineBody))


class SoldPageBody(Schema):
    """Some sales, and where the next ones begin."""

    items = fields.List(fields.Nested(ListedBody))
    next_cursor = fields.String(allow_none=True)
