"""How a view of the core database is read: which view, which columns, how often, how far back."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from loyalty.kernel.errors import Malformed
from loyalty.sales.rules import FileMapping, mapping_body, parse_mapping

CHANGED = "updated_at"
LEAST_EVERY, MOST_EVERY = 60, 86_400
LEAST_OVERLAP, MOST_OVERLAP = 60, 86_400
USUAL_EVERY, USUAL_OVERLAP, USUAL_WINDOW = 300, 900, 30
MOST_WINDOW = 400

_NAME = re.compile(r"[^\W\d][\w$]{0,62}(\.[^\W\d][\w$]{0,62})?")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pull reads; `mapping` None until somebody has said what the columns hold.

    `changed` is the column with the moment of the last change, `deleted` one that marks deleted rows: by any value, or
    by one of `deleted_values`. The last `window_days` days are compared once a day, for what was deleted for good.
    """

    view: str
    mapping: FileMapping | None = None
    changed: str = CHANGED
    deleted: str | None = None
    deleted_values: tuple[str, ...] = ()
    every_seconds: int = USUAL_EVERY
    overlap_seconds: int = USUAL_OVERLAP
    window_days: int = USUAL_WINDOW

    @property
    def columns(self) -> list[str]:
        """Return the columns that the view must have, each once."""
        named = self.mapping.named if self.mapping else []
        return list(dict.fromkeys([*named, self.changed, *([self.deleted] if self.deleted else [])]))

    @property
    def number(self) -> str:
        """Return the column of the sale's number."""
        column = self.mapping.columns["number"].column if self.mapping else None
        return column or "number"

    def says_deleted(self, cell: str) -> bool:
        """Return whether the cell of the column `deleted` marks its row as deleted."""
        return cell in self.deleted_values if self.deleted_values else cell not in {"", "0", "FALSE"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a view as texts, beside when each was changed last and whether it is marked as deleted."""

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...] = ()
    changed: tuple[object, ...] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.cells)


def parse_plan(body: Mapping[str, Any]) -> Plan:
    """Return the plan of a body; Malformed by field with everything that is wrong."""
    errors: dict[str, list[str]] = {}
    view, changed, deleted = body.get("view"), body.get("changed") or CHANGED, body.get("deleted") or None
    if not isinstance(view, str) or not _NAME.fullmatch(view):
        errors["view"] = ["Name the view as letters, digits and underscores, with its schema where it has one."]
    whole = {
        "every_seconds": (USUAL_EVERY, LEAST_EVERY, MOST_EVERY),
        "overlap_seconds": (USUAL_OVERLAP, LEAST_OVERLAP, MOST_OVERLAP),
        "window_days": (USUAL_WINDOW, 0, MOST_WINDOW),
    }
    numbers = {name: body.get(name, usual) for name, (usual, _, _) in whole.items()}
    for name, (_, least, most) in whole.items():
        if not isinstance(numbers[name], int) or not least <= numbers[name] <= most:
            errors[name] = [_SENTENCES[name]]
    values = body.get("deleted_values", [])
    if errors:
        raise Malformed(errors)
    mapping = body.get("mapping")
    return Plan(
        view=str(view),
        mapping=None if mapping is None else parse_mapping(mapping),
        changed=str(changed),
        deleted=None if deleted is None else str(deleted),
        deleted_values=tuple(str(value) for value in values),
        **numbers,
    )


_SENTENCES = {
    "every_seconds": "Read every 60 to 86,400 seconds.",
    "overlap_seconds": "The overlap is from 60 to 86,400 seconds.",
    "window_days": "Compare the last 0 to 400 days.",
}


def plan_body(plan: Plan) -> dict[str, Any]:
    """Return the body from which `parse_plan` makes this plan again."""
    return {
        "view": plan.view,
        "mapping": None if plan.mapping is None else mapping_body(plan.mapping),
        "changed": plan.changed,
        "deleted": plan.deleted,
        "deleted_values": list(plan.deleted_values),
        "every_seconds": plan.every_seconds,
        "overlap_seconds": plan.overlap_seconds,
        "window_days": plan.window_days,
    }


def text_of(value: object) -> str:
    """Return a value of the database as a cell of a file says it; nothing for NULL."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time.min or value.tzinfo else value.date().isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode("utf-8", "replace")
    reader = _TEXTS.get(type(value))
    return (str(value) if reader is None else reader(value)).replace("\0", "")


_TEXTS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "TRUE" if value else "FALSE",
    float: lambda value: f"{value:.15g}",
    Decimal: lambda value: f"{value:f}",
    date: date.isoformat,
    time: time.isoformat,
}


def begin_of(watermark: str | None, overlap: timedelta) -> datetime | None:
    """Return from which change on to read: some time before the last that was seen; None from the first row on."""
    return None if watermark is None else datetime.fromisoformat(watermark) - overlap


def later(watermark: str | None, seen: Sequence[datetime], *, limit: datetime) -> str | None:
    """Return the watermark after changes were seen; one that lies beyond `limit` (a wrong clock) does not count."""
    marks = [each for each in seen if _as_if_utc(each, limit) <= limit]
    before = None if watermark is None else datetime.fromisoformat(watermark)
    # A column that has changed its type begins anew: moments with and without a zone have no order.
    if before is not None and all((each.tzinfo is None) == (before.tzinfo is None) for each in marks):
        marks.append(before)
    return max(marks).isoformat() if marks else None


def _as_if_utc(moment: datetime, like: datetime) -> datetime:
    return moment.replace(tzinfo=like.tzinfo) if moment.tzinfo is None else moment
