"""Every figure that a validation has something to draw for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.report.figures.cross_validation import cross_validation_figure
from hyprl_lab.report.figures.drawdown_fan import drawdown_fan_figure
from hyprl_lab.report.figures.null import null_figure
from hyprl_lab.report.figures.overfitting import overfitting_figure
from hyprl_lab.report.figures.walk_forward import walk_forward_figure

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

    from hyprl_lab.research.validation import Validation

__all__ = ["validation_figures"]

_DRAWN: Final[dict[str, Callable[[Any], go.Figure]]] = {
    "ruin": drawdown_fan_figure,
    "pbo": overfitting_figure,
    "walk_forward": walk_forward_figure,
    "cpcv": cross_validation_figure,
    "permutation": null_figure,
    "walk_forward_permutation": null_figure,
}


def validation_figures(validation: Validation) -> dict[str, go.Figure]:
    """Draw what a validation found, by the names of its checks.

    A check without evidence, or whose evidence has nothing to draw, has no figure; its row says
    why. The surface of a study is `study.surface(x, y).figure()`. In a notebook this is
    `validation.figures()`.

    Parameters
    ----------
    validation
        What `hl.validate` returned.

    Examples
    --------
    >>> import tempfile
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = hl.supersearch(
    ...     hl.load_bars("TEST"), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
    ...     warehouse=hl.Warehouse(tempfile.mkdtemp()))
    >>> list(validation_figures(hl.validate(study, checks=["cpcv", "psr"])))
    ['cpcv']
    """
    figures = {}
    for name, draw in _DRAWN.items():
        found = validation.evidence.get(name)
        if found is None:
            continue
        try:
            figures[name] = draw(found)
        except InputError:  # nothing to draw, and the row has the reason
            continue
    return figures
