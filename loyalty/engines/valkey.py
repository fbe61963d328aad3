"""Our own Valkey in a folder."""

import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from loyalty.engines.account import Account
from loyalty.engines.binaries import valkey_program
from loyalty.engines.child import Child

READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Valkey:
    """The place of one Valkey: `folder` holds its data, `socket` is where it listens."""

    folder: Path
    socket: Path
    log: Path
    account: Account
    ephemeral: bool

    def url(self) -> str:
        """Return the redis-py URL."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def start(self, environ: Mapping[str, str]) -> Child:
        """Start the server and return it when it answers."""
        self.socket.unlink(missing_ok=True)
        command = [
            str(valkey_program(environ)),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.folder), "--daemonize", "no", "--save", ""),
            *("--appendonly", "no" if self.ephemeral else "yes"),
            # Queued work must never be dropped to make room.
            *("--maxmemory-policy", "noeviction"),
        ]
        child = Child(command, account=self.account, log=self.log, stop_with=signal.SIGTERM)
        child.wait_until(self._ready, seconds=READY_SECONDS)
        return child

    def _ready(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False
