"""What a warehouse consists of, each piece opened when it is first used."""

from __future__ import annotations

import logging
import threading
import uuid
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hyprl_lab.errors import LabError
from hyprl_lab.store.bars.bar_store import BarStore
from hyprl_lab.store.control import statements
from hyprl_lab.store.control.binding import bind
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.home import find_home, make_home
from hyprl_lab.store.home import home as default_home
from hyprl_lab.store.parts.folder import LocalFolder
from hyprl_lab.store.parts.part_store import PartStore
from hyprl_lab.store.parts.pins import Pins
from hyprl_lab.store.queries.reader import Reader
from hyprl_lab.store.runs.adoption import adopt
from hyprl_lab.store.runs.claims import Claims
from hyprl_lab.store.runs.run_store import RunStore
from hyprl_lab.store.runs.states import RunStates
from hyprl_lab.store.trials.absorbing import absorb
from hyprl_lab.store.trials.journal import Journal
from hyprl_lab.store.trials.ledger import Ledger
from hyprl_lab.store.trials.recorder import Recorder
from hyprl_lab.store.trials.small import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from hyprl_lab.store.trials.small import TrialRow

__all__ = ["Opened"]

_log = logging.getLogger(__name__)


class Opened:
    """A home folder with its control database, parts, chain, ledger, runs and recorder."""

    def __init__(self, home: Path | str | None = None) -> None:
        self._given = home
        self._lock = threading.RLock()
        self._roots: dict[tuple[str, str, str], str] = {}
        journal: Journal[TrialRow] = Journal(
            lambda: self._journals, lambda number, row: row.to_body(number)
        )
        self._journal = journal
        self._recorder: Recorder[TrialRow] = Recorder(
            lambda rows, first: write_rows(self.control, rows, journal=journal.name, first=first),
            journal,
        )

    @cached_property
    def home(self) -> Path:
        """The home folder."""
        if self._given is None:
            return default_home()
        return make_home(Path(self._given).expanduser().resolve())

    @property
    def control(self) -> Control:
        """The control database; its `engine` is SQLAlchemy's."""
        return self._claims.control

    @property
    def ledger_id(self) -> str:
        """32 hexadecimal digits, made once: which ledger a verdict's counts come from."""
        return self._claims.ledger_id

    @property
    def artifacts(self) -> Path:
        """The folder that holds a folder for each run."""
        return self.home / "artifacts"

    @property
    def scratch(self) -> Path:
        """A folder for files that are in the making, on the file system of the parts."""
        self._folder.make()
        return self._folder.staging

    @property
    def waiting(self) -> int:
        """Trials this process has recorded and not committed yet."""
        return self._recorder.waiting

    @cached_property
    def pins(self) -> Pins:
        """Who is reading: held while files are listed and read, so that no sweep takes them."""
        return Pins(self.control, self._place / "pins")

    @cached_property
    def run_states(self) -> RunStates:
        """What becomes of runs, from their submission on."""
        return RunStates(self.control)

    @property
    def _place(self) -> Path:
        return self.home / "warehouse"

    @property
    def _journals(self) -> Path:
        """Where processes keep the single backtests that they have not committed yet."""
        return self._place / "pending_trials"

    @property
    def _is_there(self) -> bool:
        """Whether there is a warehouse; asking makes none."""
        if "_claims" in self.__dict__:
            return True
        home = find_home() if self._given is None else Path(self._given).expanduser()
        return (home / "warehouse").exists()

    @property
    def _own_database(self) -> Path:
        return self._place / "control.sqlite"

    @cached_property
    def _folder(self) -> LocalFolder:
        return LocalFolder(self._place / "parts", self._place / "tmp")

    @cached_property
    def _claims(self) -> Claims:
        """The control database, opened and bound to this home, and the chain it holds."""
        with self._lock:
            if "_claims" in self.__dict__:  # another thread was first
                found: Claims = self.__dict__["_claims"]
                return found
            self._folder.make()
            control = Control(self._own_database)
            try:
                bind(control, self._place, own=self._own_database)
                claims = Claims(control, self.home, _ledger_id(control))
                adopt(claims)
                self._take_in(control)
            except LabError:
                control.close()
                raise
            return claims

    def _take_in(self, control: Control) -> None:
        """Take in what killed processes left; where that fails now, whoever counts says so."""
        try:
            absorb(control, self._journals, own=self._journal.name)
        except LabError as error:
            _log.warning("trials of other processes are not recorded yet: %s", error)

    @cached_property
    def _parts(self) -> PartStore:
        return PartStore(self.control, self._folder)

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.control, self._parts, self.pins, self._claims)

    @cached_property
    def _runs(self) -> RunStore:
        return RunStore(
            self._claims, self.artifacts, self._folder.staging, self.run_states, self.pins
        )

    @cached_property
    def _bars(self) -> BarStore:
        return BarStore(self.control, self._parts, self._folder.staging)

    @cached_property
    def _reader(self) -> Reader:
        artifacts = LocalFolder(self.artifacts, self._folder.staging)
        return Reader(self.control, self._parts, self.pins, artifacts)

    def _run(self, text: str, params: Mapping[str, object] | Sequence[object] | None) -> pa.Table:
        return self._reader.run(text, params)

    def _query(self, name: str, params: Mapping[str, object]) -> pa.Table:
        return self._run(statements.query(name), params)


def _ledger_id(control: Control) -> str:
    """Return the ledger's id, made where there is none."""
    with control.read() as transaction:
        found = transaction.row("meta.get", key="ledger_id")
    if found is None:
        with control.write() as transaction:
            found = transaction.row("meta.get", key="ledger_id")
            if found is None:
                found = {"value": uuid.uuid4().hex}
                transaction.execute("meta.put", key="ledger_id", value=found["value"])
    return str(found["value"])
