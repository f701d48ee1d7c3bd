"""Many cases on all cores, kept as they are done."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

from calibration.judged import Judged, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from calibration.judged import Effort
    from calibration.searches import Case

__all__ = ["judge_all"]


def judge_all(
    cases: Sequence[Case],
    *,
    processes: int | None = None,
    effort: Effort = "gate",
    kept: Path | None = None,
    heard: Callable[[Judged], None] | None = None,
) -> list[Judged]:
    """Judge cases in processes of their own, and return them in the order given.

    Parameters
    ----------
    cases
        Different ones.
    processes
        At a time, by default one a core; 1 judges in this process.
    effort
        As for `judge`.
    kept
        A file that each verdict is written to; cases that it has are not judged again.
    heard
        Called with each new verdict.
    """
    found = {} if kept is None else _read(kept)
    wanted = [case for case in cases if case not in found]

    def keep(judged: Judged) -> None:
        found[judged.case] = judged
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(judged.to_dict()) + "\n")
        if heard is not None:
            heard(judged)

    count = min(len(wanted), processes or os.cpu_count() or 1)
    if count <= 1:
        for case in wanted:
            keep(judge(case, effort=effort))
    else:
        spawn = multiprocessing.get_context("spawn")  # a fork would copy the engine's threads
        with ProcessPoolExecutor(count, mp_context=spawn) as pool:
            for future in as_completed(
                [pool.submit(judge, case, effort=effort) for case in wanted]
            ):
                keep(future.result())
    return [found[case] for case in cases]


def _read(kept: Path) -> dict[Case, Judged]:
    if not kept.is_file():
        return {}
    lines = kept.read_text(encoding="utf-8").splitlines()
    rows = [Judged.from_dict(json.loads(line)) for line in lines if line.endswith("}")]
    return {row.case: row for row in rows}
