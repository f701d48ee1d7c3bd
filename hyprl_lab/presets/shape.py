"""What a preset's document must look like, part by part, before anything of it is believed."""

from __future__ import annotations

import re
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, get_args

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.document import exact_keys
from hyprl_lab.presets.gate import MANDATORY, PROFILE_ORDER, Operator, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["FORMAT", "NAME", "VISIBILITIES", "check_digests", "check_shape", "check_verdict"]

FORMAT: Final = 1
VISIBILITIES: Final = ("private", "public")
NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")

_Kinds = tuple[type, ...]
_NUMBER: Final[_Kinds] = (int, float)
_DOCUMENT: Final[dict[str, _Kinds]] = {
    "format": (int,),
    "name": (str,),
    "version": (int,),
    "state": (str,),
    "visibility": (str,),
    "profile": (str,),
    "promoted_at": (str,),
    "config": (dict,),
    "evidence": (dict,),
    "digests": (dict,),
    "key_id": (str,),
    "signature": (str,),
}
_CONFIG: Final[dict[str, _Kinds]] = {
    "symbol": (str,),
    "timeframe": (str,),
    "calendar": (str,),
    "dataset": (str, NoneType),
    "strategy": (dict,),
    "params": (dict,),
    "risk": (dict,),
    "execution": (dict,),
    "cash": _NUMBER,
    "seed": (int,),
    "periods_per_year": _NUMBER,
}
_EVIDENCE: Final[dict[str, _Kinds]] = {
    "verdict": (dict,),
    "validation": (dict,),
    "run": (dict,),
    "study_id": (str, NoneType),
    "oos_start": (int, NoneType),
    "oos_from": (str, NoneType),
}
_LATER_EVIDENCE: Final[dict[str, _Kinds]] = {"oos_reason": (str, NoneType)}
"""Not in every document of this format: presets signed before it was written stay valid."""
_VERDICT: Final[dict[str, _Kinds]] = {
    "name": (str,),
    "profile": (str,),
    "visibility": (str,),
    "passed": (bool,),
    "checks": (list,),
}
_ROW: Final[dict[str, _Kinds]] = {
    "name": (str,),
    "metric": (str,),
    "value": (int, float, bool, str, NoneType),
    "operator": (str,),
    "threshold": (int, float, bool, str),
    "passed": (bool,),
    "required": (bool,),
}
_LATER_ROW: Final[dict[str, _Kinds]] = {"inconclusive": (str, NoneType)}
"""Not in every row, as above."""


def check_shape(document: Mapping[str, JsonValue], file_name: str) -> None:
    """Check that every part is there, nothing else is, and each is of its kind.

    Raises
    ------
    InputError
        The message names the part.
    """
    exact_keys(document, _DOCUMENT, source="the preset")
    _check_kinds(document, _DOCUMENT, "")
    named = f"{document['name']}.v{document['version']}.yaml"
    if file_name != named or not NAME.fullmatch(str(document["name"])):
        raise InputError(f"it says it is {named}")
    if document["format"] != FORMAT or document["state"] != "promoted":
        raise InputError(
            f"format {document['format']}, state {document['state']!r}; expected 1, promoted"
        )
    if document["visibility"] not in VISIBILITIES or document["profile"] not in PROFILE_ORDER:
        raise InputError(
            f"visibility {document['visibility']!r} or profile {document['profile']!r}"
        )
    config, evidence = _mapping(document["config"]), _mapping(document["evidence"])
    exact_keys(config, _CONFIG, source="config")
    exact_keys(evidence, _EVIDENCE, source="evidence", optional=_LATER_EVIDENCE)
    _check_kinds(config, _CONFIG, "config.")
    params = _mapping(config["params"])
    _check_kinds(params, dict.fromkeys(params, _NUMBER), "config.params.")
    later = {key: kinds for key, kinds in _LATER_EVIDENCE.items() if key in evidence}
    _check_kinds(evidence, _EVIDENCE | later, "evidence.")
    _check_kinds(_mapping(evidence["run"]), {"run_hash": (str,)}, "evidence.run.")


def check_digests(document: Mapping[str, Any]) -> None:
    """Check the stated SHA-256 of config and evidence.

    Raises
    ------
    InputError
        One is another, or can't be formed.
    """
    digests = document["digests"]
    if sorted(digests) != ["config", "evidence"]:
        raise InputError(f"digests of {sorted(digests)}; expected two")
    for part, stated in digests.items():
        found = digest(document[part])
        if found != stated:
            raise InputError(
                f"{part} is not what was signed (SHA-256 {found[:12]}, stated {str(stated)[:12]})"
            )


def check_verdict(document: Mapping[str, Any]) -> None:
    """Check that the verdict follows from its own rows, signed or not, and is of this preset.

    Raises
    ------
    InputError
        It is malformed, did not pass, or is of something else.
    """
    verdict = document["evidence"]["verdict"]
    _check_kinds(verdict, _VERDICT, "evidence.verdict.")
    rows = verdict["checks"]
    for index, row in enumerate(rows):
        _check_row(row, f"evidence.verdict.checks[{index}]")
    wrong = [
        row["name"]
        for row in rows
        if holds(row) is not row["passed"] or (row["required"] and not row["passed"])
    ]
    wrong += [name for name in MANDATORY if name not in {row["metric"] for row in rows}]
    if wrong or not verdict["passed"]:
        raise InputError(f"the verdict did not pass ({wrong})")
    for key in ("name", "profile", "visibility"):
        if verdict[key] != document[key]:
            raise InputError(f"the verdict is for {key} {verdict[key]!r}, not {document[key]!r}")


def _check_row(row: object, place: str) -> None:
    if not isinstance(row, dict):
        raise InputError(f"{place} is {type(row).__name__}; expected a mapping")
    later = {key: kinds for key, kinds in _LATER_ROW.items() if key in row}
    _check_kinds(row, _ROW | later, f"{place}.")
    sign, value, threshold = row["operator"], row["value"], row["threshold"]
    if sign not in get_args(Operator):
        raise InputError(f"{place}.operator {sign!r}; expected one of {list(get_args(Operator))}")
    if value is not None and isinstance(value, str) is not isinstance(threshold, str):
        raise InputError(f"{place}: {value!r} can't be compared with {threshold!r}")


def _check_kinds(data: Mapping[str, Any], kinds: Mapping[str, _Kinds], place: str) -> None:
    """Check the kinds of these keys; `True` is no integer."""
    for key, allowed in kinds.items():
        if key not in data:
            raise InputError(f"{place}{key} is missing")
        if type(data[key]) not in allowed:
            expected = " or ".join(kind.__name__ for kind in allowed)
            raise InputError(f"{place}{key} is {type(data[key]).__name__}; expected {expected}")


def _mapping(part: object) -> Mapping[str, Any]:
    if not isinstance(part, dict):
        raise InputError(f"a part is {type(part).__name__}; expected a mapping")
    return part
