"""Files that were handed in lie sealed, read as they were, and do not open when somebody changed them."""

import tracemalloc
from io import BytesIO

import pytest
import xlsxwriter

from loyalty.kernel.crypto import BrokenSeal
from loyalty.sales.sealed_files import PIECE, TAG, SealedFile, kept_file, opened, size_of
from loyalty.sales.service import keep_upload, preview

ROWS = "单号,手机号\nF-1,13812345678\n"
MOST = 10**8

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def keep(tmp_path):
    """Keep bytes; return the file and where it lies."""

    def kept(content):
        upload = keep_upload(BytesIO(content), tmp_path, most_bytes=MOST)
        assert upload.size == len(content)
        return kept_file(tmp_path, upload.name, upload.key), tmp_path / upload.name

    return kept


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])
def test_a_kept_file_reads_as_it_was(keep, size):
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    file, _ = keep(content)

    with opened(file) as stream:
        assert stream.read() == content
        stream.seek(size // 2)
        assert stream.read(70_000) == content[size // 2 :][:70_000]
    assert size_of(file) == size


def test_nothing_of_it_stands_on_the_disk_in_plain_text(keep):
    _, path = keep(ROWS.encode())

    assert b"13812345678" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def _flip(sealed):
    return sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:]


def _swap(sealed):
    piece = PIECE + TAG
    return sealed[piece : 2 * piece] + sealed[:piece] + sealed[2 * piece :]


@pytest.mark.parametrize(
    "change",
    [_flip, _swap, lambda sealed: sealed[: PIECE + TAG], lambda sealed: sealed[:-1], lambda sealed: sealed + b"x" * 40],
    ids=["a bit", "pieces swapped", "cut after a piece", "cut by a byte", "grown"],
)
def test_a_file_that_was_changed_does_not_open(keep, change):
    file, path = keep(b"a" * PIECE + b"b" * PIECE + b"c" * 9)
    path.write_bytes(change(path.read_bytes()))

    with opened(file) as stream, pytest.raises(BrokenSeal):
        stream.read()


def test_a_file_that_lies_open_may_be_changed_without_anybody_noticing(tmp_path):
    """The negative control, and how files from before are read: they have no key."""
    (tmp_path / "old").write_bytes(ROWS.replace("F-1", "F-2").encode())

    assert preview(kept_file(tmp_path, "old", None), most_bytes=MOST).rows == ((2, ["F-2", "13812345678"]),)


def test_the_key_of_one_file_opens_no_other(keep, tmp_path):
    one = keep_upload(BytesIO(ROWS.encode()), tmp_path, most_bytes=MOST)
    other = keep_upload(BytesIO(ROWS.encode()), tmp_path, most_bytes=MOST)

    with pytest.raises(BrokenSeal):
        SealedFile.kept(tmp_path, other.name, one.key)


def test_a_workbook_is_read_from_its_sealed_file(keep):
    made = BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["单号", "金额"])
        sheet.write_row(1, 0, ["F-1", 10])
    file, _ = keep(made.getvalue())

    seen = preview(file, most_bytes=MOST)

    assert (seen.header, seen.form, seen.rows) == (("单号", "金额"), "Excel", ((2, ["F-1", "10"]),))


def test_a_large_file_is_written_and_read_in_little_memory(keep, tmp_path):
    class Endless:
        left = 20 * 1024 * 1024

        def read(self, size):
            part = b"x" * min(size, self.left)
            self.left -= len(part)
            return part

    tracemalloc.start()
    try:
        upload = keep_upload(Endless(), tmp_path, most_bytes=MOST)
        with opened(kept_file(tmp_path, upload.name, upload.key)) as stream:
            read = sum(len(part) for part in iter(lambda: stream.read(PIECE), b""))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == upload.size == 20 * 1024 * 1024
    assert peak < 1024 * 1024
