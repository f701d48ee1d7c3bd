"""The presets this server may show and serve: promoted, verified, public."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from api.problems import ProblemError
from api.settings import GATE_STRENGTH
from hyprl_lab import presets
from hyprl_lab.engine.config import Execution, risk_from_json
from hyprl_lab.presets.measures import share_at_risk
from hyprl_lab.presets.promotion import PUBLIC_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.settings import Settings
    from hyprl_lab.presets import Preset

__all__ = ["Catalogue"]

FRESH_SECONDS: Final = 2.0
_BOUNDS: Final = {check.metric: float(check.threshold) for check in PUBLIC_BOUNDS}
MAX_RISK_PCT: Final = _BOUNDS["risk_pct"]
MAX_DRAWDOWN: Final = _BOUNDS["max_drawdown_intrabar"]


class Catalogue:
    """Promoted, public presets by name; verified again every two seconds at most.

    Parameters
    ----------
    settings
        The home, and the weakest gate profile that is served.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._read_at = -FRESH_SECONDS
        self._presets: dict[str, Preset] = {}

    def public(self) -> list[Preset]:
        """Return the public presets, sorted by name."""
        found = self._fresh()
        return [found[name] for name in sorted(found)]

    def get(self, name: str) -> Preset:
        """Return a public preset.

        Raises
        ------
        ProblemError
            404 where there is none of that name; a private one is as good as none.
        """
        found = self._fresh().get(name)
        if found is None:
            raise ProblemError(
                404, "preset_not_found", "There is no such public preset; see /v2/presets."
            )
        return found

    def servable(self, name: str) -> Preset:
        """Return a public preset that passed a gate strong enough, within the safe bounds.

        Raises
        ------
        ProblemError
            404 as `get`; 403 with `gate_too_weak` or `bounds_exceeded`.
        """
        preset = self.get(name)
        if not self.passes(preset):
            raise ProblemError(
                403,
                "gate_too_weak",
                f"This preset passed the gate profile {preset.profile!r}; this server serves "
                f"{self._settings.min_gate!r} or stronger (HYPRL_MIN_GATE).",
            )
        risk_pct = risk_pct_of(preset.config)
        if risk_pct > MAX_RISK_PCT:
            raise ProblemError(
                403,
                "bounds_exceeded",
                f"This preset risks {risk_pct:g} of equity a trade; what is public may risk "
                f"{MAX_RISK_PCT:g}.",
            )
        drawdown = drawdown_of(preset.evidence)
        if drawdown is not None and drawdown > MAX_DRAWDOWN:
            raise ProblemError(
                403,
                "bounds_exceeded",
                f"This preset's worst intrabar drawdown was {drawdown:.4g}; what is public may "
                f"have {MAX_DRAWDOWN:g}.",
            )
        return preset

    def passes(self, preset: Preset) -> bool:
        """Whether the preset's gate profile is as strong as this server asks for."""
        needed = GATE_STRENGTH[self._settings.min_gate]
        return GATE_STRENGTH.get(preset.profile, -1) >= needed

    def _fresh(self) -> Mapping[str, Preset]:
        with self._lock:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._presets = {
                    preset.name: preset
                    for preset in presets.promoted(self._settings.folder)
                    if preset.visibility == "public"
                }
                self._read_at = time.monotonic()
            return self._presets


def risk_pct_of(config: Mapping[str, Any]) -> float:
    """Return the share of equity a trade risks, as the gate measures it: all of it by `AllIn`."""
    execution = Execution.from_json(config["execution"])
    return share_at_risk(risk_from_json(config["risk"]), execution)


def drawdown_of(evidence: Mapping[str, Any]) -> float | None:
    """Return the worst intrabar drawdown the gate saw, `None` where it did not ask."""
    rows = evidence["verdict"]["checks"]
    values = [row["value"] for row in rows if row["metric"] == "max_drawdown_intrabar"]
    return max((float(value) for value in values if value is not None), default=None)
