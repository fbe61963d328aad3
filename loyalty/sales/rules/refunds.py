"""How much of each line a refund gives back.

A quantity gives back its share of what is left of the line's amounts, halves rounded up; whoever gives back the last
piece gives back all that is left, so refunds piece by piece come to exactly the whole, also after a price reduction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import Money
from loyalty.sales.rules.checks import LONGEST_NUMBER, check_time
from loyalty.sales.rules.facts import LineFact, RefundFact, RefundLineFact
from loyalty.sales.rules.flaws import Flaw, by_field
from loyalty.sales.rules.refusals import BelowRefunded, MoreThanSold, NothingLeft


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as it was sold, and what earlier refunds gave back of it."""

    number: int
    quantity: Decimal
    net_minor: int
    gross_minor: int
    refunded_quantity: Decimal = Decimal(0)
    refunded_net_minor: int = 0
    refunded_gross_minor: int = 0


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What one refund gives back of one line."""

    number: int
    quantity: Decimal
    net_minor: int
    gross_minor: int


def check_refund(fact: RefundFact, *, currency: str, now: datetime) -> list[Flaw]:
    """Return what is wrong with a refund of a sale in `currency`, as far as the two can show it."""
    flaws = [] if fact.number.strip() else [Flaw("number", "This is missing.")]
    if len(fact.number) > LONGEST_NUMBER:
        numbers = {"length": len(fact.number), "most": LONGEST_NUMBER}
        flaws.append(Flaw("number", "This has {length} characters; at most {most} fit.", numbers))
    if fact.currency not in {None, currency}:
        flaws.append(Flaw("currency", "The sale is in {currency}, so is its refund.", {"currency": currency}))
    seen: set[int] = set()
    for index, line in enumerate(fact.lines):
        if line.number in seen:
            flaws.append(Flaw(f"lines[{index}].number", "Line {line} is there twice.", {"line": line.number}))
        seen.add(line.number)
        flaws += _check_line(f"lines[{index}]", line)
    return [*flaws, *check_time("occurred_at", fact.occurred, now)]


def _check_line(path: str, line: RefundLineFact) -> list[Flaw]:
    if (line.quantity is None) == (line.gross_minor is None):
        return [Flaw(path, "Give a quantity or an amount, one of the two.")]
    asked = line.quantity if line.gross_minor is None else line.gross_minor
    return [] if asked and asked > 0 else [Flaw(path, "A refund gives back more than 0.")]


def plan_refund(
    number: str, sold: Sequence[SoldLine], asked: Sequence[RefundLineFact], *, currency: str
) -> list[GivenBack]:
    """Return what goes back of each line; nothing `asked` means all that is left.

    Malformed when a line was never sold; MoreThanSold above what is left of it; NothingLeft when all is back already.
    """
    if not asked:
        left = [_rest(line) for line in sold if line.refunded_gross_minor < line.gross_minor or _unreturned(line)]
        if not left:
            raise NothingLeft(number=number)
        return left
    lines = {line.number: line for line in sold}
    if missing := _not_sold(lines, asked):
        raise Malformed(by_field(missing))
    return [_give_back(lines[line.number], line, currency) for line in asked]


def _not_sold(lines: Mapping[int, SoldLine], asked: Sequence[RefundLineFact]) -> list[Flaw]:
    known = ", ".join(str(number) for number in sorted(lines))
    sentence = "The sale has no line {line}; its lines are {lines}."
    return [
        Flaw(f"lines[{index}].number", sentence, {"line": line.number, "lines": known})
        for index, line in enumerate(asked)
        if line.number not in lines
    ]


def _unreturned(line: SoldLine) -> bool:
    return line.refunded_quantity < line.quantity


def _rest(line: SoldLine) -> GivenBack:
    return GivenBack(
        line.number,
        max(line.quantity - line.refunded_quantity, Decimal(0)),
        line.net_minor - line.refunded_net_minor,
        line.gross_minor - line.refunded_gross_minor,
    )


def _give_back(line: SoldLine, asked: RefundLineFact, currency: str) -> GivenBack:
    if asked.quantity is not None:
        return _by_quantity(line, asked.quantity)
    return _by_amount(line, asked.gross_minor or 0, currency)


def _by_quantity(line: SoldLine, quantity: Decimal) -> GivenBack:
    left = line.quantity - line.refunded_quantity
    if quantity > left:
        raise MoreThanSold(
            line=line.number,
            sold=_plain(line.quantity),
            refunded=_plain(line.refunded_quantity),
            asked=_plain(quantity),
            left=_plain(max(left, Decimal(0))),
        )
    share = Fraction(quantity) / Fraction(left)
    gross = _rounded((line.gross_minor - line.refunded_gross_minor) * share)
    net = _rounded((line.net_minor - line.refunded_net_minor) * share)
    return GivenBack(line.number, quantity, net, gross)


def _by_amount(line: SoldLine, gross_minor: int, currency: str) -> GivenBack:
    left = line.gross_minor - line.refunded_gross_minor
    if gross_minor > left:
        raise MoreThanSold(
            line=line.number,
            sold=Money(line.gross_minor, currency),
            refunded=Money(line.refunded_gross_minor, currency),
            asked=Money(gross_minor, currency),
            left=Money(left, currency),
        )
    net = _rounded((line.net_minor - line.refunded_net_minor) * Fraction(gross_minor, left))
    return GivenBack(line.number, Decimal(0), net, gross_minor)


def _rounded(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def below_refunded(
    number: str, sold: Sequence[SoldLine], lines: Sequence[LineFact], *, currency: str
) -> BelowRefunded | None:
    """Return the refusal when `lines` would leave less of a line than was given back; None when all is well."""
    left = {line.number: line for line in lines}
    for line in sold:
        now = left.get(line.number)
        if line.refunded_quantity > (remains := now.quantity if now else Decimal(0)):
            return _below(number, line, _plain(remains), _plain(line.refunded_quantity))
        pairs = (
            (line.refunded_net_minor, now.net_minor if now else 0),
            (line.refunded_gross_minor, now.gross_minor if now else 0),
        )
        for refunded, minor in pairs:
            if refunded > minor:
                return _below(number, line, Money(minor, currency).format(), Money(refunded, currency).format())
    return None


def _below(number: str, line: SoldLine, left: str, refunded: str) -> BelowRefunded:
    return BelowRefunded(line=line.number, number=number, left=left, refunded=refunded)
