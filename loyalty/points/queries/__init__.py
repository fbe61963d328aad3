"""What the ledger can be asked."""

from loyalty.points.queries.audit import CHECKS, audit
from loyalty.points.queries.balances import (
    Earner,
    accounts_of,
    ask_earners,
    balance,
    balances,
    earners,
    forget_earners,
    summary_select,
)
from loyalty.points.queries.entries import (
    EntryView,
    Explanation,
    LotUse,
    LotView,
    entries,
    explain_entry,
    lots,
    lots_as_of,
)
from loyalty.points.queries.lapsing import Lapsing, lapses_between, lapsing, last_holder
from loyalty.points.queries.lateness import lateness
from loyalty.points.queries.liability import Liability, liability, places
from loyalty.points.queries.merging import days_of_lots, lots_of_merge
from loyalty.points.queries.operations import (
    HeldPoints,
    Redeemed,
    due,
    held,
    lapsed_holds,
    lapsed_holds_count,
    redeemed,
    ripe_accounts,
)
from loyalty.points.queries.sources import Earned, earned_by_sales, effects_of_keys

__all__ = [
    "CHECKS",
    "Earned",
    "Earner",
    "EntryView",
    "Explanation",
    "HeldPoints",
    "Lapsing",
    "Liability",
    "LotUse",
    "LotView",
    "Redeemed",
    "accounts_of",
    "ask_earners",
    "audit",
    "balance",
    "balances",
    "days_of_lots",
    "due",
    "earned_by_sales",
    "earners",
    "effects_of_keys",
    "entries",
    "explain_entry",
    "forget_earners",
    "held",
    "lapsed_holds",
    "lapsed_holds_count",
    "lapses_between",
    "lapsing",
    "last_holder",
    "lateness",
    "liability",
    "lots",
    "lots_as_of",
    "lots_of_merge",
    "places",
    "redeemed",
    "ripe_accounts",
    "summary_select",
]
