"""A file of sales on its way in, chunk by chunk.

A chunk is cut into parts that have no customer and no vehicle in common, and the parts are recorded side by side: while
PostgreSQL writes one, the other is read and reckoned, so that an import uses two processors. The next chunk begins
before the last one has ended: a part of it waits for those alone that have a customer or a vehicle in common with it.
Each part is one transaction together with the run's progress, so whoever goes on after a kill begins where the last
part ended. A dry run is the same work in one transaction that is taken back: it tells exactly what would happen.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import NamedTuple

from sqlalchemy import text

from loyalty.kernel.db import transaction
from loyalty.kernel.heap import many_rows
from loyalty.kernel.lanes import Begun, Lanes
from loyalty.sales import queries
from loyalty.sales.rules import NoRows, RowReader
from loyalty.sales.rules.parts import Place, done_up_to
from loyalty.sales.rules.repeats import Group, Survey, groups, survey
from loyalty.sales.rules.tally import Tally
from loyalty.sales.service.files import open_table
from loyalty.sales.service.taking import Job, Part, Rejected, Sale, Taken, Taker

CHUNK = 16_000
FIRST_CHUNK = 4_000  # smaller, so that lanes need not wait long for something to do
AT_ONCE = 3  # two processors stay busy while a part waits for its turn in Python or for the disk
IN_HAND = 2  # chunks: what runs out of the last one and what begins of the next
FEW = 200  # sales to be read that are not worth cutting
FIRST_LOOK = 1_000
GROWTH = 4


@dataclass(frozen=True, slots=True)
class Course:
    """How far a run is: all is done up to `rows`, and behind them the parts at `places`; `tally` counts all that."""

    rows: int = 0
    places: tuple[Place, ...] = ()
    tally: Tally = field(default_factory=Tally)
    final: bool = False

    def after(self, place: Place, tally: Tally) -> "Course":
        """Return how far it is with one more part."""
        rows, places = done_up_to(self.rows, (*self.places, place))
        return Course(rows, places, self.tally.plus(tally))

    def finished(self, tally: Tally) -> "Course":
        """Return how it ends."""
        return Course(self.rows, (), self.tally.plus(tally), final=True)


Progress = Callable[[int], None]
"""Told up to which row of the file all is done."""

Keep = Callable[[Course, Sequence[Rejected]], None]
"""Writes how far a run is, and what was rejected on the way there, inside the transaction of what was done."""


def look_over(job: Job) -> Survey:
    """Return what the whole file holds; refused when it cannot be read as a whole or has no rows."""
    with open_table(job.path, job.mapping.named, most_bytes=job.most_bytes) as table:
        found = survey(table.body, RowReader(job.mapping, table.header))
    if found.rows == 0:
        raise NoRows
    return found


def read_file(
    job: Job,
    found: Survey,
    keep: Keep,
    *,
    course: Course | None = None,
    side_by_side: bool = False,
    progress: Progress | None = None,
) -> Course:
    """Record the sales of a file that was looked over, going on after `course`; return how far it came: to the end.

    `side_by_side` lets parts of a chunk be done at once, each in a transaction of its own.
    """
    with (
        open_table(job.path, job.mapping.named, most_bytes=job.most_bytes) as table,
        Lanes(AT_ONCE if side_by_side else 1) as lanes,
        many_rows(),
    ):
        reader = RowReader(job.mapping, table.header)
        reading = _Reading(Taker(job, reader, found), keep, course or Course())
        outgrown = _Outgrown(reading.created)
        in_hand: deque[list[_Begun]] = deque()
        for chunk in _chunks(groups(table.body, reader)):
            works = reading.works(chunk, cut=lanes.most > 1)  # while the chunks before are being written
            if len(in_hand) == IN_HAND:
                lanes.finish([one.begun for one in in_hand.popleft()])
                _tell(progress, reading.course)
            in_hand.append(_begin(lanes, works, in_hand[-1] if in_hand else ()))
            if found.rows - chunk[-1][-1][0] >= CHUNK:
                outgrown.look(reading.created)
        lanes.finish([one.begun for chunk_in_hand in in_hand for one in chunk_in_hand])
        _tell(progress, reading.course)
        reading.finish()
    return reading.course


class _Begun(NamedTuple):
    part: Part
    begun: Begun


def _begin(lanes: Lanes, works: Sequence[tuple[Part, Callable[[], None]]], before: Sequence[_Begun]) -> list[_Begun]:
    """Begin the parts of a chunk, each behind those of the chunk before that have a name in common with it."""
    return [
        _Begun(part, lanes.begin(work, [one.begun for one in before if not part.names.isdisjoint(one.part.names)]))
        for part, work in works
    ]


def _tell(progress: Progress | None, course: Course) -> None:
    if progress and course.rows:
        progress(course.rows)


def _chunks(sales: Iterable[Group]) -> Iterator[list[Group]]:
    chunk: list[Group] = []
    rows, most = 0, min(FIRST_CHUNK, CHUNK)
    for sale in sales:
        chunk.append(sale)
        rows += len(sale)
        if rows >= most:
            yield chunk
            chunk, rows, most = [], 0, CHUNK
    if chunk:
        yield chunk


class _Reading:
    """The second reading: makes works of chunks, and keeps how far they are."""

    def __init__(self, taker: Taker, keep: Keep, course: Course) -> None:
        self.taker, self.keep = taker, keep
        self.course = self._start = course
        self._read = 0  # rows of the chunks so far
        self._turn = Lock()

    @property
    def created(self) -> int:
        """How many sales were new so far."""
        return self.course.tally.states["created"]

    def works(self, chunk: Sequence[Group], *, cut: bool) -> list[tuple[Part, Callable[[], None]]]:
        """Return what is to be done for a chunk; what was done before a restart only leaves its traces."""
        taken = Taken()
        sales = self.taker.settle(chunk, taken)
        after, self._read = self._read, chunk[-1][-1][0]
        if self._read <= self._start.rows:
            self._trace(sales)
            return []
        done = {place.part for place in self._start.places if place.after == after}
        cut = cut and sum(sale.known is None for sale in sales) > FEW
        parts = self.taker.cut(sales) if cut or done else [self.taker.whole(sales)]
        works: list[tuple[Part, Callable[[], None]]] = []
        for number, part in enumerate(parts):
            if number in done:
                self._trace(part.sales)
            else:
                place = Place(after, self._read, number, len(parts))
                works.append((part, partial(self._do, part, Taken() if number else taken, place)))
        return works

    def _trace(self, sales: Iterable[Sale]) -> None:
        self.course.tally.customers.update(sale.known.customer_id for sale in sales if sale.known)

    def _do(self, part: Part, taken: Taken, place: Place) -> None:
        with ExitStack() as turn:
            with transaction() as session:
                self.taker.take(part.sales, taken)
                turn.enter_context(self._turn)  # until the commit is through: each part counts on from the last one
                course = self.course.after(place, taken.tally)
                self.keep(course, taken.rejected)
            self.course = course
        session.expunge_all()

    def finish(self) -> None:
        """Take what was set aside, and end."""
        with transaction():
            taken = self.taker.take_aside()
            self.course = self.course.finished(taken.tally)
            self.keep(self.course, taken.rejected)


class _Outgrown:
    """Watches the tables outgrow what the planner knows of them, and lets it look again.

    After a bulk load into small tables it would go on treating them as small, and each chunk would take longer than
    the one before. Where there were many sales before, a file changes little, and looking costs as much as a chunk.
    """

    def __init__(self, created: int) -> None:
        self.limit = created + max(FIRST_LOOK, queries.sales_as_planned())

    def look(self, created: int) -> None:
        """Let the planner look when several times as much has been created as at the last time."""
        if created >= self.limit:
            self.limit = GROWTH * created
            with transaction() as session:
                if outgrown := queries.outgrown_tables():
                    session.execute(text("SET LOCAL statement_timeout = 0"))  # large tables take longer than a request
                    session.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(outgrown)}"))
                    session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))  # a dry run goes on in it
