"""Who is told how far a long piece of work has come, and what is drawn of it."""

from hyprl_lab.progress.bar import ProgressBar, progress_bar
from hyprl_lab.progress.board import SearchBoard, search_board
from hyprl_lab.progress.memory import resident_memory
from hyprl_lab.progress.reporter import Reporter
from hyprl_lab.progress.told import reporter

__all__ = [
    "ProgressBar",
    "Reporter",
    "SearchBoard",
    "progress_bar",
    "reporter",
    "resident_memory",
    "search_board",
]
