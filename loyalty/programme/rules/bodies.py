"""Kinds of rules: each is owned by a feature above, which says what its body must look like."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from loyalty.kernel.errors import Malformed

Parser = Callable[[dict[str, Any]], object]
"""Turns a body into the owner's values; Malformed names places within it, as `levels[0].criteria[1].threshold`."""

Check = Callable[[Any], None]
"""Looks whether what rules name is there today; Malformed names places as a parser does."""

_parsers: dict[str, Parser] = {}
_checks: dict[str, Check] = {}


def register_kind(kind: str, parser: Parser) -> None:
    """Let `parser` read the bodies of `kind`; registering a kind again replaces its parser."""
    _parsers[kind] = parser


def register_check(kind: str, check: Check) -> None:
    """Let `check` look at the rules of `kind` whenever they are written or put in force, not when they are read."""
    _checks[kind] = check


def check_named(kind: str, body: dict[str, Any], *, at: str = "body") -> None:
    """Refuse as malformed what the body names and what is not there (any more), each place put behind `at`."""
    if kind in _checks:
        try:
            _checks[kind](parse(kind, body))
        except Malformed as wrong:
            raise Malformed(_behind(at, wrong.errors)) from None


def kinds() -> tuple[str, ...]:
    """Return the kinds there are, in the order they were registered."""
    return tuple(_parsers)


def parse(kind: str, body: dict[str, Any]) -> object:
    """Return what the owner of `kind` makes of `body`; unknown kinds and wrong bodies are malformed."""
    if kind not in _parsers:
        raise Malformed({"kind": ["There is no such kind of rules."]})
    return _parsers[kind](body)


def check_body(kind: str, body: object, *, at: str = "body") -> dict[str, Any]:
    """Return `body`, which its owner understands; malformed with each place put behind `at`."""
    if not isinstance(body, dict):
        raise Malformed({at: ["Write the rules as a JSON object."]})
    try:
        parse(kind, body)
    except Malformed as wrong:
        raise Malformed(_behind(at, wrong.errors)) from None
    return body


def sha256_of(body: Mapping[str, Any]) -> bytes:
    """Return the hash of a body, whatever the order of its keys."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _behind(at: str, errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the errors with each place put behind `at`; `kind` stands beside the body and not in it."""
    parent = at.removesuffix("body")
    placed = {}
    for place, sentences in errors.items():
        if place == "kind":
            placed[parent + place] = sentences
        elif not place or place.startswith("["):
            placed[at + place] = sentences
        else:
            placed[f"{at}.{place}"] = sentences
    return placed
