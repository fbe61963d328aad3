"""The file of a backup: a tar whose first member says what the others hold."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import click

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
FILES = "files"
PRIVATE = 0o600
TABLE = re.compile("[a-z_][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `rows` are counted in the snapshot that was dumped."""

    product: str
    schema: str
    taken_at: str
    rows: Mapping[str, int]
    sealed: str  # base64 of a value sealed with the field keys, to know them again
    index: str  # hexadecimal blind index of the same value
    sha256: str  # of the database's part
    files: int
    format: int = FORMAT


class UnreadableBackup(click.ClickException):
    """The file is no backup of ours, is of a newer form, or was cut or changed."""


def write(target: Path, manifest: Manifest, dump: Path, kept: Sequence[tuple[str, Path]]) -> None:
    """Write the backup beside its place and move it there whole; readable for its owner alone."""
    draft = target.with_name(f".{target.name}.part")
    try:
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb") as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode = len(text), PRIVATE
            tar.addfile(head, io.BytesIO(text))
            tar.add(dump, DATABASE)
            for name, path in kept:
                tar.add(path, f"{FILES}/{name}")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _harmless(tar: tarfile.TarFile, place: Path) -> Iterator[tarfile.TarInfo]:
    """Give the files and folders of the archive; ValueError for links, devices, and what would lie outside `place`.

    Python 3.11 before 3.11.4 has no filter that would look.
    """
    for member in tar:
        inside = (place / member.name).resolve().is_relative_to(place.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise ValueError(f"{member.name} is no file of a backup")
        yield member


@contextmanager
def opened(source: Path) -> Iterator[tuple[Manifest, Path, Path]]:
    """Give the manifest, the database's file and the folder of kept files; UnreadableBackup when a part is wrong."""
    with TemporaryDirectory(prefix="loyalty-restore-") as folder:
        place = Path(folder)
        try:
            with tarfile.open(source) as tar:
                tar.extractall(place, members=_harmless(tar, place))  # noqa: S202 - each member is looked at
            manifest = _manifest(place)
        except (tarfile.TarError, OSError, KeyError, TypeError, ValueError) as problem:
            raise UnreadableBackup(f"{source} is not a whole backup of this product ({problem}).") from problem
        if manifest.sha256 != digest(place / DATABASE):
            raise UnreadableBackup(f"{source} was changed or cut: the database's part has another checksum.")
        yield manifest, place / DATABASE, place / FILES


def _manifest(place: Path) -> Manifest:
    found = json.loads((place / MANIFEST).read_text("utf-8"))
    if found.get("format") != FORMAT:
        raise ValueError(f"form {found.get('format')}, known is {FORMAT}")
    manifest = Manifest(**found)
    if wrong := [name for name, count in manifest.rows.items() if not TABLE.fullmatch(name) or type(count) is not int]:
        raise ValueError(f"no table and number of rows: {wrong[0]}")
    return manifest


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept_files(data: Path, folders: Sequence[str]) -> list[tuple[str, Path]]:
    """Return name in the backup and path of each file in those folders of the data folder."""
    return [
        (str(PurePosixPath(*path.relative_to(data).parts)), path)
        for folder in folders
        for path in sorted((data / folder).rglob("*"))
        if path.is_file()
    ]
