"""The public promoted presets."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.cursor import decode, encode
from api.deps import CurrentAccount, CurrentCatalogue
from api.routes.shapes import preset_fields, preset_summary
from api.schemas import PresetDetail, PresetPage

__all__ = ["router"]

router = APIRouter(prefix="/v2/presets", tags=["presets"])


@router.get("")
def list_presets(
    *,
    _account: CurrentAccount,
    catalogue: CurrentCatalogue,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> PresetPage:
    """List public promoted presets by name, with the gate profile and the evidence of each."""
    after = decode(cursor)
    later = [p for p in catalogue.public() if after is None or p.name > after]
    page = later[:limit]
    return PresetPage(
        items=[preset_summary(preset, catalogue) for preset in page],
        next_cursor=encode(page[-1].name) if len(later) > limit else None,
    )


@router.get("/{name}")
def get_preset(
    *,
    _account: CurrentAccount,
    catalogue: CurrentCatalogue,
    name: Annotated[str, Path(max_length=100)],
) -> PresetDetail:
    """Return one public promoted preset with its locked config."""
    preset = catalogue.get(name)
    return PresetDetail(**preset_fields(preset, catalogue), config=dict(preset.config))
