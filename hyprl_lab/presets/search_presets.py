"""Search presets: a search whose space, constraints and risk bounds are fixed and have a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, overload

from hyprl_lab.engine.agreement import check_leverage
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.errors import ConfigError, InputError, SpaceError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import parse
from hyprl_lab.presets.search_document import fields_of
from hyprl_lab.presets.search_locks import same_lock, same_space
from hyprl_lab.research.conditions import quoted
from hyprl_lab.research.search import Options, supersearch
from hyprl_lab.research.space import read_space, setting_corners, settings_at
from hyprl_lab.resources import names, read_text
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.data import Bars, Panel
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.presets.bound import Bound
    from hyprl_lab.research.space import SpaceLike
    from hyprl_lab.research.study import Study, StudyGroup
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["SearchPreset", "search_preset"]

_FOLDER: Final = "search/"
_OPTIONS: Final = frozenset({"space", *Options.__annotations__} - {"preset"})
"""What a caller may say where the preset does not."""

_ADVISED: Final = frozenset({"holdout", "sampler", "max_trials", "halving"})
"""Locks that a message of `hl.supersearch` may advise to change, by words that mean no other."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SearchPreset:
    """A search with a name: what it locks can't be changed, all else is the caller's.

    Parameters
    ----------
    name, version, description
        What it is, and what it is for.
    strategy
        The built-in strategy it searches; `None` where the caller gives one.
    locked
        Arguments of `hl.supersearch` that are fixed, by name.
    constraints
        Conditions that every ranked trial meets; a caller may add some, and take none away.
    defaults
        `risk` and `execution` where the caller gives none.
    bounds
        What risk and execution have to keep, at every point of the space.
    hash
        SHA-256 of the document.

    Examples
    --------
    >>> preset = search_preset("research_minimal")
    >>> preset.locked["holdout"], preset.constraints
    (0.2, ('trades >= 30',))
    """

    name: str
    version: int
    description: str
    strategy: str | None
    locked: Mapping[str, Any]
    constraints: tuple[str, ...]
    defaults: Mapping[str, Any]
    bounds: tuple[Bound, ...]
    hash: str

    def __post_init__(self) -> None:
        # a lock that can be edited is none
        for name in ("locked", "defaults"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @classmethod
    def from_yaml(cls, text: str, *, source: str) -> SearchPreset:
        """Read a preset.

        Parameters
        ----------
        text
            YAML of plain values; see `docs/presets.md`.
        source
            What to call it in an error.

        Raises
        ------
        ConfigError
            A key, metric, setting or value is unknown or of the wrong kind, a value could be of no
            search, or the defaults break the bounds or do not go together.
        """
        try:
            data = parse(text, source=source)
            preset = cls(**fields_of(data, source), hash=digest(data))
            check_leverage(*preset._settings())
        except InputError as error:
            said = str(error)
            named = said.startswith(f"{source}")
            raise ConfigError(said if named else f"{source}: {said}") from error
        if preset.defaults:
            preset.check_bounds(*preset._settings())
        return preset

    def _settings(self) -> tuple[Risk, Execution]:
        """Return risk and execution where the caller says nothing."""
        return (
            self.defaults.get("risk", DEFAULTS.risk),
            self.defaults.get("execution", DEFAULTS.execution),
        )

    @property
    def label(self) -> str:
        """`name@version:hash`, as it stands in the spec of a study."""
        return f"{self.name}@{self.version}:{self.hash}"

    @overload
    def search(
        self,
        bars: Bars,
        strategy: Strategy | None = None,
        space: SpaceLike | None = None,
        **options: Any,
    ) -> Study: ...

    @overload
    def search(
        self,
        bars: Panel | Sequence[Bars],
        strategy: Strategy | None = None,
        space: SpaceLike | None = None,
        **options: Any,
    ) -> StudyGroup: ...

    def search(
        self,
        bars: Bars | Panel | Sequence[Bars],
        strategy: Strategy | None = None,
        space: SpaceLike | None = None,
        **options: Any,
    ) -> Study | StudyGroup:
        """Search by this preset; its name, version and hash stay with the study.

        Parameters
        ----------
        bars
            As for `hl.supersearch`.
        strategy
            The graph, where the preset has none of its own.
        space
            As for `hl.supersearch`, where the preset does not lock it.
        options
            Further arguments of `hl.supersearch`: those that the preset does not lock.
            `constraints` are added to the preset's. What repeats a lock to the letter is no
            change, and passes.

        Raises
        ------
        ConfigError
            An option is locked at another value or unknown, a strategy is missing or another than
            the preset's, or risk or execution break a bound; said before anything runs.
        SpaceError, BarsError, StrategyError
            As `hl.supersearch`.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> study = search_preset("research_minimal").search(
        ...     load_bars("TEST"), dual_sma(), {"fast": [5, 10], "slow": [20, 30]})
        >>> study.total, study.constraints
        (4, ('trades >= 30',))
        """
        if space is not None:
            options = {"space": space, **options}
        graph = self._strategy(strategy)
        self._check_options(options, graph)
        own_risk = "risk" in self.defaults and "risk" not in options
        own = self._settings()
        risk, execution = options.pop("risk", own[0]), options.pop("execution", own[1])
        constraints = self._constraints(options.pop("constraints", ()))
        settings = {**options, **self.locked}
        searched = read_space(
            graph,
            settings.get("space"),
            settings.get("where"),
            risk=risk,
            execution=execution,
        )
        for corner in setting_corners(searched.ends):
            self.check_bounds(*settings_at(corner, risk, execution))
        try:
            found: Study | StudyGroup = supersearch(
                bars,
                graph,
                constraints=constraints,
                risk=risk,
                execution=execution,
                preset=self.label,
                **settings,
            )
        except (ConfigError, SpaceError) as error:
            advice = [self._own_risk()] if own_risk and self._names_default_risk(error) else []
            advice += self._locked_in(str(error))
            if not advice:
                raise
            raise type(error)(". ".join([str(error), *advice])) from error
        return found

    def _constraints(self, added: Any) -> tuple[Any, ...]:  # whatever a caller hands in
        """Return the preset's constraints and those that are added, each once."""
        if isinstance(added, str):
            raise ConfigError(
                f"constraints is the text {quoted(added)}; expected a list: [{quoted(added)}]"
            )
        if not isinstance(added, list | tuple):
            raise ConfigError(f"constraints is {shown(added)}; expected a list, [] for none")
        every = (*self.constraints, *added)
        texts = all(isinstance(text, str) for text in added)
        return tuple(dict.fromkeys(every)) if texts else every

    def _names_default_risk(self, error: InputError) -> bool:
        return type(self.defaults["risk"]).__name__ in str(error)

    def _locked_in(self, said: str) -> list[str]:
        """Say which settings of a message are locked, for it may advise to change them."""
        locked = [name for name in self.locked if name in _ADVISED]
        names = [name for name in locked if re.search(rf"\b{name}\b", said)]
        if not names:
            return []
        mend = "change what is yours, or search without the preset"
        return [f"Search preset {self.name!r} locks {' and '.join(names)}; {mend}"]

    def _own_risk(self) -> str:
        """Say where a risk model comes from that the caller did not choose."""
        kept = [f"{bound.setting} {bound.asked}" for bound in self.bounds]
        risk = [text for text in kept if text.startswith("risk_pct")]
        within = f", within its bound {risk[0]}" if risk else ""
        return (
            f"Search preset {self.name!r} took {self.defaults['risk']!r}, its default; give "
            f"risk= of your own{within}"
        )

    def check_bounds(self, risk: Any, execution: Any) -> None:
        """Refuse settings that break a bound.

        Raises
        ------
        ConfigError
            The message names all that are broken.
        """
        broken = [said for bound in self.bounds if (said := bound.broken(risk, execution))]
        if broken:
            raise ConfigError(
                f"search preset {self.name!r}: {'; '.join(broken)}; change the setting, or "
                "search without the preset"
            )

    def _check_options(self, options: Mapping[str, Any], strategy: Strategy) -> None:
        for name, given in options.items():
            if name in self.locked and self._repeats(name, given, strategy):
                continue
            if name in self.locked:
                raise ConfigError(
                    f"search preset {self.name!r} locks {name} at {_said(self.locked[name])}; "
                    "leave it out, or search without the preset"
                )
            if name not in _OPTIONS:
                free = sorted(_OPTIONS - set(self.locked))
                raise ConfigError(
                    f"search preset {self.name!r}: unknown option {name!r}; there are {free}"
                )

    def _repeats(self, name: str, given: Any, strategy: Strategy) -> bool:
        locked = self.locked[name]
        return same_space(given, locked, strategy) if name == "space" else same_lock(given, locked)

    def _strategy(self, given: Strategy | None) -> Strategy:
        if self.strategy is not None:
            from hyprl_lab.strategy import builtin

            own = builtin.get(self.strategy)
            if given is not None and checked_strategy(given).hash != own.hash:
                raise ConfigError(
                    f"search preset {self.name!r} locks the strategy at {self.strategy!r}; leave "
                    "yours out, or search without the preset"
                )
            return own
        if given is None:
            raise ConfigError(
                f"search preset {self.name!r} has no strategy of its own; give one: "
                "preset.search(bars, strategy)"
            )
        return checked_strategy(given)

    def __repr__(self) -> str:
        """One line: its name, what it locks, and what it asks."""
        locks = ", ".join([*(["strategy"] if self.strategy else []), *self.locked])
        said = [f"locks {locks}"] if locks else []
        said += [f"constraint {text}" for text in self.constraints]
        said += [f"bound {bound.setting} {bound.asked}" for bound in self.bounds]
        return f"SearchPreset({', '.join([f'{self.name!r} version {self.version}', *said])})"

    def _repr_html_(self) -> str:
        rows = [("strategy", self.strategy)] if self.strategy is not None else []
        rows += [(name, _said(value)) for name, value in self.locked.items()]
        rows += [("constraint", text) for text in self.constraints]
        rows += [("bound", f"{bound.setting} {bound.asked}") for bound in self.bounds]
        rows += [(f"default {name}", repr(value)) for name, value in self.defaults.items()]
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for name, text in rows
        )
        caption = f"{self.name}, version {self.version}: {self.description}"
        return f"<table><caption>{escape(caption)}</caption>{cells}</table>"


def search_preset(name: str) -> SearchPreset:
    """Return a search preset that ships with the lab.

    Parameters
    ----------
    name
        Such as `"research_minimal"`, `"api_candidate"` or `"wide"`; `docs/presets.md` has all.

    Raises
    ------
    ConfigError
        No such preset; the message lists what there is.

    Examples
    --------
    >>> search_preset("sma_pairs")
    SearchPreset('sma_pairs' version 1, locks strategy, space, where, objective, sampler)
    """
    there = [path.removeprefix(_FOLDER).removesuffix(".yaml") for path in names("presets", _FOLDER)]
    if name not in there:
        raise ConfigError(f"search preset is {shown(name)}; choose one of {there}")
    source = f"{_FOLDER}{name}.yaml"
    preset = SearchPreset.from_yaml(read_text("presets", source), source=source)
    if preset.name != name:
        raise ConfigError(f"{source} calls itself {preset.name!r}; expected {name!r}")
    return preset


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {axis}" for name, axis in value.items())
    return shown(value)
