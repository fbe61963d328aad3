"""What the ledger can be asked."""

from loyalty.points.queries.balances import accounts_of, balance, balances, earning_classes, summary_select

__all__ = ["accounts_of", "balance", "balances", "earning_classes", "summary_select"]
