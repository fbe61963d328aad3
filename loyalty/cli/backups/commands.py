"""`loyalty backup FILE` and `loyalty restore FILE`."""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, pool, text

from loyalty.app import create_app
from loyalty.cli.application import application
from loyalty.cli.backups import archive
from loyalty.cli.backups.programs import Programs
from loyalty.cli.reports import tell
from loyalty.cli.schema import alembic_config, upgrade
from loyalty.engines.folder import data_folder
from loyalty.engines.problems import EngineProblem, FolderInUse
from loyalty.engines.servers import own_servers
from loyalty.kernel.crypto import BrokenSeal, blind_index, blind_indexes, seal, unseal
from loyalty.kernel.settings import Settings, UnsafeSettings

FOLDERS = ("imports",)  # folders of the data folder whose files are kept with the database
PROBE = "backup"
PLACE = "backup.probe:0"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write what was kept as JSON.")
def backup(file: Path, *, as_json: bool) -> None:
    """Write everything that must last into FILE; the service may go on meanwhile."""
    if file.exists():
        raise click.ClickException(f"{file} exists. Choose another name: a backup never replaces one.")
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"The folder {file.absolute().parent} does not exist.")
    with application() as app, TemporaryDirectory(prefix="loyalty-backup-", dir=file.absolute().parent) as place:
        settings: Settings = app.extensions["loyalty.settings"]
        dump = Path(place) / archive.DATABASE
        with _engine(settings.database_url).connect() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            snapshot, taken_at = connection.execute(text("SELECT pg_export_snapshot(), now()")).one()
            schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            kept = archive.kept_files(settings.data_dir, FOLDERS)
            Programs(settings.database_url).dump(dump, snapshot=snapshot)
            rows = _rows(connection)
        manifest = archive.Manifest(
            product=version("loyalty"),
            schema=schema,
            taken_at=taken_at.astimezone(UTC).isoformat(),
            rows=rows,
            sealed=base64.b64encode(seal(PROBE, place=PLACE)).decode(),
            index=blind_index(PROBE, purpose=PROBE).hex(),
            sha256=archive.digest(dump),
            files=len(kept),
        )
        archive.write(file, manifest, dump, kept)
    tell(_summary(file, manifest), as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Take the place of what the database holds now.")
@click.option("--json", "as_json", is_flag=True, help="Write what was restored as JSON.")
def restore(file: Path, *, replace: bool, as_json: bool) -> None:
    """Bring back everything that FILE holds, wholly or not at all; the service must stand still."""
    with archive.opened(file) as (manifest, dump, kept), _standing_still() as settings:
        _refuse_newer(file, manifest, settings)
        _refuse_other_keys(file, manifest)
        with _engine(settings.database_url).connect() as connection:
            _refuse_guests(connection)
            _refuse_rows(connection, replace=replace)
        Programs(settings.database_url).restore(dump, before=_EMPTY, after=_checks(manifest.rows))
        upgrade(settings.database_url)
        files = _put_back(kept, settings.data_dir)
    tell(_summary(file, manifest) | {"files": files}, as_json=as_json)


# Dropping the schema takes extensions along; the dump brings them back.
_EMPTY = ("DROP SCHEMA public CASCADE;", "CREATE SCHEMA public;")


def _checks(rows: Mapping[str, int]) -> list[str]:
    """Return statements that refuse when a table came back with other rows, and end all sessions."""
    compare = [
        f"IF (SELECT count(*) FROM {table}) <> {count} THEN "  # noqa: S608 - the archive takes tables' names only
        f"RAISE EXCEPTION 'table {table} came back with other rows than {count}'; END IF;"
        for table, count in rows.items()
    ]
    return ["DO $check$ BEGIN", *compare, "END $check$;", "DELETE FROM web_sessions;", "ANALYZE;"]


def _rows(connection: Connection) -> dict[str, int]:
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).scalars()
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own tables
        for name in names.all()
    }


def _summary(file: Path, manifest: archive.Manifest) -> dict[str, object]:
    return {
        "file": str(file),
        "taken_at": manifest.taken_at,
        "schema": manifest.schema,
        "tables": len(manifest.rows),
        "rows": sum(manifest.rows.values()),
        "files": manifest.files,
    }


@contextmanager
def _standing_still() -> Iterator[Settings]:
    """Give the settings of servers that nobody else uses: our own folder's, or those that the URLs name."""
    try:
        with own_servers(data_folder(os.environ)) as servers:
            os.environ["LOYALTY_DATABASE_URL"] = servers.addresses.database_url
            os.environ["LOYALTY_REDIS_URL"] = servers.addresses.redis_url
            yield Settings.from_environ(os.environ)
    except FolderInUse as problem:
        raise click.ClickException(f"{problem} A running system is never restored; nothing was changed.") from problem
    except (EngineProblem, UnsafeSettings) as problem:
        raise click.ClickException(str(problem)) from problem


def _refuse_newer(file: Path, manifest: archive.Manifest, settings: Settings) -> None:
    known = {
        found.revision for found in ScriptDirectory.from_config(alembic_config(settings.database_url)).walk_revisions()
    }
    if manifest.schema not in known:
        raise click.ClickException(
            f"{file} has the schema {manifest.schema} of version {manifest.product}, which is newer than this one "
            f"({version('loyalty')}). Install that version first; nothing was changed."
        )


def _refuse_other_keys(file: Path, manifest: archive.Manifest) -> None:
    with create_app().app_context():
        try:
            same = unseal(base64.b64decode(manifest.sealed), place=PLACE) == PROBE
        except BrokenSeal:
            same = False
        same = same and manifest.index in {one.hex() for one in blind_indexes(PROBE, purpose=PROBE)}
    if not same:
        raise click.ClickException(
            f"{file} was written with other keys: set LOYALTY_FIELD_KEYS and LOYALTY_SECRET_KEY to those of that "
            "time, or its personal fields would never open again. Nothing was changed."
        )


def _refuse_guests(connection: Connection) -> None:
    others = connection.execute(
        text("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        """)
    ).scalar_one()
    if others:
        raise click.ClickException(
            f"{others} other connections use the database. Stop web, workers and ticker first: "
            "a running system is never restored. Nothing was changed."
        )


def _refuse_rows(connection: Connection, *, replace: bool) -> None:
    filled = [name for name, count in _rows(connection).items() if count]
    if filled and not replace:
        raise click.ClickException(
            f"The database is not empty ({len(filled)} tables have rows). Back it up, then say --replace to give its "
            "place to the file. Nothing was changed."
        )


def _put_back(kept: Path, data: Path) -> int:
    """Copy the kept files into the data folder; a file that is there already has the same random name and stays."""
    found = [path for path in kept.rglob("*") if path.is_file()] if kept.is_dir() else []
    for path in found:
        target = data / path.relative_to(kept)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            target.write_bytes(path.read_bytes())
            target.chmod(archive.PRIVATE)
    return len(found)


def _engine(database_url: str) -> Engine:
    return create_engine(database_url, poolclass=pool.NullPool)
