"""Bodies where words are not enough: by place, as JSON, and side by side."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from loyalty.programme.rules.forms.lines import BlockChange, Change, LineChange
from loyalty.programme.rules.forms.phrases import Raw
from loyalty.programme.rules.forms.register import differences


def changes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[BlockChange]:
    """Return what two bodies have, in words; by their places where no form shows them exactly."""
    found = differences(kind, before, after)
    return _by_place(before, after) if found is None else found


def _by_place(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[BlockChange]:
    old, new = dict(rows(before)), dict(rows(after))
    lines = [LineChange(Raw(place), _raw(old, place), _raw(new, place)) for place in dict.fromkeys([*new, *old])]
    same = all(line.change is Change.SAME for line in lines)
    return [BlockChange((), Change.SAME if same else Change.CHANGED, lines)]


def _raw(values: Mapping[str, Any], place: str) -> Raw | None:
    return Raw(values[place]) if place in values else None


def rows(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value with its place, named as errors name it: `levels[0].criteria[1].threshold`."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from rows(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for index, inner in enumerate(value):
            yield from rows(inner, f"{place}[{index}]")
    else:
        yield place, ", ".join(map(str, value)) if isinstance(value, list | dict) else value


def written(body: dict[str, Any]) -> str:
    """Return a body as JSON that people can read."""
    return json.dumps(body, ensure_ascii=False, indent=2)
