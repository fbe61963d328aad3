"""One HTTP call to a provider, and what is known when it ends: no redirect is followed, nothing is tried twice."""

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from loyalty.messaging.ports import Answer

LARGEST_ANSWER = 64 * 1024
_BUSY = frozenset({408, 425, 429, 503})
_REDIRECT, _CLIENT, _SERVER = 300, 400, 500


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer below 500 that is a JSON object."""

    body: Mapping[str, Any]


def call(
    url: str, *, method: str = "POST", headers: Mapping[str, str], body: bytes | None, seconds: float
) -> Reached | Answer:
    """Send one request; return what came back, or what is known without it.

    `busy` before the request has left, and where the provider says so; `lost` when it left and no answer came that can
    be read in time; `refused` for other statuses of 400 and above without a body that says more.
    """
    parts = urlsplit(url)
    target = parts.path or "/"
    line = _line(parts.scheme, parts.hostname or "", parts.port, seconds)
    asked = Request(method, f"{target}?{parts.query}" if parts.query else target, headers, body)
    said = exchange(line, asked, seconds=seconds)
    return said if isinstance(said, Answer) else _known(*said)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


def exchange(line: http.client.HTTPConnection, asked: Request, *, seconds: float) -> tuple[int, bytes] | Answer:
    """Send one request on a line and close it; return status and body, or what is known without them."""
    until = time.monotonic() + seconds
    try:
        line.connect()
    except (OSError, ValueError) as problem:
        line.close()
        return Answer("busy", detail=f"not reached: {type(problem).__name__}")
    try:
        line.request(asked.method, asked.target, asked.body, dict(asked.headers))
        answer = line.getresponse()
        return answer.status, _read(answer, line, until)
    except (OSError, http.client.HTTPException) as problem:
        return Answer("lost", detail=f"no answer: {type(problem).__name__}")
    finally:
        line.close()


def _line(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _read(answer: http.client.HTTPResponse, line: http.client.HTTPConnection, until: float) -> bytes:
    """Read a whole answer; one that drips or is endless ends as a time-out."""
    parts, length = [], 0
    while part := answer.read1(LARGEST_ANSWER):
        parts.append(part)
        length += len(part)
        left = until - time.monotonic()
        if left <= 0 or length > LARGEST_ANSWER:
            raise TimeoutError
        if line.sock is not None:
            line.sock.settimeout(left)
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _known(status: int, raw: bytes) -> Reached | Answer:
    detail = f"HTTP {status}"
    if status in _BUSY or _REDIRECT <= status < _CLIENT:
        return Answer("busy", detail=detail)  # a redirect carried nothing out
    if status >= _SERVER:
        return Answer("lost", detail=detail)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, Mapping):
        return Reached(body)  # providers tell reasons in the body, with statuses of 400 too
    return Answer("refused" if status >= _CLIENT else "lost", detail=f"{detail}, not JSON")
