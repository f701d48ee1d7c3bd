"""A validation as artifacts of the run that it judged."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import NotFoundError
from hyprl_lab.hashing import canonical_json

if TYPE_CHECKING:
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.validation.validation import Validation
    from hyprl_lab.store import Warehouse

__all__ = ["DETAIL", "SUMMARY", "keep_validation"]

SUMMARY: Final = "validation.json"
DETAIL: Final = "validation_detail.json"


def keep_validation(validation: Validation, result: Result, warehouse: Warehouse) -> bool:
    """Keep a validation with the run it judged, where that is stored; return whether it is.

    The same validation again changes nothing; another one (the ledger has grown, say) is kept
    beside the first, as `validation-2.json`.

    Parameters
    ----------
    validation
        What `validate` found.
    result
        The run it is about.
    warehouse
        Where the run may be stored.
    """
    key = (result.run_hash, result.engine_version, result.engine)
    try:
        warehouse.get_run(*key)
    except NotFoundError:
        return False
    contents = {SUMMARY: validation.summary(), DETAIL: validation.detail()}
    with tempfile.TemporaryDirectory(prefix="hyprl-validation-") as scratch:
        for name, content in contents.items():
            path = Path(scratch) / name
            path.write_bytes(canonical_json(content))
            warehouse.add_artifact(key[0], name, path, key[1], key[2])
    return True
