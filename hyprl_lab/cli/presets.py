"""`hyprl promote` and `hyprl predict`: what passes the gate, and what it says now."""

import time
from typing import Annotated

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.inputs import bars_from
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit
from hyprl_lab.cli.progress import progress_bar
from hyprl_lab.cli.stored import bars_of, study_from
from hyprl_lab.cli.summary import preset_summary, utc, verdict_summary

__all__ = ["predict", "promote"]


def promote(
    study: Annotated[str, typer.Argument(help="A study's id, or its first characters.")],
    name: Annotated[str, typer.Option(help="Of the preset: a-z, 0-9, _ and -.")],
    bars: Annotated[
        str | None, typer.Option(help="The bars that were searched, where they don't ship.")
    ] = None,
    profile: Annotated[str, typer.Option(help="strict, research or demo.")] = "strict",
    visibility: Annotated[str, typer.Option(help="private or public.")] = "private",
    as_json: AsJson = False,
) -> None:
    """Validate a study's best trial, ask the gate, and sign what passes; exit 1 if it refuses."""
    import hyprl_lab as hl

    found = study_from(study, bars)
    with progress_bar("walk-forward", "windows") as update:
        validation = hl.validate(found, progress=update)
    verdict = hl.promote(
        found, name=name, profile=profile, validation=validation, visibility=visibility
    )
    payload = {**verdict_summary(verdict), "preset": preset_summary(verdict)}
    signed = [] if verdict.preset is None else [f"signed: {verdict.preset.path}"]
    emit(payload, as_json=as_json, view=lambda: [str(verdict), *signed])
    if not verdict.passed:
        raise typer.Exit(REFUSED)


def predict(
    preset: Annotated[str, typer.Argument(help="The name of a promoted preset.")],
    bars: Annotated[
        str | None, typer.Argument(help="A data set or a file; by default the preset's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a promoted preset wants after its last closed bar; no key, no credits."""
    from hyprl_lab import models, presets

    found = presets.get(preset)
    config = found.config
    if bars is None:
        known = bars_of(config["symbol"], config["timeframe"], calendar=config["calendar"])
    else:
        known = bars_from(bars)
    closed = models.closed_bars(known, now_us=time.time_ns() // 1_000)
    prediction = models.predict(config, found.evidence, closed)
    frequency = prediction.frequency
    payload = {
        "preset": found.name,
        "version": found.version,
        "profile": found.profile,
        "symbol": closed.symbol,
        "as_of": utc(prediction.as_of_us),
        "action": prediction.action,
        "position": prediction.position,
        "probability_up": None if frequency is None else frequency.up,
        "probabilities_n": None if frequency is None else frequency.n,
        "reason": prediction.reason,
    }
    emit(payload, as_json=as_json)
