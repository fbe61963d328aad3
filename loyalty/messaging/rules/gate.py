"""The gate that every message passes when it is handed over: who may be contacted, by what, when and how often.

Its figures are the policy of kind "gate"; without a version in force, the usual ones hold: no message that makes a
phone ring from 20:00 to 9:00, offers only to who agreed to them, and at most two of them within seven days.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from loyalty.kernel.bodies import BodyReader
from loyalty.kernel.clock import day_at, zone_of
from loyalty.messaging.rules.states import PURPOSES

CONTACTS = ("sms", "wechat", "email", "phone")
DAY_KINDS = ("all", "work", "rest")
NEEDS = ("granted", "not_withdrawn")
MOST_DAYS = 90
FARTHEST = 31  # days ahead in which a channel must open again

RULES = (
    "customer_gone",
    "no_address",
    "address_bounced",
    "opted_out",
    "no_consent",
    "consent_withdrawn",
    "too_late",
    "channel_paused",
    "quiet_hours",
    "frequency",
    "never_open",
)
"""What a decision names as its reason; words.py says each in a sentence."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When some channels may be used: from `begin` to `end` (exclusive) of the store's day; `stores` None: all."""

    channels: frozenset[str]
    begin: time
    end: time
    days: str = "all"
    stores: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Often:
    """At most `most` messages of these purposes within `days` times 24 hours to one customer."""

    purposes: frozenset[str]
    most: int
    days: int


@dataclass(frozen=True, slots=True)
class Gate:
    """The policy; `needs` says for each purpose whether consent must be granted or only not withdrawn."""

    hours: tuple[Hours, ...]
    often: tuple[Often, ...]
    needs: Mapping[str, str]

    @property
    def longest(self) -> timedelta:
        """Return how far back messages count."""
        return timedelta(days=max((rule.days for rule in self.often), default=0))

    def counted(self) -> frozenset[str]:
        """Return the purposes whose messages are counted at all."""
        return frozenset(purpose for rule in self.often for purpose in rule.purposes)


_DAYTIME = (time(9), time(20))
USUAL = Gate(
    hours=(
        Hours(frozenset({"sms", "wechat"}), *_DAYTIME),
        Hours(frozenset({"phone"}), time(9), time(12)),
        Hours(frozenset({"phone"}), time(14), time(20)),
    ),
    often=(Often(frozenset({"marketing"}), most=2, days=7),),
    needs={"service": "not_withdrawn", "greeting": "not_withdrawn", "marketing": "granted"},
)

CONSENT_OF: Mapping[str, str] = {"service": "service", "marketing": "marketing", "greeting": "marketing"}
"""The purpose of consent that a purpose of messages asks for: a wish goes to nobody who wants no offers."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a message and its recipient at the moment of the decision.

    `consent` is None when never asked; `bounced` and `opted_out` are said of the address itself, whoever has it;
    `works` says whether the store's day is worked; `earlier` are the moments of messages that count, with purposes.
    """

    channel: str
    purpose: str
    zone: str
    store: str | None
    reachable: bool
    addressed: bool
    consent: bool | None
    opted_out: bool = False
    bounced: bool = False
    paused: bool = False
    not_after: datetime | None = None
    earlier: Sequence[tuple[str, datetime]] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Send, hold until a moment, or deny; `rule` names the reason, None for a message that may be sent."""

    verdict: Literal["allow", "hold", "deny", "expire"]
    rule: str | None = None
    until: datetime | None = None


ALLOWED = Decision("allow")
PAUSE = timedelta(minutes=1)


def decide(facts: Facts, gate: Gate, *, now: datetime, rests: Collection[date] = ()) -> Decision:
    """Return what the gate says at `now`; `rests` are the days around it on which nobody works."""
    return (
        _who(facts, gate)
        or _late(facts, now)
        or (Decision("hold", "channel_paused", now + PAUSE) if facts.paused else None)
        or _hours(facts, gate, now, rests)
        or _often(facts, gate, now)
        or ALLOWED
    )


def _who(facts: Facts, gate: Gate) -> Decision | None:
    if not facts.reachable:
        return Decision("deny", "customer_gone")
    if facts.channel == "inbox":
        return None  # it waits in the portal for who comes by: nobody is contacted
    if not facts.addressed:
        return Decision("deny", "no_address")
    return Decision("deny", "address_bounced") if facts.bounced else _agreed(facts, gate)


def _agreed(facts: Facts, gate: Gate) -> Decision | None:
    if facts.opted_out and CONSENT_OF[facts.purpose] == "marketing":
        return Decision("deny", "opted_out")
    if facts.consent is False:
        return Decision("deny", "consent_withdrawn")
    if facts.consent is None and gate.needs[facts.purpose] == "granted":
        return Decision("deny", "no_consent")
    return None


def _late(facts: Facts, now: datetime) -> Decision | None:
    return Decision("expire", "too_late") if facts.not_after is not None and now > facts.not_after else None


def _hours(facts: Facts, gate: Gate, now: datetime, rests: Collection[date]) -> Decision | None:
    opens = next_open(facts.channel, facts.store, gate, now=now, zone=facts.zone, rests=rests)
    if opens is None:
        return Decision("deny", "never_open")
    return Decision("hold", "quiet_hours", opens) if opens > now else None


def next_open(
    channel: str, store: str | None, gate: Gate, *, now: datetime, zone: str, rests: Collection[date]
) -> datetime | None:
    """Return the first moment from `now` on at which the channel may be used; None when its hours never open."""
    named = [row for row in gate.hours if channel in row.channels]
    own = [row for row in named if row.stores is not None and store in row.stores]
    rows = own or [row for row in named if row.stores is None]
    if not rows:
        return now
    first = day_at(now, zone)
    for ahead in range(FARTHEST):
        day = first + timedelta(days=ahead)
        kind = "rest" if day in rests else "work"
        for row in sorted((row for row in rows if row.days in ("all", kind)), key=lambda row: row.begin):
            begin, end = (_at(day, edge, zone) for edge in (row.begin, row.end))
            if now < end:
                return max(now, begin)
    return None


def _at(day: date, edge: time, zone: str) -> datetime:
    """Return the moment of a local time; an end of 00:00 is the next midnight."""
    return datetime.combine(day, edge, zone_of(zone)).astimezone(UTC)


def _often(facts: Facts, gate: Gate, now: datetime) -> Decision | None:
    holds = [
        until
        for rule in gate.often
        if facts.purpose in rule.purposes and (until := _free_at(facts, rule, now)) is not None
    ]
    return Decision("hold", "frequency", max(holds)) if holds else None


def _free_at(facts: Facts, rule: Often, now: datetime) -> datetime | None:
    span = timedelta(days=rule.days)
    counted = sorted(at for purpose, at in facts.earlier if purpose in rule.purposes and at > now - span)
    return counted[-rule.most] + span if len(counted) >= rule.most else None


def parse_gate(body: Mapping[str, Any]) -> Gate:
    """Read the body of a policy of kind "gate"; refuses what it does not know, naming the place.

    A list that is left out is the usual one; an empty one means that nothing is set.
    """
    reader = BodyReader(body)
    hours = tuple(_read_hours(part) for part in reader.parts("hours")) if "hours" in reader else USUAL.hours
    often = tuple(_read_often(part) for part in reader.parts("often")) if "often" in reader else USUAL.often
    needs = {
        purpose: reader.choice(f"{purpose}_needs", NEEDS, USUAL.needs[purpose])
        for purpose in PURPOSES
        if purpose != "marketing"  # the law leaves no choice there
    }
    reader.close()
    return Gate(hours, often, needs | {"marketing": "granted"})


def _read_hours(part: BodyReader) -> Hours:
    channels = part.texts("channels")
    if not channels or channels - set(CONTACTS):
        part.refuse("channels", "Choose sms, wechat, email or phone.")
    begin, end = _time(part, "from"), _time(part, "until")
    if end <= begin:
        part.refuse("until", "The end must come after the beginning.")
    return Hours(channels, begin, end, part.choice("days", DAY_KINDS, "all"), part.texts("stores") or None)


def _time(part: BodyReader, field: str) -> time:
    written = part.text(field)
    try:
        return datetime.strptime(written, "%H:%M").replace(tzinfo=UTC).time()
    except ValueError:
        part.refuse(field, "Write a time as 09:00.")
        return time(0)


def _read_often(part: BodyReader) -> Often:
    purposes = part.texts("purposes")
    if not purposes or purposes - set(PURPOSES):
        part.refuse("purposes", "Choose service, marketing or greeting.")
    return Often(purposes, part.whole("most", least=1, most=100), part.whole("days", least=1, most=MOST_DAYS))
