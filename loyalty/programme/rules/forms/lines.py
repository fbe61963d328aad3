"""A body in words, line by line, and what is different between two bodies."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules.forms.amounts import Minor
from loyalty.programme.rules.forms.choices import Choice, Pairs
from loyalty.programme.rules.forms.fields import ABSENT, Field, Group, Leaf, Rows, Sheet
from loyalty.programme.rules.forms.phrases import Offered, Phrase, Raw
from loyalty.programme.rules.forms.sheets import Fields, count, is_there, written


@dataclass(frozen=True, slots=True)
class Line:
    """What a field says; `key` tells it from the other lines of its block."""

    key: str
    label: Phrase
    value: Phrase


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one object of a body; `place` tells it from the others, `titles` say what it is within what."""

    place: tuple[str, ...]
    titles: tuple[Phrase, ...]
    lines: list[Line] = field(default_factory=list)


class Change(StrEnum):
    """What became of a line or a block between two bodies."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of two bodies; the value is None where a body does not have it."""

    label: Phrase
    before: Phrase | None
    after: Phrase | None

    @property
    def change(self) -> Change:
        """What became of the line."""
        if self.before is None:
            return Change.ADDED
        if self.after is None:
            return Change.REMOVED
        return Change.SAME if self.before == self.after else Change.CHANGED


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block of two bodies with the lines that either has."""

    titles: tuple[Phrase, ...]
    change: Change
    lines: list[LineChange]


def blocks(fields: Fields, body: Mapping[str, Any]) -> list[Block]:
    """Return a body in words, each object of it a block; what it leaves out is said as what it means."""
    every = list(_blocks(fields, written(fields, body), body, "", Block((), ())))
    return [block for block in every if block.lines]


def _blocks(
    fields: Sequence[Field], sheet: Sheet, body: Mapping[str, Any], prefix: str, block: Block
) -> Iterator[Block]:
    """Give the block with its own lines, then those of the objects within."""
    yield block
    for one in fields:
        name, value = prefix + one.key, body.get(one.key, ABSENT)
        if not is_there(one, sheet, prefix):
            continue
        if isinstance(one, Leaf):
            block.lines.extend(_lines(one, sheet, name, value))
        elif isinstance(one, Group) and isinstance(value, dict) and all(isinstance(part, Leaf) for part in one.fields):
            block.lines.extend(_inline(one, sheet, value, name))
        elif isinstance(one, Group) and isinstance(value, dict):
            inner = Block((*block.place, one.key), (*block.titles, Sentence(one.label)))
            yield from _blocks(one.fields, sheet, value, f"{name}.", inner)
        elif isinstance(one, Rows) and isinstance(value, list):
            yield from _rows(one, sheet, value, name, block)


def _rows(one: Rows, sheet: Sheet, rows: list[Any], name: str, block: Block) -> Iterator[Block]:
    seen: Counter[str] = Counter()
    for index in range(count(one, sheet, name)):
        known = str(sheet.get(f"{name}.{index}.{one.known_by}", ""))
        seen[known] += 1
        place = (*block.place, one.key, f"{known}#{seen[known]}")
        inner = Block(place, (*block.titles, title(one, sheet, name, index)))
        yield from _blocks(one.fields, sheet, rows[index], f"{name}.{index}.", inner)


def _inline(one: Group, sheet: Sheet, value: Mapping[str, Any], name: str) -> Iterator[Line]:
    """Give the lines of a group that has nothing but fields; they stand with those around it."""
    for part in one.fields:
        if isinstance(part, Leaf) and is_there(part, sheet, f"{name}."):
            for line in _lines(part, sheet, f"{name}.{part.key}", value.get(part.key, ABSENT)):
                yield Line(f"{one.key}.{line.key}", line.label, line.value)


def _lines(one: Leaf, sheet: Sheet, name: str, value: Any) -> Iterator[Line]:
    if isinstance(one, Pairs):
        for code in one.codes(sheet, name):
            yield Line(f"{one.key}.{code}", Offered(one.source, code), Raw(sheet[f"{name}.{code}"]))
        return
    said = one.default if value is ABSENT else value
    unsaid = value is ABSENT and isinstance(one, Minor)  # the least amount there is says nothing
    if said is not ABSENT and said != "" and not unsaid:
        yield Line(one.key, Sentence(one.label), one.phrase(said, sheet, name))


def title(one: Rows, sheet: Sheet, name: str, index: int) -> Phrase:
    """Return what a row is called."""
    prefix = f"{name}.{index}."
    for key in one.named:
        if sheet.get(f"{prefix}{key}.zh") and sheet.get(f"{prefix}{key}.en"):
            return {"zh": sheet[f"{prefix}{key}.zh"], "en": sheet[f"{prefix}{key}.en"]}
        text = sheet.get(prefix + key)
        leaf = next((inner for inner in one.fields if inner.key == key), None)
        if text and isinstance(leaf, Choice):
            return leaf.phrase(text, sheet, prefix + key)
        if text and isinstance(text, str):
            return Raw(text)
    return Sentence(one.one, number=index + 1)


def compared(before: Sequence[Block], after: Sequence[Block]) -> list[BlockChange]:
    """Return all blocks that either body has, in the order of `after`, those that are gone where they stood before."""
    old, new = {one.place: one for one in before}, {one.place: one for one in after}
    order = list(new)
    for index, one in enumerate(before):
        if one.place not in new:
            stood = next((prior.place for prior in reversed(before[:index]) if prior.place in order), None)
            order.insert(order.index(stood) + 1 if stood is not None else 0, one.place)
    return [_block_change(old.get(place), new.get(place)) for place in order]


def _block_change(old: Block | None, new: Block | None) -> BlockChange:
    was = {line.key: line for line in old.lines} if old else {}
    now = {line.key: line for line in new.lines} if new else {}
    lines = []
    for key in [*now, *(key for key in was if key not in now)]:
        gone, come = was.get(key), now.get(key)
        label = (come or gone).label  # type: ignore[union-attr]  # one of them has the key
        lines.append(LineChange(label, gone.value if gone else None, come.value if come else None))
    changed = any(line.change is not Change.SAME for line in lines)
    if old is None or new is None:
        change = Change.ADDED if old is None else Change.REMOVED
    else:
        change = Change.CHANGED if changed else Change.SAME
    return BlockChange((new or old).titles, change, lines)  # type: ignore[union-attr]  # one of them is there
