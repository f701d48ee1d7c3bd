"""The promotion gate, its verdicts, the signed presets that passed, and presets of searches."""

from __future__ import annotations

from hyprl_lab.presets.deciding import demote, live, reinstate
from hyprl_lab.presets.gate import PROFILE_ORDER, GateCheck, GateProfile, load_gate
from hyprl_lab.presets.history import Decision
from hyprl_lab.presets.listing import PresetState, listed, states_of
from hyprl_lab.presets.preset import Preset
from hyprl_lab.presets.promotion import promote
from hyprl_lab.presets.rechecking import Line, Rechecked, recheck
from hyprl_lab.presets.search_presets import SearchPreset, search_preset
from hyprl_lab.presets.shelf import get, promoted, verify
from hyprl_lab.presets.verdict import CheckRow, Verdict

__all__ = [
    "PROFILE_ORDER",
    "CheckRow",
    "Decision",
    "GateCheck",
    "GateProfile",
    "Line",
    "Preset",
    "PresetState",
    "Rechecked",
    "SearchPreset",
    "Verdict",
    "demote",
    "get",
    "listed",
    "live",
    "load_gate",
    "promote",
    "promoted",
    "recheck",
    "reinstate",
    "search_preset",
    "states_of",
    "verify",
]
