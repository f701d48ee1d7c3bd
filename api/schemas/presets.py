"""`/v2/presets`."""

from typing import Any

from pydantic import Field

from api.schemas.common import PresetSummary, Reply

__all__ = ["PresetDetail", "PresetPage"]


class PresetPage(Reply):
    """One page of presets, by name."""

    items: list[PresetSummary]
    next_cursor: str | None


class PresetDetail(PresetSummary):
    """A preset with the config it is locked to."""

    config: dict[str, Any] = Field(
        description="Strategy graph, parameters, risk, execution and cash."
    )
