"""A strategy as HTML, for notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from hyprl_lab.strategy.explain import rows

if TYPE_CHECKING:
    from hyprl_lab.strategy.graph import Graph

__all__ = ["as_html"]

_SHOWN_NODES: Final = 200


def as_html(name: str, strategy_hash: str, graph: Graph) -> str:
    """Return the numbered graph as a table; of a large one the first 200 nodes."""
    head = "".join(f"<th>{text}</th>" for text in ("#", "node", "lag", "warm-up", "used by"))
    body = "".join(
        f"<tr><td>{row.number}</td><td style='text-align:left'>"
        f"<code>{html.escape(row.formula)}</code></td><td>{row.lag}</td>"
        f"<td>{html.escape(row.warm_up)}</td>"
        f"<td>{', '.join(f'#{user}' for user in row.used_by)}</td></tr>"
        for row in rows(graph, None)[:_SHOWN_NODES]
    )
    hidden = len(graph.nodes) - _SHOWN_NODES
    more = f"<p>and {hidden} more; explain() shows all</p>" if hidden > 0 else ""
    roots = ", ".join(f"{key} = #{index}" for key, index in graph.roots.items())
    ranges = "; ".join(f"{p.name}: {p.range_text}" for p in graph.parameters.values())
    return (
        f"<p><b>{html.escape(name)}</b> <code>{strategy_hash[:12]}</code><br>{roots}"
        f"{f'<br>{ranges}' if ranges else ''}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )
