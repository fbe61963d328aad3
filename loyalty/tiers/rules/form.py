"""The form of schemes of levels, and what they say in plain sentences."""

from collections.abc import Iterable, Mapping

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.programme.rules import forms as f
from loyalty.sales.rules.texts import KIND_TEXTS
from loyalty.tiers.rules.reviews import Review
from loyalty.tiers.rules.scheme import Condition, Criterion, Level, Scheme
from loyalty.tiers.rules.windows import Window

METRIC_TEXTS: Mapping[str, str] = {
    "spend": "Amount spent",
    "visits": "Days with a paid visit",
    "growth": "Growth value",
    "vehicles": "Vehicles",
    "referrals": "Delivered referrals",
}
COMBINE_TEXTS: Mapping[str, str] = {"all": "all of them", "any": "one of them"}
WINDOW_TEXTS: Mapping[str, str] = {
    "lifetime": "all the time",
    "calendar": "the year, beginning with a month",
    "rolling": "the last months",
    "anniversary": "the year since an anniversary",
}
ANCHOR_TEXTS: Mapping[str, str] = {
    "joining": "of joining",
    "tier": "of reaching the tier",
    "delivery": "of the delivery of the car",
}
REVIEW_TEXTS: Mapping[str, str] = {
    "rolling": "some months after a tier was reached",
    "calendar": "in one month of the year",
}
DOWNGRADE_TEXTS: Mapping[str, str] = {"one_step": "one tier at a time", "full": "to the tier that the figures reach"}

SALES = ("metric", frozenset({"spend", "visits"}))
SPEND = ("metric", frozenset({"spend"}))
VISITS = ("metric", frozenset({"visits"}))
COUNTS = ("metric", frozenset({"visits", "growth", "vehicles", "referrals"}))

CRITERION = (
    f.Choice(key="metric", label="What is counted", choices=METRIC_TEXTS),
    f.Amount(key="threshold", label="At least", when=SPEND),
    f.Whole(key="threshold", label="At least", when=COUNTS),
    f.Ticks(key="kinds", label="Kinds of sales", hint="None ticked: all kinds.", choices=KIND_TEXTS, when=SALES),
    f.Minor(
        key="minimum_minor", label="Only visits of at least", hint="Without tax, on the day.", default=1, when=VISITS
    ),
    f.Group(
        key="window",
        label="Which days count",
        required=True,
        fields=(
            f.Choice(key="kind", label="Days of", choices=WINDOW_TEXTS),
            f.Whole(
                key="first_month",
                label="First month",
                hint="From 1 to 12.",
                default=1,
                when=("kind", frozenset({"calendar"})),
            ),
            f.Whole(
                key="months", label="How many months", unit="{number} months", when=("kind", frozenset({"rolling"}))
            ),
            f.Choice(key="of", label="Anniversary", choices=ANCHOR_TEXTS, when=("kind", frozenset({"anniversary"}))),
        ),
    ),
)


def _condition(key: str, label: str, hint: str) -> f.Group:
    criteria = f.Rows(
        key="criteria",
        label="Criteria",
        fields=CRITERION,
        named=("metric",),
        known_by="metric",
        one="Criterion {number}",
        add="Add a criterion",
        least=1,
        most=10,
    )
    combine = f.Choice(
        key="combine",
        label="How many criteria must hold",
        choices=COMBINE_TEXTS,
        default="all",
        numbered="at least {number} of them",
        numbers=range(1, 11),
    )
    return f.Group(key=key, label=label, hint=hint, fields=(criteria, combine), needs="criteria")


LEVEL = (
    f.Group(
        key="name",
        label="Display name",
        required=True,
        fields=(f.Text(key="zh", label="Chinese name"), f.Text(key="en", label="English name")),
    ),
    f.Text(
        key="code",
        label="Short name",
        hint="Stays the same from version to version, such as gold. Members keep their tier by it.",
    ),
    f.Whole(key="rank", label="Rank", hint="0 is the tier that everybody has; 1 comes above it, without gaps."),
    _condition("qualify", label="Reached by", hint="The tier of rank 0 has no criteria."),
    _condition("keep", label="Kept by", hint="No criteria: it is kept as it is reached."),
)
FIELDS = (
    f.Choice(key="currency", label="Spend is counted in", choices=f.CURRENCY_TEXTS),
    f.Rows(
        key="levels",
        label="Tiers",
        fields=LEVEL,
        named=("name", "code"),
        known_by="code",
        one="Tier {number}",
        add="Add a tier",
        least=2,
        most=21,
    ),
    f.Group(
        key="review",
        label="Review of tiers",
        hint="Tiers rise at once; they are lowered at a review only.",
        required=True,
        fields=(
            f.Choice(key="kind", label="When tiers are reviewed", choices=REVIEW_TEXTS),
            f.Whole(
                key="months",
                label="After how many months",
                unit="{number} months",
                when=("kind", frozenset({"rolling"})),
            ),
            f.Whole(
                key="month", label="Month of the review", hint="From 1 to 12.", when=("kind", frozenset({"calendar"}))
            ),
            f.Whole(
                key="held_months",
                label="Only tiers held for at least",
                hint="In months. 0: all.",
                default=0,
                unit="{number} months",
                when=("kind", frozenset({"calendar"})),
            ),
        ),
    ),
    f.Choice(key="downgrade", label="A tier that is not kept is lowered", choices=DOWNGRADE_TEXTS, default="one_step"),
    f.Whole(key="grace_days", label="Days of grace before it is lowered", default=0, unit="{number} days"),
)


def tell(scheme: Scheme) -> list[f.Phrase]:
    """Return how each level is reached and kept, and how levels are reviewed."""
    levels = [sentence for level in scheme.levels for sentence in _level(level, scheme.currency)]
    return [*levels, _review(scheme.review), *_lowering(scheme)]


def _level(level: Level, currency: str) -> Iterable[f.Phrase]:
    if level.qualify is None:
        yield Sentence("{level}: every member.", level=level.name)
    else:
        yield Sentence("{level}: {condition}.", level=level.name, condition=_conditions(level.qualify, currency))
    if level.keep:
        yield Sentence(
            "{level} is kept by: {condition}.", level=level.name, condition=_conditions(level.keep, currency)
        )


def _conditions(condition: Condition, currency: str) -> f.Phrase:
    named = f.Series(_criterion(one, currency) for one in condition.criteria)
    if len(condition.criteria) == 1:
        return named
    if condition.least == len(condition.criteria):
        return Sentence("all of {criteria}", criteria=named)
    return Sentence("at least {number} of {criteria}", number=condition.least, criteria=named)


def _criterion(one: Criterion, currency: str) -> f.Phrase:
    measure = one.measure
    if measure.metric == "spend":
        what = Sentence("{amount} spent", amount=Money(one.threshold, currency))
    else:
        what = Sentence("{number} × {metric}", number=one.threshold, metric=Sentence(METRIC_TEXTS[measure.metric]))
    kinds = f.Joined(Sentence(text) for kind, text in KIND_TEXTS.items() if kind in measure.kinds)
    if kinds:
        what = Sentence("{what} ({kinds})", what=what, kinds=kinds)
    if measure.minimum_minor > 1:
        least = Money(measure.minimum_minor, currency)
        what = Sentence("{what}, each of at least {amount}", what=what, amount=least)
    return Sentence("{what} {window}", what=what, window=_window(measure.window))


def _window(window: Window) -> f.Phrase:
    if window.kind == "calendar":
        return Sentence("in the year that begins with month {month}", month=window.first_month)
    if window.kind == "rolling":
        return Sentence("in the last {number} months", number=window.months)
    if window.kind == "anniversary":
        return Sentence("in the year since the anniversary {of}", of=Sentence(ANCHOR_TEXTS[window.anchor]))
    return Sentence("in all the time")


def _review(review: Review) -> f.Phrase:
    if review.kind == "rolling":
        return Sentence("A tier is reviewed {number} months after it was reached.", number=review.months)
    if review.months:
        told = "Tiers held for at least {number} months are reviewed in month {month} of each year."
        return Sentence(told, number=review.months, month=review.month)
    return Sentence("Tiers are reviewed in month {month} of each year.", month=review.month)


def _lowering(scheme: Scheme) -> Iterable[f.Phrase]:
    how = Sentence(DOWNGRADE_TEXTS[scheme.downgrade])
    yield Sentence("A tier that is not kept is lowered {how}.", how=how)
    if scheme.grace_days:
        yield Sentence("Before that the member has {number} days of grace.", number=scheme.grace_days)


TIERS_FORM = f.PolicyForm(FIELDS, tell)
