"""What makes two trials the same trial."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

from hyprl_lab.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["KEY_BYTES", "trial_key", "trial_key_prefix"]

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
    return hashlib.sha256(
        canonical_json(
            {
                "execution": dict(execution),
                "lineage_root": lineage_root,
                "risk": dict(risk),
                "strategy_hash": strategy_hash,
            }
        )
    ).digest()


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
