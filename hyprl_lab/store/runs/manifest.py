"""What a run's manifest says, and where its folder is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import digest
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from hyprl_lab.store.runs.record import RunRecord
    from hyprl_lab.types import JsonValue

__all__ = ["CLAIMED", "CONFIG", "MANIFEST", "METRICS", "SCHEMA", "folder_of", "identity_of"]

MANIFEST: Final = "manifest.json"
CONFIG: Final = "config.json"
METRICS: Final = "metrics.json"

SCHEMA: Final = 2
"""Of the manifest. The first one said nothing of a run but its hash, engine and files."""

CLAIMED: Final = (
    *("run_hash", "engine", "engine_version", "code_version", "environment_hash", "symbol"),
    *("timeframe", "fingerprint", "lineage_root", "strategy_hash", "strategy_name", "seed"),
    "created_at",
)
"""The columns of a run's row that its manifest says as well."""


def identity_of(run: RunRecord) -> dict[str, JsonValue]:
    """Return what the manifest says of a run besides its files; `created_at` is now.

    Raises
    ------
    InputError
        The environment is not what its hash names.
    """
    if run.environment is not None and digest(dict(run.environment)) != run.environment_hash:
        raise InputError(
            f"environment_hash is {run.environment_hash}; expected the digest of the environment, "
            f"{digest(dict(run.environment))}"
        )
    return {
        "run_hash": run.run_hash,
        "engine": run.engine,
        "engine_version": run.engine_version,
        "code_version": run.code_version,
        "environment_hash": run.environment_hash,
        "symbol": run.symbol,
        "timeframe": run.timeframe,
        "calendar": run.calendar,
        "fingerprint": run.fingerprint,
        "lineage_root": run.lineage_root,
        "strategy_hash": run.strategy_hash,
        "strategy_name": run.strategy_name,
        "seed": run.seed,
        "semantics": run.semantics,
        "created_at": now_us(),
    }


def folder_of(run_hash: str, before: int) -> str:
    """Return the name of a run's folder.

    Parameters
    ----------
    before
        How many runs of that hash were stored before, by other engines or versions.

    Examples
    --------
    >>> folder_of("ab12", 0), folder_of("ab12", 1)
    ('ab12', 'ab12.2')
    """
    return f"{run_hash}.{before + 1}" if before else run_hash
