"""Several studies of one search: the same space on several bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args, overload

import numpy as np

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.study.display import group_html, group_line
from hyprl_lab.research.study.frames import checked_count, completed_columns, objective_names
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.research.study.study import Study

__all__ = ["Across", "StudyGroup"]

Across: TypeAlias = Literal["mean", "min", "median"]

_DAY_US: Final = 86_400_000_000


class StudyGroup(Sequence["Study"]):
    """The studies of one search over several bars: symbols, date windows, or both.

    It is a sequence of its studies, in the order of the bars; `group["AAA"]` finds one by its
    name, or by its symbol where that names one alone.

    Parameters
    ----------
    studies
        One or more, of the same strategy and the same parameters.

    Raises
    ------
    InputError
        There is none, or they searched different parameters.
    """

    def __init__(self, studies: Sequence[Study]) -> None:
        self._studies = tuple(studies)
        if not self._studies:
            raise InputError("a StudyGroup needs at least one study; the sequence is empty")
        wanted = self._studies[0].points.names
        for study in self._studies:
            if study.points.names != wanted:
                raise InputError(
                    f"studies of a group search the same parameters; found {wanted} and "
                    f"{study.points.names}"
                )
        self.names: list[str] = _names(self._studies)

    def __len__(self) -> int:
        return len(self._studies)

    @overload
    def __getitem__(self, key: int | str) -> Study: ...
    @overload
    def __getitem__(self, key: slice) -> StudyGroup: ...
    def __getitem__(self, key: int | str | slice) -> Study | StudyGroup:
        if isinstance(key, slice):
            return StudyGroup(self._studies[key])
        if isinstance(key, int):
            if not -len(self) <= key < len(self):
                raise IndexError(f"study {key} of a group of {len(self)}, numbered from 0")
            return self._studies[key]
        found = [
            study
            for name, study in zip(self.names, self._studies, strict=True)
            if key in {name, study.bars.symbol}
        ]
        if len(found) != 1:
            raise NotFoundError(
                f"{len(found)} studies of the group are called {key!r}; there are {self.names}"
            )
        return found[0]

    def trials(self) -> pd.DataFrame:
        """Return every trial of every study, a row each: `bars`, then as `Study.trials`.

        Rows are indexed by study and trial, in their order.
        """
        return self._joined([study.trials() for study in self])

    def top(self, count: int = 20) -> pd.DataFrame:
        """Return the best trials over all studies, best first: `bars`, then as `Study.top`.

        With several objectives they stand by the first; `pareto` weighs all of them.

        Parameters
        ----------
        count
            At most so many rows.

        Raises
        ------
        InputError
            `count` is no whole number from 0.
        """
        joined = self._joined([study.top(count) for study in self])
        if joined.empty:
            return joined
        return joined.sort_values("objective", ascending=False, kind="stable").head(count)

    def pareto(self) -> pd.DataFrame:
        """Return the trials that no trial of any study dominates: `bars`, then as `Study.pareto`.

        The largest first objective comes first. A study's own front is `group[0].pareto()`; it
        may have trials that those of another study dominate.

        Raises
        ------
        InputError
            The studies have different objectives.
        """
        self._objectives()
        joined = self._joined([study.pareto() for study in self])
        if joined.empty:
            return joined
        ranking = self[0].ranking
        columns = objective_names(len(ranking.objectives))
        return joined.iloc[ranking.front(joined[columns].to_numpy(dtype=np.float64).T)]

    def across(
        self, how: Across = "mean", count: int = 20, *, objective: str | None = None
    ) -> pd.DataFrame:
        """Return the parameter sets that do best over all bars, best first.

        Parameters
        ----------
        how
            What of a set's objectives over the bars counts: their mean, the least, the median. A
            set counts only where it has one on all bars: a trial that failed, was pruned, misses
            a constraint or has no defined objective is none.
        count
            At most so many rows.
        objective
            Which of the search's objectives, as it was given there; the first where `None`.

        Returns
        -------
        DataFrame: the parameters, `objective` (by `how`), then a column for each study, named
        after its bars. A set that was drawn more than once stands once.

        Raises
        ------
        InputError
            `how` is none of these, `count` no whole number from 0, `objective` none of the
            search's, or the studies have different objectives.
        """
        import pandas as pd

        if how not in get_args(Across):
            raise InputError(f"how is {how!r}; choose one of {list(get_args(Across))}")
        count = checked_count("count", count)
        place = self._place(objective)
        params = self[0].points.names
        columns = []
        for name, study in zip(self.names, self, strict=True):
            found = completed_columns(study, study.ranking.metrics, params)
            scores = study.ranking.score_matrix(found.by_name, len(found))[place]
            index = pd.MultiIndex.from_arrays(
                [found.by_name[param] for param in params], names=params
            )
            defined = ~(np.isnan(scores) | index.duplicated())
            columns.append(pd.Series(scores[defined], index=index[defined], name=name))
        table = pd.concat(columns, axis=1, join="inner")
        scores = getattr(table, how)(axis=1)
        order = np.argsort(-scores.to_numpy(), kind="stable")[:count]
        table.insert(0, "objective", scores)
        return table.iloc[order].reset_index()

    def _objectives(self) -> list[str]:
        """Return the objectives that all studies have, in their order."""
        found = [[one.text for one in study.ranking.objectives] for study in self]
        for other in found[1:]:
            if other != found[0]:
                raise InputError(
                    f"studies of the group have the objectives {found[0]} and {other}, which do "
                    "not compare; make a group of studies with the same objectives"
                )
        return found[0]

    def _place(self, objective: str | None) -> int:
        known = self._objectives()
        if objective is None:
            return 0
        if objective not in known:
            raise InputError(f"objective is {shown(objective)}; the search has {known}")
        return known.index(objective)

    def _joined(self, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        for name, frame in zip(self.names, frames, strict=True):
            frame.insert(0, "bars", name)
        whole = pd.concat(frames, keys=range(len(frames)), names=["study", "trial"])
        if whole.empty:
            return whole.reindex(
                columns=["bars", *objective_names(len(self[0].ranking.objectives))]
            )
        return whole

    def __repr__(self) -> str:
        """One line: how many studies and trials, on what."""
        return group_line(self)

    def _repr_html_(self) -> str:
        return group_html(self)


def _names(studies: Sequence[Study]) -> list[str]:
    """Return a name for each study: the symbol, with dates where it stands more than once."""
    symbols = [study.bars.symbol for study in studies]
    if len(set(symbols)) == len(symbols):
        return symbols
    names = [f"{study.bars.symbol} {_window(study)}" for study in studies]
    return [
        name if names.count(name) == 1 else f"{name} #{names[:place].count(name) + 1}"
        for place, name in enumerate(names)
    ]


def _window(study: Study) -> str:
    first, last = (
        str(np.datetime64(int(study.search_bars.ts[place]) // _DAY_US, "D")) for place in (0, -1)
    )
    return f"{study.bars.timeframe} {first} to {last}"
