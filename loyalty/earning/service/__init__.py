"""Books what sales earn: award lines here, points and growth in the ledger."""

from loyalty.earning.service.awards import award_sales
from loyalty.earning.service.deliveries import award_deliveries, correct_deliveries
from loyalty.earning.service.merging import carry_lines
from loyalty.earning.service.reversals import correct_sales, take_back_refunds

__all__ = [
    "award_deliveries",
    "award_sales",
    "carry_lines",
    "correct_deliveries",
    "correct_sales",
    "take_back_refunds",
]
