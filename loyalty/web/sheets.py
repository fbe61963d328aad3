"""Lists as Excel files: exactly the rows of a filter, texts never computed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from flask import Response, send_file
from xlsxwriter import Workbook

from loyalty.kernel.cells import safe_cell
from loyalty.kernel.money import Money, exponent
from loyalty.web.formats import in_zone

MOST_ROWS = 100_000
"""The most rows of one file; a list with more is to be narrowed by its filter."""

EXPORTS = "30/hour"
"""How many files of lists one address takes."""

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH = 18


def send_sheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with the file `name`.xlsx: a row of titles, then the rows.

    Cells are texts, numbers, days, moments (as on the page), amounts (in whole units of their currency) and None.
    """
    file = BytesIO()  # some 8 MB at most; rows wait in a file of their own until it is packed
    with Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        bold = book.add_format({"bold": True})
        day, moment = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        for place, title in enumerate(columns):
            sheet.write_string(0, place, title, bold)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                _write(sheet, number, place, value, day=day, moment=moment)
    file.seek(0)
    return send_file(file, mimetype=_TYPE, as_attachment=True, download_name=f"{name}.xlsx")


def _write(sheet: Any, row: int, column: int, value: Any, *, day: Any, moment: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, in_zone(value).replace(tzinfo=None), moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a day has no zone
    elif isinstance(value, Money):
        sheet.write_number(row, column, value.minor / 10 ** exponent(value.currency))
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, safe_cell(str(value)))
