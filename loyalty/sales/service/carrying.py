"""Carrying an import out: at once by a command, or by a worker that takes it up and goes on after a kill."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Problem
from loyalty.sales import queries
from loyalty.sales.queries import RunView
from loyalty.sales.rules import FileMapping, UnknownRun
from loyalty.sales.rules.outcomes import plain_numbers
from loyalty.sales.rules.repeats import Survey
from loyalty.sales.service.importing import Course, Keep, Progress, look_over, read_file
from loyalty.sales.service.runs import (
    Claimed,
    LeaseLost,
    add_run,
    claim,
    end,
    give_back,
    keep_course,
    note_total,
    start_run,
)
from loyalty.sales.service.taking import Job, Rejected

MOST_BYTES = 100 * 1024 * 1024
SHOWN_REJECTS = 100


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import came to, beside the first of what was rejected."""

    run: RunView
    rejects: tuple[queries.RejectView, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures, and for rejected rows the row, the column, the value and the reason."""
        counts = {name: value for name, value in self.run.counts.items() if name != "minor"}
        problem = self.run.problem
        return {
            "import": self.run.id,
            "file": self.run.file_name,
            "dry_run": self.run.dry_run,
            "state": self.run.state,
            "rows": self.run.rows_total,
            **counts,
            "rejected": self.run.counts.get("sales", {}).get("rejected", 0) or int(problem is not None),
            "problem": problem["sentence"].format(**problem["numbers"]) if problem else None,
            "rejects": [
                {
                    "row": reject.row,
                    "column": reject.field,
                    "value": reject.value,
                    "reason": reject.sentence.format(**reject.numbers),
                }
                for reject in self.rejects
            ],
        }


def import_file(
    path: Path,
    mapping: FileMapping,
    *,
    dry_run: bool,
    now: datetime,
    by: Actor,
    progress: Progress | None = None,
    most_bytes: int = MOST_BYTES,
    side_by_side: bool = False,
) -> ImportResult:
    """Import a file at once, as the command does, and return what it came to; a dry run records nothing.

    `side_by_side` uses several connections at a time, which see only what is committed; a dry run never does.

    It goes through the same run as an upload; without an own copy of the file no worker takes it up, so after a kill
    the same command again goes on where nothing is known yet.
    """
    with transaction():
        run_id = add_run(file_name=path.name, stored_name=None, file_bytes=path.stat().st_size, now=now, by=by)
        start_run(run_id, mapping, mapping_name=None, dry_run=dry_run, now=now, by=by)
        claimed = claim(run_id, path.parent, file=path, by=by)
    if claimed is None:
        raise UnknownRun(run=run_id)
    run = _carry_out(claimed, most_bytes=most_bytes, now=now, progress=progress, side_by_side=side_by_side)
    return ImportResult(run, tuple(queries.rejects_page(run_id, limit=SHOWN_REJECTS)))


def carry_out(
    run_id: int,
    *,
    folder: Path,
    most_bytes: int,
    now: datetime,
    progress: Progress | None = None,
    side_by_side: bool = False,
) -> RunView | None:
    """Carry out an import that is due, or go on with one whose holder is gone; None when it is neither.

    Run twice, it does its work once. A file that is refused as a whole ends the run with its problem.
    """
    claimed = claim(run_id, folder)
    if claimed is None:
        return None
    return _carry_out(claimed, most_bytes=most_bytes, now=now, progress=progress, side_by_side=side_by_side)


def _carry_out(
    claimed: Claimed, *, most_bytes: int, now: datetime, progress: Progress | None, side_by_side: bool
) -> RunView:
    job = Job(claimed.path, claimed.mapping, most_bytes, now, claimed.by)
    try:
        found = look_over(job)
        note_total(claimed, found.rows)
        if claimed.dry_run:
            _dry_run(claimed, job, found, progress)
        else:
            keep = _keeper(claimed, now)
            read_file(job, found, keep, course=claimed.course, side_by_side=side_by_side, progress=progress)
    except LeaseLost:
        pass  # whoever has it now writes what becomes of it
    except Problem as problem:
        with transaction():
            told = {"sentence": problem.sentence, "numbers": plain_numbers(problem.details)}
            end(claimed, now, state="refused", problem=told)
    except Exception:
        give_back(claimed)
        raise
    return queries.run_by_id(claimed.run_id, SYSTEM)


class _TakenBack(Exception):
    """Ends a dry run: all that it did is rolled back."""


def _dry_run(claimed: Claimed, job: Job, found: Survey, progress: Progress | None) -> None:
    told: list[Rejected] = []

    def keep(_course: Course, rejected: Sequence[Rejected]) -> None:
        told.extend(rejected)

    with suppress(_TakenBack), transaction():
        course = read_file(job, found, keep, progress=progress)
        raise _TakenBack
    with transaction():
        keep_course(claimed, course, told)
        end(claimed, job.now, state="done")


def _keeper(claimed: Claimed, now: datetime) -> Keep:
    def keep(course: Course, rejected: Sequence[Rejected]) -> None:
        keep_course(claimed, course, rejected)
        if course.final:
            end(claimed, now, state="done")

    return keep
