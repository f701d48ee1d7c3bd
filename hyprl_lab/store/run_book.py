"""The warehouse's calls for runs, verdicts and evaluations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hyprl_lab.store.opened import Opened
from hyprl_lab.store.runs import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.runs.run_store import RunRecord, StoredRun
    from hyprl_lab.types import JsonValue

__all__ = ["RunBook"]


class RunBook(Opened):
    """Runs with their artifacts, verdicts and evaluations; the part of `Warehouse` that proves."""

    def save_run(self, run: RunRecord) -> bool:
        """Store a run with its artifacts; return whether it is new.

        However many processes store one run at once, it is stored once.
        """
        return self._runs.save(run)

    def get_run(
        self, run_hash: str, engine_version: str | None = None, engine: str | None = None
    ) -> StoredRun:
        """Return a stored run: of those with that hash, engine version and engine the newest.

        Raises
        ------
        NotFoundError
            There is none.
        """
        return self._runs.get(run_hash, engine_version, engine)

    def list_runs(self) -> list[StoredRun]:
        """Return all runs, the oldest first."""
        return self._runs.all()

    def verify_run(
        self, run_hash: str, engine_version: str | None = None, engine: str | None = None
    ) -> None:
        """Hash a run's artifacts again and compare; the run is found as by `get_run`.

        Raises
        ------
        IntegrityError
            A file is missing or changed; the message names it.
        """
        self._runs.verify(run_hash, engine_version, engine)

    def verify_chain(self) -> int:
        """Check that every run follows the one before; return their number.

        Raises
        ------
        IntegrityError
            A row was changed, reordered or removed.
        """
        return self._runs.verify_chain()

    def head(self) -> tuple[int, str]:
        """Return the number of runs and the hash that their chain ends in."""
        return self._runs.head()

    def add_artifact(
        self,
        run_hash: str,
        name: str,
        path: Path,
        engine_version: str | None = None,
        engine: str | None = None,
    ) -> Path:
        """Keep a copy of a file (a report) with a run, found as by `get_run`; return where.

        The same content again changes nothing; another content is kept beside the first, as
        `name-2`, and so on.
        """
        return self._runs.attach(run_hash, name, Path(path), engine_version, engine)

    def save_verdict(self, verdict: Mapping[str, JsonValue]) -> str:
        """Store a verdict and return its id, the SHA-256 of its RFC 8785 JSON.

        `name`, `profile`, `passed`, `run_hash` and `study_id`, where it has them, become columns
        of view `verdicts`.
        """
        return evidence.save_verdict(self.control, verdict)

    def verdict(self, verdict_id: str) -> dict[str, JsonValue]:
        """Return a stored verdict. Raises `NotFoundError` where there is none of that id."""
        return evidence.verdict(self.control, verdict_id)

    def cached(self, kind: str, key: str) -> JsonValue:
        """Return what was remembered under a kind and a hash, `None` where nothing was."""
        return evidence.cached(self.control, kind, key)

    def remember(self, kind: str, key: str, value: JsonValue) -> None:
        """Keep a JSON value under a kind and a hash of all it depends on; the first one stays."""
        evidence.remember(self.control, kind, key, value)
