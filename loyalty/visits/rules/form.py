"""The form of follow-up plans, and what they say in plain sentences."""

from collections.abc import Mapping

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules import forms as f
from loyalty.visits.rules.template import (
    AFTER,
    CHANNELS,
    COMPLAINT,
    DELIVERY,
    MOST_STEPS,
    PHONE,
    SERVICE,
    USUAL_HOUR,
    USUAL_KM_A_DAY,
    USUAL_WINDOW,
    Template,
)

TEMPLATES = "visit-texts"
"""The source of texts that a step can send."""

TRIGGER_TEXTS: Mapping[str, str] = {
    "delivery": "a delivery",
    "service": "a service",
    "inspection": "an inspection that is due",
    "complaint": "a complaint that was closed",
}
SIDE_TEXTS: Mapping[str, str] = {
    "after": "days after it",
    "before": "days before it",
    "opening": "days after an inspection can first be done",
}
TASK_TEXTS: Mapping[str, str] = {
    "delivery-call": "a call after delivery",
    "service-call": "a call after service",
    "first-service": "an invitation to the first service",
    "maintenance": "an invitation to maintenance",
    "inspection": "a reminder of the inspection",
    "complaint-call": "a call after a complaint",
}
CHANNEL_TEXTS: Mapping[str, str] = {
    "phone": "by phone, as a task",
    "best": "a message, however the customer can be reached",
    "sms": "a message by SMS",
    "wechat": "a message by WeChat",
    "email": "a message by e-mail",
    "inbox": "a message in the inbox",
}
WRITTEN = frozenset(CHANNELS) - {PHONE}
DRIVEN = ("trigger", frozenset({DELIVERY, SERVICE, COMPLAINT}))

STEP = (
    f.Group(
        key="name",
        label="Display name",
        required=True,
        fields=(f.Text(key="zh", label="Chinese name"), f.Text(key="en", label="English name")),
    ),
    f.Text(key="code", label="Short name", hint="Stays the same from version to version, such as delivery-3."),
    f.Choice(key="trigger", label="Begins with", choices=TRIGGER_TEXTS),
    f.Choice(key="task", label="Is about", choices=TASK_TEXTS),
    f.Choice(key="channel", label="How", choices=CHANNEL_TEXTS, default="phone"),
    f.Choice(
        key="template",
        label="Text of the message",
        hint="Texts in use that need nothing but what a plan knows: customer, store, phone, vehicle, day.",
        source=TEMPLATES,
        when=("channel", WRITTEN),
    ),
    f.Whole(
        key="months", label="Months later", hint="0: not by months.", default=0, unit="{number} months", when=DRIVEN
    ),
    f.Whole(
        key="km",
        label="Or after kilometres, whichever is first",
        hint="Estimated from the readings. 0: not by kilometres.",
        default=0,
        unit="{number} km",
        when=DRIVEN,
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
    f.Whole(key="hour", label="Messages go at this hour of the store", default=USUAL_HOUR, unit="{number}:00"),
)


def tell(template: Template) -> list[f.Phrase]:
    """Return how many calls and messages follow each trigger that has any."""
    told: list[f.Phrase] = []
    for trigger, text in TRIGGER_TEXTS.items():
        steps = template.of(trigger)
        calls = sum(step.channel == PHONE for step in steps)
        if steps:
            sentence = "After {trigger}: calls {calls}, messages {messages}."
            told.append(Sentence(sentence, trigger=Sentence(text), calls=calls, messages=len(steps) - calls))
    return told


FOLLOW_UP_FORM = f.PolicyForm(FIELDS, tell)
