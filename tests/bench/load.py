"""A load generator: a few clients over kept connections, each asking as fast as it is answered."""

import socket
import statistics
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Rate:
    """What one round saw."""

    done: int
    seconds: float
    latencies: Sequence[float]
    errors: Sequence[str]

    @property
    def per_second(self) -> float:
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that `share` of the answers kept."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Return the bytes of a request, made before the clock runs."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12]), body


def drive(port: int, make: Callable[[int, int], bytes], *, clients: int = 8, seconds: float = 5, most: int = 10**9) -> Rate:
    """Ask for `seconds` (or `most` times in all) with `clients` connections; `make(client, n)` gives the n-th request."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    errors: list[str] = []
    start = perf_counter()

    def run(client: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for n in range(most // clients):
                if perf_counter() - start > seconds:
                    return
                asked = make(client, n)
                began = perf_counter()
                connection.sendall(asked)
                status, body = _answer(connection)
                latencies[client].append(perf_counter() - began)
                if status >= 300:
                    errors.append(f"{status} {body[:200].decode(errors='replace')}")

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = perf_counter() - start
    seen = [latency for one in latencies for latency in one]
    return Rate(len(seen), spent, seen, errors)


def middle(values: Sequence[float]) -> str:
    """Return median and range as text."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f}-{max(values):,.2f})"
