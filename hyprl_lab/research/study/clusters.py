"""Trials that did the same: groups of one behaviour hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.study.frames import completed_columns

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.research.study.study import Study

__all__ = ["clusters"]


def clusters(study: Study) -> pd.DataFrame:
    """Return the groups of trials that traded alike; see `Study.clusters`."""
    import pandas as pd

    metrics = sorted({*study.ranking.metrics, "trades"})
    names = study.points.names
    columns = completed_columns(study, [*metrics, "behaviour_hash"], names)
    scores = study.ranking.scores(columns.by_name, len(columns))
    # by behaviour, then best first (NaN last), then in the order of the grid
    order = np.lexsort((columns.index, -scores, columns.by_name["behaviour_hash"]))
    hashes = columns.by_name["behaviour_hash"][order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(order) else order
    sizes = np.diff(np.r_[starts, len(order)])
    best = scores[order][starts]
    ranked = np.add.reduceat(~np.isnan(scores[order]), starts) if len(order) else sizes
    worst = scores[order][starts + np.maximum(ranked - 1, 0)]
    rows = order[starts]
    first = columns.index[rows]
    frame = pd.DataFrame(
        {
            "size": sizes,
            "representative": first,
            "objective": best,
            "spread": best - worst,
            "trades": columns.by_name["trades"][rows].astype(np.int64),
        }
    )
    for name in names:
        frame[name] = columns.by_name[name][rows]
    frame["behaviour_hash"] = hashes[starts]
    place = np.lexsort((first, -sizes, -best))
    frame = frame.iloc[place].reset_index(drop=True)
    frame.index.name = "cluster"
    return frame
