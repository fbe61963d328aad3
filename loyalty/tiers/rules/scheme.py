"""Schemes of levels and their criteria, and how the body of a version of kind "tiers" is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loyalty.kernel.bodies import BodyReader
from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import EXPONENTS
from loyalty.sales.rules import KINDS
from loyalty.tiers.rules.reviews import Review
from loyalty.tiers.rules.windows import Window

Metric = Literal["spend", "visits", "growth", "vehicles", "referrals"]
Downgrade = Literal["one_step", "full"]

METRICS: tuple[Metric, ...] = ("spend", "visits", "growth", "vehicles", "referrals")
MOST_MONTHS = 1200
MOST_GRACE_DAYS = 366


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, over which days: net spend in minor units, days with a paid visit, growth, vehicles, referrals.

    A paid visit is a day with a sale of at least `minimum_minor` net of one of the kinds; no kinds means all.
    """

    metric: Metric
    window: Window
    kinds: frozenset[str] = frozenset()
    minimum_minor: int = 1


@dataclass(frozen=True, slots=True)
class Criterion:
    """A measure that must reach a threshold."""

    measure: Measure
    threshold: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Criteria of which at least `least` must hold: all of them, any, or k of n."""

    criteria: tuple[Criterion, ...]
    least: int


@dataclass(frozen=True, slots=True)
class Level:
    """A level; the lowest has no conditions. Without a `keep` of its own, a level is kept as it is gained."""

    code: str
    name: Mapping[str, str]
    rank: int
    qualify: Condition | None = None
    keep: Condition | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """Levels from rank 0 up, with the currency of spend, and how they are reviewed.

    `measures` is everything the scheme counts, each once, in the order in which levels name it.
    """

    currency: str
    levels: tuple[Level, ...]
    review: Review
    grace_days: int = 0
    downgrade: Downgrade = "one_step"
    measures: tuple[Measure, ...] = field(init=False)

    def __post_init__(self) -> None:
        conditions = [condition for level in self.levels for condition in (level.qualify, level.keep) if condition]
        counted = dict.fromkeys(one.measure for condition in conditions for one in condition.criteria)
        object.__setattr__(self, "measures", tuple(counted))

    @property
    def base(self) -> Level:
        """The level that every member has at least."""
        return self.levels[0]

    def level(self, code: str | None) -> Level:
        """Return the level of a code; a code that this version no longer knows counts as the lowest level."""
        return next((level for level in self.levels if level.code == code), self.base)


def parse_scheme(body: Mapping[str, Any]) -> Scheme:
    """Read the body of a version of kind "tiers"; malformed with the place of each thing that is wrong."""
    reader = BodyReader(body)
    currency = reader.choice("currency", tuple(EXPONENTS))
    parts = reader.parts("levels", least=2)
    levels = [_level(part, currency) for part in parts]
    _check_levels(reader, parts, levels)
    review = _review(reader)
    downgrade: Any = reader.choice("downgrade", ("one_step", "full"), "one_step")
    grace = reader.whole("grace_days", 0, most=MOST_GRACE_DAYS)
    reader.close()
    return Scheme(currency, tuple(sorted(levels, key=lambda level: level.rank)), review, grace, downgrade)


def _level(reader: BodyReader, currency: str) -> Level:
    name = reader.part("name")
    if name is None:
        reader.refuse("name", 'Name the level in both languages, as {"zh": "银卡", "en": "Silver"}.')
    return Level(
        code=reader.text("code", longest=40),
        name={} if name is None else {"zh": name.text("zh", longest=40), "en": name.text("en", longest=40)},
        rank=reader.whole("rank", most=20),
        qualify=_condition(reader, "qualify", currency),
        keep=_condition(reader, "keep", currency),
    )


def _check_levels(reader: BodyReader, parts: list[BodyReader], levels: list[Level]) -> None:
    ranks = [level.rank for level in levels]
    for index, (part, level) in enumerate(zip(parts, levels, strict=True)):
        if level.rank in ranks[:index]:
            part.refuse("rank", Sentence("Two levels have rank {rank}.", rank=level.rank))
        if level.code in [other.code for other in levels[:index]]:
            part.refuse("code", "This code is there twice.")
        if level.rank == 0 and (level.qualify or level.keep):
            part.refuse("qualify", "The level of rank 0 is everyone's and has no criteria.")
        if level.rank > 0 and level.qualify is None:
            part.refuse("qualify", "Say what qualifies for this level.")
    missing = sorted(set(range(max(ranks, default=0) + 1)) - set(ranks))
    if levels and missing:
        reader.refuse(
            "levels", Sentence("There is a gap: no level has rank {missing}.", missing=", ".join(map(str, missing)))
        )


def _condition(reader: BodyReader, field: str, currency: str) -> Condition | None:
    part = reader.part(field)
    if part is None:
        return None
    criteria = tuple(_criterion(one, currency) for one in part.parts("criteria", least=1))
    combine = part.take("combine", "all")
    if combine == "all":
        return Condition(criteria, len(criteria))
    if combine == "any":
        return Condition(criteria, 1)
    if not isinstance(combine, int) or isinstance(combine, bool) or not 1 <= combine <= len(criteria):
        told = 'Write "all", "any", or how many of the {count} criteria must hold.'
        part.refuse("combine", Sentence(told, count=len(criteria)))
        return Condition(criteria, 1)
    return Condition(criteria, combine)


def _criterion(reader: BodyReader, currency: str) -> Criterion:
    metric: Any = reader.choice("metric", METRICS)
    counts_sales = metric in {"spend", "visits"}
    kinds = reader.texts("kinds") if counts_sales else frozenset()
    if unknown := sorted(kinds - set(KINDS)):
        reader.refuse(
            "kinds",
            Sentence(
                "There is no kind of sale {unknown}; the kinds are {known}.",
                unknown=", ".join(unknown),
                known=", ".join(KINDS),
            ),
        )
    minimum = reader.whole("minimum_minor", 1, least=1) if metric == "visits" else 1
    window = _window(reader)
    if metric == "vehicles" and window.kind != "lifetime":
        reader.refuse("window", "Vehicles are those held on the day: their window is lifetime.")
    return Criterion(Measure(metric, window, kinds, minimum), _threshold(reader, metric, currency))


def _threshold(reader: BodyReader, metric: Metric, currency: str) -> int:
    if "threshold" not in reader:
        reader.refuse("threshold", "A criterion needs a threshold.")
        return 1
    if metric != "spend":
        return reader.whole("threshold", least=1)
    amount = reader.part("threshold")
    if amount is None:
        reader.refuse("threshold", "A criterion needs a threshold.")
        return 1
    if amount.choice("currency", tuple(EXPONENTS)) != currency:
        amount.refuse("currency", Sentence("The scheme counts spend in {currency}.", currency=currency))
    return amount.whole("minor", least=1)


def _window(reader: BodyReader) -> Window:
    part = reader.part("window")
    if part is None:
        reader.refuse("window", 'Say which days count, as {"kind": "rolling", "months": 12} or {"kind": "lifetime"}.')
        return Window("lifetime")
    kind: Any = part.choice("kind", ("lifetime", "calendar", "rolling", "anniversary"))
    if kind == "calendar":
        return Window(kind, first_month=part.whole("first_month", 1, least=1, most=12))
    if kind == "rolling":
        return Window(kind, months=part.whole("months", least=1, most=MOST_MONTHS))
    if kind == "anniversary":
        anchor: Any = part.choice("of", ("joining", "tier", "delivery"))
        return Window(kind, anchor=anchor)
    return Window(kind)


def _review(reader: BodyReader) -> Review:
    part = reader.part("review")
    if part is None:
        reader.refuse("review", 'Say when levels are reviewed, as {"kind": "rolling", "months": 12}.')
        return Review("rolling")
    kind: Any = part.choice("kind", ("rolling", "calendar"))
    if kind == "rolling":
        return Review(kind, months=part.whole("months", least=1, most=MOST_MONTHS))
    month = part.whole("month", least=1, most=12)
    return Review(kind, month=month, months=part.whole("held_months", 0, most=MOST_MONTHS))
