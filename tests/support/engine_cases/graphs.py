"""Random graphs over every operation of the table, in their JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine_cases.markets import FLAGS, LONGER
from hyprl_lab.strategy.operations import OPERATIONS, OWN_BARS_ONLY, SESSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine_cases.chooser import Chooser
    from engine_cases.markets import Market

Kind = str

SCALARS: Final = {"quantile": (0.5, 0.0, 1.0, 0.25, 0.9), "sar": (0.02, 0.2, 0.1, 0.5, 2.0)}
"""What stands in scalar slots, by operation."""

CONSTANTS: Final = (0.0, 1.0, 0.5, 100.0, 2.0, -1.0, 50.0, 97.5, 600.0, 3.0, 1e-3)
LEAVES: Final = ("column", "constant", "parameter")
GROWN: Final = tuple(name for name in OPERATIONS if name not in LEAVES)
"""Operations that are chosen by name; leaves come of themselves."""

UNDER_ON: Final = tuple(name for name in GROWN if name not in OWN_BARS_ONLY)
"""Those of them that are read over longer bars too."""


def result_kind(op: str, kinds: Sequence[Kind]) -> Kind:
    """Whether an operation gives a number or a condition."""
    return OPERATIONS[op].result or kinds[0]


class Graph:
    """A graph under construction: equal nodes stand once."""

    def __init__(self, choose: Chooser, market: Market) -> None:
        self.choose = choose
        self.market = market
        self.nodes: list[dict[str, Any]] = []
        self.kinds: list[Kind] = []
        self.plain: list[bool] = []
        self.params: dict[str, float] = {}
        self._places: dict[object, int] = {}
        self._columns = [name for name in market.columns if name != "funding_rate"]

    def add(self, op: str, args: Sequence[int] = (), **attributes: Any) -> int:
        """The index of a node, an equal one's where there is one."""
        key = (op, tuple(args), repr(attributes))
        if key not in self._places:
            self._places[key] = len(self.nodes)
            node = {"op": op, **attributes}
            if args or op not in {*LEAVES, *SESSION}:
                node["args"] = list(args)
            self.nodes.append(node)
            self.kinds.append(result_kind(op, [self.kinds[i] for i in args] or ["number"]))
            self.plain.append(op not in OWN_BARS_ONLY and all(self.plain[i] for i in args))
        return self._places[key]

    # -- leaves

    def column(self, name: str) -> int:
        return self.add("column", name=name)

    def constant(self, value: float) -> int:
        return self.add("constant", value=float(value))

    def parameter(self, value: float) -> int:
        """A new parameter bound to the value."""
        name = f"p{len(self.params)}"
        self.params[name] = float(value)
        return self.add("parameter", name=name)

    def given(self, value: float) -> int:
        """The value as a constant, now and then as a parameter."""
        return self.parameter(value) if self.choose.chance(20) else self.constant(value)

    def window(self, *, few: bool = False) -> int:
        return self.given(self.choose.of((2, 1) if few else (3, 1, 2, 4, 5, 7)))

    def is_true(self, name: str) -> int:
        """Whether a column of zeros and ones is one."""
        return self.add("greater", (self.column(name), self.constant(0.5)))

    # -- growth

    def number(self, depth: int, *, plain: bool = False) -> int:
        return self._grow("number", depth, plain=plain)

    def condition(self, depth: int, *, plain: bool = False) -> int:
        return self._grow("boolean", depth, plain=plain)

    def _grow(self, kind: Kind, depth: int, *, plain: bool) -> int:
        choose = self.choose
        if choose.chance(15):
            known = [
                i
                for i, found in enumerate(self.kinds)
                if found == kind and (self.plain[i] or not plain)
            ]
            if known:
                return known[choose.whole(0, len(known) - 1)]
        if depth <= 0:
            return self._leaf(kind)
        options = [
            row.name
            for row in OPERATIONS.values()
            if (row.result or kind) == kind
            and row.name not in LEAVES
            and not (plain and row.name in OWN_BARS_ONLY)
        ]
        return self.operation(choose.of(options), kind, depth, plain=plain)

    def operation(self, op: str, kind: Kind, depth: int, *, plain: bool = False) -> int:
        """One node of this operation over random arguments."""
        choose, row = self.choose, OPERATIONS[op]
        attributes: dict[str, Any] = {}
        slots = row.slots_for(choose.whole(1, 3)) if row.repeats else row.slots
        if row.attribute == "model":
            attributes["model"] = self._model(len(slots))
        elif row.attribute == "timeframe":
            plain = True
            attributes["timeframe"] = choose.of(LONGER[self.market.timeframe])
        elif row.attribute == "bars":
            attributes["bars"] = choose.of((1, 0, 2, 4))
        args = []
        for slot in slots:
            if slot == "window":
                args.append(self.window(few=plain))
            elif slot == "scalar":
                args.append(self.given(choose.of(SCALARS[op])))
            else:
                wanted = kind if slot == "any" else slot
                args.append(self._grow(wanted, depth - 1, plain=plain))
        return self.add(op, args, **attributes)

    def over_longer_bars(self, op: str, kind: Kind, depth: int) -> int:
        """One node of this operation, read over bars of a longer timeframe."""
        timeframe = self.choose.of(LONGER[self.market.timeframe])
        node = self.operation(op, kind, depth, plain=True)
        return self.add("on", (node,), timeframe=timeframe)

    def _leaf(self, kind: Kind) -> int:
        choose = self.choose
        if kind == "boolean":
            if choose.chance(50):
                return self.is_true(choose.of(tuple(FLAGS)))
            op = choose.of(("greater", "less", "greater_equal", "less_equal"))
            prices = ("close", "open", "high", "low")
            return self.add(op, (self.column(choose.of(prices)), self.column(choose.of(prices))))
        which = choose.whole(0, 9)
        if which < 7:
            return self.column(choose.of(self._columns))
        return self.given(choose.of(CONSTANTS))

    def _model(self, features: int) -> dict[str, Any]:
        choose, ts = self.choose, self.market.ts
        trained = int(ts[choose.whole(0, len(ts) // 3)]) - choose.of((0, 1, 10**12))
        return {
            "kind": "logistic",
            "intercept": choose.of((0.0, 0.3, -1.0)),
            "coefficients": [choose.of((1.0, -0.5, 0.01)) for _ in range(features)],
            "means": [choose.of((0.0, 100.0, 0.1)) for _ in range(features)],
            "scales": [choose.of((1.0, 30.0, -0.7)) for _ in range(features)],
            "trained_until_us": trained,
        }


def document(graph: Graph, roots: dict[str, Any]) -> dict[str, Any]:
    """The JSON form, without the nodes and parameters that no root reaches.

    `roots` holds node indices for outputs and orders, `(kind, index)` for levels.
    """
    used: set[int] = set()
    wanted = [r[1] if isinstance(r, tuple) else r for r in roots.values()]
    while wanted:
        index = wanted.pop()
        if index not in used:
            used.add(index)
            wanted += graph.nodes[index].get("args", [])
    place = {old: new for new, old in enumerate(sorted(used))}
    nodes = []
    for old in sorted(used):
        node = dict(graph.nodes[old])
        if "args" in node:
            node["args"] = [place[i] for i in node["args"]]
        nodes.append(node)
    for index in set(range(len(graph.nodes))) - used:
        if graph.nodes[index]["op"] == "parameter":
            del graph.params[graph.nodes[index]["name"]]
    found: dict[str, Any] = {
        "version": 1,
        "name": "random",
        "parameters": {name: {} for name in sorted(graph.params)},
        "nodes": nodes,
        "outputs": {
            name: place[roots[name]] if name in roots else None
            for name in ("long_entry", "long_exit", "short_entry", "short_exit")
        },
        "stop_loss": None,
        "take_profit": None,
    }
    for name, root in roots.items():
        if isinstance(root, tuple):
            found[name] = {"kind": root[0], "node": place[root[1]]}
        elif name not in found["outputs"]:
            found[name] = place[root]
    return found
