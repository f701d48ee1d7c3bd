"""Adding to the chain, and signing where it ends before the call that added returns."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.runs import chain, checkpoint
from hyprl_lab.store.trials import single_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.runs.chain import Link
    from hyprl_lab.store.trials.single_digest import Singles
    from hyprl_lab.types import JsonValue

__all__ = ["Claims"]

_LOCK: Final = "checkpoint.lock"
_LOCK_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.002
_MEND: Final = (
    "`hyprl warehouse verify` says what differs; bring the database and the checkpoint back from "
    "one backup, or, if you know why, sign the chain as it is now: `hyprl warehouse sign --accept`"
)


class Claims:
    """What one ledger claims: its chain, and the signed checkpoint of it.

    A claim is made in two steps: `append` in the transaction that records what is claimed, and
    `sign` after its commit. A kill in between leaves a link beyond the checkpoint, which the next
    one covers. Nothing is added to a chain that does not hold what was signed.

    Parameters
    ----------
    control
        The control database.
    home
        Where the checkpoint and the keys are.
    ledger_id
        Of the ledger that the database holds.
    """

    def __init__(self, control: Control, home: Path, ledger_id: str) -> None:
        self.control = control
        self.home = home
        self.ledger_id = ledger_id
        self.genesis = chain.genesis_of(ledger_id)

    def head(self) -> tuple[int, str]:
        """Return the number of links, and the hash that they end in."""
        with self.control.read() as transaction:
            return chain.head(transaction, self.genesis)

    def append(
        self, transaction: Transaction, kind: str, subject: str, body: Mapping[str, JsonValue]
    ) -> Link:
        """Add a link inside a write transaction; see `hyprl_lab.store.runs.chain.append`.

        Raises
        ------
        IntegrityError
            The chain does not hold what the checkpoint signed, or the checkpoint is gone.
        """
        length, _ = chain.head(transaction, self.genesis)
        if self._covered(self._signed(), transaction, length) is None:
            self.begin()
        return chain.append(transaction, self.genesis, kind, subject, body)

    def check(self) -> None:
        """Check that the chain, and the digest of single backtests, hold what was signed.

        Raises
        ------
        IntegrityError
            They do not, or the checkpoint is gone.
        """
        for is_last in (False, True):
            found = self._signed()  # before the chain, which only grows
            with self.control.read() as transaction:
                length, _ = chain.head(transaction, self.genesis)
                if is_last or found is not None or not length:  # or begun since it was looked for
                    self._covered(found, transaction, length)
                    return

    def begin(self) -> None:
        """Write a checkpoint that covers nothing, before the first link can be seen.

        So no kill leaves links without a checkpoint.

        Raises
        ------
        WarehouseError
            It can't be written; the transaction that is under way has to be undone.
        """
        try:
            checkpoint.write(self.home, ledger_id=self.ledger_id, seq=0, head=self.genesis)
        except OSError as error:
            raise WarehouseError(
                f"{self.home / checkpoint.FILE} can't be written ({error.strerror}); nothing was "
                "recorded: free some space, or check the folder's permissions, and try again"
            ) from error

    def sign(self) -> None:
        """Move the checkpoint forward to where the chain and the single backtests end.

        Raises
        ------
        IntegrityError
            The chain or the single backtests are not what the checkpoint signed, or the
            checkpoint is gone.
        WarehouseError
            The checkpoint can't be written; what was claimed is recorded all the same.
        """
        if self._unsigned() is None:
            return
        if self._signed() is None:
            with self.control.write():
                if self._signed() is None:
                    self.begin()
        with self._lock():
            end = self._unsigned(prove=True)
            if end is not None:
                self._write(*end)

    def accept(self) -> None:
        """Sign the chain as it is now, whatever the checkpoint says; for a user who knows why.

        Raises
        ------
        WarehouseError
            The checkpoint can't be written.
        """
        with self._lock():
            with self.control.read() as transaction:
                length, head = chain.head(transaction, self.genesis)
                singles = single_digest.read(transaction, self.genesis)
            self._write(length, head, singles)

    def _unsigned(self, *, prove: bool = False) -> tuple[int, str, Singles | None] | None:
        """Return where all ends, `None` where the checkpoint covers that.

        Before it is signed, prove that the single backtests go on from those that were.
        """
        found = self._signed()  # before the chain, which only grows
        with self.control.read() as transaction:
            length, head = chain.head(transaction, self.genesis)
            covered = self._covered(found, transaction, length) or 0
            singles = single_digest.read(transaction, self.genesis)
            before = (found.single_trials, found.single_trials_digest) if found else (0, "")
            if covered == length and (singles is None or singles.rows == before[0]):
                return None
            if prove and singles is not None:
                try:
                    single_digest.prove(transaction, self.genesis, before, singles)
                except IntegrityError as error:
                    raise IntegrityError(
                        f"{error}: nothing can be claimed here. {_MEND}"
                    ) from error
        return length, head, singles

    def _signed(self) -> checkpoint.Checkpoint | None:
        try:
            return checkpoint.read(self.home)
        except IntegrityError as error:
            raise IntegrityError(f"{error}: nothing can be claimed here. {_MEND}") from error

    def _covered(
        self, found: checkpoint.Checkpoint | None, transaction: Transaction, length: int
    ) -> int | None:
        """Return how many links are signed; `None` where there is neither link nor checkpoint."""
        end: str | None = self.genesis
        if found is not None and found.seq:
            row = transaction.row("chain.at", seq=found.seq - 1)
            end = None if row is None else str(row["chain_hash"])
        wrong = checkpoint.contradiction(found, ledger_id=self.ledger_id, length=length, end=end)
        if found is not None and wrong is None:
            singles = single_digest.read(transaction, self.genesis)
            wrong = single_digest.contradiction(
                found.single_trials, found.single_trials_digest, singles
            )
        if wrong:
            raise IntegrityError(f"{wrong}: nothing can be claimed here. {_MEND}")
        return None if found is None else found.seq

    def _write(self, length: int, head: str, singles: Singles | None) -> None:
        checkpoint.write(
            self.home,
            ledger_id=self.ledger_id,
            seq=length,
            head=head,
            single_trials=singles.rows if singles else 0,
            single_trials_digest=singles.digest if singles else "",
        )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time move the checkpoint; say what is not signed where it can't."""
        from filelock import FileLock, Timeout

        path = self.home / _LOCK
        try:
            with FileLock(path, timeout=_LOCK_SECONDS, poll_interval=_POLL_SECONDS):
                yield
        except Timeout as error:
            raise WarehouseError(
                f"{path} was held for {_LOCK_SECONDS:.0f} s by another process; what was claimed "
                "is recorded, and the next call that records a claim signs it"
            ) from error
        except OSError as error:
            raise WarehouseError(
                f"{self.home / checkpoint.FILE} can't be written ({error.strerror}): what was "
                "claimed is recorded, and not signed yet; free some space, or check the folder's "
                "permissions, and the next call that records a claim signs both"
            ) from error
