"""When the steps of a plan are due: calendar months, kilometres, and days of rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.kernel.clock import add_months
from loyalty.programme.rules import DayKind, is_published
from loyalty.tasks.rules import Remark, Sentenced, StoreDays
from loyalty.visits.rules.template import BEFORE, INSPECTION, OPENING, Step, Template

MISSED_AFTER = timedelta(days=30)
_ENOUGH = timedelta(days=30)
_LEAST_RATE, _MOST_RATE = 1, 500

SHIFT_TEXTS: Mapping[tuple[str, bool], str] = {
    ("weekend", True): "{day} is on a weekend: moved forward to {moved}.",
    ("weekend", False): "{day} is on a weekend: moved back to {moved}.",
    ("holiday", True): "{day} is a public holiday: moved forward to {moved}.",
    ("holiday", False): "{day} is a public holiday: moved back to {moved}.",
    ("own_rest", True): "{day} is a day of rest of our own: moved forward to {moved}.",
    ("own_rest", False): "{day} is a day of rest of our own: moved back to {moved}.",
    ("closed", True): "The store is closed on {day}: moved forward to {moved}.",
    ("closed", False): "The store is closed on {day}: moved back to {moved}.",
}
WHY_TEXTS: Mapping[str, str] = {
    "unpublished": "The holidays of {year} are not published yet: only weekends were taken into account.",
    "km": "By mileage: {km} km are expected on {day}, at {rate} km a day.",
    "months": "By date: {months} months are over on {day}, before {km} km are expected.",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A mileage on a day."""

    day: date
    km: int


@dataclass(frozen=True, slots=True)
class Fact:
    """What a plan begins with: the trigger, its day, and the mileage then (None: nobody read it).

    The day of an inspection is the last on which it is in time, `opens` the first on which it can be done; `remarks`
    say where both come from.
    """

    trigger: str
    day: date
    km: int | None = None
    opens: date | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A step with its days, both included, and why they are what they are."""

    step: Step
    first: date
    last: date
    why: tuple[Remark, ...]


def plan_dates(template: Template, fact: Fact, readings: Sequence[Reading], days: StoreDays) -> list[Due]:
    """Return the steps of a fact by day; the days of rest are those of the store."""
    rate = km_a_day(readings, template.km_a_day)
    found = [_due(step, fact, rate, days) for step in template.of(fact.trigger)]
    return sorted(found, key=lambda due: (due.first, due.step.code))


def reckoned_anew(day: date, days: StoreDays, *, unpublished: bool) -> bool:
    """Return whether a day that was planned has to be looked at again.

    The store does not work then any more, or the year was planned without its holidays and they are published by now.
    """
    return not days.works(day) or (unpublished and is_published(day.year))


def km_a_day(readings: Sequence[Reading], otherwise: int) -> int:
    """Return how many kilometres a vehicle makes in a day by its first and last reading; `otherwise` if too close."""
    if not readings:
        return otherwise
    first, last = min(readings, key=lambda one: one.day), max(readings, key=lambda one: one.day)
    if last.day - first.day < _ENOUGH or last.km <= first.km:
        return otherwise
    return min(max(_LEAST_RATE, round((last.km - first.km) / (last.day - first.day).days)), _MOST_RATE)


def _due(step: Step, fact: Fact, rate: int, days: StoreDays) -> Due:
    base, why = _base(step, fact, rate)
    wanted = base + timedelta(days=-step.days if step.side == BEFORE else step.days)
    forward = step.side != BEFORE
    if fact.trigger != INSPECTION:
        wanted = max(wanted, fact.day + timedelta(days=1))  # nobody is reminded before the fact is a day old
    moved = days.first_from(wanted) if forward else days.last_until(wanted)
    if moved <= fact.day and fact.trigger != INSPECTION:
        forward, moved = True, days.first_from(wanted)
    if moved != wanted:
        numbers = {"day": wanted.isoformat(), "moved": moved.isoformat()}
        why.append(Sentenced(SHIFT_TEXTS[_rest(days, wanted), forward], numbers))
    if not is_published(wanted.year):
        why.append(Sentenced(WHY_TEXTS["unpublished"], {"year": str(wanted.year)}))
    last = days.first_from(moved + timedelta(days=step.window - 1))
    return Due(step, moved, last, tuple(why))


def _base(step: Step, fact: Fact, rate: int) -> tuple[date, list[Remark]]:
    """Return the day that `days` are counted from, and why it is that day."""
    if fact.trigger == INSPECTION:
        return (fact.opens or fact.day) if step.side == OPENING else fact.day, list(fact.remarks)
    by_date = add_months(fact.day, step.months) if step.months else None
    if not step.by_km:
        return by_date or fact.day, []
    by_km = fact.day + timedelta(days=-(-step.km // rate))
    total = step.km + (fact.km or 0)
    if by_date is None or by_km < by_date:
        return by_km, [Sentenced(WHY_TEXTS["km"], {"km": total, "day": by_km.isoformat(), "rate": rate})]
    told = {"months": step.months, "day": by_date.isoformat(), "km": total}
    return by_date, [Sentenced(WHY_TEXTS["months"], told)]


def _rest(days: StoreDays, day: date) -> str:
    kind = days.calendar.kind(day)
    if kind == DayKind.STORE_REST or days.holiday(day) is not None:
        return "closed"
    return kind.value if kind in {DayKind.HOLIDAY, DayKind.OWN_REST} else "weekend"
