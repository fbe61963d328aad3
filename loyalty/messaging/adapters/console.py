"""A sink in place of a provider, for demonstrations and for installations without one."""

import os
import sys
from pathlib import Path

from loyalty.messaging.ports import Receipt

OWNER_ONLY = 0o600


class ConsoleTexts:
    """Prints text messages, and appends them to `outbox.log` in the data folder, which only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "outbox.log"

    def send_text(self, phone: str, text: str) -> Receipt:
        """Write the message as one line."""
        line = f"SMS {phone} {' '.join(text.split())}\n"
        sys.stderr.write(line)
        sys.stderr.flush()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        with os.fdopen(opened, "a", encoding="utf-8") as file:
            file.write(line)
        return Receipt()
