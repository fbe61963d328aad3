"""A load generator: a few clients over kept connections, each asking as fast as it is answered."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

CLIENTS = 8


@dataclass(frozen=True)
class Rate:
    """What one round saw."""

    done: int
    seconds: float
    latencies: Sequence[float]
    errors: Sequence[str]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that `share` of the answers kept."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Make = Callable[[int, int], bytes]
"""Gives the n-th request of a client."""
Good = Callable[[int, bytes], bool]
"""Whether status and body are what was to be answered."""


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        body += part
    return int(head[9:12]), body


def drive(port: int, make: Make, good: Good, *, seconds: float, clients: int = CLIENTS) -> Rate:
    """Ask for `seconds` with `clients` connections; answers that are not good are errors, told with their text."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    errors: list[str] = []
    start = perf_counter()

    def run(client: int) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                n = 0
                while perf_counter() - start < seconds and not errors:
                    asked = make(client, n)
                    began = perf_counter()
                    connection.sendall(asked)
                    status, body = _answer(connection)
                    latencies[client].append(perf_counter() - began)
                    if not good(status, body):
                        errors.append(f"{status} {body[:400].decode(errors='replace')}")
                    n += 1
        except OSError as problem:
            errors.append(repr(problem))

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = perf_counter() - start
    seen = [latency for one in latencies for latency in one]
    return Rate(len(seen), spent, seen, errors)
