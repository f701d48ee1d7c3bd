"""Execute a report template with parameters, and keep nothing of when or where it ran."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hyprl_lab.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

    from hyprl_lab.types import JsonValue

__all__ = ["execute_template"]


def execute_template(
    template: Path, parameters: Mapping[str, JsonValue], *, timeout_seconds: int = 600
) -> NotebookNode:
    """Return the executed notebook, stripped of everything that differs between two executions.

    Parameters
    ----------
    template
        A notebook with one cell tagged `parameters`.
    parameters
        A value for each parameter that the template declares, and for no other.
    timeout_seconds
        Longest a single cell may take.

    Raises
    ------
    ReportError
        Parameters missing or unknown; or a cell failed: the message names it.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    declared = set(papermill.inspect_notebook(str(template)))
    if declared != set(parameters):
        raise ReportError(
            f"{template.name} declares the parameters {sorted(declared)}; "
            f"it was given {sorted(parameters)}: name exactly those it declares"
        )
    with tempfile.TemporaryDirectory(prefix="hyprl-report-") as scratch:
        try:
            executed = papermill.execute_notebook(
                str(template),
                str(Path(scratch) / template.name),
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=timeout_seconds,
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
        except PapermillExecutionError as error:
            raise ReportError(
                f"{template.name}: {_cell_name(error.source, error.cell_index)} failed with "
                f"{error.ename}: {error.evalue}; mend the run or the template and try again"
            ) from error
        except CellTimeoutError as error:
            raise ReportError(
                f"{template.name}: a cell took longer than {timeout_seconds} s"
            ) from error
        except DeadKernelError as error:
            raise ReportError(
                f"{template.name}: the kernel died; look for a lack of memory"
            ) from error
    return stripped(executed)


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with equal bytes for equal content.

    Taken out, in place: times and durations of execution, papermill's metadata, random cell ids
    and Plotly's random trace ids.
    """
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        for key in ("papermill", "execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get("application/vnd.plotly.v1+json", {})
            for trace in figure.get("data", []):
                trace.pop("uid", None)
    return notebook


def _cell_name(source: str, index: int) -> str:
    first = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return f"cell {index} ({first!r})"
