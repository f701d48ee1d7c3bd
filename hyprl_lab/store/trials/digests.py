"""A digest over the content of rows: what they say, not how Parquet or Arrow writes it down.

Compression, encodings, dictionaries, chunks and row groups make no difference; the order of rows
and of columns does. So a compaction may write rows anew, and what was claimed of them stands.

Each column has a SHA-256 of its own, of its values one after the other: numbers and times
little-endian, a null as zero; bytes as they are; text as its length and its UTF-8 bytes; a label
(dictionary of text) as the number of its first appearance, and the labels at the end; a list as its
length, and its elements like a column. The places of nulls have another. The digest is the SHA-256
of the names, the kinds and these hashes in the order of the schema, after the number of rows.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["RowsDigest", "study_digest", "table_digest"]


class RowsDigest:
    """The digest of rows that come piece by piece.

    Parameters
    ----------
    schema
        Of every piece.

    Raises
    ------
    InputError
        A column is of a kind that has no form here.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"a": [1.0, 2.0, None]})
    >>> whole, pieces = RowsDigest(table.schema), RowsDigest(table.schema)
    >>> whole.update(table)
    >>> for start in range(3):
    ...     pieces.update(table.slice(start, 1))
    >>> whole.hexdigest() == pieces.hexdigest(), whole.rows
    (True, 3)
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._columns = [(field.name, _column(field.name, field.type)) for field in schema]
        self.rows = 0

    def update(self, table: pa.Table) -> None:
        """Add rows at the end."""
        for (_, column), values in zip(self._columns, table.columns, strict=True):
            for chunk in values.chunks:
                column.update(chunk)
        self.rows += table.num_rows

    def hexdigest(self) -> str:
        """Return the digest of the rows so far, in hexadecimal."""
        hashed = hashlib.sha256(struct.pack("<Q", self.rows))
        for name, column in self._columns:
            for text in (name, column.kind):
                hashed.update(_text(text))
            hashed.update(column.digest())
        return hashed.hexdigest()


def table_digest(table: pa.Table) -> str:
    """Return the digest of a table's content, in hexadecimal.

    Examples
    --------
    >>> import pyarrow as pa
    >>> plain = pa.table({"a": pa.chunked_array([[1, 2], [3]])})
    >>> table_digest(plain) == table_digest(plain.combine_chunks())
    True
    """
    found = RowsDigest(table.schema)
    found.update(table)
    return found.hexdigest()


def study_digest(
    study_id: str, shards: Iterable[tuple[int, int, int, str | None, str | None]]
) -> str:
    """Return what a finished study claims of its trials, in hexadecimal.

    It is a chain from the SHA-256 of the study's id: each shard's link is the SHA-256 of the link
    before it and the RFC 8785 JSON of the shard's entry.

    Parameters
    ----------
    shards
        In ascending order: number, first trial's index, rows, the digests of trials and blocks.

    Examples
    --------
    >>> study_digest("s", [(0, 0, 4, "ab", None)])[:12]
    '70e8dd2aa0f6'
    """
    link = hashlib.sha256(study_id.encode()).digest()
    for shard in shards:
        link = hashlib.sha256(link + canonical_json(list(shard))).digest()
    return link.hex()


class _Column:
    """Values and nulls of one column; a subclass says how its values are fed."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._values = hashlib.sha256()
        self._nulls = hashlib.sha256()
        self._length = 0

    def update(self, chunk: pa.Array) -> None:
        if chunk.null_count:
            places = np.flatnonzero(chunk.is_null().to_numpy(zero_copy_only=False)) + self._length
            self._nulls.update(places.astype("<i8").tobytes())
        self._length += len(chunk)
        self._feed(chunk)

    def digest(self) -> bytes:
        return self._values.digest() + self._nulls.digest()

    def _feed(self, chunk: pa.Array) -> None:
        raise NotImplementedError


class _Numbers(_Column):
    """Numbers, and times as their count of units."""

    def _feed(self, chunk: pa.Array) -> None:
        import pyarrow as pa

        if pa.types.is_timestamp(chunk.type):
            chunk = chunk.cast(pa.int64())
        elif pa.types.is_boolean(chunk.type):
            chunk = chunk.cast(pa.uint8())
        if chunk.null_count:
            chunk = chunk.fill_null(0)
        values = chunk.to_numpy(zero_copy_only=False)
        self._values.update(_little(values))


class _Bytes(_Column):
    """Bytes of one length for all rows."""

    def _feed(self, chunk: pa.Array) -> None:
        if chunk.null_count:
            chunk = chunk.fill_null(bytes(chunk.type.byte_width))
        width = chunk.type.byte_width
        start = chunk.offset * width
        self._values.update(memoryview(chunk.buffers()[1])[start : start + len(chunk) * width])


class _Texts(_Column):
    """Texts that rarely repeat: their lengths, and their bytes."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._content = hashlib.sha256()

    def _feed(self, chunk: pa.Array) -> None:
        import pyarrow.compute as pc

        chunk = chunk.fill_null("")
        lengths = pc.binary_length(chunk).to_numpy(zero_copy_only=False)
        self._values.update(_little(lengths.astype(np.int32)))
        self._content.update("".join(chunk.to_pylist()).encode())

    def digest(self) -> bytes:
        return super().digest() + self._content.digest()


class _Labels(_Column):
    """Texts that repeat: numbers, and the list of them at the end."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._labels: dict[str | None, int] = {}

    def _feed(self, chunk: pa.Array) -> None:
        import pyarrow.compute as pc

        words = chunk.dictionary.to_pylist()
        codes = np.zeros(len(words) + 1, np.int32)
        places = chunk.indices.fill_null(len(words))
        for place in pc.unique(places).to_pylist():
            word = words[place] if place < len(words) else None
            codes[place] = self._labels.setdefault(word, len(self._labels))
        self._values.update(_little(codes[places.to_numpy(zero_copy_only=False)]))

    def digest(self) -> bytes:
        listed = b"".join(_text(word or "") for word in self._labels)
        return super().digest() + hashlib.sha256(listed).digest()


class _Lists(_Column):
    """Lists: their lengths, and their elements as another column."""

    def __init__(self, kind: str, elements: _Column) -> None:
        super().__init__(f"{kind} of {elements.kind}")
        self._elements = elements

    def _feed(self, chunk: pa.Array) -> None:
        lengths = chunk.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        self._values.update(_little(lengths.astype(np.int32)))
        self._elements.update(chunk.flatten())

    def digest(self) -> bytes:
        return super().digest() + self._elements.digest()


def _column(name: str, kind: pa.DataType) -> _Column:
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_dictionary(kind) and kinds.is_string(kind.value_type):
        return _Labels("label")
    if kinds.is_string(kind):
        return _Texts("text")
    if kinds.is_fixed_size_binary(kind):
        return _Bytes(f"bytes {kind.byte_width}")
    if kinds.is_list(kind) or kinds.is_fixed_size_list(kind):
        return _Lists("list", _column(name, kind.value_type))
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind):
        return _Numbers(str(kind))
    if kinds.is_timestamp(kind):
        return _Numbers(f"time {kind.unit}")
    raise InputError(
        f"column {name} is {kind}; expected numbers, times, text, labels, bytes or lists of them"
    )


def _little(values: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(values, values.dtype.newbyteorder("<")).data.cast("B")


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded
