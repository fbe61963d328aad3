"""The form of earning rules, and what they say in plain sentences."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from loyalty.earning.rules.policy import EarningRules, Filters, Multiplier, Rule
from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.programme.rules import forms as f
from loyalty.sales.rules.texts import CATEGORY_TEXTS, KIND_TEXTS

UNIT_TEXTS: Mapping[str, str] = {"points": "Points", "growth": "Growth value"}
PER_TEXTS: Mapping[str, str] = {
    "amount": "for an amount spent",
    "visit": "for each paid visit",
    "event": "for an event",
}
EVENT_TEXTS: Mapping[str, str] = {"delivery": "a car is delivered"}
BASIS_TEXTS: Mapping[str, str] = {"gross": "what was paid, with tax", "net": "the amount without tax"}
CURRENCIES_TEXTS: Mapping[str, str] = {"": "any currency", **f.CURRENCY_TEXTS}
BY_TEXTS: Mapping[str, str] = {
    "tier": "members of a tier",
    "birthday_month": "the month of the birthday",
    "campaign": "a campaign between two days",
}
STACKING_TEXTS: Mapping[str, str] = {
    "": "there is at most one multiplier",
    "best": "the highest one counts",
    "multiply": "they are multiplied",
    "add": "what they add is added up",
}
ROUNDING_TEXTS: Mapping[str, str] = {"floor": "down", "half_up": "to the nearest, halves up", "ceil": "up"}

AMOUNT_TEXTS: Mapping[str, str] = {
    "growth": "Each {amount} spent gives {number} growth.",
    "point": "Each {amount} spent gives {number} point.",
    "points": "Each {amount} spent gives {number} points.",
}
VISIT_TEXTS: Mapping[str, str] = {
    "growth": "Each paid visit gives {number} growth.",
    "point": "Each paid visit gives {number} point.",
    "points": "Each paid visit gives {number} points.",
}
DELIVERY_TEXTS: Mapping[str, str] = {
    "growth": "The delivery of a car gives {number} growth.",
    "point": "The delivery of a car gives {number} point.",
    "points": "The delivery of a car gives {number} points.",
}

AMOUNT = ("per", frozenset({"amount"}))
COUNTED = ("per", frozenset({"visit", "event"}))
EVENT = ("per", frozenset({"event"}))
TIER = ("by", frozenset({"tier"}))
FACTOR = ("by", frozenset({"birthday_month", "campaign"}))
CAMPAIGN = ("by", frozenset({"campaign"}))

NAME = f.Group(
    key="name",
    label="Display name",
    hint="Members read it beside their points. Both languages, or neither.",
    fields=(f.Text(key="zh", label="Chinese name"), f.Text(key="en", label="English name")),
)
CODE = f.Text(
    key="code",
    label="Short name",
    hint="Stays the same from version to version, so that points can be traced to it, such as service.",
)
FILTERS = (
    f.Ticks(key="kinds", label="Kinds of sales", hint="None ticked: all kinds.", choices=KIND_TEXTS),
    f.Ticks(
        key="categories",
        label="Categories of lines",
        hint="As the sales system names them. None: all lines.",
        choices=CATEGORY_TEXTS,
        others="Other categories, one on each line",
    ),
    f.Ticks(key="stores", label="Stores", hint="None ticked: all stores.", source="stores"),
)
RULE = (
    NAME,
    CODE,
    f.Choice(key="unit", label="What it gives", choices=UNIT_TEXTS, default="points"),
    f.Choice(key="per", label="What it gives them for", choices=PER_TEXTS),
    f.Choice(key="event", label="Event", choices=EVENT_TEXTS, when=EVENT),
    f.Number(key="points", label="How many", hint="Decimals are possible, such as 1.5."),
    f.Amount(key="each", label="For each", when=AMOUNT),
    f.Choice(key="of", label="Counted on", choices=BASIS_TEXTS, default="gross"),
    f.Flag(key="whole", label="Count only whole multiples of the amount", when=AMOUNT),
    f.Choice(key="currency", label="Currency of the sales", choices=CURRENCIES_TEXTS, default="", when=COUNTED),
    f.Minor(
        key="minimum_minor",
        label="Only sales of at least",
        hint="What the sale must count with.",
        default=1,
        currency_at=("each.currency", "currency"),
    ),
    f.Flag(key="multiplied", label="Multipliers apply to it", default=True),
    *FILTERS,
)
MULTIPLIER = (
    NAME,
    CODE,
    f.Choice(key="by", label="Applies to", choices=BY_TEXTS),
    f.Pairs(key="levels", label="Factor of each tier", hint="1 or more. Empty: 1.", source="levels", when=TIER),
    f.Number(key="factor", label="Factor", hint="1 or more, such as 2 for double.", when=FACTOR),
    f.Day(key="from_day", label="First day", when=CAMPAIGN),
    f.Day(key="to_day", label="Last day", when=CAMPAIGN),
    f.Choice(key="unit", label="Multiplies", choices=UNIT_TEXTS, default="points"),
    *FILTERS,
)
FIELDS = (
    f.Rows(
        key="rules",
        label="Rules",
        hint="What members earn for. A sale earns by all rules that fit it.",
        fields=RULE,
        named=("name", "code"),
        known_by="code",
        one="Rule {number}",
        add="Add a rule",
        least=1,
    ),
    f.Rows(
        key="multipliers",
        label="Multipliers",
        hint="When members earn more than usual.",
        fields=MULTIPLIER,
        named=("name", "code"),
        known_by="code",
        one="Multiplier {number}",
        add="Add a multiplier",
    ),
    f.Choice(key="stacking", label="Where several multipliers apply", choices=STACKING_TEXTS, default=""),
    f.Number(key="most_factor", label="Multipliers together at most", hint="1 or more. Empty: no bound."),
    f.Choice(
        key="rounding",
        label="Points are rounded",
        hint="Once, on the total of a sale.",
        choices=ROUNDING_TEXTS,
    ),
    f.Whole(
        key="pending_days",
        label="Days until new points can be used",
        hint="0: at once.",
        default=0,
        unit="{number} days",
    ),
)


def tell(rules: EarningRules) -> list[f.Phrase]:
    """Return what earning rules say, a sentence or two for each of them."""
    said = [_rule(rule) for rule in rules.rules] + [_multiplier(one) for one in rules.multipliers]
    return [*said, *_whole(rules)]


def _rule(rule: Rule) -> f.Phrase:
    return f.Together((_gift(rule), *_limits(rule.filters), *_conditions(rule)))


def _gift(rule: Rule) -> f.Phrase:
    number = _decimal(rule.points)
    unit = "growth" if rule.unit == "growth" else "point" if rule.points == 1 else "points"
    if rule.per == "amount" and rule.currency:
        return Sentence(AMOUNT_TEXTS[unit], amount=Money(rule.each_minor, rule.currency), number=number)
    return Sentence((VISIT_TEXTS if rule.per == "visit" else DELIVERY_TEXTS)[unit], number=number)


def _conditions(rule: Rule) -> Iterable[f.Phrase]:
    if rule.minimum_minor > 1:
        least = Money(rule.minimum_minor, rule.currency or f.USUAL_CURRENCY)
        yield Sentence("Only sales of at least {amount}.", amount=least)
    if rule.whole:
        yield Sentence("Only whole multiples count.")
    if rule.basis == "net":
        yield Sentence("The amount without tax counts.")
    if not rule.multiplied:
        yield Sentence("Multipliers do not apply.")


def _limits(filters: Filters) -> Iterable[f.Phrase]:
    if filters.kinds:
        kinds = f.Joined(Sentence(text) for kind, text in KIND_TEXTS.items() if kind in filters.kinds)
        yield Sentence("Only {kinds}.", kinds=kinds)
    if filters.categories:
        named = f.Joined(
            Sentence(CATEGORY_TEXTS[one]) if one in CATEGORY_TEXTS else f.Raw(one) for one in sorted(filters.categories)
        )
        yield Sentence("Only lines of {categories}.", categories=named)
    if filters.stores:
        stores = f.Joined(f.Offered("stores", code) for code in sorted(filters.stores))
        yield Sentence("Only at {stores}.", stores=stores)


def _multiplier(one: Multiplier) -> f.Phrase:
    if one.by == "tier":
        levels = f.Joined(
            Sentence("{level} × {factor}", level=f.Offered("levels", code), factor=_decimal(factor))
            for code, factor in (one.levels or {}).items()
        )
        first = Sentence("By tier: {levels}.", levels=levels)
    elif one.by == "birthday_month":
        first = Sentence("In the month of the birthday × {factor}.", factor=_decimal(one.factor))
    else:
        days = {"first": one.from_day, "last": one.to_day}
        first = Sentence("From {first} to {last} × {factor}.", factor=_decimal(one.factor), **days)
    growth = [Sentence("This multiplies growth.")] if one.unit == "growth" else []
    return f.Together((first, *_limits(one.filters), *growth))


def _whole(rules: EarningRules) -> Iterable[f.Phrase]:
    if len(rules.multipliers) > 1:
        yield Sentence("Where several multipliers apply, {how}.", how=Sentence(STACKING_TEXTS[rules.stacking]))
    if rules.most is not None:
        yield Sentence("Together they are at most × {factor}.", factor=_decimal(rules.most))
    yield Sentence("The points of a sale are rounded {how}.", how=Sentence(ROUNDING_TEXTS[rules.rounding]))
    if rules.pending_days:
        yield Sentence("New points can be used after {number} days.", number=rules.pending_days)
    else:
        yield Sentence("New points can be used at once.")


def _decimal(number: Fraction) -> f.Raw:
    return f.Raw(format((Decimal(number.numerator) / Decimal(number.denominator)).normalize(), "f"))


EARNING_FORM = f.PolicyForm(FIELDS, tell)
