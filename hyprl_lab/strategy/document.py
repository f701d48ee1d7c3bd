"""The JSON form of a strategy, read with suspicion: it may come from anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.expression import Expr
from hyprl_lab.strategy.graph import MAX_NODES, Graph, node_json
from hyprl_lab.strategy.levels import LEVEL_KINDS, Level, LevelKind, LevelSide
from hyprl_lab.strategy.operations import OPERATIONS
from hyprl_lab.strategy.parameter import Parameter, finite_number
from hyprl_lab.strategy.weights import LogisticWeights
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = [
    "LEVELS",
    "NUMBERS",
    "OUTPUTS",
    "VERSION",
    "Parts",
    "canonical_references",
    "read",
    "write",
]

VERSION: Final = 1
OUTPUTS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")
LEVELS: Final[Mapping[str, LevelSide]] = {
    "stop_loss": "stop",
    "take_profit": "target",
    "trailing_stop": "trail",
}
NUMBERS: Final = ("time_stop", "entry_limit", "entry_stop")
_OPTIONAL: Final = ("trailing_stop", *NUMBERS)  # written since they exist, absent before
_KEYS: Final = ("version", "name", "parameters", "nodes", "outputs", "stop_loss", "take_profit")


class Parts(NamedTuple):
    """What a document says, as expressions."""

    name: str
    long_entry: Expr | None
    long_exit: Expr | None
    short_entry: Expr | None
    short_exit: Expr | None
    stop_loss: Level | None
    take_profit: Level | None
    trailing_stop: Level | None
    time_stop: Expr | None
    entry_limit: Expr | None
    entry_stop: Expr | None


def _references(places: Mapping[str, int], kinds: Mapping[str, LevelKind]) -> dict[str, JsonValue]:
    out: dict[str, JsonValue] = {"outputs": {key: places.get(key) for key in OUTPUTS}}
    for key in LEVELS:
        out[key] = {"kind": kinds[key], "node": places[key]} if key in kinds else None
    return {**out, **{key: places.get(key) for key in NUMBERS}}


def canonical_references(
    places: Mapping[str, int], kinds: Mapping[str, LevelKind]
) -> dict[str, JsonValue]:
    """Return what a canonical form says of outputs, levels and orders.

    The optional keys stand only where they are set, so that a strategy without them has the
    form, and the hash, that it had before they existed.
    """
    said = _references(places, kinds)
    return {key: said[key] for key in said if key not in _OPTIONAL or said[key] is not None}


def write(name: str, graph: Graph, kinds: Mapping[str, LevelKind]) -> dict[str, JsonValue]:
    """Return the JSON form of `docs/strategy-graph.md`."""
    parameters: dict[str, JsonValue] = {
        p.name: {"low": p.low, "high": p.high, "integer": p.integer}
        for p in graph.parameters.values()
    }
    return {
        "version": VERSION,
        "name": name,
        "parameters": parameters,
        "nodes": [node_json(node) for node in graph.nodes],
        **_references(graph.roots, kinds),
    }


def read(document: object) -> Parts:
    """Check a document and return what it says.

    Raises
    ------
    StrategyError
        Anything is missing, unknown, out of place or out of range; the message names
        the node's index and operation.
    """
    top = _mapping(document, "the document", _KEYS, _OPTIONAL)
    version = top["version"]
    if isinstance(version, bool) or not isinstance(version, int | float) or version != VERSION:
        raise StrategyError(f"version is {shown(version)}; this lab reads version {VERSION}")
    declared = _parameters(top["parameters"])
    nodes = _nodes(top["nodes"], declared)
    named = {node.name for node in nodes if node.op == "parameter"}
    if declared.keys() - named:
        unused = sorted(declared.keys() - named)
        raise StrategyError(f"parameters {listed(unused)} are used by no node; leave them out")
    outputs = _mapping(top["outputs"], "outputs", OUTPUTS)
    return Parts(
        name=top["name"],
        long_entry=_condition(nodes, outputs, "long_entry"),
        long_exit=_condition(nodes, outputs, "long_exit"),
        short_entry=_condition(nodes, outputs, "short_entry"),
        short_exit=_condition(nodes, outputs, "short_exit"),
        stop_loss=_level(nodes, top, "stop_loss"),
        take_profit=_level(nodes, top, "take_profit"),
        trailing_stop=_level(nodes, top, "trailing_stop"),
        time_stop=_number(nodes, top, "time_stop"),
        entry_limit=_number(nodes, top, "entry_limit"),
        entry_stop=_number(nodes, top, "entry_stop"),
    )


def _parameters(found: object) -> dict[str, Parameter]:
    if not isinstance(found, dict):
        raise StrategyError(f"parameters is {shown(found)}; expected an object")
    if len(found) > MAX_NODES:
        raise StrategyError(f"{len(found)} parameters; expected at most {MAX_NODES}")
    out: dict[str, Parameter] = {}
    for name, body in found.items():
        fields = _mapping(body, f"parameter {shown(name)}", ("low", "high", "integer"))
        if not isinstance(fields["integer"], bool):
            raise StrategyError(
                f"parameter {shown(name)}: integer is {shown(fields['integer'])}; "
                "expected true or false"
            )
        out[name] = Parameter(name, **fields)
    return out


def _nodes(found: object, declared: Mapping[str, Parameter]) -> list[Expr]:
    if not isinstance(found, list):
        raise StrategyError(f"nodes is {shown(found)}; expected a list")
    if len(found) > MAX_NODES:
        raise StrategyError(f"{len(found)} nodes; expected at most {MAX_NODES}")
    nodes: list[Expr] = []
    for index, body in enumerate(found):
        op = body.get("op") if isinstance(body, dict) else None
        where = f"node {index} ({shown(op)})"
        try:
            nodes.append(_node(body, op, nodes, declared))
        except StrategyError as error:
            raise StrategyError(f"{where}: {error}") from error
    return nodes


def _node(body: object, op: object, nodes: list[Expr], declared: Mapping[str, Parameter]) -> Expr:
    row = OPERATIONS.get(op) if isinstance(op, str) else None
    if row is None:
        raise StrategyError(f"unknown operation; there are {list(OPERATIONS)}")
    wanted = ("op", *(["args"] if row.slots else []), *([row.attribute] if row.attribute else []))
    fields = _mapping(body, "the node", wanted)
    indices = fields.get("args", [])
    expected = len(row.slots_for(len(indices))) if isinstance(indices, list) else len(row.slots)
    if not isinstance(indices, list) or len(indices) != expected:
        raise StrategyError(
            f"args is {shown(indices)}; expected {expected} indices"
            f"{' or more' if row.repeats else ''}"
        )
    args = tuple(_pick(nodes, at, f"argument {n}") for n, at in enumerate(indices, 1))
    name = fields.get("name")
    if row.attribute == "name" and not isinstance(name, str):
        raise StrategyError(f"name is {shown(name)}; expected text")
    if row.attribute == "value":
        return Expr(row.name, value=finite_number(fields["value"], "value"))
    if row.attribute == "bars" and not isinstance(fields["bars"], int):
        raise StrategyError(f"bars is {shown(fields['bars'])}; expected a whole number >= 0")
    if row.name == "parameter" and name not in declared:
        raise StrategyError(f"parameter {shown(name)} is not declared in parameters")
    if row.attribute == "timeframe" and not isinstance(fields["timeframe"], str):
        raise StrategyError(
            f"timeframe is {shown(fields['timeframe'])}; expected text such as '1h'"
        )
    return Expr(
        row.name,
        args,
        name=name,
        bars=fields.get("bars"),
        parameter=declared[name] if row.name == "parameter" and name is not None else None,
        timeframe=fields.get("timeframe"),
        model=LogisticWeights.from_json(fields["model"]) if row.attribute == "model" else None,
    )


def _level(nodes: list[Expr], top: Mapping[str, object], key: str) -> Level | None:
    if top.get(key) is None:
        return None
    fields = _mapping(top[key], key, ("kind", "node"))
    if not isinstance(fields["kind"], str) or fields["kind"] not in LEVEL_KINDS:
        raise StrategyError(
            f"{key}: kind is {shown(fields['kind'])}; expected one of {list(LEVEL_KINDS)}"
        )
    return Level(LEVELS[key], fields["kind"], _pick(nodes, fields["node"], f"{key}.node"))


def _number(nodes: list[Expr], top: Mapping[str, object], key: str) -> Expr | None:
    index = top.get(key)
    return None if index is None else _pick(nodes, index, key)


def _condition(nodes: list[Expr], outputs: Mapping[str, object], key: str) -> Expr | None:
    index = outputs[key]
    return None if index is None else _pick(nodes, index, f"outputs.{key}")


def _pick(nodes: list[Expr], index: object, where: str) -> Expr:
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(nodes):
        raise StrategyError(
            f"{where} is {shown(index)}; expected the index of an earlier node, "
            f"{f'0 to {len(nodes) - 1}' if nodes else 'but this is the first'}"
        )
    return nodes[index]


def _mapping(
    found: object, what: str, keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise StrategyError(f"{what} is {shown(found)}; expected an object with {list(keys)}")
    missing = [key for key in keys if key not in found]
    extra = [key for key in found if key not in keys and key not in optional]
    if missing or extra:
        raise StrategyError(
            f"{what}: missing keys {missing}, unknown key {shown(extra[0]) if extra else 'none'}; "
            f"expected exactly {list(keys)}"
            f"{f' and, where wanted, {list(optional)}' if optional else ''}"
        )
    return found
