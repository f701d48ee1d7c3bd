"""A validation: numbers, what each says in plain words, and the evidence behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, Protocol, cast

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import digest
from hyprl_lab.wiring import provided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from hyprl_lab.research.stats import ReturnMoments
    from hyprl_lab.research.stats.bootstrap import Bootstrap
    from hyprl_lab.research.walk_forward import WalkForward
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Evidence", "LedgerFacts", "Validation", "ValidationRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """What the ledger says of a lineage at the moment of asking.

    N, the number of trials, spans every study, process and single backtest of the lineage. V, the
    spread of their Sharpe ratios, does not: a ratio over 120 bars scatters more than one over
    5,000, so only looks at the judged bars are comparable. With A the trials of all studies that
    searched exactly these bars (by fingerprint), a trial once, and A₁ … Aₖ those of each of them:

        V = max(var(A), var(A₁), …, var(Aₖ)), ddof=1, over defined ratios per period

    For a study that is alone on its bars this is the variance of its own trials (Bailey and López
    de Prado, "The deflated Sharpe ratio", 2014). The largest is taken so that V is a function of
    what was looked at and not of the order; so that cutting one search into many small ones
    leaves its spread (in A); and so that nothing searched afterwards lowers V below what any one
    study showed. What near-duplicates within one study take off V, the floored ratio shows.

    Where fewer than two trials are known on these very bars (a single run on bars that no study
    searched, or on a part of them), the same is taken over all looks of the lineage. They include
    shorter stretches, so that V errs upwards.

    Parameters
    ----------
    ledger_id
        Of the warehouse that was asked.
    lineage_root
        Of the bars.
    trials
        Distinct trials over all studies and processes.
    sharpe_variance
        V, per period²; `None` if fewer than two trials have a Sharpe ratio.
    variance_of
        `"bars"`: V is over looks at the judged bars; `"lineage"`: over all; `None` without V.
    """

    ledger_id: str
    lineage_root: str
    trials: int
    sharpe_variance: float | None
    variance_of: Literal["bars", "lineage"] | None = None

    @classmethod
    def of(
        cls, warehouse: Warehouse, lineage_root: str, *, fingerprint: str | None = None
    ) -> LedgerFacts:
        """Count the ledger's trials.

        Parameters
        ----------
        warehouse
            The ledger.
        lineage_root
            Of the judged bars.
        fingerprint
            Of the judged bars; `None` where no study can have searched just these.
        """
        variance: float | None = None
        basis: Literal["bars", "lineage"] | None = None
        if fingerprint is not None:
            variance = _spread(warehouse.trial_sharpes(lineage_root, fingerprint=fingerprint))
            basis = "bars"
        if variance is None:
            variance, basis = _spread(warehouse.trial_sharpes(lineage_root)), "lineage"
        return cls(
            ledger_id=warehouse.ledger_id,
            lineage_root=lineage_root,
            trials=int(warehouse.trial_count(lineage_root)),
            sharpe_variance=variance,
            variance_of=None if variance is None else basis,
        )


def _spread(groups: Sequence[FloatArray]) -> float | None:
    """Return the largest variance (ddof=1) of the groups that have one."""
    known = [float(group.var(ddof=1)) for group in groups if len(group) > 1]
    return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRow:
    """One number and what it says.

    Parameters
    ----------
    name
        Of the statistic.
    value
        `None` where undefined.
    reading
        In plain language, without a threshold.
    reason
        Why the value is `None`.
    """

    name: str
    value: float | None
    reading: str
    reason: str | None = None

    @classmethod
    def undefined(cls, name: str, reason: str) -> ValidationRow:
        """Return a row without a value, and say why.

        Examples
        --------
        >>> ValidationRow.undefined("sharpe", "the returns do not vary").reading
        'Undefined: the returns do not vary.'
        """
        return cls(name=name, value=None, reading=f"Undefined: {reason}.", reason=reason)


class Evidence(Protocol):
    """What a check computed."""

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Validation:
    """What `validate` found; shown as a table in a notebook.

    Parameters
    ----------
    rows
        One a statistic.
    subject
        `kind`, `study_id`, `run_hash` of what was judged.
    ledger
        The trial count and its spread, as recorded then.
    settings
        `checks`, and the numbers of `Settings`.
    moments
        Of the judged returns; `None` where they do not vary or there are none.
    years
        Elapsed between the first and the last bar judged.
    evidence
        What the checks computed, by the name of the check, in full; without those that compute
        nothing, or for which the subject has nothing.
    """

    rows: tuple[ValidationRow, ...]
    subject: Mapping[str, JsonValue]
    ledger: LedgerFacts
    settings: Mapping[str, JsonValue]
    moments: ReturnMoments | None
    years: float
    evidence: Mapping[str, Evidence]

    @property
    def walk_forward(self) -> WalkForward | None:
        """The walk-forward in full; `None` where not asked for or not possible."""
        return cast("WalkForward | None", self.evidence.get("walk_forward"))

    @property
    def bootstrap(self) -> Bootstrap | None:
        """The bootstrap in full; `None` where not asked for or not possible."""
        return cast("Bootstrap | None", self.evidence.get("bootstrap"))

    def row(self, name: str) -> ValidationRow:
        """Return one row by its name.

        Raises
        ------
        InputError
            There is no such row; the message lists what there is.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise InputError(f"no statistic {name!r} here; there are {[r.name for r in self.rows]}")

    @property
    def table(self) -> pd.DataFrame:
        """Name, value and reading, one row a statistic; an undefined value is missing."""
        import pandas as pd

        return pd.DataFrame(
            {
                "name": [row.name for row in self.rows],
                "value": pd.array([row.value for row in self.rows], dtype="Float64"),
                "reading": [row.reading for row in self.rows],
            }
        )

    def figures(self) -> dict[str, go.Figure]:
        """Draw what the checks computed, by the name of the check.

        Logits of `pbo`, the null of `permutation` and of `walk_forward_permutation` with the real
        score, the fan of drawdowns of `ruin`, the equity of `walk_forward`, the paths of `cpcv`.
        A check that was not asked for, or has nothing to draw, has no figure; its row says why.
        The surface of a study, its chosen point marked, is `study.surface(x, y).figure()`.
        """
        draw: Callable[[Validation], dict[str, go.Figure]] = provided("validation_figures")
        return draw(self)

    @property
    def hash(self) -> str:
        """SHA-256 of the RFC 8785 JSON of `to_dict()` without its hash."""
        return digest(self._body())

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values; an undefined one is `None` with its reason beside it."""
        return {**self._body(), "hash": self.hash}

    def summary(self) -> dict[str, JsonValue]:
        """Return the rows and what they are about; `hash` is that of the whole."""
        return {**self._summary(), "hash": self.hash}

    def detail(self) -> dict[str, JsonValue]:
        """Return the evidence in full; `hash` is that of the whole."""
        return {**self._detail(), "hash": self.hash}

    def _body(self) -> dict[str, JsonValue]:
        return {**self._summary(), **self._detail()}

    def _summary(self) -> dict[str, JsonValue]:
        return {
            "rows": [asdict(row) for row in self.rows],
            "subject": dict(self.subject),
            "ledger": asdict(self.ledger),
            "settings": dict(self.settings),
            "moments": None if self.moments is None else asdict(self.moments),
            "years": self.years,
        }

    def _detail(self) -> dict[str, JsonValue]:
        return {"evidence": {name: found.to_dict() for name, found in self.evidence.items()}}

    def __str__(self) -> str:
        """One statistic a line."""
        return "\n".join(f"{row.name:<32} {_shown(row):>10}  {row.reading}" for row in self.rows)

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(row.name.replace('_', ' '))}</th>"
            f"<td style='text-align:right'>{escape(_shown(row))}</td>"
            f"<td style='text-align:left'>{escape(row.reading)}</td></tr>"
            for row in self.rows
        )
        head = "<tr><th>statistic</th><th>value</th><th>what it says</th></tr>"
        caption = f"Validation against {self.ledger.trials:,} trials in the ledger"
        return (
            f"<table><caption>{escape(caption)}</caption>"
            f"<thead>{head}</thead><tbody>{cells}</tbody></table>"
        )


def _shown(row: ValidationRow) -> str:
    return "-" if row.value is None else f"{row.value:,.4g}"
