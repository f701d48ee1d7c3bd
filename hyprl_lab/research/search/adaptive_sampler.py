"""Which Optuna samplers steer a search, and what of them is written down.

A sampler object is read, never used: a new one of the same kind and arguments is made with the
search's own seed, so that what the object saw before does not matter and a search can be run
again from its spec. Optuna has no way to ask a sampler for its arguments, so they are read from
the attributes it keeps them in; a test compares each with what it was made of.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.search.adaptive_arguments import checked_arguments, checked_part
from hyprl_lab.research.space import SAMPLERS
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.samplers import BaseSampler

    from hyprl_lab.types import JsonValue

__all__ = ["NAMES", "SamplerPlan", "is_adaptive", "sampler_from_json", "sampler_plan"]

NAMES: Final = ("tpe", "nsga2")
"""What can be written in place of a sampler object."""

_CLASSES: Final = {"tpe": "TPESampler", "nsga2": "NSGAIISampler"}

_INSTEAD: Final = {
    "RandomSampler": "sampler='random'",
    "QMCSampler": "sampler='sobol'",
    "GridSampler": "sampler='grid'",
    "BruteForceSampler": "sampler='grid'",
    "NSGAIIISampler": "optuna.samplers.NSGAIISampler(...), for Optuna calls NSGA-III experimental",
    "CmaEsSampler": "sampler='tpe', for CMA-ES knows nothing of constraints",
    "GPSampler": "sampler='tpe', for Gaussian processes need PyTorch, which the lab does not bring",
    "PartialFixedSampler": "sampler='tpe', and a list of one value for a parameter that is fixed",
}
"""What to write where a sampler of Optuna's is not taken."""

_TPE: Final = {
    "n_startup_trials": "_n_startup_trials",
    "n_ei_candidates": "_n_ei_candidates",
    "multivariate": "_multivariate",
    "group": "_group",
    "constant_liar": "_constant_liar",
}
_CHILDREN: Final = {
    "mutation_prob": "_mutation_prob",
    "crossover_prob": "_crossover_prob",
    "swapping_prob": "_swapping_prob",
}
_BATCH: Final = 32
"""Points that TPE is asked for at once, at most."""


@dataclass(frozen=True, slots=True)
class SamplerPlan:
    """A sampler by name and plain arguments.

    Parameters
    ----------
    name
        One of `NAMES`.
    arguments
        What its class is called with beside the seed: numbers, booleans, `None`; a crossover or a
        mutation as `{"kind": class, **arguments}`.
    """

    name: str
    arguments: Mapping[str, JsonValue]

    def make(self, seed: int) -> BaseSampler:
        """Return a new sampler whose randomness comes from `seed` alone."""
        from optuna import samplers

        arguments: dict[str, Any] = dict(self.arguments)
        word = int(np.random.SeedSequence(seed).generate_state(1)[0])  # Optuna takes 32 bits
        with warnings.catch_warnings():
            # the caller was told that an argument is experimental when the object was made
            warnings.simplefilter("ignore")
            for part in ("crossover", "mutation"):
                if arguments.get(part) is not None:
                    arguments[part] = _part(arguments[part])
            made: BaseSampler = getattr(samplers, _CLASSES[self.name])(seed=word, **arguments)
        return made

    def batch(self, trials: int) -> int:
        """Return how many points to ask for before the sampler is told their scores.

        NSGA-II: its population. TPE: a sixteenth of the search, from 1 to 32, so that it learns
        often enough.
        """
        population = self.arguments.get("population_size")
        if isinstance(population, int):
            return population
        return min(max(trials // 16, 1), _BATCH)

    def to_json(self) -> dict[str, JsonValue]:
        """Return name, arguments and Optuna's version, which decides the points too."""
        from importlib.metadata import version

        return {"name": self.name, "optuna": version("optuna"), **self.arguments}


def is_adaptive(sampler: object) -> bool:
    """Say whether a sampler learns: one of `NAMES`, or an object of Optuna's.

    Examples
    --------
    >>> is_adaptive("tpe"), is_adaptive("sobol")
    (True, False)
    """
    if isinstance(sampler, str):
        return sampler in NAMES
    return any(kind.__module__.startswith("optuna.") for kind in type(sampler).__mro__)


def sampler_plan(sampler: object) -> SamplerPlan:
    """Read a sampler's name, or an object of Optuna's.

    Parameters
    ----------
    sampler
        `"tpe"`, `"nsga2"`, `optuna.samplers.TPESampler(...)` or `NSGAIISampler(...)`. The seed of
        an object is not looked at; the search's is taken.

    Raises
    ------
    SpaceError
        It is something else, a class derived from one of these, holds a function, which could
        not be written down, or was made with an argument that is out of range.

    Examples
    --------
    >>> sampler_plan("nsga2").arguments["population_size"]
    50
    """
    from optuna import samplers

    if isinstance(sampler, str) and sampler in NAMES:
        return sampler_plan(getattr(samplers, _CLASSES[sampler])())
    if type(sampler) is samplers.TPESampler:
        return SamplerPlan("tpe", _tpe_arguments(sampler))
    if type(sampler) is samplers.NSGAIISampler:
        return SamplerPlan("nsga2", _nsga2_arguments(sampler))
    kind = type(sampler).__name__
    if isinstance(sampler, type):
        mend = f"make one: {sampler.__name__}()"
    elif kind in _INSTEAD and isinstance(sampler, samplers.BaseSampler):
        mend = f"use {_INSTEAD[kind]}"
    elif not is_adaptive(sampler):
        mend = f"choose {', '.join(map(repr, ('grid', *SAMPLERS, *NAMES)))}"
    else:
        mend = "use 'tpe', 'nsga2', optuna.samplers.TPESampler(...) or NSGAIISampler(...)"
    raise SpaceError(f"sampler is {shown(sampler)}, which can't steer a search; {mend}")


def sampler_from_json(document: Mapping[str, JsonValue]) -> BaseSampler:
    """Return a sampler object with the arguments that `SamplerPlan.to_json` wrote.

    Examples
    --------
    >>> sampler_plan(sampler_from_json({"name": "tpe", "n_startup_trials": 5})).arguments[
    ...     "n_startup_trials"]
    5
    """
    name = str(document["name"])
    if name not in NAMES:
        raise SpaceError(f"sampler is named {name!r}; expected one of {list(NAMES)}")
    arguments = {key: value for key, value in document.items() if key not in ("name", "optuna")}
    return SamplerPlan(name, arguments).make(0)


def _tpe_arguments(sampler: BaseSampler) -> dict[str, JsonValue]:
    from optuna.samplers import TPESampler

    held, usual = vars(sampler), vars(TPESampler())
    for attribute, argument in (
        ("_gamma", "gamma"),
        ("_constraints_func", "constraints_func"),
        ("_parzen_estimator_parameters", "weights, prior_weight or consider_…"),
    ):
        # a sampler that was used holds Optuna's own gamma
        if held[attribute] != usual[attribute] and not _of_optuna(held[attribute]):
            _refuse("TPESampler", argument)
    arguments = {argument: held[attribute] for argument, attribute in _TPE.items()}
    return checked_arguments("TPESampler", arguments)


def _of_optuna(value: object) -> bool:
    return callable(value) and getattr(value, "__name__", "").startswith("default_gamma")


def _nsga2_arguments(sampler: BaseSampler) -> dict[str, JsonValue]:
    from optuna.samplers import NSGAIISampler

    held, usual = vars(sampler), vars(NSGAIISampler())
    for attribute in (
        "_elite_population_selection_strategy",
        "_child_generation_strategy",
        "_after_trial_strategy",
    ):
        if type(held[attribute]) is not type(usual[attribute]):
            _refuse("NSGAIISampler", attribute.removeprefix("_"))
    if held["_constraints_func"] is not None:
        _refuse("NSGAIISampler", "constraints_func")
    children = vars(held["_child_generation_strategy"])
    arguments = {"population_size": held["_population_size"]}
    arguments |= {argument: children[attribute] for argument, attribute in _CHILDREN.items()}
    found = checked_arguments("NSGAIISampler", arguments)
    for part in ("crossover", "mutation"):
        found[part] = _part_json(children[f"_{part}"])
    return found


def _part_json(part: object) -> JsonValue:
    """Write down a crossover or a mutation: its class and its numbers."""
    from optuna.samplers import nsgaii

    if part is None:
        return None
    kind = type(part).__name__
    if getattr(nsgaii, kind, None) is not type(part):
        _refuse("NSGAIISampler", f"{kind}, which is no class of optuna.samplers.nsgaii")
    arguments = {name.removeprefix("_"): value for name, value in vars(part).items()}
    return {"kind": kind, **checked_part(kind, arguments)}


def _part(document: dict[str, Any]) -> object:
    from optuna.samplers import nsgaii

    arguments = {name: value for name, value in document.items() if name != "kind"}
    return getattr(nsgaii, document["kind"])(**arguments)


def _refuse(kind: str, argument: str) -> None:
    mend = "leave it out"
    if argument == "constraints_func":
        mend = "give supersearch(constraints=[...]) in its place, which the sampler is told of"
    raise SpaceError(
        f"sampler {kind} has {argument} set, which a study can't write down and so could not run "
        f"again; {mend}"
    )
