from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.research.stats.normal import normal_cdf, normal_quantile, normal_upper_quantile


def test_agrees_with_scipy_in_both_tails() -> None:
    from scipy.special import ndtr, ndtri

    for x in np.linspace(-30.0, 8.0, 77):
        assert normal_cdf(float(x)) == pytest.approx(float(ndtr(x)), rel=1e-12)
    for p in (1e-300, 1e-20, 1e-5, 0.1, 0.5, 0.9, 1 - 1e-10):
        assert normal_quantile(p) == pytest.approx(float(ndtri(p)), rel=1e-12, abs=1e-15)
        assert normal_upper_quantile(p) == pytest.approx(-float(ndtri(p)), rel=1e-12, abs=1e-15)
