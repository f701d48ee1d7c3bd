from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from run_records import record

from hyprl_lab.store.runs.record import RunRecord


def test_what_may_be_left_out() -> None:
    required = {field.name for field in fields(RunRecord)} - {
        *("reasons", "orders", "features", "calendar", "semantics", "seed", "code_version"),
        *("environment_hash", "environment"),
    }
    full = record()
    short = RunRecord(**{name: getattr(full, name) for name in required})
    assert (short.seed, short.features, short.environment) == (None, None, None)
    assert short.reasons == {}


def test_a_record_is_not_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        record().seed = 8  # type: ignore[misc]
