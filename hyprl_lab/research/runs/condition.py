"""A condition over runs in a caller's own words: one expression, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse

__all__ = ["checked_condition"]

_FORBIDDEN: Final = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "PARAMETER": "a parameter",
    "STAR": "a star",
}


def checked_condition(store: Warehouse, where: str) -> str:
    """Return a condition that is one expression over the columns at hand, and nothing more.

    DuckDB's own parser says what it is: one SELECT of one column without a table, a clause or a
    subquery.

    Raises
    ------
    InputError
        It is something else; the message says what.
    """
    if not isinstance(where, str) or not where.strip():
        raise InputError(f"where is {shown(where)}; expected a condition, such as 'sharpe > 1'")
    from hyprl_lab.store.queries.parsing import check_functions, check_length

    check_length(where, "where")
    query = "SELECT json_serialize_sql(?) AS tree"
    text = store.sql(query, [f"SELECT (\n{where}\n)"], arrow=True).to_pylist()[0]["tree"]
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise InputError(
            f"where has {len(where):,} letters, nested too deep; split it, or ask hl.warehouse.sql"
        ) from error
    if tree["error"]:
        raise InputError(f"where {where!r} is no expression: {tree['error_message']}")
    node = tree["statements"][0]["node"]
    alone = len(tree["statements"]) == 1 and _is_plain(node)
    found = [_FORBIDDEN[kind] for kind in _classes(node) if kind in _FORBIDDEN]
    if not alone or found:
        raise InputError(
            f"where {where!r} holds {found[0] if found else 'more than one expression'}; expected "
            "one boolean expression over the columns of view runs, such as "
            "'sharpe > 1 and trades >= 30'"
        )
    check_functions(f"SELECT (\n{where}\n)")
    return where


def _is_plain(node: dict[str, Any]) -> bool:
    """Whether a parsed query is `SELECT expression`, without anything around it."""
    clauses = ("modifiers", "group_expressions", "where_clause", "having", "qualify", "sample")
    return (
        node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not node["cte_map"]["map"]
        and not any(node[clause] for clause in clauses)
    )


def _classes(tree: Any) -> list[str]:
    """Return the class of every node of a parsed expression."""
    found: list[str] = []
    nodes = [tree]
    while nodes:  # no recursion: an expression may be nested deeper than Python goes
        node = nodes.pop()
        if isinstance(node, list):
            nodes.extend(node)
        elif isinstance(node, dict):
            if isinstance(node.get("class"), str):
                found.append(node["class"])
            nodes.extend(node.values())
    return found
