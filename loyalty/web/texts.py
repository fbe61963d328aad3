"""Texts that cannot be stored: PostgreSQL keeps no NUL, and half of a surrogate pair is no character."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, request

from loyalty.kernel.errors import Malformed, NotFound

LARGEST_ID = 2**63 - 1
REFUSAL = "This has characters that cannot be printed."

# In bytes that are UTF-8 both can stand as JSON escapes only, so most bodies are passed over without being read here.
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def unstorable(body: Any, path: str = "") -> Iterator[str]:
    """Give the path of each text of a JSON body that cannot be stored, names of fields too."""
    if isinstance(body, str):
        if _UNSTORABLE.search(body):
            yield path or "_"
    elif isinstance(body, list):
        for index, one in enumerate(body):
            yield from unstorable(one, f"{path}[{index}]")
    elif isinstance(body, dict):
        for name, one in body.items():
            if _UNSTORABLE.search(name):
                yield path or "_"
            yield from unstorable(one, f"{path}.{name}" if path else name)


def row_number(typed: str) -> int | None:
    """Return the number of a row as an address or a form names it, or None for a text that names none."""
    if not typed.isdecimal() or len(typed) > len(str(LARGEST_ID)):
        return None
    number = int(typed)
    return None if number > LARGEST_ID else number


def refuse_unstorable() -> None:
    """Refuse a request with such texts: its address as not found, its fields by their places."""
    if "\0" in request.path or any(_too_large(value) for value in (request.view_args or {}).values()):
        raise NotFound
    places = [name for name, value in request.args.items(multi=True) if "\0" in name + value]
    if request.is_json:
        places += _places_in(request.get_data(cache=True))
    elif request.mimetype.startswith(("application/x-www-form-urlencoded", "multipart/")):
        places += [name for name, value in request.form.items(multi=True) if "\0" in name + value]
    if places:
        raise Malformed({_shown(place): [REFUSAL] for place in places})


def _too_large(value: object) -> bool:
    """Return whether a number of the address is one that no row can have."""
    return isinstance(value, int) and value > LARGEST_ID


def _places_in(data: bytes) -> list[str]:
    if not _ESCAPED.search(data):
        return []
    try:
        return list(unstorable(json.loads(data)))
    except (ValueError, RecursionError):
        return []  # whoever reads the body says what is wrong with it


def _shown(place: str) -> str:
    return _UNSTORABLE.sub("�", place)


def init_app(app: Flask) -> None:
    """Look at every request before its view does."""
    app.before_request(refuse_unstorable)
