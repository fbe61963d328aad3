"""What a sale and a refund must be like; pure, without clock, database or HTTP."""

from loyalty.sales.rules.checks import check_sale, in_normal_form
from loyalty.sales.rules.facts import (
    KINDS,
    CustomerFact,
    LineFact,
    RefundFact,
    RefundLineFact,
    SaleFact,
    VehicleFact,
    refund_hash,
    sale_hash,
)
from loyalty.sales.rules.flaws import Flaw, by_field
from loyalty.sales.rules.outcomes import Outcome, effect_of, effect_row, refused, rejected
from loyalty.sales.rules.refunds import GivenBack, SoldLine, below_refunded, check_refund, plan_refund
from loyalty.sales.rules.refusals import (
    BelowRefunded,
    FixedByRefund,
    MoreThanSold,
    NothingLeft,
    NumberTaken,
    NumberTwice,
    RefundBeforeSale,
    RefundNumberTaken,
    UnknownRun,
    UnknownSale,
)

__all__ = [
    "KINDS",
    "BelowRefunded",
    "CustomerFact",
    "FixedByRefund",
    "Flaw",
    "GivenBack",
    "LineFact",
    "MoreThanSold",
    "NothingLeft",
    "NumberTaken",
    "NumberTwice",
    "Outcome",
    "RefundBeforeSale",
    "RefundFact",
    "RefundLineFact",
    "RefundNumberTaken",
    "SaleFact",
    "SoldLine",
    "UnknownRun",
    "UnknownSale",
    "VehicleFact",
    "below_refunded",
    "by_field",
    "check_refund",
    "check_sale",
    "effect_of",
    "effect_row",
    "in_normal_form",
    "plan_refund",
    "refund_hash",
    "refused",
    "rejected",
    "sale_hash",
]
