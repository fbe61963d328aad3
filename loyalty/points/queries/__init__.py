"""What the ledger can be asked."""

from loyalty.points.queries.balances import accounts_of, balance, balances, earning_classes, summary_select
from loyalty.points.queries.operations import due, held, lapsed_holds, redeemed, ripe_accounts

__all__ = [
    "accounts_of",
    "balance",
    "balances",
    "due",
    "earning_classes",
    "held",
    "lapsed_holds",
    "redeemed",
    "ripe_accounts",
    "summary_select",
]
