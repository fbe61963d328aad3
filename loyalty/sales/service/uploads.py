"""Files that were handed in, kept in the data folder under names of our own until they are read."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from loyalty.kernel.errors import Malformed
from loyalty.sales.rules import EmptyFile, FileMapping, FileTooLarge, Row
from loyalty.sales.rules.cells import MERGED
from loyalty.sales.service.files import open_table

CHUNK = 1 << 20
PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a file: its header, first rows, and in what form it is."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    form: str


def uploads_folder(data_dir: Path) -> Path:
    """Return where handed-in files are kept; several machines share this folder."""
    return data_dir / "imports"


def keep_upload(stream: IO[bytes], folder: Path, *, most_bytes: int) -> tuple[str, int]:
    """Keep a file under a random name; return that and the number of bytes. An empty or too large one is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stored_name = secrets.token_hex(16)
    path = folder / stored_name
    try:
        size = _copy(stream, path, most_bytes)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return stored_name, size


def _copy(stream: IO[bytes], path: Path, most_bytes: int) -> int:
    size = 0
    with path.open("xb") as file:
        path.chmod(0o600)
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most_bytes:
                raise FileTooLarge(size=size, most=most_bytes, setting="LOYALTY_UPLOAD_LIMIT_BYTES")
            file.write(chunk)
    if size == 0:
        raise EmptyFile
    return size


def check_columns(mapping: FileMapping, header: Sequence[str]) -> None:
    """Refuse a mapping that names a column which the file does not have; Malformed by field."""
    strange = {
        f"columns.{name}": ["The file has no such column."]
        for name, column in mapping.columns.items()
        if column.column is not None and column.column not in header
    }
    if strange:
        raise Malformed(strange)


def preview(folder: Path, stored_name: str, *, most_bytes: int) -> Preview:
    """Return the beginning of a kept file; refused when it is no table."""
    with open_table(folder / stored_name, (), most_bytes=most_bytes) as table:
        rows: list[Row] = []
        for number, cells in table.body:
            rows.append((number, [cell.removeprefix(MERGED) for cell in cells]))
            if len(rows) == PREVIEW_ROWS:
                break
        return Preview(table.header, tuple(rows), table.form)
