"""Points that an Optuna sampler proposes, a batch at a time, from what the batches before scored.

The sampler is asked for a batch, the batch is evaluated and recorded, and the sampler is told
every result before it is asked again. So the points depend on the space, the sampler, the seed
and the scores alone: a search that was interrupted asks for the same batches again and is told
what the ledger holds of them, and goes on as if it had never stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from hyprl_lab.engine.config import DEFAULTS, checked_seed
from hyprl_lab.errors import InputError, IntegrityError, SpaceError
from hyprl_lab.research.search.adaptive_arguments import MOST_TRIALS
from hyprl_lab.research.search.adaptive_sampler import SamplerPlan, sampler_plan
from hyprl_lab.research.search.adaptive_talk import Talk, drawn
from hyprl_lab.research.space import Batch, Sampled, read_space
from hyprl_lab.research.space.agreed import check_together
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.space import Space, SpaceLike
    from hyprl_lab.research.study.ranking import Ranking
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["AdaptivePoints", "adaptive_points"]

_MOST_COMPARED: Final = 20_000_000
"""Numbers in an array of TPE's: it holds each candidate against each trial."""

_LOOKED_AT: Final = 1 << 14
"""Points at which settings are tried together, where not all of the box is allowed."""


class AdaptivePoints:
    """The points of a search that learns; `adaptive_points` makes one.

    Parameters
    ----------
    space
        The checked space.
    plan
        The sampler.
    size
        Trials of the search.
    batch
        Points that are asked for before the sampler is told their scores.
    seed
        Of the sampler.
    ranking
        Objectives and constraints.
    """

    learns: ClassVar[bool] = True

    def __init__(
        self,
        space: Space,
        plan: SamplerPlan,
        *,
        size: int,
        batch: int,
        seed: int,
        ranking: Ranking,
    ) -> None:
        self.space = space
        self.plan = plan
        self.size = size
        self.batch = batch
        self.seed = seed
        self.ranking = ranking
        self._talk: Talk | None = None

    @property
    def names(self) -> list[str]:
        """Names of parameters and settings in sorted order: the columns of a batch."""
        return self.space.names

    @property
    def bounds(self) -> Mapping[str, tuple[float, float]]:
        """The least and the largest value that each name may take."""
        return self.space.ends

    @property
    def sampler(self) -> str:
        """The sampler's name: `tpe` or `nsga2`."""
        return self.plan.name

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield batches of the sampler's own size, at most `size`; each is learned before the next.

        A new call starts over with a new sampler, whatever was learned before.

        Parameters
        ----------
        size
            The most points of a batch.

        Raises
        ------
        SpaceError
            `where` drops a million points in a row that are drawn at random.
        InputError
            The batch before was not learned.
        """
        talk = self._talk = Talk(self.space, self.plan, self.seed, self.ranking)
        first = 0
        while first < self.size:
            count = min(self.batch, size, self.size - first)
            yield Batch(first, talk.ask(count))
            first += count

    def learn(
        self,
        batch: Batch,
        metrics: Mapping[str, FloatArray],
        states: NDArray[np.str_],
        *,
        recorded: FloatArray | None = None,
    ) -> None:
        """Tell the sampler what a batch scored.

        Parameters
        ----------
        batch
            The last one that `batches` yielded.
        metrics
            Arrays by name, a value a point, those of `ranking.metrics` at least; NaN where
            undefined.
        states
            `completed`, `failed` or `pruned`, one a point.
        recorded
            The points as the ledger has them, where they come from there.

        Raises
        ------
        IntegrityError
            `recorded` differs from what the sampler asks for now.
        InputError
            The batch was not asked for, or is learned twice.
        """
        if self._talk is None or self._talk.waiting is not batch.values:
            raise InputError(
                f"the batch from trial {batch.first} is not the one that was asked for last; "
                "learn each batch once, in order"
            )
        if recorded is not None and not np.array_equal(recorded, batch.values):
            raise IntegrityError(
                f"the ledger's trials from {batch.first} on have other parameters than the "
                f"sampler {self.sampler!r} asks for now, with the same seed and scores; they were "
                "asked for by another version of Optuna or NumPy, or on another kind of "
                "machine: finish the study there, or search again with another seed"
            )
        self._talk.tell(metrics, states)

    def to_json(self) -> dict[str, JsonValue]:
        """Return space, sampler, number of trials and batch: with seed and scores, the points."""
        return {
            **self.space.to_json(),
            "sampler": self.plan.to_json(),
            "max_trials": self.size,
            "batch": self.batch,
        }


def adaptive_points(
    strategy: Strategy,
    space: SpaceLike | None,
    where: str | None = None,
    *,
    sampler: object,
    max_trials: int | None,
    seed: int,
    ranking: Ranking,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    batch: int | None = None,
) -> AdaptivePoints:
    """Check a space and a sampler, and return the points of a search that learns.

    Parameters
    ----------
    strategy, space, where, risk, execution
        As for `read_space`.
    sampler
        As for `sampler_plan`.
    max_trials
        Trials of the search, 1 to 100,000; a space with an end has at least so many points.
    seed
        Of the sampler; the same seed, space and scores give the same points.
    ranking
        Objectives and constraints.
    batch
        Points that are asked for before the sampler is told their scores; as
        `SamplerPlan.batch` says where `None`.

    Raises
    ------
    SpaceError
        The space, the condition, the sampler or `max_trials` is wrong, or points that meet
        `where` are not found.

    Examples
    --------
    >>> from hyprl_lab.research.study import Ranking
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> points = adaptive_points(
    ...     dual_sma(), {"fast": range(5, 50), "slow": range(20, 200)}, "fast < slow",
    ...     sampler="tpe", max_trials=40, seed=1, ranking=Ranking.of("sharpe"), batch=20)
    >>> for shard in points.batches(1000):
    ...     slow = shard.values[:, 1]
    ...     points.learn(shard, {"sharpe": -np.abs(slow - 100.0)}, np.full(20, "completed"))
    >>> bool((shard.values[:, 0] < slow).all())
    True
    """
    plan = sampler_plan(sampler)
    found = read_space(strategy, space, where, risk=risk, execution=execution)
    found.check_bounds(found.ends)
    size = _checked_trials(max_trials, plan.name, found)
    _check_candidates(plan, size)
    if batch is not None and (isinstance(batch, bool) or batch < 1):
        raise SpaceError(f"batch is {shown(batch)}; expected a whole number from 1")
    points = AdaptivePoints(
        found,
        plan,
        size=size,
        batch=plan.batch(size) if batch is None else batch,
        seed=checked_seed(seed),
        ranking=ranking,
    )
    next(drawn(found, points.seed))  # whether `where` leaves anything is said before anything runs
    check_together(found, Sampled(found, "random", _LOOKED_AT, points.seed))
    return points


def _checked_trials(max_trials: int | None, name: str, space: Space) -> int:
    if max_trials is None:
        raise SpaceError(f"sampler={name!r} has no end; give max_trials=1000")
    whole = isinstance(max_trials, int) and not isinstance(max_trials, bool)
    count = max_trials if whole else 0
    if not 1 <= count <= MOST_TRIALS:
        raise SpaceError(
            f"max_trials is {shown(max_trials)}; sampler={name!r} takes a whole number from 1 to "
            f"{MOST_TRIALS:,}, for its time grows with the square of the trials; "
            "sampler='sobol' takes more"
        )
    if space.points is not None and space.points < count:
        raise SpaceError(
            f"the space has {space.points:,} points, fewer than max_trials={count:,}; "
            "use sampler='grid', which evaluates each once"
        )
    return count


def _check_candidates(plan: SamplerPlan, trials: int) -> None:
    candidates = plan.arguments.get("n_ei_candidates")
    if isinstance(candidates, int) and candidates * trials > _MOST_COMPARED:
        raise SpaceError(
            f"sampler: TPESampler has n_ei_candidates={candidates:,}, each of which it would "
            f"compare with max_trials={trials:,} trials before every point; expected at most "
            f"{_MOST_COMPARED // trials:,} of them, or fewer trials"
        )
