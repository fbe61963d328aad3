"""A backup brings back everything, or says before it touches anything why it cannot."""

import base64
import json
import os
import secrets
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from loyalty.cli.backups.archive import UnreadableBackup, opened
from loyalty.engines.folder import DataFolder
from tests.fixtures.engines import plain

DATA = Path(__file__).parents[1] / "data"
SALES = 200

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Shop:
    """Where its database is, and the one file that lies in its data folder."""

    url: str
    handed_in: Path

    @property
    def folder(self):
        return self.handed_in.parents[1]


def loyalty(*words, **environ):
    """Call the command as a person would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "loyalty.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **environ},
    )


@pytest.fixture(scope="module")
def shop(environment, clones, worker_number):
    """The database of a store with two hundred real sales, made by commands, and a file that was handed in."""
    with (
        clones.clone(f"w{worker_number}_backup") as url,
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as p,
    ):
        p.setenv("LOYALTY_DATABASE_URL", url)
        p.setenv("LOYALTY_DATA", folder)
        few = Path(folder) / "few.csv"
        few.write_text("\n".join((DATA / "cdnow_sales.csv").read_text().splitlines()[: SALES + 1]) + "\n")
        done = [
            loyalty("stores", "create", "CDNOW", "CDNOW", "--zone", "America/New_York", "--currency", "USD"),
            loyalty("programme", "load", str(DATA / "cdnow_programme.json")),
            loyalty("import", "sales", str(few), "--mapping", str(DATA / "cdnow_mapping.json")),
        ]
        assert [(one.returncode, one.stderr) for one in done[:2]] == [(0, ""), (0, "")]
        assert done[2].returncode == 0
        handed_in = Path(folder) / "imports" / secrets.token_hex(16)
        handed_in.parent.mkdir()
        handed_in.write_bytes(b"number,date\n1,2026-03-12\n")
        yield Shop(url, handed_in)


@pytest.fixture(scope="module")
def kept(shop, tmp_path_factory):
    """The file of a backup, and what the command said."""
    file = tmp_path_factory.mktemp("backups") / "monday.backup"
    done = loyalty("backup", str(file), "--json", LOYALTY_DATABASE_URL=shop.url, LOYALTY_DATA=str(shop.folder))
    assert done.returncode == 0, done.stderr
    return file, json.loads(done.stdout)


@pytest.fixture
def empty(clones, worker_number):
    """The URL of a database with nothing in it."""
    with clones.empty(f"w{worker_number}_{secrets.token_hex(3)}") as url:
        yield url


def contents(url):
    """Return each table's rows as text, but of sessions, which end with a restore."""
    with psycopg.connect(plain(url)) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {
            name: sorted(row[0] for row in connection.execute(f"SELECT t::text FROM {name} t"))  # noqa: S608 - names from the catalogue
            for (name,) in names
            if name != "web_sessions"
        }


def test_a_restore_brings_back_every_row_and_file_and_the_books_add_up(shop, kept, empty, tmp_path):
    file, said = kept
    elsewhere = tmp_path / "elsewhere"

    done = loyalty("restore", str(file), "--json", LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(elsewhere))

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["rows"] == said["rows"] > SALES
    before, after = contents(shop.url), contents(empty)
    assert after == before
    assert len(after["sales"]) == SALES
    assert (elsewhere / "imports" / shop.handed_in.name).read_bytes() == shop.handed_in.read_bytes()
    assert loyalty("audit", LOYALTY_DATABASE_URL=empty).returncode == 0


def test_a_backup_is_for_its_owner_alone_and_replaces_no_other(shop, kept):
    file, _ = kept

    again = loyalty("backup", str(file), LOYALTY_DATABASE_URL=shop.url, LOYALTY_DATA=str(shop.folder))

    assert file.stat().st_mode & 0o777 == 0o600
    assert again.returncode == 1
    assert "never replaces" in again.stderr
    assert [path.name for path in file.parent.glob(".*")] == []


def test_a_running_system_is_not_restored(kept, empty, tmp_path):
    file, _ = kept

    with psycopg.connect(plain(empty)):
        refused = loyalty("restore", str(file), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(tmp_path / "other"))

    assert refused.returncode == 1
    assert "1 other connections use the database" in refused.stderr
    assert contents(empty) == {}


def test_the_folder_of_a_running_service_is_not_restored(kept, empty, tmp_path):
    file, _ = kept
    folder = DataFolder(tmp_path / "running")
    folder.create()

    with folder.own():
        refused = loyalty("restore", str(file), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(folder.path))

    assert refused.returncode == 1
    assert "A running system is never restored" in refused.stderr
    assert contents(empty) == {}


def test_rows_are_replaced_only_on_purpose_and_sessions_end(kept, empty, tmp_path):
    file, _ = kept
    other = {"LOYALTY_DATABASE_URL": empty, "LOYALTY_DATA": str(tmp_path / "other")}
    assert loyalty("restore", str(file), **other).returncode == 0
    with psycopg.connect(plain(empty)) as connection:
        connection.execute("UPDATE stores SET name = 'changed since'")
        connection.execute(
            "INSERT INTO web_sessions (id_hash, kind, data, agent, address, created_at, seen_at) "
            "VALUES ('\\x01', 'guest', '{}', '', '', now(), now())"
        )

    refused = loyalty("restore", str(file), **other)
    after_refusal = contents(empty)["stores"]
    done = loyalty("restore", str(file), "--replace", **other)

    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert "changed since" in after_refusal[0]
    assert (done.returncode, done.stderr) == (0, "")
    assert "changed since" not in contents(empty)["stores"][0]
    with psycopg.connect(plain(empty)) as connection:
        assert connection.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)


def test_other_keys_are_told_before_anything_is_touched(kept, empty, tmp_path):
    file, _ = kept
    other = "1:" + base64.b64encode(secrets.token_bytes(32)).decode()

    refused = loyalty(
        "restore", str(file), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(tmp_path / "o"), LOYALTY_FIELD_KEYS=other
    )

    assert refused.returncode == 1
    assert "LOYALTY_FIELD_KEYS" in refused.stderr
    assert other not in refused.stderr
    assert contents(empty) == {}


def repacked(file, target, **changes):
    """Write the backup again with another manifest or another database part."""
    with tarfile.open(file) as tar:
        tar.extractall(target.parent / "parts")  # noqa: S202 - our own archive
    manifest = target.parent / "parts/manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes.get("manifest", {})))
    dump = target.parent / "parts/database.dump"
    dump.write_bytes(dump.read_bytes()[: changes.get("bytes")])
    with tarfile.open(target, "w") as tar:
        for name in ("manifest.json", "database.dump"):
            tar.add(target.parent / "parts" / name, name)
    return target


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bytes": 5000}, "was changed or cut"),
        ({"manifest": {"schema": "9999_later"}}, "newer than this one"),
        ({"manifest": {"format": 2}}, "not a whole backup"),
        ({"manifest": {"rows": {"sales; DROP TABLE sales": 1}}}, "not a whole backup"),
    ],
)
def test_a_file_that_cannot_be_whole_is_refused(kept, empty, tmp_path, changes, sentence):
    file, _ = kept
    other = repacked(file, tmp_path / "other.backup", **changes)

    refused = loyalty("restore", str(other), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(tmp_path / "o"))

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert contents(empty) == {}


@pytest.mark.parametrize(("name", "kind"), [("../outside", tarfile.REGTYPE), ("files/link", tarfile.SYMTYPE)])
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path, name, kind):
    crooked = tarfile.TarInfo(name)
    crooked.type, crooked.linkname = kind, "/etc"
    with tarfile.open(tmp_path / "crooked.backup", "w") as tar:
        tar.addfile(crooked)

    with pytest.raises(UnreadableBackup, match="is no file of a backup"), opened(tmp_path / "crooked.backup"):
        pass


def test_a_table_that_comes_back_with_other_rows_takes_everything_back(kept, empty, tmp_path):
    file, _ = kept
    with tarfile.open(file) as tar:
        rows = json.load(tar.extractfile("manifest.json"))["rows"]
    other = repacked(file, tmp_path / "other.backup", manifest={"rows": rows | {"sales": SALES + 1}})

    refused = loyalty("restore", str(other), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(tmp_path / "o"))

    assert refused.returncode == 1
    assert "table sales came back with other rows" in refused.stderr
    assert contents(empty) == {}


def test_what_is_no_backup_is_refused(empty, environment, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer")

    refused = loyalty("restore", str(letter), LOYALTY_DATABASE_URL=empty, LOYALTY_DATA=str(tmp_path / "o"))

    assert refused.returncode == 1
    assert "not a whole backup" in refused.stderr
