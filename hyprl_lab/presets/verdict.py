"""What the gate found: every check with its value, its threshold and its evidence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from hyprl_lab.hashing import digest
from hyprl_lab.presets.gate import Threshold, compare
from hyprl_lab.presets.measures import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.presets.gate import GateCheck, GateProfile
    from hyprl_lab.presets.held_out import HeldOut
    from hyprl_lab.presets.measures import Measure
    from hyprl_lab.presets.preset import Preset
    from hyprl_lab.research.validation import Validation
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.types import JsonValue

__all__ = ["CheckRow", "Verdict", "judged", "verdict_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One check of a verdict.

    Parameters
    ----------
    name, metric
        Of the check and of what it measures.
    value
        `None` where undefined or not asked; then the check fails.
    operator, threshold
        What the value was compared with.
    passed
        Whether it holds; what was not asked does not.
    required
        `False`: a failure is a warning and does not refuse.
    evidence
        Where the value was read.
    reason
        Why it failed, `None` where it passed.
    inconclusive
        Why the value speaks neither for nor against, so that the check passes whatever it is;
        `None` where it speaks.
    """

    name: str
    metric: str
    value: float | int | bool | str | None
    operator: str
    threshold: Threshold
    passed: bool
    required: bool
    evidence: str
    reason: str | None
    inconclusive: str | None = None

    @property
    def asked(self) -> bool:
        """Whether its value was looked for: not so where another check had failed before."""
        return self.evidence != NOT_ASKED

    @property
    def outcome(self) -> str:
        """`"pass"`, `"fail"`, `"warn"` (failed, and not required) or `"open"` (not asked)."""
        if self.passed:
            return "pass"
        if not self.asked:
            return "open"
        return "fail" if self.required else "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a preset may be promoted, and on what evidence.

    Parameters
    ----------
    name
        Of the preset.
    profile
        The gate profile asked.
    visibility
        `"private"` or `"public"`.
    passed
        All required checks hold.
    checks
        Every check, passed or not.
    ledger_id, lineage_root, trials
        The ledger asked, the bars' lineage, and the number of trials it counts there.
    ledger_head
        Where the ledger's chain stood: `links`, their number, and `chain_hash`, in which it
        ended. A ledger that was cut or rewritten since does not lead through it.
    fingerprint, run_hash, study_id
        Of the bars and the run judged, and the study it came from; `None` where there is none.
    engine_version
        Of the engine that ran it.
    seeds
        Of the run and of the validation.
    validation_hash
        Of the validation the values came from.
    settings
        How much that validation computed, and with which random numbers.
    holdout
        Who had seen the reserved bars before the gate, and what it saw there if it opened them;
        `None` where nothing is reserved. See `hyprl_lab.presets.held_out.HeldOut`.
    preset
        What was promoted, `None` if refused.
    """

    name: str
    profile: str
    visibility: str
    passed: bool
    checks: tuple[CheckRow, ...]
    ledger_id: str
    lineage_root: str
    trials: int
    ledger_head: Mapping[str, JsonValue]
    fingerprint: str
    run_hash: str | None
    study_id: str | None
    engine_version: str | None
    seeds: Mapping[str, int]
    validation_hash: str
    settings: Mapping[str, JsonValue]
    holdout: Mapping[str, JsonValue] | None = None
    preset: Preset | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was refused, one sentence a required check that was asked and failed."""
        return tuple(f"{row.name}: {row.reason}" for row in self.checks if row.outcome == "fail")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Failed checks that do not refuse."""
        return tuple(f"{row.name}: {row.reason}" for row in self.checks if row.outcome == "warn")

    @property
    def thresholds(self) -> dict[str, Threshold]:
        """Each check's threshold."""
        return {row.name: row.threshold for row in self.checks}

    @property
    def hash(self) -> str:
        """SHA-256 of the RFC 8785 JSON of the evidence."""
        return digest(self._body())

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values: the evidence, its hash, and nothing that changes by the day."""
        return {**self._body(), "hash": self.hash}

    def _body(self) -> dict[str, JsonValue]:
        return {
            "name": self.name,
            "profile": self.profile,
            "visibility": self.visibility,
            "passed": self.passed,
            "checks": [asdict(row) for row in self.checks],
            "ledger_id": self.ledger_id,
            "lineage_root": self.lineage_root,
            "trials": self.trials,
            "ledger_head": dict(self.ledger_head),
            "fingerprint": self.fingerprint,
            "run_hash": self.run_hash,
            "study_id": self.study_id,
            "engine_version": self.engine_version,
            "seeds": dict(self.seeds),
            "validation_hash": self.validation_hash,
            "settings": dict(self.settings),
            "holdout": None if self.holdout is None else dict(self.holdout),
        }

    def __str__(self) -> str:
        """Say the outcome, then one check a line."""
        lines = [f"{self.name}: {'passed' if self.passed else 'refused'} by {self.profile}"]
        for row in self.checks:
            mark = "FAIL" if row.outcome == "fail" else row.outcome
            why = f"inconclusive: {row.inconclusive}" if row.inconclusive else row.reason
            note = f"  ({why})" if why else ""
            asked = f"{row.operator} {_shown(row.threshold)}"
            lines.append(f"  {mark}  {row.name:<34} {_shown(row.value):>10} {asked:<14}{note}")
        if self.holdout is not None:
            lines.append(f"  holdout {_told(self.holdout)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        cells = "".join(
            "<tr>"
            f"<td>{row.outcome}</td>"
            f"<th style='text-align:left'>{escape(row.name.replace('_', ' '))}</th>"
            f"<td style='text-align:right'>{escape(_shown(row.value))}</td>"
            f"<td>{escape(f'{row.operator} {_shown(row.threshold)}')}</td>"
            f"<td style='text-align:left'>{escape(row.reason or row.inconclusive or '')}</td></tr>"
            for row in self.checks
        )
        outcome = "passed" if self.passed else "refused"
        caption = f"{self.name}: {outcome} by {self.profile}, {self.trials:,} trials in the ledger"
        if self.holdout is not None:
            caption += f"; holdout {_told(self.holdout)}"
        head = "<tr><th></th><th>check</th><th>value</th><th>asked</th><th>why</th></tr>"
        return (
            f"<table><caption>{escape(caption)}</caption>"
            f"<thead>{head}</thead><tbody>{cells}</tbody></table>"
        )


def judged(check: GateCheck, found: Measure) -> CheckRow:
    """Compare what was measured with what a check asks for."""
    passed = compare(found.value, check.operator, check.threshold)
    doubt = None if passed or found.value is None else found.inconclusive
    passed = passed or doubt is not None
    reason = None
    if not passed:
        short = f"{_shown(found.value)} is not {check.operator} {_shown(check.threshold)}"
        reason = found.reason or short
    return CheckRow(
        name=check.name,
        metric=check.metric,
        value=found.value,
        operator=check.operator,
        threshold=check.threshold,
        passed=passed,
        required=check.required,
        evidence=found.source,
        reason=reason,
        inconclusive=doubt,
    )


def verdict_of(
    name: str,
    rows: tuple[CheckRow, ...],
    *,
    profile: GateProfile,
    visibility: str,
    subject: Subject,
    validation: Validation,
    holdout: HeldOut | None = None,
) -> Verdict:
    """Return the verdict that follows from judged checks."""
    result, study = subject.result, subject.study
    seed = validation.settings["seed"]
    links, chain_hash = subject.warehouse.head()
    return Verdict(
        name=name,
        profile=profile.name,
        visibility=visibility,
        passed=all(row.passed for row in rows if row.required),
        checks=rows,
        ledger_id=validation.ledger.ledger_id,
        lineage_root=validation.ledger.lineage_root,
        trials=validation.ledger.trials,
        ledger_head={"links": links, "chain_hash": chain_hash},
        fingerprint=subject.bars.fingerprint,
        run_hash=None if result is None else result.run_hash,
        study_id=None if study is None else study.study_id,
        engine_version=None if result is None else str(result.engine_version),
        seeds={
            "run": 0 if result is None else int(result.seed),
            "validation": int(seed) if isinstance(seed, int) else 0,
        },
        validation_hash=validation.hash,
        settings=dict(validation.settings),
        holdout=None if holdout is None else holdout.to_dict(),
    )


def _told(holdout: Mapping[str, Any]) -> str:
    """Say in words from when bars are held out, who saw them before, and whether they are open."""
    looks = holdout["looks"]
    before = looks["runs"] + looks["openings"]
    times = f"{before:,} look{'' if before == 1 else 's'}"
    searches = f"{looks['searches']:,} search{'' if looks['searches'] == 1 else 'es'}"
    since = datetime.fromtimestamp(holdout["start"] / 1e6, tz=UTC)
    outcome = "stays closed"
    if holdout["run_hash"] is not None:
        times_open = holdout["openings"]
        outcome = "opened once" if times_open == 1 else f"opened {times_open:,} times"
    return f"from {since:%Y-%m-%d}: {times} and {searches} before; {outcome}"


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
