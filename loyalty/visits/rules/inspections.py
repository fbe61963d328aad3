"""When vehicles have to be inspected: by the law's tables, or by the day that the traffic police named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from loyalty.kernel.clock import add_months, month_start
from loyalty.tasks.rules import Remark, Sentenced

AHEAD = timedelta(days=7)
"""How long before its first day an inspection is planned."""

_LONGEST_MONTHS = 12 * 60
_BUILT_LONG_AGO = 48
_YEAR = 12

CAUSES: Mapping[str, str] = {
    "none": "None of them: the law’s dates hold",
    "some": "One of them: only the official date counts",
}
"""What may be known of the exceptions of the law: an accident with injuries, a penalty for an illegal modification, a
change from commercial use, a registration long after the vehicle was built."""
NEVER, SOME = "none", "some"

DOUBT_TEXTS: Mapping[str, str] = {
    "official": "The traffic police named {day}.",
    "law": "By law, since it was first registered on {registered}. Source: {source}",
    "unsure": "The rule behind this is to be checked: {source}.",
    "exceptions": "It is not known whether an exception holds. Look the day up with the traffic police before telling "
    "it.",
}


@dataclass(frozen=True, slots=True)
class Car:
    """What of a vehicle decides on its inspections; `official_day` and `exceptions` are what somebody found out."""

    vehicle_class: str
    use: str
    made_day: date | None
    registered_day: date | None
    official_day: date | None = None
    exceptions: str | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """What the law says of inspections that are due on `day`: after how many months, by kind of table, and its source.

    `unsure` names the kinds whose source was not seen.
    """

    day: date
    opens: date
    months: Mapping[str, frozenset[int]]
    sources: Mapping[str, str]
    unsure: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection of a vehicle that comes: its last day and its first; `doubtful` when the day is not certain."""

    day: date
    opens: date
    doubtful: bool
    remarks: tuple[Remark, ...]


def next_inspection(
    car: Car, laws: Sequence[Law], *, today: date, months_before: int, ahead: timedelta = AHEAD
) -> Inspected | None:
    """Return the inspection of a vehicle that can be done now or soon (within `ahead`), None when none is known.

    The day that the traffic police named wins; without one, the law's, unless an exception takes it away. `laws` are by
    day, for the days that are near enough.
    """
    official = car.official_day
    if official is not None and official >= today:
        opens = first_day(official, months_before)
        if opens - ahead > today:
            return None
        remark = Sentenced(DOUBT_TEXTS["official"], {"day": official.isoformat()})
        return Inspected(official, opens, doubtful=False, remarks=(remark,))
    kind, excepted = law_of(car), in_question(car)
    if kind is None or car.registered_day is None or excepted:
        return None
    for law in laws:
        passed = official is not None and law.day <= official
        if not passed and months_between(car.registered_day, law.day) in law.months.get(kind, ()):
            return Inspected(law.day, law.opens, excepted is None, _remarks(car, law, kind, unknown=excepted is None))
    return None


def _remarks(car: Car, law: Law, kind: str, *, unknown: bool) -> tuple[Remark, ...]:
    registered = car.registered_day.isoformat() if car.registered_day else "--"
    said = [Sentenced(DOUBT_TEXTS["law"], {"registered": registered, "source": law.sources[kind]})]
    if kind in law.unsure:
        said.append(Sentenced(DOUBT_TEXTS["unsure"], {"source": law.sources[kind]}))
    if unknown:
        said.append(Sentenced(DOUBT_TEXTS["exceptions"]))
    return tuple(said)


def law_of(car: Car) -> str | None:
    """Return the kind of rule table that holds for a vehicle; None where the law has no dates for it that are known."""
    if car.vehicle_class in {"pickup", "truck"}:
        return "inspection_goods"
    if car.vehicle_class == "motorcycle":
        return "inspection_motorcycle"
    if car.vehicle_class == "passenger":
        return "inspection_commercial" if car.use == "commercial" else "inspection_family"
    return None


def in_question(car: Car) -> bool | None:
    """Return whether an exception takes the law's dates from a family car: True, False, or None when not known.

    First registered more than four years after it was built is such an exception.
    """
    if law_of(car) != "inspection_family":
        return False
    if car.exceptions == SOME or _built_long_before(car):
        return True
    return False if car.exceptions == NEVER else None


def _built_long_before(car: Car) -> bool:
    if car.made_day is None or car.registered_day is None:
        return False
    return car.registered_day > add_months(car.made_day, _BUILT_LONG_AGO)


def due_months(rows: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Return after how many months from the first registration the rows of a table ask for an inspection."""
    found: set[int] = set()
    for row in rows:
        last = row["to_year"] * _YEAR if row.get("to_year") is not None else _LONGEST_MONTHS
        found.update(range(row["from_year"] * _YEAR, last + 1, row["every_months"]))
    return frozenset(found - {0})


def months_between(registered: date, day: date) -> int:
    """Return how many months lie between the months of two days."""
    return (day.year - registered.year) * _YEAR + day.month - registered.month


def first_day(day: date, months_before: int) -> date:
    """Return the first day on which an inspection that is due on a day can be done: so many months before its month."""
    return add_months(month_start(day), -months_before)
