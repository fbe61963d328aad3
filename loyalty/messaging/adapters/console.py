"""A sink in place of a provider, for demonstrations and for installations without one."""

import os
import sys
from pathlib import Path

from loyalty.messaging.ports import Answer, Outgoing, Receipt
from loyalty.messaging.rules import Rendered

OWNER_ONLY = 0o600


class ConsoleTexts:
    """Prints text messages, and appends them to `outbox.log` in the data folder, which only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "outbox.log"

    def send_text(self, phone: str, said: Rendered) -> Receipt:
        """Write the message as one line."""
        self.write(f"SMS {phone} {' '.join(said.text.split())}\n")
        return Receipt()

    def write(self, line: str) -> None:
        """Print a line and append it to the file."""
        sys.stderr.write(line)
        sys.stderr.flush()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        with os.fdopen(opened, "a", encoding="utf-8") as file:
            file.write(line)


class ConsoleCarrier:
    """Carries the messages of a channel into the same sink; a line tells channel, address, key and text."""

    dedupes = False
    lanes = 1

    def __init__(self, channel: str, sink: ConsoleTexts) -> None:
        self._name = channel.upper()
        self._sink = sink

    def send(self, outgoing: Outgoing, *, seconds: float) -> Answer:
        """Write the message as one line."""
        del seconds
        said = " ".join(f"{outgoing.subject or ''} {outgoing.text}".split())
        self._sink.write(f"{self._name} {outgoing.address or '--'} {outgoing.key} {said}\n")
        return Answer("accepted")


class Inbox:
    """Carries messages to the owners' inbox in the portal: they are there as soon as they are sent."""

    dedupes = True
    lanes = 1

    def send(self, outgoing: Outgoing, *, seconds: float) -> Answer:
        """Accept the message; the inbox shows the row itself."""
        del outgoing, seconds
        return Answer("accepted")
