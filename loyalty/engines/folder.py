"""The data folder: who owns its servers, where their files lie, how others find them."""

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BufferedRandom
from pathlib import Path

from loyalty.engines.problems import FolderInUse

SOCKET_PATH_LIMIT = 107  # bytes of a socket's address on Linux
LONGEST_NAME = len("/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The two URLs that the product knows."""

    database_url: str
    redis_url: str


class DataFolder:
    """One installation's folder. The process that holds its lock owns its servers."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def create(self) -> None:
        """Make the folder and what lies in it; others may pass through it, but not list it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        (self.path / "log").mkdir(exist_ok=True, mode=0o711)

    def own(self) -> BufferedRandom:
        """Take the owner's lock, held until the result is closed; refuse when another process has it."""
        return self._lock("owner.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)

    def join(self) -> BufferedRandom:
        """Take a user's lock, held until the result is closed; waits while an owner is stopping the servers."""
        return self._lock("users.lock", fcntl.LOCK_SH)

    def publish(self, addresses: Addresses) -> None:
        """Tell other commands where the servers are."""
        draft = self._state.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(addresses)))
        draft.replace(self._state)

    def published(self) -> Addresses | None:
        """Return what the owner told, or None while it has not."""
        try:
            return Addresses(**json.loads(self._state.read_text()))
        except FileNotFoundError:
            return None

    def withdraw(self) -> None:
        """Tell nothing any more."""
        self._state.unlink(missing_ok=True)

    def socket_folder(self) -> Path:
        """Return a private folder for sockets: inside, or a short one under the temporary folder."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) + LONGEST_NAME <= SOCKET_PATH_LIMIT:
            inside.mkdir(exist_ok=True, mode=0o700)
            return inside
        return Path(tempfile.mkdtemp(prefix="loyalty-"))

    @property
    def _state(self) -> Path:
        return self.path / "servers.json"

    def _lock(self, name: str, kind: int) -> BufferedRandom:
        lock = (self.path / name).open("a+b")
        try:
            fcntl.flock(lock, kind)
        except BlockingIOError:
            lock.close()
            raise FolderInUse(
                f"Another process owns the servers of {self.path}. Stop it, or set LOYALTY_DATA to another folder."
            ) from None
        return lock


def data_folder(environ: Mapping[str, str]) -> DataFolder:
    """Return the folder that LOYALTY_DATA names, or `.data` where we stand."""
    return DataFolder(Path(environ.get("LOYALTY_DATA") or ".data"))
