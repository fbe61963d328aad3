"""Templates of plans: the body of a version of the rules of kind `follow-up`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loyalty.kernel.bodies import BodyReader

DELIVERY, SERVICE, INSPECTION, COMPLAINT = "delivery", "service", "inspection", "complaint"
READING = "reading"
"""What is noted of a mileage that came with a sale; it begins no plan."""
TRIGGERS = (DELIVERY, SERVICE, INSPECTION, COMPLAINT)
AFTER, BEFORE, OPENING = "after", "before", "opening"
PHONE, BEST = "phone", "best"
CHANNELS = (PHONE, BEST, "sms", "wechat", "email", "inbox")
VARIABLES = frozenset({"customer", "store", "phone", "vehicle", "day"})
"""What a message of a plan can say; `day` is the day that the plan hangs on, `phone` the store's."""

USUAL_HOUR, LATEST_HOUR = 10, 23
_MARGIN = 60  # the longest rest, on both ends
LONGEST_MONTHS, LONGEST_DAYS, MOST_KM, LONGEST_WINDOW = 120, 365, 200_000, 60
USUAL_WINDOW, USUAL_KM_A_DAY = 2, 40
MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it is due after its trigger, what it is about, and by which channel.

    The day is `months` after the trigger, or when `km` more are driven, whichever is first, and then `days` after or
    before that; an inspection also has a day on which it can first be done (`side` opening). It is to be done within
    `window` days. By phone it becomes a task of the kind `task`; by another channel a message with the text `template`,
    where `best` is the first channel by which the customer can be reached.
    """

    code: str
    name_zh: str
    name_en: str
    trigger: str
    task: str
    channel: str = PHONE
    template: str | None = None
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
    """All steps; `km_a_day` is assumed of a vehicle whose readings do not tell.

    Messages go at the `hour` of the store's day.
    """

    steps: tuple[Step, ...]
    km_a_day: int = USUAL_KM_A_DAY
    hour: int = USUAL_HOUR

    @property
    def longest(self) -> timedelta:
        """How far from its fact a step can lie, as far as dates tell."""
        most = max((31 * step.months + step.days + step.window for step in self.steps), default=0)
        return timedelta(days=most + _MARGIN)

    def of(self, trigger: str) -> tuple[Step, ...]:
        """Return the steps of a trigger."""
        return tuple(step for step in self.steps if step.trigger == trigger)


TASKS = ("delivery-call", "service-call", "first-service", "maintenance", "inspection", "complaint-call")


def parse_template(body: Mapping[str, Any]) -> Template:
    """Read the body of a version of kind "follow-up"; malformed with each wrong place by name.

    Among what is wrong: a step that would be due before its trigger, and two steps of one short name.
    """
    reader = BodyReader(body)
    km_a_day = reader.whole("km_a_day", USUAL_KM_A_DAY, least=1, most=1_000)
    hour = reader.whole("hour", USUAL_HOUR, most=LATEST_HOUR)
    steps, seen = [], set()
    for part in reader.parts("steps", least=1):
        step = _step(part)
        _check_days(step, part)
        if step.code in seen:
            part.refuse("code", "Two steps have this short name.")
        seen.add(step.code)
        steps.append(step)
    reader.close()
    return Template(tuple(steps), km_a_day, hour)


def _check_days(step: Step, part: BodyReader) -> None:
    if step.trigger == INSPECTION:
        if step.months or step.km:
            part.refuse("months", "The law says when a vehicle is inspected: name only days before or after it.")
        return
    if step.side == OPENING:
        part.refuse("side", "Only an inspection has a day on which it can first be done. Say after or before.")
    if step.side == BEFORE and not step.months and not step.km:
        part.refuse("days", "This step would be before its trigger. Say after, or name months or kilometres.")


def _step(part: BodyReader) -> Step:
    name = part.part("name")
    channel = part.choice("channel", CHANNELS, PHONE)
    return Step(
        code=part.text("code", longest=40),
        name_zh=name.text("zh", longest=60) if name else "",
        name_en=name.text("en", longest=60) if name else "",
        trigger=part.choice("trigger", TRIGGERS),
        task=part.choice("task", TASKS),
        channel=channel,
        template=None if channel == PHONE else part.text("template", longest=60),
        months=part.whole("months", 0, most=LONGEST_MONTHS),
        km=part.whole("km", 0, most=MOST_KM),
        days=part.whole("days", 0, most=LONGEST_DAYS),
        side=part.choice("side", (AFTER, BEFORE, OPENING), AFTER),
        window=part.whole("window", USUAL_WINDOW, least=1, most=LONGEST_WINDOW),
    )
