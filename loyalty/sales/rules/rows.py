"""From rows of a file to sales, by a mapping."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from loyalty.sales.rules.cells import (
    MERGED,
    Unreadable,
    read_amount,
    read_currency,
    read_quantity,
    read_when,
    read_whole,
)
from loyalty.sales.rules.facts import ONE, CustomerFact, LineFact, SaleFact, VehicleFact, When
from loyalty.sales.rules.flaws import Flaw
from loyalty.sales.rules.mapping import FIELDS, Column, FileMapping

Row = tuple[int, Sequence[str]]
"""The number of a row in its file, and its cells."""

Getter = Callable[[Sequence[str]], str | None]
"""Takes what a field says out of the cells of a row."""

T = TypeVar("T")

EMPTY = "This cell is empty; a formula has a value only after the file was saved in Excel."
DIFFERS = "This is not what row {row} of the same sale says."

# Where the fields of a sale come from.
FIELD_OF = {
    "number": "number",
    "source": "number",
    "kind": "kind",
    "store": "store",
    "currency": "currency",
    "customer.number": "customer_no",
    "customer.name": "customer_name",
    "customer.phone": "phone",
    "occurred_at": "date",
    "vehicle": "vin",
    "vehicle.vin": "vin",
    "vehicle.plate": "plate",
    "odometer": "odometer",
    "delivered_at": "delivered",
}
FIELD_OF_LINE = {
    "number": "line",
    "gross": "amount",
    "net": "amount",
    "tax": "tax",
    "quantity": "quantity",
    "category": "category",
}
HEAD = ("customer_no", "date", "store", "kind", "currency", "vin", "odometer", "delivered")


@dataclass(frozen=True, slots=True)
class CellFlaw:
    """What is wrong with a cell: its row, its column by the header, and what it holds."""

    row: int
    column: str
    value: str
    sentence: str
    numbers: Mapping[str, object] = field(default_factory=dict)


class BadCells(Exception):
    """Rows that cannot become a sale, with all that is wrong in them."""

    def __init__(self, flaws: Sequence[CellFlaw]) -> None:
        super().__init__(f"{len(flaws)} cells")
        self.flaws = tuple(flaws)


class RowReader:
    """Reads rows by a mapping; the places of columns are looked up once, by the header of the file."""

    def __init__(self, mapping: FileMapping, header: Sequence[str]) -> None:
        places = {cell: place for place, cell in reversed(list(enumerate(header)))}
        self.mapping = mapping
        self.by_rows = "line" in mapping.columns
        # Every field has a getter, so that a row costs calls and no questions.
        self._raw: dict[str, Getter] = dict.fromkeys(FIELDS, _nothing)
        self._plain: dict[str, Getter] = dict.fromkeys(FIELDS, _nothing)
        for name, column in mapping.columns.items():
            self._raw[name], self._plain[name] = _raw_getter(column, places), _plain_getter(column, places)
        self._form = mapping.columns["date"].format
        self._auto_lines = self.by_rows and mapping.columns["line"].column is None

    def text(self, name: str, cells: Sequence[str]) -> str | None:
        """Return what the cells say for a field; None when they say nothing."""
        return self._plain.get(name, _nothing)(cells)

    def column_of(self, name: str) -> str:
        """Return the header's name of a field's column; the field's own where there is none."""
        column = self.mapping.columns.get(name)
        return (column.column if column else None) or name

    def read(self, rows: Sequence[Row], row_hash: bytes | None = None) -> SaleFact:
        """Return the sale that these rows tell; BadCells with all that cannot be read."""
        first, cells = rows[0], rows[0][1]
        say = self._plain
        number, customer, store = say["number"](cells), say["customer_no"](cells), say["store"](cells)
        flaws = [
            CellFlaw(first[0], self.column_of(name), "", EMPTY)
            for name, said in (("number", number), ("customer_no", customer), ("store", store))
            if not said
        ]
        currency = self._read("currency", first, flaws, read_currency)
        occurred = self._read("date", first, flaws, self._when)
        odometer = self._read("odometer", first, flaws, read_whole, optional=True)
        delivered = self._read("delivered", first, flaws, self._when_delivered, optional=True)
        if len(rows) > 1:
            flaws += self._differences(rows)
        lines = [self._line(row, index, currency or "USD", flaws) for index, row in enumerate(rows, 1)]
        if flaws or currency is None or occurred is None:
            raise BadCells(flaws)
        vin = say["vin"](cells)
        return SaleFact(
            source=self.mapping.source,
            number=number or "",
            kind=say["kind"](cells) or "other",
            store=store or "",
            customer=CustomerFact(customer or "", say["customer_name"](cells), say["phone"](cells)),
            occurred=occurred,
            currency=currency,
            lines=tuple(lines),
            vehicle=VehicleFact(vin, say["plate"](cells), say["model"](cells)) if vin else None,
            odometer=odometer,
            delivered=delivered,
            row_hash=row_hash,
        )

    def _when(self, cell: str) -> When:
        return read_when(cell, self._form)

    def _when_delivered(self, cell: str) -> When:
        column = self.mapping.columns["delivered"]
        return read_when(cell, column.format)

    def flaw(self, flaw: Flaw, rows: Sequence[Row]) -> CellFlaw:
        """Return a flaw of a sale that these rows told as one of its cell."""
        place, _, part = flaw.place.partition("].")
        if part:
            row, name = rows[int(place.removeprefix("lines["))], FIELD_OF_LINE.get(part, part)
        else:
            row, name = rows[0], FIELD_OF.get(flaw.place, flaw.place)
        return CellFlaw(row[0], self.column_of(name), self.text(name, row[1]) or "", flaw.sentence, flaw.numbers)

    def _read(
        self, name: str, row: Row, flaws: list[CellFlaw], reader: Callable[[str], T], *, optional: bool = False
    ) -> T | None:
        cell = self._plain[name](row[1]) if name in HEAD else self._raw[name](row[1])
        if not cell:
            if not optional:
                flaws.append(CellFlaw(row[0], self.column_of(name), "", EMPTY))
            return None
        try:
            return reader(cell)
        except Unreadable as problem:
            shown = cell.removeprefix(MERGED)
            flaws.append(CellFlaw(row[0], self.column_of(name), shown, problem.sentence, problem.numbers))
            return None

    def _line(self, row: Row, index: int, currency: str, flaws: list[CellFlaw]) -> LineFact:
        cells = row[1]

        def money(cell: str) -> int:
            return read_amount(cell, currency)

        amount = self._read("amount", row, flaws, money) or 0
        tax = self._read("tax", row, flaws, money, optional=True)
        quantity = self._read("quantity", row, flaws, read_quantity, optional=True)
        number = index
        if self.by_rows and not self._auto_lines:
            number = self._read("line", row, flaws, read_whole) or 0
        if tax is not None and self.mapping.amount == "gross" and tax > amount:
            told = "The tax is more than the amount that it is part of."
            flaws.append(CellFlaw(row[0], self.column_of("tax"), self.text("tax", cells) or "", told))
            tax = 0
        net, gross = _net_and_gross(amount, tax, self.mapping)
        category, sku = self._plain["category"](cells) or "other", self._plain["sku"](cells)
        return LineFact(number, sku, category, ONE if quantity is None else quantity, net, gross - net, gross)

    def _differences(self, rows: Sequence[Row]) -> Iterator[CellFlaw]:
        """Give the cells in which rows of one sale disagree about what belongs to the whole sale."""
        first, *others = rows
        for name in HEAD:
            said = self.text(name, first[1])
            for row in others:
                if self.text(name, row[1]) != said:
                    value = self.text(name, row[1]) or ""
                    yield CellFlaw(row[0], self.column_of(name), value, DIFFERS, {"row": first[0]})


def _net_and_gross(amount: int, tax: int | None, mapping: FileMapping) -> tuple[int, int]:
    """Return net and gross of an amount; a rate splits it with halves rounded up where no tax is told."""
    rate, whole = mapping.tax_rate, 10_000
    if mapping.amount == "net":
        return amount, amount + ((2 * amount * rate + whole) // (2 * whole) if tax is None else tax)
    if tax is not None:
        return amount - tax, amount
    return (2 * amount * whole + whole + rate) // (2 * (whole + rate)), amount


def _nothing(_cells: Sequence[str]) -> str | None:
    return None


def _raw_getter(column: Column, places: Mapping[str, int]) -> Getter:
    if column.column is None:
        return lambda _cells: column.value
    place, default, values = places[column.column], column.value, column.values
    if values:
        return lambda cells: values.get(cell := cells[place].strip().removeprefix(MERGED), cell) or default
    return lambda cells: cells[place].strip() or default


def _plain_getter(column: Column, places: Mapping[str, int]) -> Getter:
    raw, place, default = _raw_getter(column, places), places.get(column.column or ""), column.value
    if place is None or column.values:
        return raw
    return lambda cells: cells[place].strip().removeprefix(MERGED) or default
