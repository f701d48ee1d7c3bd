"""Replies that more than one route is made of."""

from typing import Any

from api.catalogue import Catalogue
from api.credits import Receipt
from api.schemas import CreditsUsed, PresetSummary
from hyprl_lab.presets import Preset

__all__ = ["credits_used", "preset_fields", "preset_summary"]


def credits_used(receipt: Receipt) -> CreditsUsed:
    """Return what a debit says."""
    return CreditsUsed(
        cost=receipt.cost,
        limit=receipt.standing.credits_limit,
        remaining=receipt.standing.credits_remaining,
        resets_at=receipt.standing.resets_at,
    )


def preset_fields(preset: Preset, catalogue: Catalogue) -> dict[str, Any]:
    """Return the fields of a `PresetSummary`."""
    return {
        "name": preset.name,
        "version": preset.version,
        "symbol": preset.config["symbol"],
        "timeframe": preset.config["timeframe"],
        "strategy": preset.strategy.name,
        "visibility": preset.visibility,
        "gate_profile": preset.profile,
        "servable": catalogue.passes(preset),
        "evidence": dict(preset.evidence),
    }


def preset_summary(preset: Preset, catalogue: Catalogue) -> PresetSummary:
    """Return a preset as listings and predictions show it."""
    return PresetSummary(**preset_fields(preset, catalogue))
