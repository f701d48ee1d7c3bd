"""One run as a report: an executed notebook and a page, both kept with the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from hyprl_lab.engine.result import Result
from hyprl_lab.report.evidence import validation_evidence
from hyprl_lab.report.html import notebook_html
from hyprl_lab.report.papermill import execute_template
from hyprl_lab.report.saved import save_close
from hyprl_lab.research.recording import warehouse_of
from hyprl_lab.resources import notebook_path
from hyprl_lab.store import default

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.report.evidence import Evidence
    from hyprl_lab.report.view import BarsView
    from hyprl_lab.store import Warehouse

__all__ = ["Report", "Reportable", "report"]

TEMPLATE: Final = "reports/run_report.ipynb"


class Reportable(Protocol):
    """The part of a `Result` that a report asks for."""

    @property
    def bars(self) -> BarsView:
        """The bars the run was made on."""
        ...

    @property
    def equity(self) -> pd.Series[float]:
        """Money at each bar's close, by UTC timestamp."""
        ...

    @property
    def engine(self) -> str:
        """Which engine made it."""
        ...

    @property
    def engine_version(self) -> str:
        """That engine's version."""
        ...

    def save(self) -> str:
        """Store the run and return its hash."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """Where a report lies.

    Parameters
    ----------
    html
        One page that holds everything it needs; it opens without a network.
    notebook
        The executed notebook.
    """

    html: Path
    notebook: Path


def report(
    result: Reportable,
    *,
    folder: Path | str | None = None,
    validation: Evidence | None = None,
    verdict: Evidence | None = None,
) -> Report:
    """Save a run, execute the report template on it, and write notebook and page.

    Both files are also attached to the run as artifacts, once both are made. Two reports of one run
    with the same evidence in the same home have equal bytes.

    Parameters
    ----------
    result
        What `hl.backtest` returned.
    folder
        Where the files go; by default `reports/<run hash>` in the home of the warehouse that the
        run was counted in. Made if needed.
    validation, verdict
        What `hl.validate` and `hl.promote` returned for this run, to be shown with it.

    Raises
    ------
    ReportError
        A cell of the template failed; the message names it.
    WarehouseError
        The run can't be stored.

    Examples
    --------
    A report takes seconds, for a kernel is started::

        import hyprl_lab as hl

        trend = hl.Strategy("trend", long_entry=hl.close > hl.ta.sma(hl.close, 200),
                            long_exit=hl.close < hl.ta.sma(hl.close, 200))
        result = hl.backtest(hl.load_bars("sp500"), trend)
        hl.report(result).html
    """
    import nbformat

    run_hash = result.save()
    warehouse = _warehouse(result)
    place = warehouse.home
    made_by = {"engine_version": result.engine_version, "engine": result.engine}
    notebook = execute_template(
        notebook_path(TEMPLATE),
        {
            "run_hash": run_hash,
            "home": str(place),
            **made_by,
            "validation": None if validation is None else validation_evidence(validation),
            "verdict": None if verdict is None else verdict.to_dict(),
        },
    )
    target = place / "reports" / run_hash[:16] if folder is None else Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    made = Report(html=target / "report.html", notebook=target / "report.ipynb")
    _write(made.html, notebook_html(notebook, title=f"Run {run_hash[:12]}"))
    source: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]  # nbformat has no types
    _write(made.notebook, source + "\n")
    save_close(warehouse, run_hash, result.bars, result.equity, **made_by)
    for path in (made.html, made.notebook):
        warehouse.add_artifact(run_hash, path.name, path, **made_by)
    return made


def _warehouse(result: Reportable) -> Warehouse:
    """Return where `save` put the run: the result's own warehouse, else that of `HYPRL_HOME`."""
    return warehouse_of(result) if isinstance(result, Result) else default()


def _write(path: Path, text: str) -> None:
    # A page that is open while it is made anew is the old one or the new one, never half.
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
