"""Imports as rows: asked for, claimed, carried out, taken up again, stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, delete, func, text, update

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import BrokenSeal
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.db import db, transaction
from loyalty.sales import queries
from loyalty.sales.models import ImportReject, ImportRun
from loyalty.sales.rules import FileMapping, UnknownRun, mapping_body, parse_mapping
from loyalty.sales.rules.cells import MERGED
from loyalty.sales.rules.parts import Place
from loyalty.sales.rules.tally import Tally
from loyalty.sales.sealed import seal_reject
from loyalty.sales.sealed_files import Source, kept_file
from loyalty.sales.service.importing import Course
from loyalty.sales.service.taking import Rejected
from loyalty.staff.service import AuditEntry, record_audit

# Each chunk renews the lease, so whoever is killed is followed soon; a dry run is one transaction and renews nothing.
LEASE = timedelta(minutes=3)
DRY_LEASE = timedelta(minutes=20)
PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 5
UNEXPECTED = "The import was begun {attempts} times and not finished; see the log of the service."

_KEEP = text("""
    UPDATE import_runs SET rows_done = :rows, parts_done = CAST(:parts AS jsonb), counts = CAST(:counts AS jsonb),
        lease_until = clock_timestamp() + :lease
    WHERE id = :run_id AND token = :token
    RETURNING id
""")

_KEEP_REJECTS = text("""
    INSERT INTO import_rejects (run_id, row, ordinal, sale_number, field, sentence, numbers, sealed)
    SELECT :run_id, row, ordinal, sale_number, field, sentence, numbers, sealed
    FROM json_to_recordset(CAST(:rows AS json)) AS reject (
        row bigint, ordinal int, sale_number text, field text, sentence text, numbers jsonb, sealed bytea
    )
    ON CONFLICT (run_id, row, ordinal) DO NOTHING
""")


class LeaseLost(Exception):
    """Somebody else has taken the import over, or it was stopped; whoever reads this stops."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An import in our hands until its lease ends."""

    run_id: int
    token: UUID
    path: Source
    mapping: FileMapping
    dry_run: bool
    course: Course
    by: Actor


def add_run(
    *,
    file_name: str,
    stored_name: str | None,
    stored_key: bytes | None = None,
    file_bytes: int,
    now: datetime,
    by: Actor,
) -> int:
    """Note a file that was handed in, and return the id of its run; nothing is read yet."""
    stores = by.scope("sales.import").stores
    values = {
        "state": "uploaded",
        "dry_run": True,
        "file_name": file_name,
        "stored_name": stored_name,
        "stored_key": stored_key,
        "file_bytes": file_bytes,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_name": by.name,
        "stores": None if stores is None else sorted(stores),
        "created_at": now,
    }
    with transaction() as session:
        run = ImportRun(**values)
        session.add(run)
        session.flush()
        record_audit([AuditEntry("import.uploaded", "import", run.id, by, now, after={"file": file_name})])
        return run.id


def start_run(
    run_id: int, mapping: FileMapping, *, mapping_name: str | None, dry_run: bool, now: datetime, by: Actor
) -> None:
    """Make an import due with this mapping; one that ran before begins anew, one that is running stays."""
    with transaction() as session:
        run = _lock(run_id, by)
        if run.state in {"due", "running"}:
            return
        session.execute(delete(ImportReject).where(ImportReject.run_id == run_id))
        run.state, run.dry_run, run.due_at = "due", dry_run, now
        run.mapping, run.mapping_name = mapping_body(mapping), mapping_name
        run.rows_total = run.rows_done = run.attempts = 0
        run.counts, run.parts_done, run.problem, run.finished_at = {}, [], None, None
        after = {"file": run.file_name, "dry_run": dry_run, "source": mapping.source}
        record_audit([AuditEntry("import.started", "import", run_id, by, now, after=after)])


def stop_run(run_id: int, *, now: datetime, by: Actor) -> None:
    """Stop an import after the chunk in hand; what was recorded stays."""
    with transaction():
        run = _lock(run_id, by)
        if run.state in {"due", "running"}:
            run.state, run.token, run.lease_until, run.finished_at = "stopped", None, None, now
            record_audit([AuditEntry("import.stopped", "import", run_id, by, now)])


def keep_course(claimed: Claimed, course: Course, rejected: Sequence[Rejected]) -> None:
    """Write how far a run is, in the transaction of what it did; LeaseLost when it is no longer ours."""
    values = {"run_id": claimed.run_id, "token": claimed.token, "rows": course.rows, "lease": LEASE}
    counts = {"parts": dumps(course.places), "counts": dumps(course.tally.to_json())}
    if db.session.execute(_KEEP, {**values, **counts}).one_or_none() is None:
        raise LeaseLost
    rows = [row for sale in rejected for row in _reject_rows(claimed.run_id, sale)]
    if rows:
        db.session.execute(_KEEP_REJECTS, {"run_id": claimed.run_id, "rows": as_batch(rows)})


def _reject_rows(run_id: int, sale: Rejected) -> list[dict[str, Any]]:
    cells = {number: [cell.removeprefix(MERGED) for cell in row] for number, row in sale.rows}
    return [
        {
            "row": flaw.row,
            "ordinal": ordinal,
            "sale_number": sale.number,
            "field": flaw.column,
            "sentence": flaw.sentence,
            "numbers": dict(flaw.numbers),
            "sealed": seal_reject(queries.reject_place(run_id, flaw.row, ordinal), flaw.value, cells.get(flaw.row, [])),
        }
        for ordinal, flaw in enumerate(sale.flaws)
    ]


def claim(run_id: int, folder: Path, *, file: Path | None = None, by: Actor | None = None) -> Claimed | None:
    """Take a run for one lease, or return None when it is neither due nor abandoned; `file` and `by` are given.

    A kept file whose key does not open ends the run, refused.
    """
    token = uuid4()
    statement = (
        update(ImportRun)
        .where(ImportRun.id == run_id, queries.claimable())
        .values(
            state="running",
            token=token,
            lease_until=func.clock_timestamp() + case((ImportRun.dry_run, DRY_LEASE), else_=LEASE),
            attempts=ImportRun.attempts + 1,
        )
        .returning(ImportRun)
        .execution_options(populate_existing=True)
    )
    with transaction() as session:
        run = session.scalars(statement).one_or_none()
        if run is None or run.mapping is None:
            return None
        try:
            path = file or kept_file(folder, str(run.stored_name), run.stored_key)
        except BrokenSeal as problem:
            run.state, run.token, run.lease_until = "refused", None, None
            run.problem = {"sentence": problem.sentence, "numbers": {}}
            return None
        actor = by or _actor_of(run)
        mapping = parse_mapping(run.mapping)
        course = Course(run.rows_done, tuple(Place(*place) for place in run.parts_done), Tally.from_json(run.counts))
        return Claimed(run_id, token, path, mapping, run.dry_run, course, actor)


def _actor_of(run: ImportRun) -> Actor:
    """Return who asked for the import, with the stores that this one had when asking."""
    stores = None if run.stores is None else frozenset(run.stores)
    kind: Any = run.actor_kind
    return Actor(kind, run.actor_id, run.actor_name, dict.fromkeys(("sales.import", "sales.write"), stores))


def note_total(claimed: Claimed, rows: int) -> None:
    """Write how many rows the file has."""
    with transaction() as session:
        session.execute(update(ImportRun).where(ImportRun.id == claimed.run_id).values(rows_total=rows))


def end(claimed: Claimed, now: datetime, *, state: str, problem: dict[str, Any] | None = None) -> None:
    """Write what has become of a run that is still ours; `problem` has sentence and numbers."""
    mine = (ImportRun.id == claimed.run_id, ImportRun.token == claimed.token)
    ended = {"state": state, "token": None, "lease_until": None, "finished_at": now, "problem": problem}
    db.session.execute(update(ImportRun).where(*mine).values(**ended))
    action = f"import.{state}"
    record_audit([AuditEntry(action, "import", claimed.run_id, claimed.by, now, after={"dry_run": claimed.dry_run})])


def give_back(claimed: Claimed) -> None:
    """Make a run due again after a pause, or give it up after too many tries."""
    with transaction() as session:
        run = session.get(ImportRun, claimed.run_id, with_for_update=True, populate_existing=True)
        if run is None or run.token != claimed.token:
            return
        later = queries.moment_after(PAUSE)
        run.state, run.token, run.lease_until, run.due_at = "due", None, None, later
        if run.attempts >= MOST_ATTEMPTS:
            run.state, run.problem = "refused", {"sentence": UNEXPECTED, "numbers": {"attempts": run.attempts}}


def _lock(run_id: int, by: Actor) -> ImportRun:
    """Return a run that the actor may see, locked; UnknownRun when there is none."""
    queries.run_by_id(run_id, by)
    run = db.session.get(ImportRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise UnknownRun(run=run_id)
    return run
