"""How far a member is on the ladder of levels, as pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from loyalty.kernel.money import Money
from loyalty.tiers.rules import BEGINNING, NEVER, Level, LevelProgress, Progress, Scheme

MOST_HEADLINES = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One criterion: what there is of what is needed, in money or whole numbers, over which days.

    `figure` and `whole` are the value and the threshold as plain numbers, spend in minor units.
    """

    metric: str
    value: Money | int
    threshold: Money | int
    missing: Money | int
    figure: int
    whole: int
    from_day: date | None
    to_day: date

    @property
    def reached(self) -> bool:
        """Whether nothing is missing."""
        return self.figure >= self.whole

    @property
    def done(self) -> int:
        """The part of a bar of length `whole` that is filled."""
        return max(0, min(self.figure, self.whole))


@dataclass(frozen=True, slots=True)
class Rung:
    """A level with its criteria, of which `least` must be reached; the lowest has none."""

    level: Level
    least: int
    checks: tuple[Check, ...]
    reached: bool

    @property
    def headline(self) -> tuple[Check, ...]:
        """What a card shows: where one is enough the nearest, else what is missing, the furthest first."""
        missing = sorted((one for one in self.checks if not one.reached), key=lambda one: one.done / one.whole)
        if self.least == 1:
            return tuple(missing[-1:])
        return tuple(missing[:MOST_HEADLINES])


@dataclass(frozen=True, slots=True)
class Floor:
    """A level set by hand, until the end of a day, and why."""

    level: Level
    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a member stands: the level, since and until when, when it is reviewed, and every level with its criteria.

    `kept` has the criteria by which the level is kept at a review; None for the lowest level.
    """

    scheme: Scheme
    level: Level
    since_day: date
    valid_to: date | None
    review_day: date | None
    rungs: tuple[Rung, ...]
    kept: Rung | None
    floor: Floor | None = None

    @property
    def next_rung(self) -> Rung | None:
        """The level above, or None on the highest."""
        return next((rung for rung in self.rungs if rung.level.rank == self.level.rank + 1), None)


def rung_of(found: LevelProgress, currency: str, starts: Sequence[date], as_of: date) -> Rung:
    """Return a level's criteria for a page; `starts` are the first days of their windows."""
    checks = tuple(
        _check(progress, currency, start, as_of) for progress, start in zip(found.progress, starts, strict=True)
    )
    return Rung(found.level, found.least, checks, found.reached)


def _check(progress: Progress, currency: str, start: date, as_of: date) -> Check:
    criterion = progress.criterion

    def shown(figure: int) -> Money | int:
        return Money(figure, currency) if criterion.measure.metric == "spend" else figure

    return Check(
        metric=criterion.measure.metric,
        value=shown(progress.figure),
        threshold=shown(criterion.threshold),
        missing=shown(progress.missing),
        figure=progress.figure,
        whole=criterion.threshold,
        from_day=None if start in {BEGINNING, NEVER} else start,
        to_day=as_of,
    )
