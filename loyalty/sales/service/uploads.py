"""Files that were handed in, kept in the data folder under names of our own until they are read."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from loyalty.kernel.errors import Malformed
from loyalty.sales.rules import EmptyFile, FileMapping, FileTooLarge, Row
from loyalty.sales.rules.cells import MERGED
from loyalty.sales.sealed_files import PIECE, Source, new_key, seal_key, write_sealed
from loyalty.sales.service.files import open_table

PREVIEW_ROWS = 5


class Kept(NamedTuple):
    """A file that is kept: its name, its sealed key, and how many bytes were handed in."""

    name: str
    key: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a file: its header, first rows, and in what form it is."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    form: str


def uploads_folder(data_dir: Path) -> Path:
    """Return where handed-in files are kept; several machines share this folder."""
    return data_dir / "imports"


def keep_upload(stream: IO[bytes], folder: Path, *, most_bytes: int) -> Kept:
    """Keep a file sealed under a random name. An empty or too large one is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name, key = secrets.token_hex(16), new_key()
    path = folder / name
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            size = write_sealed(file, key, _pieces(stream, most_bytes))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(name, seal_key(name, key), size)


def _pieces(stream: IO[bytes], most_bytes: int) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > most_bytes:
            raise FileTooLarge(size=size, most=most_bytes, setting="LOYALTY_UPLOAD_LIMIT_BYTES")
        yield piece
    if size == 0:
        raise EmptyFile


def check_columns(mapping: FileMapping, header: Sequence[str]) -> None:
    """Refuse a mapping that names a column which the file does not have; Malformed by field."""
    strange = {
        f"columns.{name}": ["The file has no such column."]
        for name, column in mapping.columns.items()
        if column.column is not None and column.column not in header
    }
    if strange:
        raise Malformed(strange)


def preview(file: Source, *, most_bytes: int) -> Preview:
    """Return the beginning of a file; refused when it is no table."""
    with open_table(file, (), most_bytes=most_bytes) as table:
        rows: list[Row] = []
        for number, cells in table.body:
            rows.append((number, [cell.removeprefix(MERGED) for cell in cells]))
            if len(rows) == PREVIEW_ROWS:
                break
        return Preview(table.header, tuple(rows), table.form)
