"""Controls for what a run is made of: parameters, sizing, costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.engine.config import AllIn, Execution, FixedFraction, RiskPct

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.engine.config import Risk
    from hyprl_lab.strategy import Parameter, Strategy

__all__ = ["CostControls", "ParameterControls", "RiskControls"]

WIDE = {"width": "auto"}
LABELLED = {"description_width": "96px"}


class ParameterControls:
    """One slider for each parameter of a strategy, over its range.

    Parameters
    ----------
    strategy
        Whose parameters are offered. A slider starts a fifth into its range; a parameter without
        a range gets a number field that starts at 1.
    on_change
        Called without arguments when a value has changed.
    """

    def __init__(self, strategy: Strategy, on_change: Callable[[], None]) -> None:
        import ipywidgets

        self._fields: dict[str, Any] = {
            name: _field(parameter) for name, parameter in strategy.parameters.items()
        }
        for field in self._fields.values():
            field.observe(lambda _change: on_change(), names="value")
        self.widget = ipywidgets.VBox(list(self._fields.values()))

    @property
    def values(self) -> dict[str, float]:
        """The parameters as they are set."""
        return {name: field.value for name, field in self._fields.items()}


def _field(parameter: Parameter) -> Any:
    import ipywidgets

    shared: dict[str, Any] = {"description": parameter.name, "layout": WIDE, "style": LABELLED}
    if parameter.low is None or parameter.high is None:
        return ipywidgets.FloatText(value=1.0, continuous_update=False, **shared)
    span = parameter.high - parameter.low
    start = parameter.low + span / 5
    shared |= {"min": parameter.low, "max": parameter.high, "continuous_update": False}
    if parameter.integer:
        return ipywidgets.IntSlider(value=round(start), **shared)
    return ipywidgets.FloatSlider(value=start, step=span / 100 or 1.0, **shared)


class RiskControls:
    """How much of the account each position takes.

    Parameters
    ----------
    on_change
        Called without arguments when a value has changed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        import ipywidgets

        self._model = ipywidgets.Dropdown(
            options=[
                ("All in", "all_in"),
                ("Fixed fraction", "fraction"),
                ("Risk at stop", "risk"),
            ],
            description="Sizing",
            layout=WIDE,
            style=LABELLED,
        )
        self._percent = ipywidgets.BoundedFloatText(
            value=2.0,
            min=0.01,
            max=100.0,
            step=0.5,
            description="Percent",
            disabled=True,
            layout=WIDE,
            style=LABELLED,
        )
        self._model.observe(lambda _change: self._switch(on_change), names="value")
        self._percent.observe(lambda _change: on_change(), names="value")
        self.widget = ipywidgets.VBox([self._model, self._percent])

    def _switch(self, on_change: Callable[[], None]) -> None:
        self._percent.disabled = self._model.value == "all_in"
        on_change()

    @property
    def value(self) -> Risk:
        """The sizing as it is set."""
        share = self._percent.value / 100
        match self._model.value:
            case "fraction":
                return FixedFraction(share)
            case "risk":
                return RiskPct(share)
            case _:
                return AllIn()


class CostControls:
    """What a fill costs, in basis points of its value (1 bp = 0.01 %).

    Parameters
    ----------
    on_change
        Called without arguments when a value has changed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        import ipywidgets

        self._fee, self._slippage = (
            ipywidgets.BoundedFloatText(
                value=value,
                min=0.0,
                max=1000.0,
                step=1.0,
                description=name,
                layout=WIDE,
                style=LABELLED,
            )
            for name, value in (("Fee, bps", 5.0), ("Slippage, bps", 2.0))
        )
        for field in (self._fee, self._slippage):
            field.observe(lambda _change: on_change(), names="value")
        self.widget = ipywidgets.VBox([self._fee, self._slippage])

    @property
    def value(self) -> Execution:
        """The costs as they are set, with every other setting at its default."""
        return Execution(fee_bps=self._fee.value, slippage_bps=self._slippage.value)
