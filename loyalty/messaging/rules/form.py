"""The form of the gate, and what it says in plain sentences."""

from collections.abc import Iterable, Mapping

from loyalty.kernel.errors import Sentence
from loyalty.messaging.rules.gate import Gate, Hours, Often
from loyalty.programme.rules import forms as f

CHANNEL_TEXTS: Mapping[str, str] = {"sms": "SMS", "wechat": "WeChat", "email": "E-mail", "phone": "Phone calls"}
PURPOSE_TEXTS: Mapping[str, str] = {"service": "Service notices", "marketing": "Offers", "greeting": "Greetings"}
DAY_TEXTS: Mapping[str, str] = {"all": "every day", "work": "on workdays", "rest": "on rest days"}
NEED_TEXTS: Mapping[str, str] = {
    "not_withdrawn": "to everybody who did not withdraw it",
    "granted": "only to who agreed to it",
}

HOURS = (
    f.Ticks(key="channels", label="Channels", choices=CHANNEL_TEXTS),
    f.Text(key="from", label="From", hint="As 09:00, in the store's time."),
    f.Text(key="until", label="Until", hint="As 20:00; from this minute on it is quiet."),
    f.Choice(key="days", label="Days", choices=DAY_TEXTS, default="all"),
    f.Ticks(key="stores", label="Stores", hint="None ticked: all stores.", source="stores"),
)
OFTEN = (
    f.Ticks(key="purposes", label="Purposes", choices=PURPOSE_TEXTS),
    f.Whole(key="most", label="At most so many messages to one customer"),
    f.Whole(key="days", label="within so many days", unit="{number} days"),
)
FIELDS = (
    f.Rows(
        key="hours",
        label="Hours in which channels may be used",
        hint="A channel that no line names may be used at any hour. No line at all: the usual hours.",
        fields=HOURS,
        named=("days",),
        known_by="from",
        one="Hours {number}",
        add="Add hours",
    ),
    f.Rows(
        key="often",
        label="How often",
        hint="Only what was handed over counts.",
        fields=OFTEN,
        named=("most",),
        known_by="days",
        one="Limit {number}",
        add="Add a limit",
    ),
    f.Choice(key="service_needs", label="Service notices go", choices=NEED_TEXTS, default="not_withdrawn"),
    f.Choice(key="greeting_needs", label="Greetings go", choices=NEED_TEXTS, default="not_withdrawn"),
)


def tell(gate: Gate) -> list[f.Phrase]:
    """Return when, how often and to whom messages go."""
    return list(_tell(gate))


def _tell(gate: Gate) -> Iterable[f.Phrase]:
    for row in gate.hours:
        yield _hours(row)
    for rule in gate.often:
        yield _often(rule)
    for purpose, sentence in (
        ("service", "Service notices go {whom}."),
        ("greeting", "Greetings go {whom}."),
        ("marketing", "Offers go {whom}."),
    ):
        yield Sentence(sentence, whom=Sentence(NEED_TEXTS[gate.needs[purpose]]))


def _hours(row: Hours) -> f.Phrase:
    return f.Together(
        (
            f.Joined(Sentence(CHANNEL_TEXTS[channel]) for channel in CHANNEL_TEXTS if channel in row.channels),
            Sentence(
                "from {begin} to {end}, {days}",
                begin=f.Raw(f"{row.begin:%H:%M}"),
                end=f.Raw(f"{row.end:%H:%M}"),
                days=Sentence(DAY_TEXTS[row.days]),
            ),
        )
    )


def _often(rule: Often) -> f.Phrase:
    return f.Together(
        (
            f.Joined(Sentence(PURPOSE_TEXTS[purpose]) for purpose in PURPOSE_TEXTS if purpose in rule.purposes),
            Sentence("at most {most} to one customer within {days} days", most=rule.most, days=rule.days),
        )
    )


GATE_FORM = f.PolicyForm(FIELDS, tell)
