"""Imports: their runs, rejected rows and saved mappings, and which rows of a file are known already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, extract, func, or_, select, text, tuple_

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import batch, database_now, db, run
from loyalty.kernel.measures import Measure
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.sales.models import ColumnMapping, ImportReject, ImportRun
from loyalty.sales.rules import UnknownRun
from loyalty.sales.sealed import readable_reject
from loyalty.sales.sealed_files import Source, kept_file

_KNOWN = text("""
    SELECT fact.place - 1 AS place, sale.customer_id, sale.currency, sale.gross_minor
    FROM ROWS FROM (
        jsonb_array_elements_text(CAST(:numbers AS jsonb)), jsonb_array_elements_text(CAST(:hashes AS jsonb))
    ) WITH ORDINALITY AS fact (number, hash, place)
    JOIN sale_numbers AS taken
        ON taken.source = :source AND taken.number = fact.number AND taken.row_hash = decode(fact.hash, 'hex')
    JOIN sales AS sale ON sale.customer_id = taken.customer_id AND sale.id = taken.sale_id
    WHERE CAST(:stores AS bigint[]) IS NULL OR sale.store_id = ANY(CAST(:stores AS bigint[]))
""")


class KnownRow(NamedTuple):
    """A sale whose rows are those that it was last read from; `place` is that in the question."""

    place: int
    customer_id: int
    currency: str
    gross_minor: int


@dataclass(frozen=True, slots=True)
class RunView:
    """An import as its page shows it; `counts` are those of `Tally.to_json`, `problem` has sentence and numbers.

    `kept` tells whether we have a copy of the file, which a command does not leave here.
    """

    id: int
    state: str
    dry_run: bool
    file_name: str
    file_bytes: int
    mapping: dict[str, Any] | None
    mapping_name: str | None
    actor_name: str
    rows_total: int
    rows_done: int
    counts: dict[str, Any]
    problem: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    kept: bool

    @property
    def working(self) -> bool:
        """Return whether somebody has it in hand or will."""
        return self.state in {"due", "running"}


@dataclass(frozen=True, slots=True)
class RejectView:
    """A cell that kept its sale from being taken, and the row as it stood in the file."""

    row: int
    ordinal: int
    sale_number: str | None
    field: str
    value: str | None
    sentence: str
    numbers: dict[str, Any]
    cells: list[Any]


@dataclass(frozen=True, slots=True)
class MappingView:
    """A saved mapping."""

    id: int
    name: str
    body: dict[str, Any]


def known_rows(source: str, numbers: Sequence[str], hashes: Sequence[bytes], scope: Scope) -> list[KnownRow]:
    """Return which sales of a file have the very rows that they were last read from; one statement."""
    stores = None if scope.stores is None else sorted(scope.stores)
    asked = {"numbers": batch(numbers), "hashes": batch([hashed.hex() for hashed in hashes])}
    return run(_KNOWN, {"source": source, "stores": stores, **asked})


def sales_as_planned() -> int:
    """Return how many sales there are as far as the planner knows; 0 when it has never looked."""
    known = text("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = CAST('sales' AS regclass)")
    return int(db.session.execute(known).scalar_one())


_OUTGROWN = text("""
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = CAST('public' AS regnamespace) AND relkind = 'r'
      AND pg_relation_size(oid) > 2 * current_setting('block_size')::bigint * greatest(relpages, 4)
    ORDER BY relname
""")


def outgrown_tables() -> list[str]:
    """Return the tables that are more than twice as large as the planner knows them."""
    return list(db.session.scalars(_OUTGROWN))


def runs_page(actor: Actor, *, limit: int, cursor: str | None = None) -> Page[RunView]:
    """Return the imports that the actor may see, the latest first."""
    statement = select(ImportRun).where(*_visible(actor)).order_by(ImportRun.id.desc()).limit(limit + 1)
    if cursor:
        statement = statement.where(ImportRun.id < decode_cursor(cursor, [int])[0])
    rows = [_run(row) for row in db.session.scalars(statement)]
    return Page(rows[:limit], encode_cursor([rows[limit - 1].id]) if len(rows) > limit else None)


def run_by_id(run_id: int, actor: Actor) -> RunView:
    """Return an import; UnknownRun when there is none that the actor may see."""
    fresh = select(ImportRun).where(ImportRun.id == run_id, *_visible(actor)).execution_options(populate_existing=True)
    run = db.session.scalars(fresh).one_or_none()
    if run is None:
        raise UnknownRun(run=run_id)
    return _run(run)


def stored_file(run_id: int, actor: Actor, folder: Path) -> Source:
    """Return a handed-in file that is kept; UnknownRun when the actor may not see it."""
    asked = select(ImportRun.stored_name, ImportRun.stored_key)
    found = db.session.execute(asked.where(ImportRun.id == run_id, *_visible(actor))).one_or_none()
    if found is None or found.stored_name is None:
        raise UnknownRun(run=run_id)
    return kept_file(folder, found.stored_name, found.stored_key)


def rejects_page(run_id: int, *, limit: int, after: tuple[int, int] = (0, 0)) -> list[RejectView]:
    """Return rejected cells of a run in the order of the file, after that row and ordinal; ask for the run first."""
    place = tuple_(ImportReject.row, ImportReject.ordinal)
    later = select(ImportReject).where(ImportReject.run_id == run_id, place > after)
    found = db.session.scalars(later.order_by(ImportReject.row, ImportReject.ordinal).limit(limit))
    return [_reject(row) for row in found]


def reject_place(run_id: int, row: int, ordinal: int) -> str:
    """Return the place for which a refused row is sealed."""
    return f"import_rejects.sealed:{run_id}:{row}:{ordinal}"


def _reject(row: ImportReject) -> RejectView:
    told = readable_reject(reject_place(row.run_id, row.row, row.ordinal), row.sealed)
    return RejectView(
        row.row,
        row.ordinal,
        row.sale_number,
        row.field,
        told.value,
        row.sentence,
        row.numbers,
        list(told.cells),
    )


def imports_due(limit: int = 20) -> list[int]:
    """Return the imports that may be claimed now by the database's clock, the longest due first."""
    ours = ImportRun.stored_name.isnot(None)  # a command reads the file where it stands
    statement = select(ImportRun.id).where(claimable(), ours).order_by(ImportRun.due_at, ImportRun.id).limit(limit)
    return list(db.session.scalars(statement))


def import_measures() -> list[Measure]:
    """Return how many files wait or are read just now, and since when the oldest is due."""
    oldest = func.min(ImportRun.due_at).filter(ImportRun.state == "due")
    statement = select(
        func.count().filter(ImportRun.state == "due").label("due"),
        func.count().filter(ImportRun.state == "running").label("running"),
        func.greatest(extract("epoch", func.clock_timestamp() - oldest), 0).label("seconds"),
    ).where(ImportRun.state.in_(("due", "running")))
    row = db.session.execute(statement).one()
    return [
        Measure("loyalty_imports", "Files on their way in.", row.due, {"state": "due"}),
        Measure("loyalty_imports", "Files on their way in.", row.running, {"state": "running"}),
        Measure("loyalty_imports_waiting_seconds", "Since when the oldest is due.", float(row.seconds or 0)),
    ]


def claimable() -> ColumnElement[bool]:
    """Return the condition that a run is due, or that whoever had it let its lease end."""
    now = func.clock_timestamp()
    return or_(
        and_(ImportRun.state == "due", ImportRun.due_at <= now),
        and_(ImportRun.state == "running", ImportRun.lease_until < now),
    )


def moment_after(pause: timedelta) -> datetime:
    """Return the moment that comes after `pause` by the database's clock."""
    return database_now() + pause


def mappings() -> list[MappingView]:
    """Return the saved mappings by name."""
    rows = db.session.scalars(select(ColumnMapping).order_by(ColumnMapping.name))
    return [MappingView(row.id, row.name, row.body) for row in rows]


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    """Return what runs the actor may see: all with the permission everywhere, else those started with no wider one."""
    scope = actor.scope("sales.import")
    if scope.stores is None:
        return []
    return [ImportRun.stores.isnot(None), ImportRun.stores.contained_by(sorted(scope.stores))]


def _run(run: ImportRun) -> RunView:
    return RunView(
        run.id,
        run.state,
        run.dry_run,
        run.file_name,
        run.file_bytes,
        run.mapping,
        run.mapping_name,
        run.actor_name,
        run.rows_total,
        run.rows_done,
        run.counts,
        run.problem,
        run.created_at,
        run.finished_at,
        run.stored_name is not None,
    )
