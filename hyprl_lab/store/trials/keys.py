"""What makes two trials the same trial."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["KEY_BYTES", "trial_key", "trial_key_prefix", "trial_key_prefixes", "trial_keys"]

KEY_BYTES: Final = 16
"""The length of a trial key."""


def trial_key_prefix(
    strategy_hash: str,
    risk: Mapping[str, JsonValue],
    execution: Mapping[str, JsonValue],
    lineage_root: str,
) -> bytes:
    """Return the part of a trial's key that a whole study shares: 32 bytes.

    It is the SHA-256 of the RFC 8785 JSON of the four values, as an object of those names.

    Parameters
    ----------
    strategy_hash
        `Strategy.hash`.
    risk, execution
        Their JSON form, defaults filled in.
    lineage_root
        `Warehouse.lineage_root(bars)`.

    Examples
    --------
    >>> trial_key_prefix("ab", {"kind": "all_in"}, {"fee_bps": 0.0}, "root").hex()[:16]
    '3f800b58604b6abd'
    """
    pair = canonical_json(dict(risk)).decode(), canonical_json(dict(execution)).decode()
    return trial_key_prefixes(strategy_hash, [pair], lineage_root)[0]


def trial_key_prefixes(
    strategy_hash: str, pairs: Iterable[tuple[str, str]], lineage_root: str
) -> list[bytes]:
    """Return `trial_key_prefix` for many settings.

    Parameters
    ----------
    strategy_hash, lineage_root
        As there.
    pairs
        Risk and execution, each as RFC 8785 text already, which stands in a longer one as it is.

    Examples
    --------
    >>> found = trial_key_prefixes("ab", [('{"kind":"all_in"}', '{"fee_bps":0}')], "root")
    >>> found[0].hex()[:16]
    '3f800b58604b6abd'
    """
    root, strategy = (canonical_json(text).decode() for text in (lineage_root, strategy_hash))
    middle, end = f',"lineage_root":{root},"risk":', f',"strategy_hash":{strategy}}}'
    return [
        hashlib.sha256(f'{{"execution":{execution}{middle}{risk}{end}'.encode()).digest()
        for risk, execution in pairs
    ]


def trial_key(prefix: bytes, params: Mapping[str, float]) -> bytes:
    """Return the key of one trial: 16 bytes.

    They are the first 16 bytes of SHA-256 over the prefix and, for each parameter in the order
    of its name's UTF-8 bytes: the name's length in bytes (32 bits, little-endian), the name, and
    the value (float64, little-endian, -0 as 0).

    Parameters
    ----------
    prefix
        Of `trial_key_prefix`.
    params
        A value for each parameter.

    Examples
    --------
    >>> one = trial_key(b"p", {"fast": 5, "slow": 20})
    >>> one == trial_key(b"p", {"slow": 20.0, "fast": 5.0}), len(one)
    (True, 16)
    """
    hashed = hashlib.sha256(prefix)
    for name, value in sorted((name.encode(), float(value)) for name, value in params.items()):
        hashed.update(struct.pack("<I", len(name)))
        hashed.update(name)
        hashed.update(struct.pack("<d", value + 0.0))  # -0.0 + 0.0 is 0.0
    return hashed.digest()[:KEY_BYTES]


def trial_keys(
    prefixes: Sequence[bytes],
    index: NDArray[np.uint32],
    names: Sequence[str],
    values: FloatArray,
) -> NDArray[np.uint8]:
    """Return the keys of many trials with many prefixes: uint8, shape (trials, 16).

    Parameters
    ----------
    prefixes
        Of `trial_key_prefix`.
    index
        Which of them each trial has.
    names
        Of the columns of `values`.
    values
        float64, shape (trials, parameters).

    Examples
    --------
    >>> keys = trial_keys([b"p"], np.zeros(1, np.uint32), ["slow"], np.array([[20.0]]))
    >>> keys.tobytes() == trial_key(b"p", {"slow": 20.0})
    True
    """
    count = len(values)
    pieces: list[NDArray[np.uint8]] = [np.empty((count, 0), np.uint8)]
    for name, place in sorted((name.encode(), place) for place, name in enumerate(names)):
        header = np.frombuffer(struct.pack("<I", len(name)) + name, np.uint8)
        pieces.append(np.broadcast_to(header, (count, len(header))))
        pieces.append((values[:, place] + 0.0).astype("<f8")[:, None].view(np.uint8))
    rows = np.hstack(pieces)
    hashed, width = rows.tobytes(), rows.shape[1]
    digests = [
        hashlib.sha256(prefixes[place] + hashed[row * width : (row + 1) * width]).digest()
        for row, place in enumerate(index.tolist())
    ]
    whole = np.frombuffer(b"".join(digests), np.uint8)
    return whole.reshape(count, hashlib.sha256().digest_size)[:, :KEY_BYTES].copy()
