"""What a customer agreed to: events, and the state they fold to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel.errors import Malformed

PURPOSES = ("privacy", "service", "marketing")
CHANNELS = ("phone", "sms", "wechat", "email")
ALL_CHANNELS = "all"
"""The channel of a consent that is not about contact: that to privacy."""
ASKED = (
    *((purpose, channel) for purpose in ("marketing", "service") for channel in CHANNELS),
    ("privacy", ALL_CHANNELS),
)
"""What pages ask about, in their order."""
CONSENT_TEXT = "2026-11"
"""The version of the texts that customers agree to."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """One event: the customer granted or withdrew something, having read `text_version`."""

    purpose: str
    channel: str
    granted: bool
    at: datetime
    text_version: str | None = None
    proof: str | None = None
    by: str = ""


def check_consent(purpose: str, channel: str) -> None:
    """Refuse, as malformed, a purpose or channel that does not exist or a pair that makes no sense."""
    if purpose not in PURPOSES:
        raise Malformed({"purpose": ["Choose privacy, service or marketing."]})
    if channel not in ((ALL_CHANNELS,) if purpose == "privacy" else CHANNELS):
        raise Malformed({"channel": ["Choose phone, sms, wechat or email; for privacy, all."]})


def folded_consents(events: Iterable[ConsentGiven]) -> dict[tuple[str, str], ConsentGiven]:
    """Return the latest event of each purpose and channel; of two at one moment, the later in the sequence."""
    state: dict[tuple[str, str], ConsentGiven] = {}
    for event in events:
        known = state.get((event.purpose, event.channel))
        if known is None or event.at >= known.at:
            state[event.purpose, event.channel] = event
    return state


def agreed(state: dict[tuple[str, str], ConsentGiven], purpose: str, channel: str) -> bool | None:
    """Return whether the customer agrees to this; None when never asked, which allows nothing."""
    event = state.get((purpose, channel))
    return None if event is None else event.granted
