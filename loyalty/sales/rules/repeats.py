"""Numbers that stand in one file more than once, found without keeping the file in memory.

A first reading keeps two machine words for each sale. What repeats with the same cells is taken once; what repeats
with other cells is set aside, compared as sales, and rejected when they differ.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loyalty.sales.rules.rows import Row, RowReader

Group = Sequence[Row]
"""The rows of one sale, which stand together."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first reading found: how many rows and sales there are, and which numbers (hashed) need care.

    Those of `same` stand there again with the same cells, those of `unlike` with others.
    """

    rows: int
    sales: int
    same: frozenset[int]
    unlike: frozenset[int]


def groups(rows: Iterable[Row], reader: RowReader) -> Iterator[Group]:
    """Give the rows of each sale: one row, or with a line column all rows of one number that stand together."""
    if not reader.by_rows:
        for row in rows:
            yield (row,)
        return
    together: list[Row] = []
    number: str | None = None
    for row in rows:
        own = reader.text("number", row[1])
        if together and own != number:
            yield together
            together = []
        number = own
        together.append(row)
    if together:
        yield together


def survey(rows: Iterable[Row], reader: RowReader) -> Survey:
    """Return what a first reading of the rows finds."""
    numbers, contents = array("q"), array("q")
    count = 0
    for group in groups(rows, reader):
        count += len(group)
        numbers.append(number_hash(reader, group))
        contents.append(hash(tuple([tuple(cells) for _, cells in group])))
    repeated = {number for number, following in pairwise(sorted(numbers)) if number == following}
    first: dict[int, int] = {}
    unlike: set[int] = set()
    if repeated:
        for number, content in zip(numbers, contents, strict=True):
            if number in repeated and first.setdefault(number, content) != content:
                unlike.add(number)
    return Survey(count, len(numbers), frozenset(repeated - unlike), frozenset(unlike))


def number_hash(reader: RowReader, group: Group) -> int:
    """Return the word that stands for the number of a sale while one process reads one file."""
    return hash(reader.text("number", group[0][1]) or "")
