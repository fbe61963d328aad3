"""The earning rules of a dealer: the values, and how the body of a version of kind "earning" is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from loyalty.kernel.bodies import BodyReader
from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import EXPONENTS
from loyalty.sales.rules import KINDS

Per = Literal["amount", "visit", "event"]
Unit = Literal["points", "growth"]
Stacking = Literal["best", "multiply", "add"]
Rounding = Literal["floor", "half_up", "ceil"]

UNITS: tuple[Unit, ...] = ("points", "growth")
EVENTS = ("delivery",)
LONGEST_PENDING = 366


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sales and lines count; an empty set means all. Stores are named by their codes."""

    kinds: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()

    def admit(self, kind: str, store: str | None) -> bool:
        """Return whether a sale of this kind at this store counts."""
        return (not self.kinds or kind in self.kinds) and (not self.stores or store in self.stores)


@dataclass(frozen=True, slots=True)
class Rule:
    """`points` for each `each_minor` of the amount, for each paid visit, or for each event.

    `whole` counts only whole multiples of `each_minor`. `minimum_minor` is what a sale must earn on at least.
    """

    code: str
    name: Mapping[str, str]
    unit: Unit
    per: Per
    points: Fraction
    each_minor: int = 1
    currency: str | None = None
    basis: Literal["net", "gross"] = "gross"
    whole: bool = False
    event: str | None = None
    minimum_minor: int = 1
    multiplied: bool = True
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A factor for members of a tier, in the month of their birthday, or while a campaign runs (both days included)."""

    code: str
    name: Mapping[str, str]
    by: Literal["tier", "birthday_month", "campaign"]
    factor: Fraction = Fraction(1)
    levels: Mapping[str, Fraction] | None = None
    from_day: date | None = None
    to_day: date | None = None
    unit: Unit = "points"
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class EarningRules:
    """All of a version. Factors that apply together stack as `stacking` says, in the order written, up to `most`."""

    rules: tuple[Rule, ...]
    multipliers: tuple[Multiplier, ...] = ()
    stacking: Stacking = "best"
    most: Fraction | None = None
    rounding: Rounding = "floor"
    pending_days: int = 0

    @property
    def lone_rule(self) -> Rule | None:
        """Return the rule per amount that is the only one, or None when there are others."""
        return self.rules[0] if len(self.rules) == 1 and self.rules[0].per == "amount" else None

    @property
    def asks_birthdays(self) -> bool:
        """Return whether a sale cannot be reckoned without the buyer's month of birth."""
        return any(multiplier.by == "birthday_month" for multiplier in self.multipliers)

    @property
    def asks_stores(self) -> bool:
        """Return whether a sale cannot be reckoned without the code of its store."""
        filters = [rule.filters for rule in self.rules] + [multiplier.filters for multiplier in self.multipliers]
        return any(one.stores for one in filters)

    @property
    def asks_visits(self) -> bool:
        """Return whether a sale cannot be reckoned without the buyer's other visits of the day."""
        return any(rule.per == "visit" for rule in self.rules)


def parse_earning(body: Mapping[str, Any]) -> EarningRules:
    """Read the body of a version of kind "earning"; malformed with the place of each thing that is wrong."""
    reader = BodyReader(body)
    parts = reader.parts("rules", least=1)
    rules = tuple(_rule(part) for part in parts)
    _refuse_twins(parts, [rule.code for rule in rules])
    parts = reader.parts("multipliers")
    multipliers = tuple(_multiplier(part) for part in parts)
    _refuse_twins(parts, [multiplier.code for multiplier in multipliers])
    stacking: Any = reader.choice("stacking", ("best", "multiply", "add"), None if len(multipliers) > 1 else "best")
    most = _factor(reader, "most_factor") if "most_factor" in reader else None
    rounding: Any = reader.choice("rounding", ("floor", "half_up", "ceil"))
    pending = reader.whole("pending_days", 0, most=LONGEST_PENDING)
    reader.close()
    return EarningRules(rules, multipliers, stacking, most, rounding, pending)


def _refuse_twins(parts: list[BodyReader], codes: list[str]) -> None:
    for index, part in enumerate(parts):
        if codes[index] in codes[:index]:
            part.refuse("code", "This code is there twice.")


def _rule(reader: BodyReader) -> Rule:
    per: Any = reader.choice("per", ("amount", "visit", "event"))
    unit: Any = reader.choice("unit", UNITS, "points")
    basis: Any = reader.choice("of", ("net", "gross"), "gross")
    points = Fraction(reader.number("points"))
    if points <= 0:
        reader.refuse("points", "A rule gives more than 0 points.")
    each_minor, currency = _each(reader) if per == "amount" else (1, None)
    return Rule(
        code=reader.text("code", longest=40),
        name=read_name(reader),
        unit=unit,
        per=per,
        points=points,
        each_minor=each_minor,
        currency=currency or reader.choice("currency", ("", *EXPONENTS), "") or None,
        basis=basis,
        whole=reader.flag("whole", default=False) if per == "amount" else False,
        event=reader.choice("event", EVENTS) if per == "event" else None,
        minimum_minor=reader.whole("minimum_minor", 1, least=1),
        multiplied=reader.flag("multiplied", default=True),
        filters=_filters(reader),
    )


def _each(reader: BodyReader) -> tuple[int, str | None]:
    each = reader.part("each")
    if each is None:
        reader.refuse("each", 'Say for which amount the points are, as {"minor": 100, "currency": "CNY"}.')
        return 1, None
    return each.whole("minor", least=1), each.choice("currency", tuple(EXPONENTS))


def _multiplier(reader: BodyReader) -> Multiplier:
    by: Any = reader.choice("by", ("tier", "birthday_month", "campaign"))
    unit: Any = reader.choice("unit", UNITS, "points")
    from_day, to_day = (reader.day("from_day"), reader.day("to_day")) if by == "campaign" else (None, None)
    if by == "campaign" and (from_day is None or to_day is None or to_day < from_day):
        reader.refuse("to_day", "A campaign runs from a day to a day, the second not before the first.")
    return Multiplier(
        code=reader.text("code", longest=40),
        name=read_name(reader),
        by=by,
        factor=Fraction(1) if by == "tier" else _factor(reader, "factor"),
        levels=_levels(reader) if by == "tier" else None,
        from_day=from_day,
        to_day=to_day,
        unit=unit,
        filters=_filters(reader),
    )


def _levels(reader: BodyReader) -> dict[str, Fraction]:
    levels = reader.take("levels")
    part = reader.part("levels")
    if part is None or not isinstance(levels, dict) or not levels:
        reader.refuse("levels", 'Give the factor of each level, as {"gold": "1.2"}.')
        return {}
    return {code: _factor(part, code) for code in levels}


def _factor(reader: BodyReader, field: str) -> Fraction:
    factor = Fraction(reader.number(field))
    if factor < 1:
        reader.refuse(field, "A factor is 1 or more.")
        return Fraction(1)
    return factor


def _filters(reader: BodyReader) -> Filters:
    kinds = reader.texts("kinds")
    if unknown := sorted(kinds - set(KINDS)):
        reader.refuse(
            "kinds",
            Sentence(
                "There is no kind of sale {unknown}; the kinds are {known}.",
                unknown=", ".join(unknown),
                known=", ".join(KINDS),
            ),
        )
    return Filters(kinds, reader.texts("categories"), reader.texts("stores"))


def read_name(reader: BodyReader) -> Mapping[str, str]:
    """Return the name in both languages, or nothing when the body gives none."""
    part = reader.part("name")
    return {} if part is None else {"zh": part.text("zh", longest=80), "en": part.text("en", longest=80)}
