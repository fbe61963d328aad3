"""Files that were handed in are read once; what they say of people is not kept for ever."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from loyalty.kernel.db import after_commit, transaction

UPLOADS_KEPT = timedelta(days=30)

_OLD = """
    stored_name IS NOT NULL AND state <> 'running' AND coalesce(finished_at, created_at) < :before
"""
_COUNT = text(f"SELECT count(*) FROM import_runs WHERE {_OLD}")  # noqa: S608 - our own text
_FORGET = text(f"""
    WITH old AS (SELECT id, stored_name FROM import_runs WHERE {_OLD} FOR UPDATE SKIP LOCKED)
    UPDATE import_runs AS r SET stored_name = NULL, stored_key = NULL FROM old WHERE r.id = old.id
    RETURNING old.stored_name
""")  # noqa: S608 - our own text

# Also of runs whose file is gone already, or that a command read from where it lay.
_FORGET_REJECTS = text("""
    DELETE FROM import_rejects WHERE run_id IN (
        SELECT id FROM import_runs WHERE state <> 'running' AND coalesce(finished_at, created_at) < :before
    )
""")


def sweep_uploads(folder: Path, *, now: datetime, dry_run: bool = False) -> int:
    """Delete the files of imports that ended, or were never begun, 30 days ago; return how many.

    The rejected rows go with them, since they hold what the file said of people. The runs stay with their figures.
    """
    with transaction() as session:
        if dry_run:
            return int(session.execute(_COUNT, {"before": now - UPLOADS_KEPT}).scalar_one())
        names = list(session.scalars(_FORGET, {"before": now - UPLOADS_KEPT}))
        session.execute(_FORGET_REJECTS, {"before": now - UPLOADS_KEPT})

        def unlink() -> None:
            for name in names:
                (folder / name).unlink(missing_ok=True)

        after_commit(unlink)
        return len(names)
