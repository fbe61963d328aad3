"""Carries events to other systems: https to public addresses only, looked up once and pinned; no redirects."""

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from loyalty.kernel.clock import utc_now
from loyalty.messaging.adapters.calls import Request, exchange
from loyalty.messaging.ports import Answer, HookCall
from loyalty.messaging.rules.hooks import (
    EVENT_HEADER,
    HTTPS_PORT,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    is_public,
    signature,
)

_GONE = 410
_DONE = range(200, 300)


class Pinned(http.client.HTTPSConnection):
    """A line to one address, whose certificate is that of the name."""

    def __init__(self, host: str, port: int, address: str, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._address, self._ssl = address, context

    def connect(self) -> None:
        """Connect to the address that was checked, whatever the name says by now."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._ssl.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Hook:
    """One receiver; `allows` says of an IP address whether it may be called."""

    url: str
    secret: str
    allows: Callable[[str], bool] = is_public
    look_up: Callable[[str, int], list[str]] = looked_up
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    clock: Callable[[], datetime] = utc_now

    @property
    def dedupes(self) -> bool:
        """A receiver knows an event by its id."""
        return True

    @property
    def lanes(self) -> int:
        """Four calls at once."""
        return 4

    def send(self, outgoing: HookCall, *, seconds: float) -> Answer:
        """Post one event; every status of 200 to 299 takes it over, 410 ends it, any other is tried again later."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or HTTPS_PORT
        try:
            addresses = self.look_up(host, port)
        except OSError as problem:
            return Answer("busy", detail=f"no such name: {type(problem).__name__}")
        if not addresses or not all(self.allows(address) for address in addresses):
            return Answer("busy", detail="the name leads to a private address")
        body = outgoing.body.encode()
        timestamp = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "loyalty-webhooks",
            EVENT_HEADER: outgoing.key,
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: signature(self.secret, timestamp, body),
        }
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line = Pinned(host, port, addresses[0], timeout=seconds, context=self.context)
        said = exchange(line, Request("POST", target, headers, body), seconds=seconds)
        if isinstance(said, Answer):
            return said
        status, _body = said
        if status in _DONE:
            return Answer("accepted", detail=f"HTTP {status}")
        return Answer("refused" if status == _GONE else "busy", detail=f"HTTP {status}")
