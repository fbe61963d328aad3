"""How points are earned and taken back: pure, on the events of sales."""

from loyalty.earning.rules.policy import (
    UNITS,
    EarningRules,
    Filters,
    Multiplier,
    Rule,
    parse_earning,
    read_name,
)
from loyalty.earning.rules.reckoning import (
    WHOLE_SALE,
    Buyer,
    Earned,
    award_key,
    reckon,
    reckon_event,
    reckon_line,
    reckon_shares,
    stack,
    whole,
)
from loyalty.earning.rules.reversal import Standing, TakenBack, refunded_in_all, take_backs, target

__all__ = [
    "UNITS",
    "WHOLE_SALE",
    "Buyer",
    "Earned",
    "EarningRules",
    "Filters",
    "Multiplier",
    "Rule",
    "Standing",
    "TakenBack",
    "award_key",
    "parse_earning",
    "read_name",
    "reckon",
    "reckon_event",
    "reckon_line",
    "reckon_shares",
    "refunded_in_all",
    "stack",
    "take_backs",
    "target",
    "whole",
]
