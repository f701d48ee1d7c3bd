"""The control database: what is committed, by whom, in transactions."""

from __future__ import annotations

from hyprl_lab.store.control.binding import bind
from hyprl_lab.store.control.database import Control, Transaction
from hyprl_lab.store.control.statements import query, query_names, statement, statement_names
from hyprl_lab.store.control.writer import Writer, now_us, this_writer

__all__ = [
    "Control",
    "Transaction",
    "Writer",
    "bind",
    "now_us",
    "query",
    "query_names",
    "statement",
    "statement_names",
    "this_writer",
]
