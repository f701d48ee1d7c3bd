"""Values for the parameters of a graph, checked: one rule for strategies and for features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.parameter import by_name
from hyprl_lab.strategy.wording import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.strategy.graph import Graph

__all__ = ["bound_values"]


def bound_values(graph: Graph, params: Mapping[str, object] | None, whose: str) -> dict[str, float]:
    """Return a float for each parameter of a graph, sorted by name.

    Parameters
    ----------
    graph
        Whose parameters they are.
    params
        Values by name; `None` is none.
    whose
        For messages, as `'dual_sma'` or `the features`.

    Raises
    ------
    StrategyError
        One is missing, unknown, not finite, not whole where it must be, outside the range it was
        made with or what its node takes; or `params` is no mapping.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> bound_values(dual_sma().graph, {"slow": 20, "fast": 10}, "'dual_sma'")
    {'fast': 10.0, 'slow': 20.0}
    """
    known = graph.parameters
    given = {} if params is None else by_name(params, known)
    missing = [name for name in known if name not in given]
    unknown = [name for name in given if name not in known]
    if missing or unknown:
        raise StrategyError(
            f"parameters of {whose}: missing {listed(missing)}, unknown {listed(unknown)}; "
            f"expected exactly {listed(known)}"
        )
    bound = {n: p.checked(given[n], window=n in graph.windows) for n, p in known.items()}
    for use in graph.scalars:
        use.check(bound[use.name])
    return bound
