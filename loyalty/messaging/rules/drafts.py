"""What other features hand in, and what they get back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loyalty.messaging.rules.gate import Decision


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be sent at `due_at` and never after `not_after` (None: whenever it can be).

    `dedupe_key` is kind:object:rule:due day:channel, and the same key again plans nothing. `channel` None is the first
    of WeChat, SMS, e-mail and the inbox that the template has and the customer agreed to. A value that reads otherwise
    in each language is given by language.
    """

    dedupe_key: str
    customer_id: int
    template: str
    due_at: datetime
    variables: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    store_id: int | None = None
    channel: str | None = None
    not_after: datetime | None = None
    about_kind: str | None = None
    about_id: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The ids of messages by dedupe key; `new` has the keys that were not there before."""

    ids: Mapping[str, int]
    new: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the gate would say now about a customer, by channel."""

    customer_id: int
    decisions: Mapping[str, Decision]

    def best(self, channels: Sequence[str]) -> str | None:
        """Return the first of the channels that is not denied, or None."""
        return next((one for one in channels if self.decisions[one].verdict in ("allow", "hold")), None)
