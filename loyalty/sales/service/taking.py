"""The second reading of a file: which of its sales are known, which are taken, and which are set aside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.sales import queries
from loyalty.sales.queries import KnownRow
from loyalty.sales.rules import BadCells, CellFlaw, FileMapping, RowReader, SaleFact
from loyalty.sales.rules.parts import apart
from loyalty.sales.rules.repeats import Group, Survey, number_hash
from loyalty.sales.rules.tally import Tally
from loyalty.sales.sealed_files import Source
from loyalty.sales.service.recording import record_sales

PARTS = 6  # of a chunk; more than lanes, so that these do not all reckon, and all wait for the disk, at the same time
FEW_PARTS, FEW = 3, 4_000  # and of a chunk with no more sales than this: a part costs as much as a hundred sales

TWICE = "Sale {number} stands in rows {rows} with different content; keep one of them."


@dataclass(frozen=True, slots=True)
class Job:
    """One file with its mapping, and on whose behalf it is read."""

    path: Source
    mapping: FileMapping
    most_bytes: int
    now: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sale of the file that was not taken: its rows and what is wrong in them."""

    number: str
    rows: Group
    flaws: tuple[CellFlaw, ...]


@dataclass(slots=True)
class Taken:
    """What became of some sales of the file."""

    tally: Tally = field(default_factory=Tally)
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, number: str, sale: Group, flaws: Sequence[CellFlaw]) -> None:
        """Note a sale that is not taken."""
        self.tally.reject(len(sale))
        self.rejected.append(Rejected(number, sale, tuple(flaws)))


class Sale(NamedTuple):
    """A sale of the file with the hash of its rows; `known` when it was last read from these very rows."""

    rows: Group
    hashed: bytes
    known: KnownRow | None


class Part(NamedTuple):
    """Sales of one chunk that are taken together, and whom they name: customers and vehicles."""

    sales: Sequence[Sale]
    names: frozenset[str]


class Taker:
    """Takes the sales of one file by what the first reading found."""

    def __init__(self, job: Job, reader: RowReader, found: Survey) -> None:
        self.job, self.reader, self.found = job, reader, found
        self.seen: set[int] = set()
        self.aside: dict[str, list[Group]] = {}

    def settle(self, chunk: Sequence[Group], taken: Taken) -> list[Sale]:
        """Return the sales of a chunk that stand here first or alone; the others are counted or set aside."""
        repeated = self.found.same or self.found.unlike
        fresh = list(self._first(chunk, taken)) if repeated else chunk
        numbers, hashes = [self._number(sale) for sale in fresh], self._hashes(fresh)
        job = self.job
        with transaction():
            found = queries.known_rows(job.mapping.source, numbers, hashes, job.by.scope("sales.write"))
        known = {row.place: row for row in found}
        return [
            Sale(sale, hashed, known.get(place)) for place, (sale, hashed) in enumerate(zip(fresh, hashes, strict=True))
        ]

    def _first(self, chunk: Sequence[Group], taken: Taken) -> Iterator[Group]:
        for sale in chunk:
            number = number_hash(self.reader, sale)
            if number in self.found.unlike:
                self.aside.setdefault(self._number(sale), []).append(sale)
            elif number in self.seen:
                taken.tally.repeated += 1
            else:
                if number in self.found.same:
                    self.seen.add(number)
                yield sale

    def cut(self, sales: Sequence[Sale]) -> list[Part]:
        """Return the sales in parts that have no customer and no vehicle in common; the same ones in the same parts."""
        named = [(sale, self._names(sale.rows)) for sale in sales]
        parts = apart(named, [names for _, names in named], FEW_PARTS if len(sales) <= FEW else PARTS)
        return [_part(part) for part in parts]

    def whole(self, sales: Sequence[Sale]) -> Part:
        """Return the sales in one part."""
        return _part([(sale, self._names(sale.rows)) for sale in sales])

    def _names(self, sale: Group) -> list[str]:
        customer, vin = self.reader.text("customer_no", sale[0][1]), self.reader.text("vin", sale[0][1])
        return [said for said in (customer and f"customer {customer}", vin and f"vin {vin}") if said]

    def take(self, sales: Sequence[Sale], taken: Taken) -> None:
        """Count the sales that are known by their rows, and read and record the others."""
        taken.tally.add_same([sale.known[1:] for sale in sales if sale.known])
        waiting = [(sale.rows, sale.hashed) for sale in sales if sale.known is None]
        if waiting:
            self._record(waiting, taken)

    def take_aside(self) -> Taken:
        """Take the numbers that stand there again with other cells when they say the same, and reject the others."""
        taken = Taken()
        alike: list[tuple[Group, bytes]] = []
        for number, sales in self.aside.items():
            if self._agree(sales):
                alike.append((sales[0], self._hashes(sales[:1])[0]))
                taken.tally.repeated += len(sales) - 1
            else:
                self._reject_all(number, sales, taken)
        if alike:
            self._record(alike, taken)
        return taken

    def _number(self, sale: Group) -> str:
        return self.reader.text("number", sale[0][1]) or ""

    def _hashes(self, sales: Sequence[Group]) -> list[bytes]:
        seed = self.job.mapping.fingerprint
        return [
            blake2b("\x1e".join(["\x1f".join(cells) for _, cells in sale]).encode(), digest_size=16, key=seed).digest()
            for sale in sales
        ]

    def _record(self, sales: Sequence[tuple[Group, bytes]], taken: Taken) -> None:
        read: list[tuple[Group, SaleFact]] = []
        for sale, hashed in sales:
            try:
                read.append((sale, self.reader.read(sale, hashed)))
            except BadCells as problem:
                taken.reject(self._number(sale), sale, problem.flaws)
        job, facts = self.job, [fact for _, fact in read]
        outcomes = record_sales(
            facts, mode="correct", now=job.now, by=job.by, customers=job.mapping.customers, answered=False
        )
        for (sale, fact), outcome in zip(read, outcomes, strict=True):
            if outcome.state == "rejected":
                taken.reject(self._number(sale), sale, [self.reader.flaw(flaw, sale) for flaw in outcome.flaws])
                continue
            taken.tally.add(outcome.state, outcome.customer_id, fact.currency, fact.gross_minor)
            if outcome.state != "same":
                taken.tally.tell(outcome.effects)

    def _agree(self, sales: Sequence[Group]) -> bool:
        try:
            first, *others = [self.reader.read(sale) for sale in sales]
        except BadCells:
            return False
        return all(other == first for other in others)

    def _reject_all(self, number: str, sales: Sequence[Group], taken: Taken) -> None:
        numbers = {"number": number, "rows": ", ".join(str(sale[0][0]) for sale in sales)}
        column = self.reader.column_of("number")
        for sale in sales:
            taken.reject(number, sale, [CellFlaw(sale[0][0], column, number, TWICE, numbers)])


def _part(named: Sequence[tuple[Sale, Sequence[str]]]) -> Part:
    return Part([sale for sale, _ in named], frozenset(name for _, names in named for name in names))
