"""Search presets: a search whose space, constraints and risk bounds are fixed and have a name."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, overload

from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.errors import ConfigError, InputError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import parse
from hyprl_lab.presets.search_document import fields_of
from hyprl_lab.research.search import Options, supersearch
from hyprl_lab.research.space import read_space, setting_corners, settings_at
from hyprl_lab.resources import names, read_text
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.data import Bars, Panel
    from hyprl_lab.presets.bound import Bound
    from hyprl_lab.research.study import Study, StudyGroup
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["SearchPreset", "search_preset"]

_FOLDER: Final = "search/"
_OPTIONS: Final = frozenset({"space", *Options.__annotations__} - {"preset"})
"""What a caller may say where the preset does not."""


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
            A key, metric, setting or value is unknown or of the wrong kind, or the defaults break
            the bounds.
        """
        try:
            data = parse(text, source=source)
            preset = cls(**fields_of(data, source), hash=digest(data))
        except ConfigError:
            raise
        except InputError as error:
            raise ConfigError(f"{source}: {error}") from error
        if preset.defaults:
            preset.check_bounds(
                preset.defaults.get("risk", DEFAULTS.risk),
                preset.defaults.get("execution", DEFAULTS.execution),
            )
        return preset

    @property
    def label(self) -> str:
        """`name@version:hash`, as it stands in the spec of a study."""
        return f"{self.name}@{self.version}:{self.hash}"

    @overload
    def search(self, bars: Bars, strategy: Strategy | None = None, **options: Any) -> Study: ...

    @overload
    def search(
        self, bars: Panel | Sequence[Bars], strategy: Strategy | None = None, **options: Any
    ) -> StudyGroup: ...

    def search(
        self,
        bars: Bars | Panel | Sequence[Bars],
        strategy: Strategy | None = None,
        **options: Any,
    ) -> Study | StudyGroup:
        """Search by this preset; its name, version and hash stay with the study.

        Parameters
        ----------
        bars
            As for `hl.supersearch`.
        strategy
            The graph, where the preset has none of its own.
        options
            Further arguments of `hl.supersearch`: those that the preset does not lock.
            `constraints` are added to the preset's.

        Raises
        ------
        ConfigError
            An option is locked or unknown, a strategy is missing or given twice, or risk or
            execution break a bound; said before anything runs.
        SpaceError, BarsError, StrategyError
            As `hl.supersearch`.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> study = search_preset("research_minimal").search(
        ...     load_bars("TEST"), dual_sma(), space={"fast": [5, 10], "slow": [20, 30]})
        >>> study.total, study.constraints
        (4, ('trades >= 30',))
        """
        self._check_options(options)
        graph = self._strategy(strategy)
        own_risk = "risk" in self.defaults and "risk" not in options
        risk = options.pop("risk", self.defaults.get("risk", DEFAULTS.risk))
        execution = options.pop("execution", self.defaults.get("execution", DEFAULTS.execution))
        added = options.pop("constraints", ())
        if isinstance(added, str):
            raise ConfigError(f"constraints is the text {added!r}; expected a list: [{added!r}]")
        settings = {**options, **self.locked}
        space = read_space(
            graph,
            settings.get("space"),
            settings.get("where"),
            risk=risk,
            execution=execution,
        )
        for corner in setting_corners(space.ends):
            self.check_bounds(*settings_at(corner, risk, execution))
        try:
            found: Study | StudyGroup = supersearch(
                bars,
                graph,
                constraints=tuple(dict.fromkeys((*self.constraints, *added))),
                risk=risk,
                execution=execution,
                preset=self.label,
                **settings,
            )
        except ConfigError as error:
            if not own_risk:
                raise
            raise ConfigError(f"{error}. {self._own_risk()}") from error
        return found

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

    def _check_options(self, options: Mapping[str, Any]) -> None:
        for name in options:
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

    def _strategy(self, given: Strategy | None) -> Strategy:
        if self.strategy is not None and given is not None:
            raise ConfigError(
                f"search preset {self.name!r} locks the strategy at {self.strategy!r}; leave "
                "yours out, or search without the preset"
            )
        if self.strategy is not None:
            from hyprl_lab.strategy import builtin

            return builtin.get(self.strategy)
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
