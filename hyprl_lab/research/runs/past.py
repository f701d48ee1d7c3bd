"""What happened to a run since it was submitted, and whether what is stored is what was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import NotFoundError
from hyprl_lab.research.runs.find import became, mentioned, opened, starting

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.runs.events import Events
    from hyprl_lab.store.runs.verification import Verification
    from hyprl_lab.types import EngineName

__all__ = ["events", "verify"]


def events(
    run_hash: str,
    after: int = 0,
    *,
    limit: int = 1_000,
    engine: EngineName | None = None,
    engine_version: str | None = None,
    warehouse: Warehouse | None = None,
) -> Events:
    """Return what happened to a run, whatever its state, after an event, in order.

    Ask again with `next_after` of what came: each event is seen once, and a gap shows as
    `first_available` beyond `after + 1`.

    Parameters
    ----------
    run_hash
        Of the run, or its first characters.
    after
        Number of the last event you have, 0 for none.
    limit
        How many at most.
    engine, engine_version
        Whose, where several were asked to compute it; by default the one submitted last.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    NotFoundError
        It was never submitted or saved.
    InputError
        Several start so, `after` is below 0, or `limit` below 1.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> run = hl.runs.submit(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> kinds = [event.kind for event in events(run.run_hash).events]
    >>> kinds[0], kinds[-1]
    ('queued', 'completed')
    """
    from hyprl_lab.store.runs.run_state import RunKey

    store = opened(warehouse)
    every = starting(store, run_hash)
    rows = [
        row
        for row in every
        if engine in (None, row["engine"]) and engine_version in (None, row["engine_version"])
    ]
    if not rows and every:
        there = sorted({f"{row['engine']} {row['engine_version']}" for row in every})
        asked = " ".join(word for word in (engine, engine_version) if word is not None)
        raise NotFoundError(
            f"run {every[0]['run_hash'][:12]} is there by engine {', '.join(there)}; not by {asked}"
        )
    if not rows:
        raise NotFoundError(f"no run_hash starts with {run_hash!r}, of any state{became(every)}")
    newest = rows[0]
    key = RunKey(newest["run_hash"], newest["engine"], newest["engine_version"])
    return store.run_states.events(key, after, limit=limit)


def verify(
    run_hash: str | None = None,
    *,
    key_id: str | None = None,
    warehouse: Warehouse | None = None,
) -> Verification:
    """Check stored runs against what was hashed, linked and signed.

    The chain is checked as a whole, link by link, against the signed checkpoint; then every
    column of each run's row, and every byte of its files. It never stops at the first finding.

    Parameters
    ----------
    run_hash
        Of a run, or its first characters: then of the files only its own are read. `None` is all.
    key_id
        Of the key that must have signed the checkpoint: 16 hexadecimal digits that you noted
        elsewhere from `verify(…).key_id`. Another one is a finding.
    warehouse
        That of `HYPRL_HOME` where `None`.

    Raises
    ------
    NotFoundError
        There is no such run, or it never completed: nothing of it is stored.
    InputError
        `key_id` is no name of a key.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> made = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> noted = verify(made.save()).key_id
    >>> verify(key_id=noted).ok
    True
    """
    store = opened(warehouse)
    if run_hash is None:
        return store.verify_runs(key_id=key_id)
    named = mentioned(store, run_hash)
    try:
        return store.verify_runs(named, key_id=key_id)
    except NotFoundError as error:
        found = starting(store, named)
        if not found:
            raise
        raise NotFoundError(f"nothing is stored to verify{became(found)}") from error
