from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.multiple import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)

ALL = [
    (bonferroni, "bonferroni"),
    (holm, "holm"),
    (benjamini_hochberg, "fdr_bh"),
    (benjamini_yekutieli, "fdr_by"),
]

P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30)


@pytest.mark.parametrize(("function", "name"), ALL)
@given(p=P_VALUES)
def test_as_statsmodels_has_it(function: Callable[..., np.ndarray], name: str, p: list) -> None:
    with mock.patch("gc.collect"):  # statsmodels collects garbage for each call of Holm's
        wanted = multipletests(p, method=name)[1]
    np.testing.assert_allclose(function(p), wanted, rtol=1e-12, atol=1e-300)


@given(p=P_VALUES)
def test_which_is_stricter(p: list[float]) -> None:
    slack = 1e-12
    assert (holm(p) <= bonferroni(p) + slack).all()
    assert (benjamini_hochberg(p) <= holm(p) + slack).all()
    assert (benjamini_hochberg(p) <= benjamini_yekutieli(p) + slack).all()
    assert (benjamini_hochberg(p) >= np.array(p) - slack).all()


def test_one_test_needs_no_adjustment() -> None:
    for function, _ in ALL:
        assert function([0.03]).tolist() == [0.03]


@pytest.mark.parametrize(("function", "name"), ALL)
def test_what_is_no_p_value_is_refused(function: Callable[..., np.ndarray], name: str) -> None:
    with pytest.raises(InputError, match="expected at least 1"):
        function([])
    with pytest.raises(InputError, match=r"p_values\[1\] is nan"):
        function([0.1, float("nan")])
    with pytest.raises(InputError, match=r"p_values\[0\] is 1\.5; expected a number from 0 to 1"):
        function([1.5, 0.2])
    with pytest.raises(InputError, match=r"p_values\[1\] is -0\.1"):
        function([0.5, -0.1])
