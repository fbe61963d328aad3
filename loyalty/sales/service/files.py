"""Rows of CSV and Excel files, one by one, whatever the encoding, the delimiter and the place of the header.

A file that cannot be read as a whole is refused before any of its rows counts: empty, too large, neither text nor a
workbook, without the columns that the mapping names.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from loyalty.sales.rules import BrokenQuote, EmptyFile, FileTooLarge, MissingColumns, NotATable
from loyalty.sales.rules.cells import MERGED
from loyalty.sales.rules.rows import Row
from loyalty.sales.sealed_files import Source, opened, size_of

HEADER_WITHIN = 20
CHUNK = 1 << 20
DELIMITERS = ",;\t|"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# GB18030 reads all of GBK and GB2312; it is tried after UTF-8, which hardly any GBK text is by chance.
ENCODINGS = ("utf-8-sig", "gb18030")

Cell = int | float | str | bool | time | date | datetime | object


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: the header, the number of its row, and how the rows are read."""

    header: tuple[str, ...]
    header_row: int
    form: str
    body: Iterable[Row]


@contextmanager
def open_table(source: Source, columns: Sequence[str], *, most_bytes: int) -> Iterator[Table]:
    """Give the rows of a file below its header, which is the first row that has all `columns`.

    Without `columns` it is the first row with at least two different cells. Rows have as many cells as the header;
    empty rows are left out. Refused: EmptyFile, FileTooLarge, NotATable, MissingColumns; BrokenQuote while reading.
    """
    size = size_of(source)
    if size > most_bytes:
        raise FileTooLarge(size=size, most=most_bytes, setting="LOYALTY_UPLOAD_LIMIT_BYTES")
    with opened(source) as file:
        start = file.read(4)
    if start in WORKBOOKS:
        yield _with_header(_workbook_rows(source), columns, "Excel")
        return
    encoding = _encoding(source, start)
    with TextIOWrapper(opened(source), encoding=encoding, newline="") as text:
        yield _with_header(_csv_rows(text), columns, encoding)


def _with_header(rows: Iterator[Row], columns: Sequence[str], form: str) -> Table:
    """Return the table below its header; the rows above it are titles."""
    best: list[str] = []
    for seen, (number, raw) in enumerate(rows, 1):
        cells = [cell.removeprefix(MERGED).strip() for cell in raw]
        if not columns and len(set(filter(None, cells))) > 1:
            return Table(tuple(cells), number, form, _fitted(rows, len(cells)))
        if columns and set(columns) <= set(cells):
            return Table(tuple(cells), number, form, _fitted(rows, len(cells)))
        if len(set(columns) & set(cells)) > len(set(columns) & set(best)) or not best:
            best = cells
        if seen == HEADER_WITHIN:
            break
    if not any(best):
        raise EmptyFile
    missing = [name for name in columns if name not in best]
    raise MissingColumns(missing=", ".join(missing), found=", ".join(cell for cell in best if cell))


def _fitted(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for number, cells in rows:
        if len(cells) == width:
            if any(cells):
                yield number, cells
        elif any(map(str.strip, cells)):
            yield number, [*cells[:width], *[""] * (width - len(cells))]


def _encoding(source: Source, start: bytes) -> str:
    """Return the encoding in which the whole file can be read."""
    if start[:2] in UTF16:
        return "utf-16"
    if not start:
        raise EmptyFile
    for encoding in ENCODINGS:
        if _decodes(source, encoding):
            return encoding
    raise NotATable


def _decodes(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened(source) as file:
        try:
            while chunk := file.read(CHUNK):
                if b"\0" in chunk:
                    return False
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _csv_rows(text: IO[str]) -> Iterator[Row]:
    sample = text.read(1 << 16)
    text.seek(0)
    reader = csv.reader(text, delimiter=_delimiter(sample))
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise BrokenQuote(row=number) from error


def _delimiter(sample: str) -> str:
    """Return the sign that parts the first lines most often; a comma when none does."""
    lines = sample.splitlines()[:HEADER_WITHIN]
    return max(DELIMITERS, key=lambda sign: sum(line.count(sign) for line in lines))


def _workbook_rows(source: Source) -> Iterator[Row]:
    try:
        sheet = _workbook(source).get_sheet_by_index(0)
        merged = _merged(sheet)
        cells_of = sheet.iter_rows()
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise NotATable from error
    above: dict[int, str] = {}
    for index, raw in enumerate(cells_of):
        cells = [_text(cell) for cell in raw]
        for place, (first_row, first_place) in merged.get(index, {}).items():
            if index == first_row:
                cells[place] = cells[first_place]
                above[place] = cells[place]
            else:
                cells[place] = MERGED + above.get(place, "")
        yield index + 1, cells


def _workbook(source: Source) -> CalamineWorkbook:
    if isinstance(source, Path):
        return CalamineWorkbook.from_path(source)
    with opened(source) as file:
        return CalamineWorkbook.from_filelike(file)


def _merged(sheet: CalamineSheet) -> dict[int, dict[int, tuple[int, int]]]:
    """Return by row and place of each merged cell the row and place that hold its value."""
    places: dict[int, dict[int, tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1):
            for place in range(left, right + 1):
                places.setdefault(row, {})[place] = (top, left)
    return places


def _text(cell: Cell) -> str:
    """Return a cell as people see it: whole numbers without a point, days as 2026-03-12."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}"  # as many digits as Excel keeps
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time.min else cell.date().isoformat()
    return str(cell)
