"""What a trial says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyprl_lab.research.study import Study


def test_a_trial_names_its_parameters_and_objective(study: Study) -> None:
    best = study.best
    assert best is not None
    text = repr(best)
    assert text.startswith(f"Trial({best.index}: fast={best.params['fast']:g}, slow=")
    assert f"objective {best.objective:.4g}" in text
    assert "a trial keeps no trades" in best._repr_html_()
