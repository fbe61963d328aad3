"""What a sale earns, line by line."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from borax.calendars.lunardate import LunarDate

from loyalty.earning.rules.policy import EarningRules, Multiplier, Rounding, Rule
from loyalty.kernel.money import spread
from loyalty.sales.events import SaleRecorded
from loyalty.sales.rules import LineFact

ONCE = Fraction(1)
WHOLE_SALE = 0
"""The line number of what the whole sale earned, such as by its delivery."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """What multipliers ask of a member; None where it is not known or no multiplier asks."""

    earning_class: str | None = None
    birth_month: int | None = None
    lunar: bool = False
    earns: bool = True
    """Whether new sales earn; what was earned is corrected and taken back all the same."""

    def has_birthday_in_month_of(self, day: date) -> bool:
        """Return whether `day` lies in the month of the birthday: for lunar birthdays in the lunar month."""
        month = LunarDate.from_solar_date(day.year, day.month, day.day).month if self.lunar else day.month
        return self.birth_month == month


class Earned(NamedTuple):
    """The points of one line by one rule; `factor` is what multiplied them."""

    rule: str
    line: int
    unit: str
    points: int
    basis: str
    factor: Fraction


@dataclass(frozen=True, slots=True)
class _Share:
    """The exact part that one line has in the total, before the rounding."""

    rule: Rule
    line: int
    exact: Fraction
    factor: Fraction


def award_key(sale_id: int, version: int) -> str:
    """Return the key under which the ledger books what a sale earns, before the unit: once for each version."""
    return f"earn:{sale_id}:{version}"


def reckon(
    sale: SaleRecorded, rules: EarningRules, buyer: Buyer, *, store: str | None = None, visited: Collection[str] = ()
) -> list[Earned]:
    """Return what the lines of a sale earn; rules in `visited` have counted a visit of that day already."""
    if sale.net_minor <= 0:
        return []
    lone = rules.lone_rule
    if lone is not None and len(sale.lines) == 1 and not sale.points_paid_minor:
        return reckon_line(sale, lone, rules, buyer, store)
    return reckon_shares(sale, rules, buyer, store=store, visited=visited)


def reckon_line(
    sale: SaleRecorded, rule: Rule, rules: EarningRules, buyer: Buyer, store: str | None = None
) -> list[Earned]:
    """Return what a sale of one line, paid with money alone, earns by a lone rule per amount, as most sales do.

    Nothing has to be spread, so whole numbers do: it comes to what `reckon_shares` does in a fifth of the time.
    """
    line, filters = sale.lines[0], rule.filters
    if rule.currency not in (None, sale.currency) or not filters.admit(sale.kind, store):
        return []
    amount = amount_of(line, rule.basis)
    if amount < rule.minimum_minor or (filters.categories and line.category not in filters.categories):
        return []
    factor = _factor(sale, rule, rules, buyer, store)
    times, each = (amount // rule.each_minor, 1) if rule.whole else (amount, rule.each_minor)
    above = times * rule.points.numerator * factor.numerator
    below = each * rule.points.denominator * factor.denominator
    points = _whole_part(above, below, rules.rounding)
    return [Earned(rule.code, line.number, rule.unit, points, rule.basis, factor)] if points else []


def _whole_part(above: int, below: int, rounding: Rounding) -> int:
    """Return what `whole` makes of the fraction."""
    if rounding == "floor":
        return above // below
    if rounding == "ceil":
        return -(-above // below)
    return (2 * above + below) // (2 * below)


def reckon_shares(
    sale: SaleRecorded, rules: EarningRules, buyer: Buyer, *, store: str | None = None, visited: Collection[str] = ()
) -> list[Earned]:
    """Return what any sale earns by any rules: the exact share of each line in each rule, rounded together."""
    shares = []
    for rule in rules.rules:
        if rule.per != "event" and rule.code not in visited:
            shares += _shares(sale, rule, rules, buyer, store)
    return _round(shares, rules.rounding)


def reckon_event(
    event: str, sale: SaleRecorded, rules: EarningRules, buyer: Buyer, *, store: str | None
) -> list[Earned]:
    """Return what an event of a sale earns, as points of the whole sale."""
    shares = []
    for rule in rules.rules:
        if rule.event == event and rule.filters.admit(sale.kind, store):
            factor = _factor(sale, rule, rules, buyer, store)
            shares.append(_Share(rule, WHOLE_SALE, rule.points * factor, factor))
    return _round(shares, rules.rounding)


def _shares(sale: SaleRecorded, rule: Rule, rules: EarningRules, buyer: Buyer, store: str | None) -> list[_Share]:
    if rule.currency not in (None, sale.currency) or not rule.filters.admit(sale.kind, store):
        return []
    categories = rule.filters.categories
    lines = [line for line in sale.lines if not categories or line.category in categories]
    amounts = [max(0, amount_of(line, rule.basis)) for line in lines]
    base = sum(amount_of(line, rule.basis) for line in lines) * _unpaid(sale)
    if base <= 0 or base < rule.minimum_minor:
        return []
    factor = _factor(sale, rule, rules, buyer, store)
    total = _times(rule, base) * rule.points
    total = total if factor == 1 else total * factor
    if len(lines) == 1:
        return [_Share(rule, lines[0].number, total, factor)]
    weight = sum(amounts)
    return [
        _Share(rule, line.number, total * amount / weight, factor)
        for line, amount in zip(lines, amounts, strict=True)
        if amount
    ]


def _times(rule: Rule, base: Fraction | int) -> Fraction:
    if rule.per == "visit":
        return Fraction(1)
    times = Fraction(base, rule.each_minor)
    return Fraction(math.floor(times)) if rule.whole else times


def _unpaid(sale: SaleRecorded) -> Fraction | int:
    """Return the part of the sale that was not paid with points, from 0 to 1; every line has the same part."""
    if not sale.points_paid_minor:
        return 1
    if sale.gross_minor <= 0:
        return 0
    return max(Fraction(0), Fraction(sale.gross_minor - sale.points_paid_minor, sale.gross_minor))


def amount_of(line: LineFact, basis: str) -> int:
    """Return the amount of a line on which a rule of that basis reckons, in minor units."""
    return line.net_minor if basis == "net" else line.gross_minor


def _factor(sale: SaleRecorded, rule: Rule, rules: EarningRules, buyer: Buyer, store: str | None) -> Fraction:
    if not rule.multiplied or not rules.multipliers:
        return ONCE
    factors = [
        _factor_of(multiplier, sale, buyer)
        for multiplier in rules.multipliers
        if multiplier.unit == rule.unit and multiplier.filters.admit(sale.kind, store)
    ]
    together = stack(factors, rules.stacking)
    return together if rules.most is None else min(together, rules.most)


def _factor_of(multiplier: Multiplier, sale: SaleRecorded, buyer: Buyer) -> Fraction:
    if multiplier.by == "tier":
        return (multiplier.levels or {}).get(buyer.earning_class or "", Fraction(1))
    if multiplier.by == "birthday_month":
        applies = buyer.has_birthday_in_month_of(sale.business_day)
    else:
        first, last = multiplier.from_day, multiplier.to_day
        applies = first is not None and last is not None and first <= sale.business_day <= last
    return multiplier.factor if applies else Fraction(1)


def stack(factors: Sequence[Fraction], how: str) -> Fraction:
    """Return the factor of several together: the best, their product, or 1 and what each adds to it."""
    if how == "best":
        return max(factors, default=Fraction(1))
    if how == "multiply":
        return math.prod(factors, start=Fraction(1))
    return sum((factor - 1 for factor in factors), start=Fraction(1))


def _round(shares: Sequence[_Share], rounding: Rounding) -> list[Earned]:
    """Round the total of each unit once, and give each line its part of it by largest remainder."""
    earned = []
    for unit in ("points", "growth"):
        ours = [share for share in shares if share.rule.unit == unit]
        for share, points in zip(ours, _parts([share.exact for share in ours], rounding), strict=True):
            if points:
                basis = share.rule.basis
                earned.append(Earned(share.rule.code, share.line, unit, points, basis, share.factor))
    return earned


def _parts(exact: Sequence[Fraction], rounding: Rounding) -> list[int]:
    if len(exact) < 2:  # noqa: PLR2004 - a sale of one line has nothing to spread
        return [whole(one, rounding) for one in exact]
    scale = math.lcm(*(one.denominator for one in exact))
    return spread(whole(sum(exact, start=Fraction(0)), rounding), [int(one * scale) for one in exact])


def whole(exact: Fraction, rounding: Rounding) -> int:
    """Return the whole number that a policy makes of an exact total."""
    if rounding == "floor":
        return math.floor(exact)
    if rounding == "ceil":
        return math.ceil(exact)
    return math.floor(exact + Fraction(1, 2))
