"""What was left on bars that the search of each window had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.validation import ValidationRow
from hyprl_lab.research.walk_forward import VERSION, WalkForward, walk_forward

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK", "NO_SEARCH"]

NO_SEARCH: Final = "a single run has no space to search again; validate the study it came from"
"""Why nothing can be searched again."""

_ROWS: Final = ("walk_forward_sharpe", "walk_forward_return", "walk_forward_efficiency")


def _compute(asking: Asking) -> WalkForward | None:
    subject, settings = asking.subject, asking.settings
    study = subject.study
    if study is None:
        return None
    return asking.remembered(
        "walk_forward",
        {
            **subject.search_inputs(),
            "version": VERSION,
            "windows": settings.windows,
            "train": None,
            "test": None,
            "anchored": False,
            "seed": settings.seed,
        },
        WalkForward.from_dict,
        lambda: walk_forward(
            study,
            windows=settings.windows,
            seed=settings.seed,
            threads=asking.threads,
            progress=asking.progress,
            cancel=asking.cancel,
        ),
    )


def _read(_asking: Asking, found: WalkForward | None) -> list[ValidationRow]:
    if found is None:
        return [ValidationRow.undefined(name, NO_SEARCH) for name in _ROWS]
    count, flat = len(found.windows), found.flat_windows
    idle = f"; {flat} of them flat, nothing met the constraints" if flat else ""
    sharpe, efficiency = found.out_of_sample_sharpe, found.efficiency
    if sharpe is None:
        rows = [ValidationRow.undefined(_ROWS[0], "the out-of-sample returns do not vary")]
    else:
        said = f"Searched anew {count} times and traded on unseen bars{idle}: "
        rows = [
            ValidationRow(
                name=_ROWS[0], value=sharpe, reading=f"{said}annual Sharpe ratio {sharpe:.2f}."
            )
        ]
    rows.append(
        ValidationRow(
            name=_ROWS[1],
            value=found.total_return,
            reading=f"The stitched unseen record returned {found.total_return:+.1%} "
            f"over {len(found.returns):,} periods.",
        )
    )
    if efficiency is None:
        rows.append(ValidationRow.undefined(_ROWS[2], str(found.efficiency_reason)))
    else:
        said = f"{efficiency:.0%} of the Sharpe ratio seen while choosing "
        rows.append(
            ValidationRow(
                name=_ROWS[2],
                value=efficiency,
                reading=f"{said}({found.mean_train_sharpe:.2f}) was left on unseen bars.",
            )
        )
    return rows


CHECK: Final = Check(name="walk_forward", rows=_ROWS, read=_read, compute=_compute)
"""The walk-forward (Pardo 2008)."""
