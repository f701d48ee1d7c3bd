"""The views a query may name, and what their columns are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hyprl_lab.metrics import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CATALOG", "VIEWS", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """What a view is for.

    Parameters
    ----------
    about
        A sentence or two.
    columns
        What its columns are where that is not what `meaning` says of the name everywhere.
    """

    about: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, column: str) -> str:
        """Return what a column of this view is.

        Examples
        --------
        >>> CATALOG["trials"].meaning("sharpe")
        'ratio, annualised; null where undefined'
        """
        own = self.columns.get(column) or _COMMON.get(column)
        return own or f"{UNITS[column]}; null where undefined"


_COMMON: Final[Mapping[str, str]] = {
    "behaviour_hash": "64 bits over what the trial did: the same for trials that traded alike",
    "body": "RFC 8785 JSON",
    "calendar": "whose sessions the bars follow",
    "chain_hash": "SHA-256 of the bytes of `chain_prev` and of the link's own hash",
    "chain_prev": "`chain_hash` of the link before",
    "code_version": "version of the lab and a hash of its files; null where older",
    "config": "the whole config as RFC 8785 JSON, defaults filled in",
    "created_at": "when it was recorded",
    "engine": "`native` or `python`",
    "engine_version": "the engines number theirs apart",
    "environment_hash": "names a row of `environments`; null where older",
    "fees": "money",
    "financing": "money: borrowing and funding",
    "fingerprint": "SHA-256 of the bars' content",
    "kind": "what it is",
    "lineage_root": "which market and time; N counts by it",
    "name": "of the preset",
    "param_names": "what `param_values` stand for",
    "param_values": "in the order of the study's `param_names`",
    "quantity": "units",
    "run_hash": "names the run",
    "seq": "its place, from 0",
    "state": "where it stands",
    "strategy_hash": "SHA-256 of the strategy's graph",
    "strategy_name": "of the strategy",
    "study_id": "names the study; `backtest` for single backtests",
    "symbol": "of the bars",
    "timeframe": "of the bars",
    "trial_index": "from 0 within the study",
    "trial_key": "16 bytes: the same for the same trial, whoever evaluated it",
    "ts": "when the bar opens, UTC",
}

_TRADE: Final = "null for runs that are older than the column"

CATALOG: Final[Mapping[str, View]] = {
    "backtests": View(
        "Trials of single backtests; each is a row of `trials` too, under study `backtest`. "
        "A compaction moves them into parts, which changes nothing here.",
        {
            "param_values": "in the order of the row's own `param_names`",
            "state": "`completed`, `failed` or `pruned`",
            "first_ts": "when the first bar simulated opens; null where older",
            "last_ts": "when the last bar simulated opens; null where older",
            "fingerprint": "SHA-256 of the bars' content; null where older",
            "purpose": "`run`, or `gate` where the gate opened a holdout; null where older",
            "looks": "how often exactly this was evaluated",
            "last_look_at": "when it was evaluated last",
        },
    ),
    "bar_sets": View(
        "Sets of bars that are kept, a row each.",
        {
            "ohlcv_fingerprint": "the same without feature columns",
            "column_names": "in the order of the bars",
            "lineage": "where they came from, JSON",
            "source": "the file they came from, JSON",
            "part_id": "of the part that holds them",
            "calendar_inferred": "whether the calendar was read off the times",
            "rows": "how many bars",
            "sources": "in how many ways the set was stored",
            "first_ts": "when the first bar opens",
            "last_ts": "when the last bar opens",
        },
    ),
    "bars": View(
        "The bars themselves, without feature columns.",
        {
            "open": "price",
            "high": "price",
            "low": "price",
            "close": "price",
            "volume": "null where the bars have none",
        },
    ),
    "chain": View(
        "Everything that is claimed, one link after the other: `hyprl runs verify --all` "
        "checks it.",
        {
            "kind": "`run`, `artifact`, `removal`, `verdict` or `study`",
            "subject": "the run's hash, the verdict's id or the study's",
            "body_hash": "SHA-256 of `body`",
        },
    ),
    "environments": View(
        "What runs and studies were made with.",
        {"hash": "SHA-256 of `body`", "body": "Python, platform and packages, RFC 8785 JSON"},
    ),
    "equity": View(
        "Money at each bar's close, of runs whose artifacts are kept; where several engines "
        "computed a run, that of the last.",
        {"equity": "money"},
    ),
    "lineages": View(
        "Which bars are the same market and time, whatever was appended, cut or added.",
        {
            "root": "names the lineage",
            "current_root": "the root it was merged into, itself otherwise",
            "first_ts": "when its first bar opens",
            "last_ts": "when its last bar opens",
        },
    ),
    "orders": View(
        "Orders of runs whose artifacts are kept, filled or not.",
        {
            "ts": "when it was filled or refused",
            "signal_ts": "the bar whose signal asked for it; null where none did",
            "side": "`long` or `short`",
            "intent": "`enter` or `exit`",
            "kind": "of order",
            "reason": "why it was placed",
            "status": "what became of it",
            "why": "why it was not filled as asked",
            "asked": "units asked for",
            "quantity": "units filled",
            "price": "of the fill, null without one",
            "fee": "money",
        },
    ),
    "run_events": View(
        "What happened to runs, in order; old events may have been given up.",
        {
            "seq": "its number, from 1, of the run",
            "kind": "`queued`, `running`, `progress`, `artifact`, `completed`, `failed` or "
            "`cancelled`",
            "body": "JSON",
        },
    ),
    "runs": View(
        "Every run that was submitted or saved. Those that are not completed have no `seq`, no "
        "metrics and no link in the chain.",
        {
            "state": "`queued`, `running`, `completed`, `failed` or `cancelled`",
            "error": "why it failed",
            "seq": "its place among completed runs, from 0",
            "attempt": "how often it was started",
            "seed": "of random numbers; null where older",
            "manifest_hash": "SHA-256 of its manifest, which names every file and its hash",
            "created_at": "when it was submitted or, without that, saved",
            "updated_at": "when its state changed last",
        },
    ),
    "shards": View(
        "Pieces of studies. An intended one counts as evaluated, for its results may have been "
        "seen.",
        {
            "shard": "its number",
            "state": "`intended` or `live`",
            "rows": "how many trials",
            "first_index": "of its trials; null where older",
            "trials_digest": "SHA-256 of its trials' content, which no compaction changes",
            "blocks_digest": "the same of its block moments",
            "created_at": "when it was announced",
            "committed_at": "when it was committed",
        },
    ),
    "studies": View(
        "Searches.",
        {
            "kind": "of study, such as `search`",
            "state": "`running` or `completed`",
            "strategy": "its graph, RFC 8785 JSON",
            "spec": "everything that decides its trials, RFC 8785 JSON",
            "summary": "what came of it, RFC 8785 JSON; null before it is complete",
            "digest": "over the digests of its shards, set when it is complete",
            "total": "trials it has when it is complete",
            "first_ts": "when the first bar searched opens; null where older",
            "last_ts": "when the last bar searched opens; null where older",
            "completed_at": "when that was",
        },
    ),
    "trades": View(
        "Closed trades of runs whose artifacts are kept.",
        {
            "side": "`long` or `short`",
            "entry_ts": "when it was entered",
            "exit_ts": "when it was left",
            "entry_price": "price",
            "exit_price": "price",
            "pnl": "money, net of cost",
            "return": "fraction of the entry's notional",
            "reason": "why it was left",
            "stop_price": "null without a stop",
            "bars_held": f"bars; {_TRADE}",
            "fees": f"money; {_TRADE}",
            "financing": f"money: borrowing and funding; {_TRADE}",
            "mae": f"the worst moment, a fraction of the entry; {_TRADE}",
            "mfe": f"the best moment, a fraction of the entry; {_TRADE}",
            "r_multiple": "profit in units of the risk at the stop; null without one, and for "
            "runs that are older than the column",
        },
    ),
    "trial_blocks": View(
        "Moments of trials' returns in 17 blocks of time, the leading one first; what the "
        "statistics of a search are computed from.",
        {
            "sum1": "Σr of each block",
            "sum2": "Σr²",
            "sum3": "Σr³",
            "sum4": "Σr⁴",
            "turnover": "Σ|notional| in money",
            "trades": "trades closed",
        },
    ),
    "trials": View(
        "Every trial that was ever evaluated and recorded, of searches and of single backtests.",
        {"state": "`completed`, `failed` or `pruned`; all three count"},
    ),
    "verdicts": View(
        "What the gate decided.",
        {
            "id": "SHA-256 of `body`",
            "profile": "of the gate",
            "run_hash": "of the run that was judged; null where it was none",
            "study_id": "of the study that was judged; null where it was none",
            "passed": "whether it did",
        },
    ),
}
"""Every view, by name."""

VIEWS: Final = tuple(CATALOG)
"""Every name a query may use, sorted."""
