"""Why two runs came to different money."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.runs.again import inputs_of
from hyprl_lab.research.runs.aligned import aligned_trades
from hyprl_lab.research.runs.exchange import GROUPS, Exchange
from hyprl_lab.research.runs.find import get, opened
from hyprl_lab.research.runs.shapley import adding_up, shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.engine.result import Result
    from hyprl_lab.store import StoredRun, Warehouse
    from hyprl_lab.types import JsonValue

__all__ = ["Difference", "explain_diff"]

_EVERY: Final = frozenset(GROUPS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """The P&L of run B less that of run A, and what it comes from.

    Parameters
    ----------
    a, b
        The runs' hashes.
    pnl_a, pnl_b
        Final equity less cash, money, as stored.
    total
        pnl_b - pnl_a, rounded to a binary fraction of a cent so that `parts` can add up to it.
    parts
        Money by `data`, `parameter`, `cost`, `fill_rule`, `engine`; they add up to `total`
        exactly, in any order.
    settings
        The settings that differ, by group; a group that is not named has no part.
    residue
        How much of `parts["engine"]` is what the stored runs differ by and this lab's engine,
        computing both again, does not: 0 for runs that it reproduces.
    impossible
        Combinations of settings that can't be run, by the groups taken from B, and why. Orders of
        exchange that pass through one don't count.
    trades
        Both runs' trades side by side; see `aligned_trades`.
    """

    a: str
    b: str
    pnl_a: float
    pnl_b: float
    total: float
    parts: Mapping[str, float]
    settings: Mapping[str, list[str]]
    residue: float
    impossible: Mapping[str, str]
    trades: pd.DataFrame

    def to_dict(self) -> dict[str, JsonValue]:
        """Return everything but the trades as JSON values, with how many trades align."""
        found = self.trades["found"].value_counts()
        return {
            "a": self.a,
            "b": self.b,
            "pnl": {"a": self.pnl_a, "b": self.pnl_b},
            "total": self.total,
            "parts": dict(self.parts),
            "settings": {group: [*names] for group, names in self.settings.items()},
            "residue": self.residue,
            "impossible": dict(self.impossible),
            "trades": {name: int(found.get(name, 0)) for name in ("both", "A", "B")},
        }

    def __str__(self) -> str:
        """One part a line, under the total."""
        told = [f"P&L {self.pnl_b:,.2f} - {self.pnl_a:,.2f} = {self.total:+,.2f}"]
        told += [f"{group:<10} {part:>+16,.2f}  {self._why(group)}" for group, part in self._rows]
        return "\n".join(told)

    @property
    def _rows(self) -> list[tuple[str, float]]:
        return [(group, self.parts[group]) for group in GROUPS]

    def _why(self, group: str) -> str:
        return ", ".join(self.settings.get(group, []))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{group.replace('_', ' ')}</th>"
            f"<td style='text-align:right'>{part:+,.2f}</td>"
            f"<td style='text-align:left'>{escape(self._why(group))}</td></tr>"
            for group, part in self._rows
        )
        caption = f"P&amp;L of {self.b[:12]} less that of {self.a[:12]}: {self.total:+,.2f}"
        head = "<tr><th>from</th><th>money</th><th>what differs</th></tr>"
        return (
            f"<table><caption>{caption}</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
        )


def explain_diff(
    a: str | StoredRun, b: str | StoredRun, *, warehouse: Warehouse | None = None
) -> Difference:
    """Attribute the difference in P&L between two stored runs to what differs between them.

    Settings are exchanged group by group, and a group's part is the mean change over all orders of
    exchange (Shapley's value): no order is preferred, the parts add up to the whole, and A and B
    exchanged turn every sign. Both runs' bars come out of the warehouse, and each combination is
    computed by the engine itself.

    Parameters
    ----------
    a, b
        Hashes or their first characters, or what `hl.runs.get` returned: one hash may be of runs
        by both engines.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    NotFoundError
        There is no such run, or its bars are gone.
    InputError
        Every order passes through a combination that can't be run; the message says which.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> options = {"params": {"fast": 5, "slow": 20}}
    >>> free = hl.backtest(hl.load_bars("TEST"), dual_sma(), **options).save()
    >>> charged = hl.Execution(fee_bps=10)
    >>> paid = hl.backtest(hl.load_bars("TEST"), dual_sma(), execution=charged, **options).save()
    >>> found = explain_diff(free, paid)
    >>> found.total < 0, found.parts["cost"] == found.total, found.settings
    (True, True, {'cost': ['fee_bps']})
    """
    store = opened(warehouse)
    runs = [get(run, warehouse=store) if isinstance(run, str) else run for run in (a, b)]
    exchange = Exchange(*(inputs_of(run, store) for run in runs))
    groups = list(exchange.differing)
    ends = {frozenset[str](): exchange.run(frozenset()), frozenset(groups): exchange.run(_EVERY)}
    impossible: dict[str, str] = {}

    def worth(of_b: frozenset[str]) -> float | None:
        if of_b in ends:
            return _money(ends[of_b])
        try:
            return _money(exchange.run(of_b))
        except InputError as error:
            named = " + ".join(group for group in GROUPS if group in of_b)
            impossible[named] = str(error)
            return None

    found = shares(groups, worth)
    if found is None:
        reasons = "; ".join(f"{names} of B with the rest of A: {why}" for names, why in
                            impossible.items())  # fmt: skip
        raise InputError(
            f"the difference between runs {runs[0].run_hash[:12]} and {runs[1].run_hash[:12]} "
            f"can't be shared out: they differ by {', '.join(groups)}, and every order of "
            f"exchanging these passes through settings that can't be run ({reasons}). Compare each "
            "with a run that differs from it by one of them"
        )
    first, last = ends[frozenset()], ends[frozenset(groups)]
    kept = [_stored_money(run, made) for run, made in zip(runs, (first, last), strict=True)]
    residue = (kept[1] - _money(last)) - (kept[0] - _money(first))
    parts = {group: found.get(group, 0.0) for group in GROUPS}
    parts["engine"] += residue
    scale = max(abs(kept[0]), abs(kept[1]), first.cash, last.cash)
    total, parts = adding_up(kept[1] - kept[0], parts, scale=scale)
    return Difference(
        a=runs[0].run_hash,
        b=runs[1].run_hash,
        pnl_a=kept[0],
        pnl_b=kept[1],
        total=total,
        parts=parts,
        settings=exchange.differing,
        residue=residue,
        impossible=impossible,
        trades=aligned_trades(*map(_trades, runs, (first, last))),
    )


def _money(result: Result) -> float:
    """Return a run's P&L; equity beyond float64 is refused by the engine."""
    values = result.simulation.values  # noqa: PD011  # a mapping of our own
    return values["final_equity"] - result.cash


def _stored_money(run: StoredRun, made: Result) -> float:
    """Return a run's P&L as it was stored."""
    final = run.metrics["final_equity"]
    return _money(made) if final is None else final - made.cash


def _trades(run: StoredRun, made: Result) -> pd.DataFrame:
    """Return a run's trades as stored, or as computed where their file was given up."""
    try:
        return run.trades()
    except NotFoundError:
        return made.trades
