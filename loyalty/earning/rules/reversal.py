"""What a refund takes back: for each line its share of the award, reckoned on all that was refunded so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.earning.rules.reckoning import WHOLE_SALE, amount_of
from loyalty.sales.events import RefundedLine, SaleRecorded


@dataclass(frozen=True, slots=True)
class Standing:
    """What one line has by one rule: the points awarded, and those taken back since."""

    rule: str
    line: int
    unit: str
    basis: str
    awarded: int
    taken: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The points that a refund takes from one line by one rule."""

    standing: Standing
    points: int


def target(awarded: int, refunded_minor: int, original_minor: int) -> int:
    """Return what is to be taken back in all: `awarded` × refunded ÷ original, rounded down, at most `awarded`.

    Rounded down, so that a part refund never takes more than its share; the last part takes the rest.
    """
    if original_minor <= 0 or refunded_minor >= original_minor:
        return awarded if refunded_minor > 0 else 0
    return max(0, awarded * refunded_minor // original_minor)


def refunded_in_all(*refunds: Sequence[RefundedLine]) -> dict[tuple[int, str], int]:
    """Return what was refunded in all, in minor units, by line and basis, and for the whole sale."""
    sums: dict[tuple[int, str], int] = {}
    for refund in refunds:
        for line in refund:
            for basis, minor in (("net", line.net_minor), ("gross", line.gross_minor)):
                for number in (line.number, WHOLE_SALE):
                    sums[number, basis] = sums.get((number, basis), 0) + minor
    return sums


def take_backs(
    sale: SaleRecorded, standings: Sequence[Standing], refunded: Mapping[tuple[int, str], int]
) -> list[TakenBack]:
    """Return what the lines of a sale still have to give back when `refunded` is all that was refunded so far."""
    originals = _originals(sale)
    taken = []
    for standing in standings:
        place = (standing.line, standing.basis)
        due = target(standing.awarded, refunded.get(place, 0), originals.get(place, 0)) - standing.taken
        if due > 0:
            taken.append(TakenBack(standing, due))
    return taken


def _originals(sale: SaleRecorded) -> dict[tuple[int, str], int]:
    originals = {(WHOLE_SALE, "net"): sale.net_minor, (WHOLE_SALE, "gross"): sale.gross_minor}
    for line in sale.lines:
        for basis in ("net", "gross"):
            originals[line.number, basis] = amount_of(line, basis)
    return originals
