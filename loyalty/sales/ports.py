"""What sales asks of those above it: what came of a sale that nobody was told about."""

from collections.abc import Callable, Mapping, Sequence

from loyalty.kernel.effects import Effect

SaleKey = tuple[int, int, int]
"""Customer, sale and version."""

Retell = Callable[[Sequence[SaleKey]], Mapping[int, Sequence[Effect]]]
"""Tells by sale id what such sales brought about; those that brought nothing are left out."""


class _Tellers:
    """Who tells it."""

    def __init__(self) -> None:
        self.retell: Retell | None = None


_tellers = _Tellers()


def retell_by(retell: Retell) -> None:
    """Set who tells what came of sales; wiring.py calls it once, when the application is made."""
    _tellers.retell = retell


def retold(sales: Sequence[SaleKey]) -> Mapping[int, Sequence[Effect]]:
    """Return by sale id what came of these sales, as those tell it who made it."""
    return {} if _tellers.retell is None or not sales else _tellers.retell(sales)
