"""Templates of plans: the body of a version of the rules of kind `follow-up`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.kernel.bodies import BodyReader

DELIVERY, SERVICE = "delivery", "service"
TRIGGERS = (DELIVERY, SERVICE)
AFTER, BEFORE = "after", "before"
PHONE = "phone"
CHANNELS = (PHONE,)
LONGEST_MONTHS, LONGEST_DAYS, MOST_KM, LONGEST_WINDOW = 120, 365, 200_000, 60
USUAL_WINDOW, USUAL_KM_A_DAY = 2, 40
MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it is due after its trigger, by which channel, and what kind of task it becomes.

    The day is `months` after the trigger, or when `km` more are driven, whichever is first, and then `days` after or
    before that. It is to be done within `window` days.
    """

    code: str
    name_zh: str
    name_en: str
    trigger: str
    task: str
    channel: str = PHONE
    months: int = 0
    km: int = 0
    days: int = 0
    side: str = AFTER
    window: int = USUAL_WINDOW

    @property
    def by_km(self) -> bool:
        """Whether mileage counts."""
        return self.km > 0


@dataclass(frozen=True, slots=True)
class Template:
    """All steps; `km_a_day` is assumed of a vehicle whose readings do not tell."""

    steps: tuple[Step, ...]
    km_a_day: int = USUAL_KM_A_DAY

    def of(self, trigger: str) -> tuple[Step, ...]:
        """Return the steps of a trigger."""
        return tuple(step for step in self.steps if step.trigger == trigger)


TASKS = ("delivery-call", "service-call", "first-service", "maintenance")


def parse_template(body: Mapping[str, Any]) -> Template:
    """Read the body of a version of kind "follow-up"; malformed with each wrong place by name.

    Among what is wrong: a step that would be due before its trigger, and two steps of one short name.
    """
    reader = BodyReader(body)
    km_a_day = reader.whole("km_a_day", USUAL_KM_A_DAY, least=1, most=1_000)
    steps, seen = [], set()
    for part in reader.parts("steps", least=1):
        step = _step(part)
        if step.side == BEFORE and not step.months and not step.km:
            part.refuse("days", "This step would be before its trigger. Say after, or name months or kilometres.")
        if step.code in seen:
            part.refuse("code", "Two steps have this short name.")
        seen.add(step.code)
        steps.append(step)
    reader.close()
    return Template(tuple(steps), km_a_day)


def _step(part: BodyReader) -> Step:
    name = part.part("name")
    return Step(
        code=part.text("code", longest=40),
        name_zh=name.text("zh", longest=60) if name else "",
        name_en=name.text("en", longest=60) if name else "",
        trigger=part.choice("trigger", TRIGGERS),
        task=part.choice("task", TASKS),
        channel=part.choice("channel", CHANNELS, PHONE),
        months=part.whole("months", 0, most=LONGEST_MONTHS),
        km=part.whole("km", 0, most=MOST_KM),
        days=part.whole("days", 0, most=LONGEST_DAYS),
        side=part.choice("side", (AFTER, BEFORE), AFTER),
        window=part.whole("window", USUAL_WINDOW, least=1, most=LONGEST_WINDOW),
    )
