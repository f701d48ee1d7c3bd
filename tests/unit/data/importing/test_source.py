from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from hyprl_lab.data.importing.source import Source
from hyprl_lab.errors import BarsError


@pytest.fixture
def write(tmp_path):
    def write(content: bytes, name: str = "acme.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content)
        return file

    return write


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("acme.csv", "date,close\n")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("acme.csv"))
    return buffer.getvalue()


def test_bytes_are_read_in_order_counted_and_hashed(write):
    content = bytes(range(1, 256)) * 100
    told = []
    with Source(write(content), lambda done, total: told.append((done, total))) as source:
        assert source.read(1000) + source.read(30_000) == content
        assert source.sha256() == hashlib.sha256(content).hexdigest()
    assert told[:2] == [(1000, 25_500), (25_500, 25_500)]


def test_the_hash_is_of_the_file_though_little_of_it_was_read(write):
    packed = gzip.compress(b"date,close\n" * 100_000)
    with Source(write(packed)) as source:
        assert (source.format, source.read(4)) == ("csv.gz", b"date")
        assert source.sha256() == hashlib.sha256(packed).hexdigest()


def test_several_members_of_an_archive_are_read(write):
    with Source(write(gzip.compress(b"date,") + gzip.compress(b"close\n"))) as source:
        assert source.read(100) + source.read(100) == b"date,close\n"


def test_an_archive_that_is_cut_off_is_refused(write):
    packed = gzip.compress(bytes(range(256)) * 1000)
    with Source(write(packed[:-20])) as source, pytest.raises(BarsError, match=r"cut off.*Fetch"):
        source.read(1 << 20)
    broken = packed[:30] + bytes([packed[30] ^ 255]) + packed[31:]
    with Source(write(broken)) as source, pytest.raises(BarsError, match="gzip archive"):
        source.read(1 << 20)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b" \n\t\n", "found an empty file"),
        (zipped(), "found a zip archive or a spreadsheet.*Unpack it"),
        (tarred(), "found a tar archive"),
        (b"BZh91AY", "found a bzip2 archive"),
        (b"\xfd7zXZ\x00", "found an xz archive"),
        (b"\x28\xb5\x2f\xfd", "found a zstandard archive"),
        (b"7z\xbc\xaf", "found a 7-zip archive"),
        (b"ARROW1", "found an Arrow file"),
        (b"SQLite format 3\0", "found an SQLite database"),
        ("date,close".encode("utf-16"), "found UTF-16 text.*Save it as UTF-8"),
    ],
)
def test_other_kinds_of_file_are_refused(write, content, message):
    with pytest.raises(BarsError, match=message):
        Source(write(content))


@pytest.mark.parametrize("path", ["x" * 5_000, "~nobody-of-that-name/x.csv", "a\0b"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(BarsError, match="expected"):
        Source(path)


def test_no_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BarsError, match=r"none\.csv: found no such file"):
        Source(tmp_path / "none.csv")
    with pytest.raises(BarsError, match="found a folder"):
        Source(tmp_path)


def test_a_file_that_grows_while_it_is_read_is_refused(write):
    file = write(b"date,close\n")
    with Source(file) as source:
        source.read(100)
        with file.open("ab") as more:
            more.write(b"2024-01-02,1\n")
        with pytest.raises(BarsError, match="changed while it was read"):
            source.sha256()
