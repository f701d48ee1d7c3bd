from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import numpy as np

from hyprl_lab.research.stats import Interval
from hyprl_lab.research.stats.bootstrap import Bootstrap
from hyprl_lab.research.validation.checks.bootstrap import digest_of

FOUND = Bootstrap(
    n=1000,
    resamples=999,
    seed=0,
    block_length=1.0,
    confidence=0.95,
    sharpe=Interval(-0.2, 1.4),
    max_drawdown_95=0.234,
    p_value=0.041,
)


def test_its_readings(read) -> None:
    rows = read("bootstrap", found=FOUND)
    assert rows["bootstrap_sharpe_low"].value == -0.2
    assert rows["bootstrap_sharpe_high"].value == 1.4
    assert rows["bootstrap_drawdown_95"].reading == (
        "One resampled history in 20 fell by 23.4% or more."
    )
    assert "4.1% of 999 resampled histories" in rows["bootstrap_p_value"].reading
    undefined = read("bootstrap", found=replace(FOUND, sharpe=None))
    assert undefined["bootstrap_sharpe_low"].value is None
    assert undefined["bootstrap_p_value"].value == 0.041


def test_the_digest_is_of_little_endian_numbers() -> None:
    expected = hashlib.sha256(struct.pack("<2d", 0.5, -1.0)).hexdigest()
    assert digest_of(np.array([0.5, -1.0])) == expected
    assert digest_of(np.array([0.5, 9.0, -1.0])[::2]) == expected
