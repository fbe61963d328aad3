"""Files that were handed in lie sealed on the disk, since their rows name people.

Each file has a key of its own, which is kept sealed in the database: so a rotation of the field keys seals that again
and leaves the file alone. The file is a row of pieces, each AES-256-GCM with the piece's number, and whether it is the
last one, in the nonce: pieces that were changed, moved or cut off do not open. Reading opens one piece at a time.
"""

import io
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loyalty.kernel.crypto import BrokenSeal, seal, unseal

PIECE = 1 << 16
TAG = 16
KEY_BYTES = 32


def seal_key(stored_name: str, key: bytes) -> bytes:
    """Return the key of a file sealed for that file."""
    return seal(key.hex(), place=f"import_runs.stored_key:{stored_name}")


def new_key() -> bytes:
    """Return a key for one file; a second file under it would repeat nonces."""
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file on the disk, with its key."""

    path: Path
    key: bytes = field(repr=False)

    @classmethod
    def kept(cls, folder: Path, stored_name: str, sealed_key: bytes) -> "SealedFile":
        """Return a kept file whose key is sealed for it; BrokenSeal when it is not."""
        place = f"import_runs.stored_key:{stored_name}"
        return cls(folder / stored_name, bytes.fromhex(unseal(sealed_key, place=place)))


Source = Path | SealedFile
"""A file as it is read: one of somebody else's, as it stands, or one that we keep."""


def kept_file(folder: Path, stored_name: str, sealed_key: bytes | None) -> Source:
    """Return a file that we keep; one from before files were sealed has no key."""
    return folder / stored_name if sealed_key is None else SealedFile.kept(folder, stored_name, sealed_key)


def size_of(source: Source) -> int:
    """Return how many bytes the file has when it is open."""
    if isinstance(source, Path):
        return source.stat().st_size
    sealed = source.path.stat().st_size
    return sealed - TAG * -(-sealed // (PIECE + TAG))


def opened(source: Source) -> BinaryIO:
    """Open a file for reading; BrokenSeal while reading when it was changed or cut off."""
    if isinstance(source, Path):
        return source.open("rb")
    return io.BufferedReader(_Pieces(source), PIECE)


def write_sealed(file: IO[bytes], key: bytes, pieces: Iterable[bytes]) -> int:
    """Write the pieces sealed, each but the last of PIECE bytes; return how many bytes they had."""
    cipher, size, before = AESGCM(key), 0, b""
    for number, piece in enumerate(pieces):
        if number:
            file.write(cipher.encrypt(_nonce(number - 1, last=False), before, None))
        size, before = size + len(piece), piece
    if size:
        file.write(cipher.encrypt(_nonce((size - 1) // PIECE, last=True), before, None))
    return size


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class _Pieces(io.RawIOBase):
    """What a sealed file holds, opened a piece at a time."""

    def __init__(self, source: SealedFile) -> None:
        self._cipher = AESGCM(source.key)
        self._file = source.path.open("rb")
        self._size = size_of(source)
        self._place = 0
        self._piece: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands over
        number, within = divmod(self._place, PIECE)
        if self._place >= self._size:
            return 0
        part = self._opened(number)[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _opened(self, number: int) -> bytes:
        if self._piece[0] != number:
            self._file.seek(number * (PIECE + TAG))
            sealed = self._file.read(PIECE + TAG)
            last = (number + 1) * PIECE >= self._size
            try:
                self._piece = (number, self._cipher.decrypt(_nonce(number, last=last), sealed, None))
            except InvalidTag as error:
                raise BrokenSeal(f"piece {number} of a kept file", "it was changed or cut off") from error
        return self._piece[1]

    def close(self) -> None:
        self._file.close()
        super().close()
