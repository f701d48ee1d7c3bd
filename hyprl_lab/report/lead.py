"""What stands at the top of a report: what ran, on what, and the numbers looked at first."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from hyprl_lab.report.markup import Markup
from hyprl_lab.report.numbers import number_text, value_text
from hyprl_lab.report.tables import HEADLINE, label

if TYPE_CHECKING:
    from hyprl_lab.report.saved import SavedRun
    from hyprl_lab.report.tables import MetricsView

__all__ = ["headline_cards", "title_block"]

CARD_STYLE: Final = """<style>
.lab-cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 6px 0 18px; }
.lab-card { border: 1px solid #cbd2d9; border-radius: 6px; padding: 10px 12px; min-width: 0;
  font: 13px/1.4 Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #52606d;
  break-inside: avoid; }
.lab-card b { display: block; font-size: 21px; font-weight: 600; color: #1f2933; line-height: 1.3;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.lab-card small { display: block; font-size: 12px; color: #52606d; }
@media (max-width: 640px) { .lab-cards { grid-template-columns: repeat(2, 1fr); } }
</style>"""


def title_block(run: SavedRun) -> Markup:
    """Return the report's heading: strategy, instrument, period and parameters."""
    strategy = run.config["strategy"]
    name = strategy["name"] if isinstance(strategy, dict) else strategy
    params = run.config["params"]
    chosen = (
        ", ".join(f"{key} = {number_text(value)}" for key, value in params.items())
        if isinstance(params, dict)
        else ""
    )
    first, last = run.equity.index[0], run.equity.index[-1]
    facts = [
        f"{run.bars.timeframe} bars, {first:%-d %B %Y} to {last:%-d %B %Y} ({len(run.equity):,})",
        chosen or "no parameters",
    ]
    return Markup(
        f"<h1>{escape(str(name))} on {escape(run.bars.symbol)}</h1>"
        f"<p>{' · '.join(escape(fact) for fact in facts)}<br>"
        f"<code>run {escape(run.run_hash[:12])}</code></p>"
    )


def headline_cards(metrics: MetricsView) -> Markup:
    """Return the eight metrics that are looked at first as cards.

    An undefined metric shows a dash and why; fractions are shown in percent.

    Examples
    --------
    >>> from hyprl_lab.engine.simulation import TradeColumns
    >>> from hyprl_lab.metrics import TRIAL_METRICS, Metrics
    >>> values = dict.fromkeys(TRIAL_METRICS, 0.0) | {"win_rate": float("nan")}
    >>> metrics = Metrics.from_values(values, trades=TradeColumns.empty(), periods_per_year=252.0)
    >>> "no trades" in headline_cards(metrics).html
    True
    """
    cards = []
    for name in HEADLINE:
        value, unit = metrics.to_dict()[name], metrics.units[name]
        note = unit.partition(" ")[2].strip(", ") if value is not None else metrics.reasons[name]
        cards.append(
            f'<div class="lab-card">{escape(label(name))}<b>{escape(value_text(value, unit))}</b>'
            f"<small>{escape(note)}</small></div>"
        )
    return Markup(f'{CARD_STYLE}<div class="lab-cards">{"".join(cards)}</div>')
