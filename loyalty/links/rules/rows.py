"""From rows of a view to items, by the mapping that files have too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from loyalty.kernel.errors import Malformed
from loyalty.links.rules.items import Cancellation, Item, flaw
from loyalty.links.rules.plans import Plan, Rows
from loyalty.sales.rules import BadCells, CellFlaw, FileMapping, Flaw, RowReader
from loyalty.sales.rules.cells import Unreadable, read_when
from loyalty.sales.rules.facts import When

Group = Sequence[tuple[int, Sequence[str]]]

UNLIKE = "Sale {number} stands {rows} times in the view with different content; give each line its own number."
OTHER_COLUMNS = "The columns are mapped otherwise now; the row comes again with its next change."
GONE = "deleted in the core system"


class ViewReader:
    """Reads the rows of one view: those of a number belong together, and struck-out lines no longer count."""

    def __init__(self, plan: Plan, mapping: FileMapping, header: Sequence[str]) -> None:
        self._plan, self._mapping = plan, mapping
        self._header = tuple(header)
        self._reader = RowReader(mapping, header)
        self._places = [place for place, name in enumerate(header) if name in set(mapping.named)]
        self._deleted = header.index(plan.deleted) if plan.deleted and plan.deleted in header else None

    def items(self, rows: Rows) -> list[Item]:
        """Return a sale or a cancellation for each number, in the order of the rows."""
        groups: dict[str, list[tuple[int, Sequence[str]]]] = {}
        changed: dict[str, object] = {}
        for place, cells in enumerate(rows.cells):
            number = self._reader.text("number", cells) or ""
            groups.setdefault(number, []).append((place + 1, cells))
            if rows.changed:
                changed[number] = rows.changed[place]
        return [self._item(number, group, changed.get(number)) for number, group in groups.items()]

    def _item(self, number: str, group: Group, changed: object) -> Item:
        kept = {"header": list(self._header), "rows": [list(cells) for _, cells in group]}
        item = Item("sale", f"rows of {number}", number, kept, teller=self._teller(group))
        standing = [row for row in group if not self._struck_out(row[1])]
        if not standing:
            fact = Cancellation(number, self._when(group[0][1], changed), GONE)
            return replace(item, kind="cancellation", fact=fact)
        if not self._reader.by_rows:
            standing = self._once(standing)
        if not self._reader.by_rows and len(standing) > 1:
            told = flaw(self._reader.column_of("number"), UNLIKE, {"number": number, "rows": len(standing)}, number)
            return replace(item, problem=Malformed({"number": [UNLIKE]}), flaws=(told,))
        try:
            return replace(item, fact=self._reader.read(standing, self._hash(standing)))
        except BadCells as problem:
            flaws = tuple(_cell(each) for each in problem.flaws)
            return replace(item, problem=Malformed({each["field"]: [each["sentence"]] for each in flaws}), flaws=flaws)

    def _struck_out(self, cells: Sequence[str]) -> bool:
        return self._deleted is not None and self._plan.says_deleted(cells[self._deleted].strip())

    def _when(self, cells: Sequence[str], changed: object) -> When | None:
        """Return when a row was struck out: what its column says, else when it was changed last."""
        try:
            return read_when(cells[self._deleted].strip()) if self._deleted is not None else None
        except Unreadable:
            return changed if isinstance(changed, datetime) else None

    def _once(self, group: Group) -> list[tuple[int, Sequence[str]]]:
        """Return rows of equal content once."""
        return list({tuple(cells[place] for place in self._places): (row, cells) for row, cells in group}.values())

    def _hash(self, group: Group) -> bytes:
        told = "\x1e".join("\x1f".join(cells[place] for place in self._places) for _, cells in group)
        return blake2b(told.encode(), digest_size=16, key=self._mapping.fingerprint).digest()

    def _teller(self, group: Group) -> Any:
        def tell(told: Flaw) -> Mapping[str, Any]:
            return _cell(self._reader.flaw(told, group))

        return tell


def _cell(told: CellFlaw) -> dict[str, Any]:
    return flaw(told.column, told.sentence, told.numbers, told.value)


def kept_rows(plan: Plan, content: Mapping[str, Any]) -> list[Item]:
    """Return the item of a rejected row as it was kept, read by the mapping of now."""
    header = list(content["header"])
    rows = Rows(tuple(header), tuple(tuple(cells) for cells in content["rows"]))
    mapping = plan.mapping
    if mapping is None or set(mapping.named) - set(header):
        item = Item("sale", "", "", content)
        return [replace(item, problem=Malformed({"_": [OTHER_COLUMNS]}), flaws=(flaw("", OTHER_COLUMNS),))]
    return ViewReader(plan, mapping, header).items(rows)
