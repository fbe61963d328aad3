"""What is asked of whoever carries messages."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message was taken over; `reference` is what the carrier calls it, None when it has no name for it."""

    reference: str | None = None


class TextSender(Protocol):
    """Carries text messages to phones."""

    def send_text(self, phone: str, text: str) -> Receipt:
        """Hand `text` over for `phone` (+8613812345678); it is called while no transaction is open."""
        ...
