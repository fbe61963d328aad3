"""What messaging announces, always in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """A message came to its end: sent, delivered, failed, unknown, denied, expired or cancelled.

    `unknown` is settled later and then announced again.
    """

    message_id: int
    customer_id: int
    about_kind: str | None
    about_id: int | None
    state: str


@dataclass(frozen=True, slots=True)
class ReplyArrived:
    """Somebody answered with more than a word of refusal: a person should read it."""

    reply_id: int
    customer_id: int | None
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReplyHandled:
    """Somebody has read a reply, and wrote what was done."""

    reply_id: int
    customer_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A customer wants no more offers by these channels."""

    customer_id: int
    channels: tuple[str, ...]
    at: datetime
