"""The strategy: named conditions and levels over bars, as pure data."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.hashing import digest
from hyprl_lab.strategy import document
from hyprl_lab.strategy.binding import bound_values
from hyprl_lab.strategy.causality import warm_ups
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.graph import Graph, flatten
from hyprl_lab.strategy.levels import Level, LevelKind
from hyprl_lab.strategy.node_checks import check_count
from hyprl_lab.strategy.operations import BAR_COLUMNS
from hyprl_lab.strategy.parameter import by_name
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.strategy.parameter import Parameter
    from hyprl_lab.types import JsonValue

__all__ = ["Strategy"]

_NAME_LENGTH: Final = 120
_COUNTS: Final = {"time_stop": "time stop"}


@dataclass(frozen=True, eq=False, repr=False)
class Strategy:
    """When to be long, short or flat, and where to leave by price.

    A condition that is missing (during warm-up, say) counts as false. Two strategies are
    equal if their JSON forms are; `hash` is equal if they mean the same.

    Parameters
    ----------
    name
        For display; 1 to 120 printable characters. Not part of the hash.
    long_entry, long_exit, short_entry, short_exit
        Boolean expressions. At least one entry; an exit needs its entry.
    stop_loss, take_profit
        From `hl.stop` and `hl.target`.
    trailing_stop
        From `hl.trail`: a stop-loss that follows the best price, bar by completed bar.
    time_stop
        Bars after which a position is left at the next open: a whole number >= 1 or a
        parameter. Held as an expression.
    entry_limit, entry_stop
        The price of the orders that enter, a number or a number expression, in place of
        market orders; one of the two at most. Held as expressions.

    Raises
    ------
    StrategyError
        There is no entry, an expression is no condition, a level or a number is of the wrong
        kind or out of range, both entry orders are given, one parameter has two ranges, or
        the graph has more than 10,000 nodes or 16 longer timeframes.

    Examples
    --------
    >>> from hyprl_lab.strategy import Strategy, close, param, stop, ta
    >>> fast = ta.sma(close, param("fast", 5, 50))
    >>> slow = ta.sma(close, param("slow", 20, 200))
    >>> cross = Strategy(
    ...     "sma_cross",
    ...     long_entry=fast.crosses_above(slow),
    ...     long_exit=fast.crosses_below(slow),
    ...     stop_loss=stop.percent(0.05),
    ... )
    >>> list(cross.parameters)
    ['fast', 'slow']
    >>> cross.warm_up({"fast": 10, "slow": 20})
    20
    """

    name: str
    _: KW_ONLY
    long_entry: Expr | None = None
    long_exit: Expr | None = None
    short_entry: Expr | None = None
    short_exit: Expr | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    trailing_stop: Level | None = None
    time_stop: Expr | float | None = None
    entry_limit: Expr | float | None = None
    entry_stop: Expr | float | None = None

    def __post_init__(self) -> None:
        name = self.name
        if not (
            isinstance(name, str)
            and name.isprintable()
            and name.strip()
            and len(name) <= _NAME_LENGTH
        ):
            raise StrategyError(
                f"strategy name {shown(name)}; expected 1 to {_NAME_LENGTH} printable characters"
            )
        for key in document.OUTPUTS:
            condition = getattr(self, key)
            if condition is None:
                continue
            if not isinstance(condition, Expr) or condition.kind != "boolean":
                raise StrategyError(
                    f"{key}: found {shown(condition)}; expected a condition, "
                    "such as hl.close > hl.ta.sma(hl.close, 200)"
                )
        for side in ("long", "short"):
            entry, leave = f"{side}_entry", f"{side}_exit"
            if getattr(self, leave) is not None and getattr(self, entry) is None:
                raise StrategyError(f"{leave} is given without {entry}; add the entry")
        if self.long_entry is None and self.short_entry is None:
            raise StrategyError(f"strategy {name!r} never enters; give long_entry or short_entry")
        for key, side in document.LEVELS.items():
            level = getattr(self, key)
            if level is not None and not (isinstance(level, Level) and level.side == side):
                raise StrategyError(
                    f"{key}: found {shown(level)}; expected hl.{side}.percent, hl.{side}.atr "
                    f"or hl.{side}.price"
                )
        self._check_numbers()
        self.graph  # noqa: B018  # build it now, so that what is wrong with it is said here

    @cached_property
    def graph(self) -> Graph:
        """The expressions as one flat list of nodes."""
        roots: dict[str, Expr] = {}
        for key in document.OUTPUTS:
            condition = getattr(self, key)
            if condition is not None:
                roots[key] = condition
        for key in document.LEVELS:
            level = getattr(self, key)
            if level is not None:
                roots[key] = level.node
        for key in document.NUMBERS:
            number = getattr(self, key)
            if number is not None:
                roots[key] = number
        return flatten(roots, counts={key: use for key, use in _COUNTS.items() if key in roots})

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, sorted."""
        return MappingProxyType(dict(self.graph.parameters))

    @property
    def longer(self) -> tuple[str, ...]:
        """The timeframes that `hl.on` asks for, sorted as text."""
        return self.graph.longer

    @property
    def clock(self) -> tuple[str, ...]:
        """The session nodes that are used (`minute_of_day`, …), sorted."""
        return self.graph.clock

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns the graph reads, under `on` too, sorted."""
        found = {node.name for node in self.graph.nodes if node.op == "column" and node.name}
        for node in self.graph.nodes:
            found.update(BAR_COLUMNS.get(node.op, ()))
        return tuple(sorted(found))

    def default_space(self) -> dict[str, Parameter]:
        """Return the parameters that have a range, by name.

        Examples
        --------
        >>> from hyprl_lab.strategy import Strategy, close, param
        >>> Strategy("x", long_entry=close > param("level", 1.0, 9.0)).default_space()
        {'level': Parameter(name='level', low=1.0, high=9.0, integer=False)}
        """
        return {name: p for name, p in self.graph.parameters.items() if p.low is not None}

    def bind(self, params: Mapping[str, object] | None = None) -> dict[str, float]:
        """Check values for the parameters and return them as floats, sorted by name.

        Raises
        ------
        StrategyError
            One is missing, unknown, not finite, not whole where it must be, outside the range
            it was made with or what its node takes; or `params` is no mapping.

        Examples
        --------
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> dual_sma().bind({"slow": 20, "fast": 10})
        {'fast': 10.0, 'slow': 20.0}
        """
        if params is not None and not self.graph.parameters:
            given = by_name(params, self.graph.parameters)
            if given:
                raise StrategyError(
                    f"{self.name!r} takes no parameters, and {listed(list(given))} are given; "
                    'leave params out, or use them in the strategy: hl.param("fast", 5, 50)'
                )
        return bound_values(self.graph, params, repr(self.name))

    def warm_up(
        self, params: Mapping[str, object] | None = None, timeframe: str | None = None
    ) -> int:
        """Return the bars before every condition and level has its first valid value.

        Where `on` is used it is an upper bound: w + 1 longer bars, days of 24 hours and
        months of 31 days, for what warms up over w of them.

        Parameters
        ----------
        params
            A value for every parameter.
        timeframe
            That of the bars, such as `"5m"`; needed where `on` is used.

        Raises
        ------
        StrategyError
            As `bind`; or `on` is used, and there is no `timeframe` or no multiple of it.

        Examples
        --------
        >>> from hyprl_lab.strategy import Strategy, close, on, ta
        >>> Strategy("x", long_entry=close > ta.sma(close, 200).shift(1)).warm_up()
        200
        >>> Strategy("y", long_entry=close > on("1h", ta.sma(close, 20))).warm_up({}, "5m")
        240
        """
        bars = warm_ups(self.graph.nodes, self.bind(params), timeframe)
        return max(bars[root] for root in self.graph.roots.values())

    def to_json(self) -> dict[str, JsonValue]:
        """Return the JSON form of `docs/strategy-graph.md`.

        Examples
        --------
        >>> from hyprl_lab.strategy import Strategy, close
        >>> Strategy("x", long_entry=close > 5).to_json()["nodes"][2]
        {'op': 'greater', 'args': [0, 1]}
        """
        return document.write(self.name, self.graph, self._level_kinds())

    @classmethod
    def from_json(cls, found: object) -> Strategy:
        """Return the strategy a JSON document describes; every part of it is checked.

        Parameters
        ----------
        found
            What `json.loads` returns.

        Raises
        ------
        StrategyError
            The document is malformed; the message names the node's index and operation.

        Examples
        --------
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> Strategy.from_json(dual_sma().to_json()) == dual_sma()
        True
        """
        return cls(**document.read(found)._asdict())

    def canonical(self) -> dict[str, JsonValue]:
        """Return the canonical form: one document for each meaning.

        Examples
        --------
        >>> from hyprl_lab.strategy import Strategy, close
        >>> one, two = Strategy("a", long_entry=close > 5), Strategy("b", long_entry=5 < close)
        >>> one.canonical() == two.canonical()
        True
        """
        from hyprl_lab.strategy.canonical import canonical_nodes

        nodes, places = canonical_nodes(self.graph)
        return {
            "version": document.VERSION,
            "nodes": nodes,
            **document.canonical_references(places, self._level_kinds()),
        }

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of the canonical form's RFC 8785 JSON, in hexadecimal."""
        return digest(self.canonical())

    def explain(
        self, params: Mapping[str, object] | None = None, timeframe: str | None = None
    ) -> str:
        """Return the numbered graph with every node's lag, warm-up and users.

        Parameters
        ----------
        params
            A value for every parameter; without, warm-ups are shown over the ranges.
        timeframe
            That of the bars, to count the warm-up of an `on` in them; without, it is told in
            longer bars, as `20 of 1h`.

        Raises
        ------
        StrategyError
            As `bind`, where `params` are given, and as `warm_up`, where `timeframe` is.

        Examples
        --------
        >>> from hyprl_lab.strategy import Strategy, close, ta
        >>> up = Strategy("trend", long_entry=close > ta.sma(close, 200))
        >>> print(up.explain().split(chr(10), 1)[1])
        <BLANKLINE>
        #  node          lag  warm-up  used by
        0  column close  0    0        #2, #3 (shared)
        1  constant 200  -    0        #2
        2  sma(#0, #1)   0    199      #3
        3  #0 > #2       0    199
        <BLANKLINE>
        long_entry = #3
        warm-up: 199 bars; no node reads a bar after t (every lag is >= 0)
        """
        from hyprl_lab.strategy.explain import explain

        bound = None if params is None else self.bind(params)
        kinds = self._level_kinds()
        return explain(self.name, self.hash, self.graph, bound, timeframe, kinds=kinds)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Strategy):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.name, self.hash))

    def __reduce__(self) -> tuple[Callable[[object], Strategy], tuple[dict[str, JsonValue]]]:
        return Strategy.from_json, (self.to_json(),)

    def __repr__(self) -> str:
        parts = [repr(self.name)]
        for key in (*document.OUTPUTS, *document.LEVELS, *document.NUMBERS):
            part = getattr(self, key)
            if isinstance(part, Level):
                parts.append(f"{key}={part.side} {part.kind} {part.node!r}")
            elif part is not None:
                parts.append(f"{key}={part!r}")
        return f"Strategy({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from hyprl_lab.strategy.display import as_html

        return as_html(self.name, self.hash, self.graph)

    def _level_kinds(self) -> dict[str, LevelKind]:
        levels = {key: getattr(self, key) for key in document.LEVELS}
        return {key: level.kind for key, level in levels.items() if level is not None}

    def _check_numbers(self) -> None:
        for key in document.NUMBERS:
            found = getattr(self, key)
            if found is None:
                continue
            try:
                number = expression(found)
            except StrategyError as error:
                raise StrategyError(f"{key}: {error}") from error
            if key in _COUNTS:
                check_count(key, number, _COUNTS[key])
            elif number.kind != "number":
                raise StrategyError(
                    f"{key}: found {number!r}; expected a price, such as hl.close * 0.99"
                )
            elif number.value is not None and number.value <= 0:
                raise StrategyError(f"{key}: found {number.value:g}; expected a price above 0")
            object.__setattr__(self, key, number)
        if self.entry_limit is not None and self.entry_stop is not None:
            raise StrategyError(
                "entry_limit and entry_stop are both given; an entry is one order: give one of "
                "them, or make two strategies"
            )
