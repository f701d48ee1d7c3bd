"""The null of a whole search: the same search again, on markets that hold nothing to find."""

from __future__ import annotations

from hyprl_lab.research.null.given import obstacle
from hyprl_lab.research.null.result import SearchNull
from hyprl_lab.research.null.search_null import search_null
from hyprl_lab.research.null.walk_forward_null import walk_forward_null

__all__ = ["SearchNull", "obstacle", "search_null", "walk_forward_null"]
