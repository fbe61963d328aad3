"""From a body to a sheet and back, and what people do to the rows of a sheet."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loyalty.programme.rules.forms.fields import ABSENT, MORE, ROWS, SAID, Field, Group, Leaf, Rows, Sheet, is_whole

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Fields = tuple[Field, ...]


def written(fields: Fields, body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of a body."""
    sheet: Sheet = {}
    _put(fields, body, sheet, "")
    return sheet


def read(fields: Fields, sheet: Sheet) -> dict[str, Any]:
    """Return the body of a sheet; what cannot be read stays as it was typed, for its owner to refuse."""
    return _get(fields, pruned(fields, sheet), "")


def fits(fields: Fields, body: Mapping[str, Any]) -> bool:
    """Return whether the form shows the body exactly: what a browser sends back unchanged gives the same body."""
    sheet = written(fields, body)
    return _same(read(fields, sent(sheet)), body)


def sent(sheet: Sheet) -> Sheet:
    """Return the sheet as a browser sends it: texts on one line, without spaces at the ends."""
    return {
        name: [_line(one) for one in text] if isinstance(text, list) else _line(text) for name, text in sheet.items()
    }


def is_there(one: Field, sheet: Sheet, prefix: str) -> bool:
    """Return whether a field is there at all, given the choices beside it."""
    return one.when is None or sheet.get(prefix + one.when[0], "") in one.when[1]


def count(one: Rows, sheet: Sheet, name: str) -> int:
    """Return how many rows a list of the sheet has, never more than the list may have."""
    text = str(sheet.get(name + ROWS, ""))
    return min(int(text), one.most) if text.isascii() and text.isdigit() and len(text) < 5 else 0  # noqa: PLR2004 - digits


def leaves(fields: Fields, sheet: Sheet, prefix: str = "") -> Iterator[tuple[str, Leaf]]:
    """Give each field that is there with its name."""
    for one in fields:
        name = prefix + one.key
        if not is_there(one, sheet, prefix):
            continue
        if isinstance(one, Leaf):
            yield name, one
        elif isinstance(one, Group):
            yield from leaves(one.fields, sheet, f"{name}.")
        elif isinstance(one, Rows):
            for index in range(count(one, sheet, name)):
                yield from leaves(one.fields, sheet, f"{name}.{index}.")


def pruned(fields: Fields, sheet: Sheet) -> Sheet:
    """Return the sheet without what is not there: answers to a question that a choice has taken back."""
    there = {name for name, _leaf in leaves(fields, sheet)}
    return {name: text for name, text in sheet.items() if name.endswith((ROWS, SAID)) or _belongs(name, there)}


def _belongs(name: str, there: set[str]) -> bool:
    """Return whether a name of the sheet is one of `there`, or stands below or beside one."""
    name = name.removesuffix(MORE)
    while name and name not in there:
        name = name.rpartition(".")[0]
    return bool(name)


def with_row(fields: Fields, sheet: Sheet, name: str) -> Sheet:
    """Return the sheet with one row more at the end of the list `name`; unchanged where there is no such list."""
    found = _list_at(fields, sheet, name)
    if found is None or count(found, sheet, name) >= found.most:
        return sheet
    index = count(found, sheet, name)
    longer = {**sheet, name + ROWS: str(index + 1)}
    _put(found.fields, {}, longer, f"{name}.{index}.")
    return longer


def without_row(fields: Fields, sheet: Sheet, name: str) -> Sheet:
    """Return the sheet without the row `name`, as `levels.2`; unchanged where there is no such row."""
    listed, _dot, index = name.rpartition(".")
    found = _list_at(fields, sheet, listed)
    if found is None or not is_whole(index) or int(index) >= count(found, sheet, listed):
        return sheet
    gone, size = int(index), count(found, sheet, listed)
    order = [one for one in range(size) if one != gone]
    return _reordered(sheet, listed, order)


def moved_row(fields: Fields, sheet: Sheet, name: str) -> Sheet:
    """Return the sheet with the row `name` one place further up; unchanged where it is the first or there is none."""
    listed, _dot, index = name.rpartition(".")
    found = _list_at(fields, sheet, listed)
    if found is None or not is_whole(index) or not 0 < int(index) < count(found, sheet, listed):
        return sheet
    order = list(range(count(found, sheet, listed)))
    place = int(index)
    order[place - 1], order[place] = order[place], order[place - 1]
    return _reordered(sheet, listed, order)


def _reordered(sheet: Sheet, listed: str, order: list[int]) -> Sheet:
    start = f"{listed}."
    changed = {name: text for name, text in sheet.items() if not name.startswith(start)}
    for new, old in enumerate(order):
        for name, text in sheet.items():
            if name.startswith(f"{start}{old}."):
                changed[f"{start}{new}." + name.removeprefix(f"{start}{old}.")] = text
    return {**changed, listed + ROWS: str(len(order))}


def _list_at(fields: Fields, sheet: Sheet, name: str, prefix: str = "") -> Rows | None:
    """Return the list of that name, or None when the sheet has none there."""
    for one in fields:
        here = prefix + one.key
        if not (name == here or name.startswith(f"{here}.")) or not is_there(one, sheet, prefix):
            continue
        if isinstance(one, Rows) and name == here:
            return one
        if isinstance(one, Group):
            return _list_at(one.fields, sheet, name, f"{here}.")
        if isinstance(one, Rows):
            index = name.removeprefix(f"{here}.").partition(".")[0]
            inside = is_whole(index) and int(index) < count(one, sheet, here)
            return _list_at(one.fields, sheet, name, f"{here}.{index}.") if inside else None
    return None


def _put(fields: Fields, body: Mapping[str, Any], sheet: Sheet, prefix: str, *, bare: bool = False) -> None:
    """Write a body into the sheet; a `bare` one is not there, and gets no rows to begin with."""
    for one in fields:
        name = prefix + one.key
        if not is_there(one, sheet, prefix):
            continue
        value = body.get(one.key, ABSENT)
        if isinstance(one, Leaf):
            one.put(value, sheet, name)
        elif isinstance(one, Group):
            inside = value if isinstance(value, dict) else {}
            _put(one.fields, inside, sheet, f"{name}.", bare=bare or not (inside or one.required))
        elif isinstance(one, Rows):
            _put_rows(one, value, sheet, name, bare=bare)


def _put_rows(one: Rows, value: Any, sheet: Sheet, name: str, *, bare: bool) -> None:
    rows = value if isinstance(value, list) else [{}] * (0 if bare else one.least)
    sheet[name + ROWS] = str(len(rows))
    if value == []:
        sheet[name + SAID] = "1"
    for index, row in enumerate(rows[: one.most]):
        _put(one.fields, row if isinstance(row, dict) else {}, sheet, f"{name}.{index}.")


def _get(fields: Fields, sheet: Sheet, prefix: str) -> dict[str, Any]:
    body = {}
    for one in fields:
        if is_there(one, sheet, prefix) and (value := _value(one, sheet, prefix + one.key)) is not ABSENT:
            body[one.key] = value
    return body


def _value(one: Field, sheet: Sheet, name: str) -> Any:
    if isinstance(one, Leaf):
        return one.get(sheet, name)
    if isinstance(one, Group):
        inside = _get(one.fields, sheet, f"{name}.")
        there = one.required or bool(inside.get(one.needs) if one.needs else inside)
        return inside if there else ABSENT
    if isinstance(one, Rows):
        rows = [_get(one.fields, sheet, f"{name}.{index}.") for index in range(count(one, sheet, name))]
        return rows if rows or one.least or sheet.get(name + SAID) else ABSENT
    return ABSENT


def _line(text: str) -> str:
    return _CONTROL.sub("", text).strip()


def _same(one: object, other: object) -> bool:
    """Return whether two bodies are the same JSON: true is not 1, and 1 is not 1.0."""
    return _json(one) == _json(other)


def _json(body: object) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def known_place(place: str, names: Iterable[str]) -> str:
    """Return the name in the sheet that an error's place is nearest to, "" when it is about the whole."""
    name = re.sub(r"\[(\d+)\]", r".\1", place.removeprefix("body").removeprefix("."))
    listed = set(names)
    while name and name not in listed:
        name = name.rpartition(".")[0]
    return name
