"""`hyprl promote`, `predict` and `presets`: what passes the gate, what is served, what it says."""

import time
from typing import Annotated

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.inputs import bars_from
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, literal, table
from hyprl_lab.cli.stored import bars_of, study_from
from hyprl_lab.cli.summary import preset_summary, utc, verdict_summary
from hyprl_lab.errors import InputError

__all__ = ["app", "predict", "promote"]

app = typer.Typer(
    name="presets", help="Promoted presets: what is served, and why.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The name of a preset.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="Which one.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]

_LISTED = ("name", "version", "state", "live", "visibility", "profile", "promoted_at", "reason")


def promote(
    study: Annotated[str, typer.Argument(help="A study's id, or its first characters.")],
    name: Annotated[str, typer.Option(help="Of the preset: a-z, 0-9, _ and -.")],
    bars: Annotated[
        str | None, typer.Option(help="The bars that were searched, where they don't ship.")
    ] = None,
    profile: Annotated[str, typer.Option(help="strict, research or demo.")] = "strict",
    visibility: Annotated[str, typer.Option(help="private or public.")] = "private",
    every: Annotated[
        bool, typer.Option("--every", help="Ask every check, whatever failed before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the gate about a study's best trial, and sign what passes; exit 1 if it refuses."""
    import hyprl_lab as hl

    found = study_from(study, bars)
    verdict = hl.promote(
        found,
        name=name,
        profile=profile,
        visibility=visibility,
        stop_early=not every,
        progress=True,
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


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List every version, whatever became of it, and names that were only judged."""
    from hyprl_lab import presets

    rows = [state.to_dict() for state in presets.listed()]
    emit(
        {"presets": rows},
        as_json=as_json,
        view=lambda: [
            table(_LISTED, [[row[name] for name in _LISTED] for row in rows]),
            *(literal(f"{row['name']}: {row['problem']}") for row in rows if row["problem"]),
        ],
    )


@app.command()
def show(name: Name, version: Version = None, as_json: AsJson = False) -> None:
    """Show a version, by default the live one, with its config, its verdict and what followed."""
    from hyprl_lab import presets

    states = {state.version: state for state in presets.states_of(name)}
    served = [number for number, state in states.items() if state.live]
    wanted = version if version is not None else (served or sorted(filter(None, states)))[-1]
    found = presets.get(name, wanted, demoted=True)
    record = states[wanted].to_dict()
    checks = found.evidence["verdict"]["checks"]
    payload = {
        **record,
        "strategy": found.strategy.name,
        "run_hash": found.run_hash,
        "path": found.path,
        "config": dict(found.config),
        "checks": checks,
    }
    columns = ["name", "value", "operator", "threshold", "passed", "required"]
    shown = {key: part for key, part in payload.items() if key != "checks"}
    emit(
        payload,
        as_json=as_json,
        view=lambda: [
            facts({**shown, "params": found.params}),
            table(columns, [[row[column] for column in columns] for row in checks]),
        ],
    )


@app.command()
def verify(
    name: Name,
    version: Version = None,
    key: Annotated[
        str | None,
        typer.Option(help="Id of the key that must have signed the ledger.", metavar="ID"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a version again, from its signature to the ledger; exit 1 on a finding."""
    from hyprl_lab import presets

    found = presets.recheck(name, version, key_id=key)
    emit(found.to_dict(), as_json=as_json, view=lambda: [literal(str(found))])
    if not found.ok:
        raise typer.Exit(REFUSED)


@app.command()
def demote(
    name: Name,
    reason: Reason,
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Take a version out of service, by default the live one; its files and the record stay."""
    from hyprl_lab import presets

    decision = presets.demote(name, version, reason=reason)
    _emit_states(name, decision.version, as_json=as_json)


@app.command()
def reinstate(
    name: Name,
    version: Annotated[int, typer.Option("--version", min=1, help="Which one.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Let a demoted version be served again; that it was demoted stays on record."""
    from hyprl_lab import presets

    presets.reinstate(name, version, reason=reason)
    _emit_states(name, version, as_json=as_json)


@app.command()
def live(
    name: Name,
    version: Version = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Follow the newest that is not demoted.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why, for the record.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say which version is served; with --version or --newest, set it."""
    from hyprl_lab import presets

    if newest and version is not None:
        raise InputError("say --version or --newest, not both")
    if reason is not None and version is None and not newest:
        raise InputError("--reason is of a change; say --version or --newest with it")
    found = presets.live(name, "newest" if newest else version, reason=reason)
    emit({"name": found.name, "live": found.version, "path": found.path}, as_json=as_json)


def _emit_states(name: str, version: int | None, *, as_json: bool) -> None:
    """Say what became of a version, and which one is live now."""
    from hyprl_lab import presets

    states = presets.states_of(name)
    live_now = next((state.version for state in states if state.live), None)
    (changed,) = (state for state in states if state.version == version)
    payload = {**changed.to_dict(), "live_version": live_now}
    emit(payload, as_json=as_json)
