"""Comparing what is stored with what was claimed; `hyprl_lab.store.runs.verification` calls it."""

from __future__ import annotations

from hyprl_lab.store.runs.proof.claims import check_artifacts, check_removals, check_verdicts
from hyprl_lab.store.runs.proof.environments import check_environments
from hyprl_lab.store.runs.proof.files import check_files
from hyprl_lab.store.runs.proof.links import check_links
from hyprl_lab.store.runs.proof.runs import check_runs
from hyprl_lab.store.runs.proof.state import State, read_state

__all__ = [
    "State",
    "check_artifacts",
    "check_environments",
    "check_files",
    "check_links",
    "check_removals",
    "check_runs",
    "check_verdicts",
    "read_state",
]
