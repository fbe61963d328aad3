"""The one way into the ledger: lock accounts and read them as books, let rules write in them, store what they wrote."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import ask, batch, run
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import KeyReused
from loyalty.points.rules import Book, Lot, NoAccount, Paper, Source, effect_of, effects_of
from loyalty.points.rules.book import BY_LOT, Entry

_OPEN = text("SELECT * FROM points_open(CAST(:asked AS jsonb), :with_lots, CAST(:lot_ids AS bigint[]))")
_BOOK = text("""
    SELECT n, transaction_id FROM points_book(
        CAST(:entries AS jsonb), CAST(:new_lots AS jsonb), CAST(:allocations AS jsonb), CAST(:changes AS jsonb),
        :booked, :by_kind, :by_id, :by_name)
    ORDER BY n
""")
# Of several moves at one moment the first one tells the end that the lot had before.
_KEEP_ENDS = text("""
    INSERT INTO points_lot_ends (customer_id, lot_id, moved_at, ended_at)
    SELECT customer_id, lot_id, :now, ended_at
    FROM json_to_recordset(CAST(:ends AS json)) AS e (customer_id bigint, lot_id bigint, ended_at timestamptz)
    ON CONFLICT DO NOTHING
""")
Row = dict[str, Any]


@dataclass(slots=True)
class Opened:
    """A locked account: its book, its lots as they are stored, and what was booked under the asked keys before."""

    book: Book
    stored: dict[int, Lot]
    contents: dict[str, str] = field(default_factory=dict)
    firsts: dict[str, list[Effect]] = field(default_factory=dict)

    def first(self, paper: Paper) -> list[Effect] | None:
        """Return the effects that this key had before, or None when it is new; KeyReused with other content."""
        known = self.contents.get(paper.key)
        if known is None:
            return None
        if known != paper.content:
            raise KeyReused(key=paper.key)
        return self.firsts[paper.key]

    def once(self, paper: Paper, enter: Callable[[Book], None]) -> list[Effect]:
        """Let `enter` write in the book unless the key did so before, in the ledger or in this batch."""
        first = self.first(paper)
        if first is not None:
            return first
        before = len(self.book.entries)
        enter(self.book)
        effects = effects_of(self.book, since=before)
        self.contents[paper.key] = paper.content
        self.firsts[paper.key] = effects
        return effects


Books = dict[tuple[int, str], Opened]


def open_books(
    asked: Collection[tuple[int, str, str]], *, with_lots: bool = True, lot_ids: Sequence[int] = ()
) -> Books:
    """Lock the accounts of (customer, unit, key) in order of id, then read them; NoAccount where one is missing.

    Lots are those that still hold points, and `lot_ids` whatever they hold.
    """
    rows = [{"customer_id": customer_id, "unit": unit, "key": key} for customer_id, unit, key in asked]
    found = run(_OPEN, {"asked": batch(rows), "with_lots": with_lots, "lot_ids": list(lot_ids)})
    books = {(row.customer_id, row.unit): _opened(row) for row in found}
    for customer_id, unit, _ in asked:
        if (customer_id, unit) not in books:
            raise NoAccount(customer_id=customer_id, unit=unit)
    return books


def store(opened: Iterable[Opened], *, now: datetime, by: Actor) -> list[int]:
    """Store all entries of the books with one statement, two where ends moved; return their transactions in order."""
    rows = _Rows()
    for one in opened:
        rows.add(one)
    if not rows.entries and not rows.changes:
        return []
    if rows.former_ends:
        ask(_KEEP_ENDS, {"ends": batch(rows.former_ends), "now": now})
    found = run(
        _BOOK,
        {
            "entries": batch(rows.entries),
            "new_lots": batch(rows.new_lots),
            "allocations": batch(rows.allocations),
            "changes": batch(rows.changes),
            "booked": now,
            "by_kind": by.kind,
            "by_id": by.id,
            "by_name": by.name,
        },
    )
    return [row.transaction_id for row in found]


@dataclass(slots=True)
class _Rows:
    """What `points_book` takes, gathered from several books; new lots get refs that are unique in the batch."""

    entries: list[Row] = field(default_factory=list)
    new_lots: list[Row] = field(default_factory=list)
    allocations: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    former_ends: list[Row] = field(default_factory=list)

    def add(self, opened: Opened) -> None:
        book = opened.book
        refs: dict[int, int] = {}
        for entry in book.entries:
            number = len(self.entries)
            self.entries.append(_entry_row(number, book, entry))
            for born in entry.born:
                refs[born.id] = -1 - len(self.new_lots)
                self.new_lots.append(_lot_row(number, refs[born.id], book, book.lots[born.id]))
            for posting, sign in _lot_sides(entry):
                self.allocations.extend(
                    {
                        "n": number,
                        "number": posting,
                        "position": position,
                        "customer_id": book.customer_id,
                        "lot_id": refs.get(lot_id, lot_id),
                        "points": sign * points,
                    }
                    for position, (lot_id, points) in enumerate(entry.cuts, start=1)
                )
        for lot_id, before in opened.stored.items():
            after = book.lots[lot_id]
            if after is not before:
                self.changes.append(
                    {
                        "customer_id": book.customer_id,
                        "lot_id": lot_id,
                        "change": after.remaining - before.remaining,
                        "state": after.state,
                        "expires_at": after.expires_at,
                    }
                )
            if after.expires_at != before.expires_at:
                moved = {"customer_id": book.customer_id, "lot_id": lot_id, "ended_at": before.expires_at}
                self.former_ends.append(moved)


def _lot_sides(entry: Entry) -> list[tuple[int, int]]:
    """Return number and sign of the postings whose points lie in lots."""
    sides = []
    if entry.debit in BY_LOT:
        sides.append((1, -1))
    if entry.credit in BY_LOT:
        sides.append((2, 1))
    return sides


def _entry_row(number: int, book: Book, entry: Entry) -> Row:
    paper = entry.paper
    return {
        "n": number,
        "customer_id": book.customer_id,
        "account_id": book.account_id,
        "kind": entry.kind,
        "debit": entry.debit,
        "credit": entry.credit,
        "points": entry.points,
        "key": paper.key,
        "part": entry.part,
        "content": paper.content,
        "source_kind": paper.source_kind,
        "source_id": paper.source_id,
        "source_number": paper.source_number,
        "store_id": paper.store_id,
        "occurred_at": paper.occurred_at,
        "business_day": paper.business_day,
        "policy_version_id": paper.policy_version_id,
        "reason": paper.reason,
        "about_id": entry.about.id if entry.about else None,
        "reverses_id": entry.about.id if entry.about and entry.about.whole else None,
    }


def _lot_row(number: int, ref: int, book: Book, lot: Lot) -> Row:
    return {
        "n": number,
        "ref": ref,
        "customer_id": book.customer_id,
        "account_id": book.account_id,
        "points": lot.points,
        "remaining": lot.remaining,
        "state": lot.state,
        "earned_at": lot.earned_at,
        "available_from": lot.available_from,
        "expires_at": lot.expires_at,
        "unit_cost_micro": lot.unit_cost_micro,
        "funding_store_id": lot.source.store_id,
    }


def _opened(row: Any) -> Opened:
    lots = {values[0]: _lot(values) for values in row.lots or ()}
    book = Book(row.customer_id, row.account_id, row.unit, row.available, row.pending, row.held, row.debt, dict(lots))
    opened = Opened(book, lots)
    for key, content, kind, points, number, debit, credit, from_at, ends_at in row.done or ():
        numbers = {
            "points": points,
            "unit": row.unit,
            "number": number,
            "debit": debit,
            "credit": credit,
            "from_at": _moment(from_at),
            "ends_at": _moment(ends_at),
        }
        opened.contents[key] = content
        opened.firsts.setdefault(key, []).append(effect_of(kind, numbers, row.customer_id))
    return opened


def _lot(values: Sequence[Any]) -> Lot:
    lot_id, points, remaining, state, earned_at, from_at, ends_at, cost, *source = values
    return Lot(
        id=lot_id,
        points=points,
        remaining=remaining,
        state=state,
        earned_at=datetime.fromisoformat(earned_at).astimezone(UTC),
        available_from=_moment(from_at),
        expires_at=_moment(ends_at),
        source=Source(*source),
        unit_cost_micro=cost,
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written).astimezone(UTC)
