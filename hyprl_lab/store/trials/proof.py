"""Every trial is read again and compared with what was committed, and studies with their claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.parts import merging
from hyprl_lab.store.trials import shard_digests
from hyprl_lab.store.trials.claim import claim_of, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.merging import Held
    from hyprl_lab.store.parts.part_store import LivePart, PartStore
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.findings import Finding

__all__ = ["fill", "verify"]


def verify(
    control: Control, parts: PartStore, pins: Pins, study_id: str | None = None
) -> tuple[Finding, ...]:
    """Return all that is wrong with parts, shards and studies; writers may go on meanwhile.

    Parameters
    ----------
    control, parts, pins
        Of one warehouse.
    study_id
        Only this study, and the files that it is in; all where `None`.
    """
    with pins.pin() as pin:
        with control.read() as transaction:
            live = parts.live(transaction)
            shards = transaction.rows("studies.every_shard")
            studies = {row["study_id"]: row for row in transaction.rows("studies.all")}
            claims = transaction.rows("studies.claims")
        found: list[tuple[str, str, str]] = []
        held: dict[tuple[str, str, int], list[Held]] = {}
        for part in live:
            if study_id in (None, part.study_id) or part.study_id is None:
                _read(parts, part, held, found)
        pin.check()
    by_study: dict[str, list[dict[str, Any]]] = {name: [] for name in studies}
    for row in shards:
        by_study[row["study_id"]].append(row)
        if study_id in (None, row["study_id"]):
            _compare(row, studies[row["study_id"]]["digest"], held, found)
    for (table, study, shard), pieces in held.items():
        if study_id in (None, study):
            found.extend(
                ("shard", f"{study}/{shard}", f"{table} that no live shard accounts for")
                for _ in pieces
            )
    _check_claims(studies, by_study, claims, study_id, found)
    return _findings(found)


def fill(control: Control, parts: PartStore, pins: Pins, study_id: str) -> None:
    """Give the shards of a study that are older than digests the digests of what they hold.

    Raises
    ------
    IntegrityError
        A part is missing or corrupt.
    """
    with pins.hold():
        with control.read() as transaction:
            study = transaction.row("studies.get", study_id=study_id)
            wanted = {
                (table, row["shard"])
                for row in transaction.rows("studies.shards", study_id=study_id)
                for table in shard_digests.DIGESTS
                if study is not None
                and row["state"] == "live"
                and shard_digests.is_owed(table, row, study["digest"])
            }
            live = parts.live(transaction, shard_digests.DIGESTS) if wanted else []
        mine = [
            part
            for part in live
            if part.study_id == study_id and (part.table_name, part.shard) in wanted
        ]
        parts.check(mine)
        read = [
            (part.table_name, each) for part in mine for each in merging.held(parts.folder, part)
        ]
    if read:
        with control.write() as transaction:
            for table, each in read:
                shard_digests.fill(transaction, table, each)


def _read(
    parts: PartStore,
    part: LivePart,
    held: dict[tuple[str, str, int], list[Held]],
    found: list[tuple[str, str, str]],
) -> None:
    """Hash a part's file, and digest what it holds of each shard."""
    try:
        size = parts.folder.size(part.name)  # first: another length is not worth hashing
        sha256 = parts.folder.sha256(part.name) if size == part.size else "that is not looked at"
    except FileNotFoundError:
        found.append(("part", part.id, f"{part.address} is missing; bring it back from a backup"))
        return
    except OSError as error:
        found.append(("part", part.id, f"{part.address} can't be read ({error.strerror})"))
        return
    if (size, sha256) != (part.size, part.sha256):
        found.append(
            (
                "part",
                part.id,
                (
                    f"{part.address} was changed: {size} bytes with SHA-256 {sha256}, expected "
                    f"{part.size} bytes with {part.sha256}; bring it back from a backup"
                ),
            )
        )
        return
    if part.table_name not in shard_digests.DIGESTS:
        return
    try:
        for each in merging.held(parts.folder, part):
            key = (part.table_name, each.piece.study_id, each.piece.shard)
            held.setdefault(key, []).append(each)
    except IntegrityError as error:
        found.append(("part", part.id, str(error)))


def _compare(
    row: dict[str, Any],
    study_digest: str | None,
    held: dict[tuple[str, str, int], list[Held]],
    found: list[tuple[str, str, str]],
) -> None:
    """Compare a shard's row with what the parts hold of it, and take that away from `held`."""
    subject = f"{row['study_id']}/{row['shard']}"
    if row["state"] != "live":
        return
    for table, column in shard_digests.DIGESTS.items():
        pieces = held.pop((table, row["study_id"], row["shard"]), [])
        if not pieces and table == "trial_blocks" and row[column] is None:
            continue
        if len(pieces) != 1:
            found.append(("shard", subject, f"{table} are in {len(pieces)} parts; expected one"))
            continue
        (each,) = pieces
        wrong = shard_digests.difference(table, each, row, study_digest)
        if wrong is not None:
            found.append(("shard", subject, wrong))


def _check_claims(
    studies: dict[str, dict[str, Any]],
    shards: dict[str, list[dict[str, Any]]],
    claims: Sequence[dict[str, Any]],
    study_id: str | None,
    found: list[tuple[str, str, str]],
) -> None:
    """Compare completed studies with their digests, and with the links that claim them."""
    claimed = {row["subject"]: row["body"] for row in claims}
    for name in sorted(claimed.keys() | studies.keys()):
        if study_id not in (None, name):
            continue
        row, body = studies.get(name), claimed.get(name)
        if row is None:
            found.append(("study", name, "the chain claims this study, and it has no row"))
        elif body is None:
            if row["digest"] is not None:
                found.append(("study", name, "its digest is claimed by no link of the chain"))
        elif row["state"] != "completed" or canonical_json(claim_of(row)).decode() != body:
            found.append(("study", name, f"its row differs from what the chain claims: {body}"))
        else:
            live = [shard for shard in shards[name] if shard["state"] == "live"]
            digest = digest_of(name, live)
            if digest != row["digest"]:
                found.append(
                    ("study", name, f"its shards have digest {digest}; expected {row['digest']}")
                )


def _findings(found: Sequence[tuple[str, str, str]]) -> tuple[Finding, ...]:
    from hyprl_lab.store.runs.findings import Finding

    return tuple(Finding(kind, subject, message) for kind, subject, message in found)
