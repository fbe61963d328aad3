"""Which level figures qualify for, what a review decides, and what is missing for a level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from loyalty.tiers.rules.scheme import Condition, Criterion, Level, Measure, Scheme

Figures = Mapping[Measure, int]
Outcome = Literal["up", "down", "kept", "grace"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member has: the level since a day, through which day it is valid, and what holds it up meanwhile.

    `valid_to` None: never reviewed. `grace_until`: kept after a review until that day. `settled_day`: decisions up to
    this day are made; late facts count from it on. A code that the scheme no longer knows is the lowest level.
    """

    customer_id: int
    level_code: str | None
    since_day: date
    joined_day: date
    settled_day: date
    valid_to: date | None = None
    grace_until: date | None = None
    floor_code: str | None = None
    floor_until: date | None = None
    delivery_day: date | None = None

    @property
    def due_day(self) -> date | None:
        """Return the day with whose end the level is reviewed next, or None for never."""
        return self.grace_until or self.valid_to


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided by the figures of `day`, and what the member has from then on."""

    outcome: Outcome
    day: date
    level: Level
    since_day: date
    valid_to: date | None
    grace_until: date | None = None
    by_floor: bool = False


def holds(condition: Condition, figures: Figures) -> bool:
    """Return whether enough of the criteria are reached."""
    return [reached(criterion, figures) for criterion in condition.criteria].count(True) >= condition.least


def reached(criterion: Criterion, figures: Figures) -> bool:
    """Return whether a figure is at its threshold or above."""
    return figures[criterion.measure] >= criterion.threshold


def qualified(scheme: Scheme, figures: Figures) -> Level:
    """Return the highest level that the figures qualify for, whatever the levels below it ask."""
    for level in reversed(scheme.levels):
        if level.qualify is not None and holds(level.qualify, figures):
            return level
    return scheme.base


def held(scheme: Scheme, level: Level, figures: Figures) -> Level:
    """Return the highest level, from `level` down, that the figures keep or qualify for."""
    for lower in reversed(scheme.levels[: level.rank + 1]):
        conditions = [condition for condition in (lower.keep, lower.qualify) if condition is not None]
        if any(holds(condition, figures) for condition in conditions):
            return lower
    return scheme.base


def judge_rise(scheme: Scheme, standing: Standing, figures: Figures, day: date) -> Decision | None:
    """Return the rise that the figures of `day` earn at once, or None; days before `settled_day` decide nothing."""
    best = qualified(scheme, figures)
    if day < standing.settled_day or best.rank <= scheme.level(standing.level_code).rank:
        return None
    return _up(scheme, best, day)


def judge_review(scheme: Scheme, standing: Standing, figures: Figures, day: date) -> Decision:
    """Return what the review of `day` decides: up, kept (by the rule or a floor), grace, or down."""
    level = scheme.level(standing.level_code)
    best = qualified(scheme, figures)
    if best.rank > level.rank:
        return _up(scheme, best, day)
    floor = _floor(scheme, standing, day)
    lasting = held(scheme, level, figures)
    if lasting.rank == level.rank or floor.rank >= level.rank:
        return _kept(scheme, standing, level, day, by_floor=lasting.rank < level.rank)
    if scheme.grace_days and standing.grace_until is None:
        until = day + timedelta(days=scheme.grace_days)
        return Decision("grace", day, level, standing.since_day, standing.valid_to, until)
    lowest = level.rank - 1 if scheme.downgrade == "one_step" else 0
    lower = scheme.levels[max(lowest, lasting.rank, floor.rank)]
    return fall_to(scheme, lower, day, floor_until=standing.floor_until if lower == floor else None)


def fall_to(scheme: Scheme, level: Level, day: date, *, floor_until: date | None = None) -> Decision:
    """Return a fall to a level that holds from the day after; one held by a floor is reviewed when that ends."""
    since = day + timedelta(days=1)
    return Decision("down", day, level, since, _valid_to(scheme, level, since, floor_until))


def _up(scheme: Scheme, level: Level, day: date) -> Decision:
    return Decision("up", day, level, day, _valid_to(scheme, level, day, None))


def _kept(scheme: Scheme, standing: Standing, level: Level, day: date, *, by_floor: bool) -> Decision:
    if level.rank == 0 or standing.valid_to is None:
        return Decision("kept", day, level, standing.since_day, None)
    valid_to = standing.valid_to
    while valid_to <= day:
        valid_to = scheme.review.next_valid_to(valid_to, standing.since_day)
    if by_floor and standing.floor_until is not None:
        valid_to = min(valid_to, standing.floor_until)
    return Decision("kept", day, level, standing.since_day, valid_to, by_floor=by_floor)


def _floor(scheme: Scheme, standing: Standing, day: date) -> Level:
    """Return the level below which a member cannot fall after `day`: the lowest when no floor outlasts it."""
    if standing.floor_until is None or standing.floor_until <= day:
        return scheme.base
    return scheme.level(standing.floor_code)


def _valid_to(scheme: Scheme, level: Level, since: date, floor_until: date | None) -> date | None:
    if level.rank == 0:
        return None
    valid_to = scheme.review.valid_to(since)
    return valid_to if floor_until is None else min(valid_to, floor_until)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one criterion is: the figure, the threshold and what is missing, in the unit of its metric."""

    criterion: Criterion
    figure: int
    missing: int


@dataclass(frozen=True, slots=True)
class LevelProgress:
    """How far a level is: of `progress`, at least `least` must miss nothing."""

    level: Level
    least: int
    progress: tuple[Progress, ...]
    reached: bool


def progress_of(level: Level, condition: Condition, figures: Figures) -> LevelProgress:
    """Return how far the figures are from a condition of a level, criterion by criterion."""
    progress = tuple(
        Progress(criterion, figures[criterion.measure], max(0, criterion.threshold - figures[criterion.measure]))
        for criterion in condition.criteria
    )
    return LevelProgress(level, condition.least, progress, holds(condition, figures))
