"""What is asked of whoever carries messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from loyalty.messaging.rules import Rendered

Outcome = Literal["accepted", "busy", "refused", "lost"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message was taken over; `reference` is what the carrier calls it, None when it has no name for it."""

    reference: str | None = None


class TextSender(Protocol):
    """Carries one-time codes to phones."""

    def send_text(self, phone: str, said: Rendered) -> Receipt:
        """Hand `said` over for `phone` (+8613812345678); it is called while no transaction is open."""
        ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for one call. `key` is the same at each attempt: a carrier that dedupes takes it once.

    `values` and `number` are for carriers that fill texts they approved beforehand; `way_out` is the address by which
    its reader wants no more of its kind, in one click.
    """

    key: str
    address: str
    text: str
    subject: str | None = None
    language: str = "zh_Hans_CN"
    purpose: str = "service"
    values: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class HookCall:
    """An event for another system, which knows it by `key`; `body` is JSON."""

    key: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call.

    `accepted`: taken over. `busy`: surely not taken over, later maybe. `refused`: surely not taken over, and never will
    be. `lost`: it left and nobody knows. `detail` says in a few words what was answered, and nothing about the person.
    """

    outcome: Outcome
    reference: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked of a provider about a message: its key, the address, and when it was handed over."""

    key: str
    address: str
    handed_at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What a provider says of a message: `sent` and `failed` were taken over, `silent` is nothing that can be read."""

    said: Literal["sent", "delivered", "failed", "not_listed", "silent", "no_address"]
    detail: str | None = None


class Teller(Protocol):
    """A provider that keeps a list of what it took over. Asking sends nothing and never raises for what is told."""

    def look_up(self, inquiry: Inquiry, *, seconds: float) -> Fate:
        """Ask for one message and wait at most so long for each page of the list; no transaction is open."""
        ...


class Carrier(Protocol):
    """Carries the messages of one channel. It never tries twice by itself, and never raises for what it was told."""

    @property
    def dedupes(self) -> bool:
        """Whether the provider takes each key once, so that a lost answer may be asked for again."""
        ...

    @property
    def lanes(self) -> int:
        """How many calls may be under way at once; of as many messages nobody knows when their process is killed."""
        ...

    def send(self, outgoing: Any, *, seconds: float) -> Answer:
        """Hand a message (Outgoing) or an event (HookCall) over and wait at most so long; no transaction is open."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """How everything leaves the house: one-time codes, messages by channel, and events by address and secret.

    `public_url` is the address under which owners reach this installation; without one no message has a link.
    `tellers` are the providers, by channel, that say what became of a message.
    """

    texts: TextSender
    carriers: Mapping[str, Carrier]
    hooks: Callable[[str, str], Carrier]
    public_url: str = ""
    tellers: Mapping[str, Teller] = field(default_factory=dict)
