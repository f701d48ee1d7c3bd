"""Runs side by side: what they differ by, and what they came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import UNITS
from hyprl_lab.research.runs.find import get, opened
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hyprl_lab.store import StoredRun, Warehouse

__all__ = ["compare"]

_NAMED = 12


def compare(
    runs: Sequence[str | StoredRun],
    *,
    everything: bool = False,
    warehouse: Warehouse | None = None,
) -> pd.DataFrame:
    """Return the settings and metrics in which runs differ, a column a run.

    The index has two levels: `of` (`run`, `params`, `risk`, `execution`, `period`, `metrics`) and
    `name`. A setting that a run doesn't have, and a metric that is undefined, is missing.

    Parameters
    ----------
    runs
        Two or more: hashes or their first characters, or what `hl.runs.get` returned.
    everything
        Show what is equal too.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    InputError
        There are fewer than two.
    NotFoundError
        One is not there.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> made = [hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": fast, "slow": 20})
    ...         for fast in (5, 10)]
    >>> table = compare([result.save() for result in made])
    >>> table.loc[("params", "fast")].tolist()
    [5, 10]
    """
    import pandas as pd

    if isinstance(runs, str) or len(runs) < 2:
        raise InputError(f"runs is {shown(runs)}; expected two runs or more, such as [a, b]")
    store = opened(warehouse)
    found = [get(run, warehouse=store) if isinstance(run, str) else run for run in runs]
    told = [_told(run) for run in found]
    names = list(dict.fromkeys(name for each in told for name in each))
    if not everything:
        names = [name for name in names if len({_key(each.get(name)) for each in told}) > 1]
    index = pd.MultiIndex.from_tuples(names, names=["of", "name"])
    columns = {
        label: pd.Series([each.get(name) for name in names], index=index, dtype=object)
        for label, each in zip(_labels(found), told, strict=True)
    }
    return pd.DataFrame(columns, index=index)


def _told(run: StoredRun) -> dict[tuple[str, str], Any]:
    """Return what is known of a run by where it belongs and its name."""
    config: dict[str, Any] = dict(run.config)
    strategy = config.pop("strategy")
    groups = {name: config.pop(name) for name in ("params", "risk", "execution", "period")}
    about = {
        "strategy": strategy["name"],
        "strategy_hash": run.strategy_hash,
        "fingerprint": run.fingerprint,
        **config,
        "engine": run.engine,
        "engine_version": run.engine_version,
        "code_version": run.code_version,
        "environment_hash": run.environment_hash,
    }
    told = {("run", name): value for name, value in about.items()}
    for group, settings in groups.items():
        told |= {(group, name): value for name, value in settings.items()}
    return told | {("metrics", name): run.metrics.get(name) for name in UNITS}


def _key(value: object) -> str:
    """Return a text that is equal for equal JSON values."""
    return json.dumps(value, sort_keys=True)


def _labels(runs: list[StoredRun]) -> list[str]:
    """Return the start of each hash, with the engine where one hash stands twice."""
    starts = [run.run_hash[:_NAMED] for run in runs]
    labels = [
        start if starts.count(start) == 1 else f"{start} {run.engine} {run.engine_version}"
        for start, run in zip(starts, runs, strict=True)
    ]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise InputError(f"run {twice[0]} is named twice; compare different runs")
    return labels
