"""A file of sales on its way in, chunk by chunk.

Each chunk is one transaction together with the run's progress, so whoever goes on after a kill begins where the last
chunk ended. A dry run is the same work in one transaction that is taken back: it tells exactly what would happen.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.sales import queries
from loyalty.sales.rules import (
    BadCells,
    CellFlaw,
    FileMapping,
    NoRows,
    RowReader,
    SaleFact,
)
from loyalty.sales.rules.repeats import Group, Survey, groups, number_hash, survey
from loyalty.sales.rules.tally import Tally
from loyalty.sales.service.files import open_table
from loyalty.sales.service.recording import record_sales

CHUNK = 5_000
FIRST_LOOK = 1_000

_LOOK_AGAIN = text("ANALYZE (SKIP_LOCKED)")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sale of the file that was not taken: its rows and what is wrong in them."""

    number: str
    rows: Group
    flaws: tuple[CellFlaw, ...]


@dataclass(slots=True)
class Part:
    """What one chunk came to; `rows_done` is the number of its last row in the file, `final` ends the run."""

    rows_done: int
    rejected: list[Rejected] = field(default_factory=list)
    final: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One file with its mapping, and on whose behalf it is read."""

    path: Path
    mapping: FileMapping
    most_bytes: int
    now: datetime
    by: Actor


Progress = Callable[[int], None]
"""Told up to which row of the file all is done."""

Keep = Callable[[Part, Tally], None]
"""Writes the progress of a run inside the transaction of its chunk."""


def look_over(job: Job) -> Survey:
    """Return what the whole file holds; refused when it cannot be read as a whole or has no rows."""
    with open_table(job.path, job.mapping.named, most_bytes=job.most_bytes) as table:
        found = survey(table.body, RowReader(job.mapping, table.header))
    if found.rows == 0:
        raise NoRows
    return found


def read_file(
    job: Job, found: Survey, tally: Tally, keep: Keep, *, after_row: int = 0, progress: Progress | None = None
) -> None:
    """Record the sales of a file that was looked over, going on after row `after_row`; `tally` counts along."""
    with open_table(job.path, job.mapping.named, most_bytes=job.most_bytes) as table:
        reader = RowReader(job.mapping, table.header)
        work, outgrown = _Work(job, reader, found, tally), _Outgrown(tally.states["created"])
        for chunk in _chunks(groups(table.body, reader)):
            last_row = chunk[-1][-1][0]
            fresh = work.settle(chunk, done=last_row <= after_row)
            with transaction() as session:
                if last_row > after_row:
                    keep(work.record(fresh, last_row), tally)
            session.expunge_all()
            outgrown.look(tally.states["created"])
            if progress:
                progress(last_row)
        with transaction():
            keep(work.record_aside(), tally)


class _Outgrown:
    """Watches the tables outgrow what the planner knows of them, and lets it look again.

    After a bulk load into small tables it would go on treating them as small, and each chunk would take longer than
    the one before.
    """

    def __init__(self, created: int) -> None:
        self.limit = created + FIRST_LOOK

    def look(self, created: int) -> None:
        """Let the planner look when as much again has been created as at the last time."""
        if created >= self.limit:
            self.limit = 2 * created
            with transaction() as session:
                session.execute(_LOOK_AGAIN)


def _chunks(sales: Iterable[Group]) -> Iterator[list[Group]]:
    chunk: list[Group] = []
    rows = 0
    for sale in sales:
        chunk.append(sale)
        rows += len(sale)
        if rows >= CHUNK:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk


class _Work:
    """The second reading: which sales are known, which are read and taken, and which are set aside."""

    def __init__(self, job: Job, reader: RowReader, found: Survey, tally: Tally) -> None:
        self.job, self.reader, self.found, self.tally = job, reader, found, tally
        self.seen: set[int] = set()
        self.aside: dict[str, list[Group]] = {}

    def settle(self, chunk: Sequence[Group], *, done: bool) -> list[Group]:
        """Return the sales of a chunk to be taken now; one that was `done` before a restart only leaves its traces."""
        fresh = []
        for sale in chunk:
            number = number_hash(self.reader, sale)
            if number in self.found.unlike:
                self.aside.setdefault(self._number(sale), []).append(sale)
            elif number in self.seen:
                self.tally.repeated += not done
            else:
                if number in self.found.same:
                    self.seen.add(number)
                fresh.append(sale)
        if not done:
            return fresh
        self.tally.customers.update(row.customer_id for row in self._known(fresh, self._hashes(fresh)))
        return []

    def record(self, fresh: Sequence[Group], last_row: int) -> Part:
        """Take sales: those whose rows are unchanged are passed over, the others are read and recorded."""
        part = Part(last_row)
        hashes = self._hashes(fresh)
        known = self._known(fresh, hashes)
        for row in known:
            self.tally.add("same", row.customer_id, row.currency, row.gross_minor)
        passed = {row.place for row in known}
        rest = [
            (sale, hashed)
            for place, (sale, hashed) in enumerate(zip(fresh, hashes, strict=True))
            if place not in passed
        ]
        if rest:
            self._record(rest, part)
        return part

    def record_aside(self) -> Part:
        """Take the numbers that stand there again with other cells when they say the same, and reject the others."""
        part = Part(0, final=True)
        alike: list[tuple[Group, bytes]] = []
        for number, sales in self.aside.items():
            if self._agree(sales):
                alike.append((sales[0], self._hashes(sales[:1])[0]))
                self.tally.repeated += len(sales) - 1
            else:
                self._reject_all(number, sales, part)
        if alike:
            self._record(alike, part)
        return part

    def _number(self, sale: Group) -> str:
        return self.reader.text("number", sale[0][1]) or ""

    def _hashes(self, sales: Sequence[Group]) -> list[bytes]:
        seed = self.job.mapping.fingerprint
        return [
            blake2b("\x1e".join(["\x1f".join(cells) for _, cells in sale]).encode(), digest_size=16, key=seed).digest()
            for sale in sales
        ]

    def _known(self, sales: Sequence[Group], hashes: Sequence[bytes]) -> list[queries.KnownRow]:
        scope = self.job.by.scope("sales.write")
        return queries.known_rows(self.job.mapping.source, [self._number(sale) for sale in sales], hashes, scope)

    def _record(self, sales: Sequence[tuple[Group, bytes]], part: Part) -> None:
        read: list[tuple[Group, SaleFact]] = []
        for sale, hashed in sales:
            try:
                read.append((sale, self.reader.read(sale, hashed)))
            except BadCells as problem:
                self._reject(sale, problem.flaws, part)
        job = self.job
        facts = [fact for _, fact in read]
        outcomes = record_sales(facts, mode="correct", now=job.now, by=job.by, customers=job.mapping.customers)
        for (sale, fact), outcome in zip(read, outcomes, strict=True):
            if outcome.state == "rejected":
                self._reject(sale, [self.reader.flaw(flaw, sale) for flaw in outcome.flaws], part)
                continue
            self.tally.add(outcome.state, outcome.customer_id, fact.currency, fact.gross_minor)
            if outcome.state != "same":
                self.tally.tell(outcome.effects)

    def _reject(self, sale: Group, flaws: Sequence[CellFlaw], part: Part) -> None:
        self.tally.reject(len(sale))
        part.rejected.append(Rejected(self._number(sale), sale, tuple(flaws)))

    def _agree(self, sales: Sequence[Group]) -> bool:
        try:
            first, *others = [self.reader.read(sale) for sale in sales]
        except BadCells:
            return False
        return all(other == first for other in others)

    def _reject_all(self, number: str, sales: Sequence[Group], part: Part) -> None:
        rows = ", ".join(str(sale[0][0]) for sale in sales)
        sentence = "Sale {number} stands in rows {rows} with different content; keep one of them."
        for sale in sales:
            flaw = CellFlaw(
                sale[0][0], self.reader.column_of("number"), number, sentence, {"number": number, "rows": rows}
            )
            self._reject(sale, [flaw], part)
