"""Rows of a table as CSV: the heads are the names of the columns, or what the columns are called on pages."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.programme.rules import forms as f
from loyalty.programme.rules.tables.columns import Column

MOST_ROWS = 500
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows_as_csv(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as CSV text with a byte order mark; numbers as people write them, choices by their codes."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.key for column in columns])
    for row in rows:
        writer.writerow([_cell(column, row.get(column.key)) for column in columns])
    return "\ufeff" + out.getvalue()


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    text = column.of.text_of(value, {}, column.key)
    # Only a text can be a formula; a number below 0 stays a number.
    return f"'{text}" if isinstance(column.of, f.Text) and text.startswith(_FORMULAS) else text


def rows_of_csv(columns: Sequence[Column], content: bytes, say: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the rows of a CSV file; heads and choices may be written as codes or as `say` says them to the reader."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except UnicodeDecodeError:
        raise Malformed({"file": ["The file is not UTF-8 text."]}) from None
    except csv.Error:
        raise Malformed({"file": ["This is not a CSV file."]}) from None
    if not lines or len(lines) > MOST_ROWS:
        raise Malformed({"file": [Sentence("Give a head and at most {most} rows.", most=MOST_ROWS)]})
    known = {name: column for column in columns for name in (column.key, say(column.of.label))}
    heads = [known.get(head.strip()) for head in lines[0]]
    if unknown := [head for head, column in zip(lines[0], heads, strict=True) if column is None and head.strip()]:
        raise Malformed({"file": [Sentence("There is no column {unknown}.", unknown=", ".join(unknown))]})
    filled = [line for line in lines[1:] if any(cell.strip() for cell in line)]
    return [_row(heads, line, say) for line in filled]


def _row(heads: Sequence[Column | None], line: Sequence[str], say: Callable[[str], str]) -> dict[str, Any]:
    row = {}
    for column, cell in zip(heads, line, strict=False):
        text = cell.strip().removeprefix("'")
        if column is None or not text:
            continue
        if isinstance(column.of, f.Choice):
            text = next((code for code, told in column.of.choices.items() if text == say(told)), text)
        row[column.key] = column.of.value_of(text, {}, column.key)
    return row


def rows_of_sheet(columns: Sequence[Column], sheet: f.Sheet) -> list[dict[str, Any]]:
    """Return the rows that were typed into the list `rows` of a form; a row with nothing in it is left out."""
    rows = f.read((form_rows(columns),), sheet).get("rows", [])
    return [row for row in rows if row]


def form_rows(columns: Sequence[Column]) -> f.Rows:
    """Return the list of a form that holds the rows of a table."""
    return f.Rows(
        key="rows",
        label="Rows of the table",
        fields=tuple(column.of for column in columns),
        named=(columns[0].key,),
        known_by=columns[0].key,
        one="Row {number}",
        add="Add a row",
        least=1,
        most=MOST_ROWS,
    )
