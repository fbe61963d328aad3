"""Pages leave compressed: a list of fifty rows is a tenth of its size."""

import gzip
import secrets
from io import BytesIO

from flask import Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.http import parse_accept_header

WORTHWHILE = 1_000  # bytes; below, the headers weigh more than what is saved
LEVEL = 5
MOST_PADDING = 64


def takes_gzip(asked: Headers) -> bool:
    """Return whether the client that sent these headers reads gzip."""
    return parse_accept_header(asked.get("Accept-Encoding", "")).quality("gzip") > 0


def pack(answer: Response) -> Response:
    """Return the page compressed when the client takes gzip and it is worth it."""
    if (
        answer.mimetype != "text/html"
        or answer.is_streamed
        or answer.direct_passthrough
        or "Content-Encoding" in answer.headers
    ):
        return answer
    answer.vary.add("Accept-Encoding")
    if not takes_gzip(request.headers) or len(answer.data) < WORTHWHILE:
        return answer
    packed = BytesIO()
    # A file name of random length hides how well the page packs, from which secrets in it could be guessed (BREACH).
    name = secrets.token_hex(secrets.randbelow(MOST_PADDING // 2) + 1)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as file:
        file.write(answer.data)
    answer.data = packed.getvalue()
    answer.headers["Content-Encoding"] = "gzip"
    return answer


def init_app(app: Flask) -> None:
    """Compress pages."""
    app.after_request(pack)
