"""The form of follow-up plans, and what they say in plain sentences."""

from collections.abc import Mapping

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules import forms as f
from loyalty.visits.rules.template import (
    AFTER,
    MOST_STEPS,
    USUAL_KM_A_DAY,
    USUAL_WINDOW,
    Template,
)

TRIGGER_TEXTS: Mapping[str, str] = {"delivery": "a delivery", "service": "a service"}
SIDE_TEXTS: Mapping[str, str] = {"after": "days after it", "before": "days before it"}
TASK_TEXTS: Mapping[str, str] = {
    "delivery-call": "a call after delivery",
    "service-call": "a call after service",
    "first-service": "an invitation to the first service",
    "maintenance": "an invitation to maintenance",
}
CHANNEL_TEXTS: Mapping[str, str] = {"phone": "by phone"}

STEP = (
    f.Group(
        key="name",
        label="Display name",
        required=True,
        fields=(f.Text(key="zh", label="Chinese name"), f.Text(key="en", label="English name")),
    ),
    f.Text(key="code", label="Short name", hint="Stays the same from version to version, such as delivery-3."),
    f.Choice(key="trigger", label="Begins with", choices=TRIGGER_TEXTS),
    f.Choice(key="task", label="Becomes", choices=TASK_TEXTS),
    f.Choice(key="channel", label="How", choices=CHANNEL_TEXTS, default="phone"),
    f.Whole(key="months", label="Months later", hint="0: not by months.", default=0, unit="{number} months"),
    f.Whole(
        key="km",
        label="Or after kilometres, whichever is first",
        hint="Estimated from the readings. 0: not by kilometres.",
        default=0,
        unit="{number} km",
    ),
    f.Whole(key="days", label="Then days", default=0, unit="{number} days"),
    f.Choice(
        key="side",
        label="Before or after",
        hint="Calls after it move forward on days of rest, reminders before it move back.",
        choices=SIDE_TEXTS,
        default=AFTER,
    ),
    f.Whole(key="window", label="To be done within", default=USUAL_WINDOW, unit="{number} days"),
)
FIELDS = (
    f.Rows(
        key="steps",
        label="Steps",
        fields=STEP,
        named=("name", "code"),
        known_by="code",
        one="Step {number}",
        add="Add a step",
        least=1,
        most=MOST_STEPS,
    ),
    f.Whole(
        key="km_a_day",
        label="Kilometres a day where readings do not tell",
        default=USUAL_KM_A_DAY,
        unit="{number} km",
    ),
)


def tell(template: Template) -> list[f.Phrase]:
    """Return how many steps follow each trigger."""
    sentence = "After {trigger}: steps {count}."
    return [
        Sentence(sentence, trigger=Sentence(text), count=len(template.of(trigger)))
        for trigger, text in TRIGGER_TEXTS.items()
    ]


FOLLOW_UP_FORM = f.PolicyForm(FIELDS, tell)
