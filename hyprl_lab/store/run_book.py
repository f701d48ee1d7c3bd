"""The warehouse's calls for runs, verdicts and evaluations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyprl_lab.store.opened import Opened
from hyprl_lab.store.runs import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.runs.findings import Verification
    from hyprl_lab.store.runs.record import RunRecord
    from hyprl_lab.store.runs.stored import StoredRun
    from hyprl_lab.types import JsonValue

__all__ = ["RunBook"]


class RunBook(Opened):
    """Runs with their artifacts, verdicts and evaluations; the part of `Warehouse` that proves."""

    def save_run(self, run: RunRecord, attempt: int | None = None) -> bool:
        """Store a run with its artifacts; return whether it is new.

        However many processes store one run at once, it is stored once. On return it is a link
        of the chain, and the signed checkpoint covers it.

        Parameters
        ----------
        run
            What is stored.
        attempt
            The number of the attempt that computed it, of a run that was submitted.

        Raises
        ------
        WarehouseError
            It can't be written, or the run is that attempt's no more; nothing was recorded.
        IntegrityError
            The chain does not hold what was signed; nothing was recorded.
        """
        return self._runs.save(run, attempt)

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

    def runs_starting(self, start: str) -> list[dict[str, Any]]:
        """Return engine, its version, state and error of runs by how their hash starts.

        The one submitted last comes first.
        """
        return self._runs.starting(start)

    def run_hashes_mentioned(self, start: str) -> list[str]:
        """Return the run hashes that start so among runs, their states and what the chain claims.

        So a run can be verified whose row is gone.
        """
        return self._runs.mentioned(start)

    def verify_runs(
        self, run_hash: str | None = None, *, key_id: str | None = None
    ) -> Verification:
        """Check what was claimed: the chain, its signed checkpoint, and the files of runs.

        Every finding is returned, none is raised; others may write meanwhile.

        Parameters
        ----------
        run_hash
            Hash the files of this run alone; those of all runs where `None`.
        key_id
            Of the key that must have signed the checkpoint, as you noted it elsewhere.

        Raises
        ------
        NotFoundError
            There is no such run.
        InputError
            `key_id` is no name of a key.
        """
        return self._runs.verify(run_hash, key_id=key_id)

    def head(self) -> tuple[int, str]:
        """Return the number of links of the chain and the hash that they end in."""
        return self._claims.head()

    def sign_checkpoint(self) -> None:
        """Sign the chain as it is now, whatever the checkpoint says or if it is gone.

        It takes for granted what `verify_runs` finds fault with, so look there first.
        """
        self._ledger.renew_singles()
        self._claims.accept()

    def environment(self, environment_hash: str) -> dict[str, JsonValue]:
        """Return what a run was made with. Raises `NotFoundError` where none of that is stored."""
        return self._runs.environment(environment_hash)

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
        return evidence.save_verdict(self._claims, verdict)

    def verdict(self, verdict_id: str) -> dict[str, JsonValue]:
        """Return a stored verdict. Raises `NotFoundError` where there is none of that id."""
        return evidence.verdict(self.control, verdict_id)

    def cached(self, kind: str, key: str) -> JsonValue:
        """Return what was remembered under a kind and a hash, `None` where nothing was."""
        return evidence.cached(self.control, kind, key)

    def remember(self, kind: str, key: str, value: JsonValue) -> None:
        """Keep a JSON value under a kind and a hash of all it depends on; the first one stays."""
        evidence.remember(self.control, kind, key, value)
