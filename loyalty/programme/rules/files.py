"""Programme files: the first rules of an installation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from loyalty.kernel.clock import midnight, parse_day, parse_moment
from loyalty.kernel.errors import Malformed
from loyalty.programme.rules.bodies import check_body

T = TypeVar("T")

_DAY_LENGTH = len("1997-01-01")
_KEYS = {"kind", "effective_from", "body"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """One version of a programme file, checked."""

    kind: str
    effective_from: datetime
    body: dict[str, Any]


def parse_file(content: object, *, zone: str) -> list[Loaded]:
    """Return the versions of a programme file; a day means its midnight in `zone`.

    Malformed with all that is wrong, each by its place in the file, as `versions[2].body.levels[0].threshold`.
    """
    if not isinstance(content, dict):
        raise Malformed({"file": ["Write the programme as a JSON object with a list `versions`."]})
    errors = {name: ["Unknown field."] for name in sorted(content.keys() - {"programme", "versions"})}
    versions = content.get("versions")
    if not isinstance(versions, list) or not versions:
        raise Malformed({**errors, "versions": ["List at least one version."]})
    read = [_read(entry, f"versions[{index}]", zone, errors) for index, entry in enumerate(versions)]
    seen: set[tuple[str, datetime]] = set()
    for index, one in enumerate(read):
        if one and (one.kind, one.effective_from) in seen:
            errors[f"versions[{index}].effective_from"] = ["Another version of this kind begins at the same moment."]
        elif one:
            seen.add((one.kind, one.effective_from))
    if errors:
        raise Malformed(errors)
    return [one for one in read if one]


def _read(entry: object, at: str, zone: str, errors: dict[str, list[str]]) -> Loaded | None:
    """Return one version, or None after adding to `errors` what is wrong with it."""
    if not isinstance(entry, dict):
        errors[at] = ["Write a version as a JSON object with kind, effective_from and body."]
        return None
    errors.update({f"{at}.{name}": ["Unknown field."] for name in sorted(entry.keys() - _KEYS)})
    start = _collect(errors, lambda: _start(entry.get("effective_from"), f"{at}.effective_from", zone))
    kind = entry.get("kind")
    if not isinstance(kind, str):
        errors[f"{at}.kind"] = ["Name the kind of rules."]
        return None
    body = _collect(errors, lambda: check_body(kind, entry.get("body"), at=f"{at}.body"))
    if start is None or body is None:
        return None
    return Loaded(kind, start, body)


def _start(written: object, at: str, zone: str) -> datetime:
    if not isinstance(written, str):
        raise Malformed({at: ["Name the day from which the version is in force, as 1997-01-01."]})
    try:
        return midnight(parse_day(written), zone) if len(written) <= _DAY_LENGTH else parse_moment(written)
    except Malformed as wrong:
        raise Malformed({at: [sentence for sentences in wrong.errors.values() for sentence in sentences]}) from None


def _collect(errors: dict[str, list[str]], read: Callable[[], T]) -> T | None:
    """Return what `read` returns, or None after adding to `errors` what was malformed."""
    try:
        return read()
    except Malformed as wrong:
        errors.update(wrong.errors)
        return None
