"""What an intruder may do: each mutation says which finding has to follow."""

from __future__ import annotations

import hashlib
import json
import string
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.runs import checkpoint
from hyprl_lab.store.runs.chain import chain_hash
from tampering.hand import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from tampering.hand import Hand, Row

__all__ = ["MUTATIONS", "Mutation"]


class Mutation(NamedTuple):
    """What was done, and the kind of finding that has to follow from it."""

    what: str
    kind: str


KINDS: Final = {
    "runs": "run",
    "chain": "chain",
    "run_artifacts": "artifact",
    "removals": "removal",
    "verdicts": "verdict",
    "environments": "environment",
    "run_states": "state",
}
"""The kind of finding about a table's rows."""

UNCLAIMED: Final = {
    "environments": {"created_at"},
    "run_states": {
        *("run_id", "attempt", "error", "first_event", "last_event", "machine", "boot", "pid"),
        *("process_start", "heartbeat_at", "created_at", "updated_at"),
    },
}
"""Columns that keep the books and claim nothing."""


def change_a_column(rng: Random, hand: Hand) -> Mutation:
    """Change one value of one row."""
    table = rng.choice(
        [name for name in TABLES if name not in ("environments", "run_states")] * 3
        + ["environments", "run_states"]
    )
    row = rng.choice(hand.rows[table])
    column = rng.choice(sorted(row.keys() - UNCLAIMED.get(table, set())))
    value = _another(rng, table, column, row[column])
    hand.update(table, row, **{column: value})
    return Mutation(f"{table}.{column}: {row[column]!r} -> {value!r}", KINDS[table])


def delete_a_row(rng: Random, hand: Hand) -> Mutation:
    """Delete one row."""
    table = rng.choice(list(TABLES))
    row = rng.choice(hand.rows[table])
    hand.run(hand.deleting(table, row))
    is_last = table == "chain" and row["seq"] == len(hand.rows["chain"]) - 1
    key = [row[name] for name in TABLES[table]]
    return Mutation(f"delete {table} {key}", "checkpoint" if is_last else KINDS[table])


def insert_a_row(rng: Random, hand: Hand) -> Mutation:
    """Insert a row that looks like another one."""
    table = rng.choice([name for name in TABLES if name not in ("environments", "run_states")])
    row = dict(rng.choice(hand.rows[table]))
    fresh = "".join(rng.choices("0123456789abcdef", k=64))
    if table == "chain":
        last = hand.rows["chain"][-1]
        linked = chain_hash(last["chain_hash"], row["body_hash"])
        row |= {"seq": last["seq"] + 1, "chain_prev": last["chain_hash"], "chain_hash": linked}
        hand.run(hand.inserting(table, row))
        return Mutation(f"insert a link that claims {row['kind']} again", "chain")
    changes: dict[str, Row] = {
        "runs": {
            "seq": 99,
            "run_hash": fresh,
            "folder": fresh,
            "chain_prev": fresh,
            "chain_hash": fresh,
        },
        "run_artifacts": {"revision": 9, "file": "report-9.html"},
        "removals": {"file": "config.json"},
        "verdicts": {"id": fresh},
    }
    hand.run(hand.inserting(table, row | changes[table]))
    return Mutation(f"insert into {table}", KINDS[table])


def swap_values(rng: Random, hand: Hand) -> Mutation:
    """Exchange a column of two rows."""
    table = rng.choice([name for name in TABLES if name not in ("environments", "run_states")])
    columns: list[str] = []
    while not columns:
        one, two = rng.sample(hand.rows[table], 2)
        columns = [name for name in one if one[name] != two[name] and name not in TABLES[table]]
    column = rng.choice(columns)
    if column in ("chain_prev", "chain_hash", "folder"):  # unique: by way of a third
        third = hand.updating(table, one, **{column: "x"})
        hand.run(
            third,
            hand.updating(table, two, **{column: one[column]}),
            hand.updating(table, one, **{column: two[column]}),
        )
    else:
        hand.run(
            hand.updating(table, one, **{column: two[column]}),
            hand.updating(table, two, **{column: one[column]}),
        )
    return Mutation(f"swap {table}.{column} of two rows", KINDS[table])


def swap_links(rng: Random, hand: Hand) -> Mutation:
    """Exchange the places of two links."""
    one, two = rng.sample(hand.rows["chain"], 2)
    hand.run(
        hand.updating("chain", one, seq=-1),
        hand.updating("chain", two, seq=one["seq"]),
        hand.updating("chain", {"seq": -1}, seq=two["seq"]),
    )
    return Mutation(f"swap links {one['seq']} and {two['seq']}", "chain")


def drop_the_tail(rng: Random, hand: Hand) -> Mutation:
    """Delete the last links, and all that they claim."""
    chain = hand.rows["chain"]
    cut = rng.randrange(len(chain))
    gone = {link["chain_hash"]: link for link in chain[cut:]}
    runs = [run for run in hand.rows["runs"] if run["chain_hash"] in gone]
    statements = [hand.deleting("chain", link) for link in gone.values()]
    hashes = {run["run_hash"] for run in runs}
    states = [row for row in hand.rows["run_states"] if row["run_hash"] in hashes]
    statements.extend(hand.deleting("runs", run) for run in runs)
    statements.extend(hand.deleting("run_states", state) for state in states)
    hand.run(*statements)
    return Mutation(f"drop the links from {cut} on", "checkpoint")


def rewrite_the_chain(rng: Random, hand: Hand) -> Mutation:
    """Change what a run claims, and compute every hash that follows from it anew."""
    run = rng.choice(hand.rows["runs"])
    manifest = json.loads(run["manifest"])
    manifest["strategy_name"] = "better"
    text = canonical_json(manifest)
    (hand.runs / run["folder"] / "manifest.json").write_bytes(text)
    previous = None
    statements = [hand.updating("runs", run, strategy_name="better", manifest=text.decode())]
    statements.extend(
        hand.updating("run_states", state, strategy_name="better")
        for state in hand.rows["run_states"]
        if (state["run_hash"], state["engine_version"]) == (run["run_hash"], run["engine_version"])
    )
    runs = {row["chain_hash"]: row for row in hand.rows["runs"]}
    for link in reversed(hand.rows["chain"]):  # so that no two are ever alike
        stand_in = f"{link['seq']:064x}"
        statements.append(hand.updating("chain", link, chain_prev=stand_in, chain_hash=stand_in))
    for row in runs.values():
        stand_in = f"{row['seq']:064x}"
        statements.append(hand.updating("runs", row, chain_prev=stand_in, chain_hash=stand_in))
    for link in hand.rows["chain"]:
        changed = link["chain_hash"] == run["chain_hash"]
        body = text.decode() if changed else link["body"]
        hashes = {
            "chain_prev": link["chain_prev"] if previous is None else previous,
            "body_hash": hashlib.sha256(body.encode()).hexdigest(),
        }
        hashes["chain_hash"] = previous = chain_hash(**hashes)
        statements.append(hand.updating("chain", link, body=body, **hashes))
        if link["chain_hash"] in runs:
            own = {"manifest_hash": hashes.pop("body_hash"), **hashes}
            statements.append(hand.updating("runs", runs[link["chain_hash"]], **own))
    hand.run(*statements)
    return Mutation(f"rewrite the chain from run {run['seq']} on", "checkpoint")


def forge_a_beginning(rng: Random, hand: Hand) -> Mutation:
    """Rewrite the chain, and let the home look like one that has to be adopted and signed."""
    rewrite_the_chain(rng, hand)
    hand.run(hand.noting("unclaimed", "yes"))
    hand.checkpoint.unlink()
    how = _lose_a_key(rng, hand)
    return Mutation(f"rewrite the chain, mark the home as one of schema 2, {how}", "checkpoint")


def drop_everything(rng: Random, hand: Hand) -> Mutation:
    """Delete every link and all that was claimed, and the checkpoint."""
    hand.run(*(hand.deleting(table, row) for table in TABLES for row in hand.rows[table]))
    hand.checkpoint.unlink()
    return Mutation(f"delete all rows and the checkpoint, {_lose_a_key(rng, hand)}", "checkpoint")


def change_a_body(rng: Random, hand: Hand) -> Mutation:
    """Put any JSON in place of what a link, a run's manifest or a verdict says, or of a part."""
    table, column = rng.choice([("chain", "body"), ("runs", "manifest"), ("verdicts", "body")])
    row = rng.choice(hand.rows[table])
    text = row[column]
    while text == row[column]:
        body = _any_json(rng) if rng.random() < 0.2 else _with_any_json(rng, json.loads(text))
        text = json.dumps(body)
    if rng.random() < 0.3:  # with a hash that fits
        fitting = hashlib.sha256(text.encode()).hexdigest()
        name = {"chain": "body_hash", "runs": "manifest_hash", "verdicts": "profile"}[table]
        hand.update(table, row, **{column: text, name: fitting})
    else:
        hand.update(table, row, **{column: text})
    if rng.random() < 0.3:
        hand.run(hand.noting("attaching:forged", json.dumps(_any_json(rng))))
    return Mutation(f"{table}.{column} of {row[TABLES[table][0]]} is {text[:200]}", KINDS[table])


def change_a_file(rng: Random, hand: Hand) -> Mutation:
    """Flip a bit of a file, cut it, lengthen it, remove it or put a link in its place."""
    path = rng.choice(_files(hand))
    content = bytearray(path.read_bytes())
    how = rng.choice(["flip", "flip", "flip", "cut", "cut", "lengthen", "remove", "link", "zeros"])
    if how == "remove" and path in _going(hand):
        how = "flip"  # a sweep is about to remove it: what was to happen anyway is no finding
    if how == "flip":
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del content[rng.randrange(len(content)) :]
    elif how == "lengthen":
        content += rng.randbytes(rng.randrange(1, 9))
    elif how == "zeros":
        content = bytearray(len(content))
    path.unlink()
    if how == "link":
        aside = hand.home / "aside"
        aside.write_bytes(content)
        path.symlink_to(aside)
    elif how != "remove":
        path.write_bytes(content)
    return Mutation(f"{how} {path.parent.name[:6]}/{path.name}", "file")


def swap_files(rng: Random, hand: Hand) -> Mutation:
    """Exchange two files of equal length."""
    by_size: dict[int, list[Path]] = {}
    for path in _files(hand):
        by_size.setdefault(path.stat().st_size, []).append(path)
    pairs = [
        (one, two)
        for paths in by_size.values()
        for one in paths
        for two in paths
        if one < two and one.read_bytes() != two.read_bytes()
    ]
    one, two = rng.choice(pairs)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    return Mutation(f"swap two files of {len(first)} bytes, {one.name} and {two.name}", "file")


def add_a_file(rng: Random, hand: Hand) -> Mutation:
    """Put something into a run's folder."""
    folder = rng.choice([path for path in sorted(hand.runs.iterdir()) if path.is_dir()])
    names = ["report-2.html", "orders2.parquet", ".hidden", "x" * rng.randrange(1, 40)]
    target = folder / rng.choice([name for name in names if not (folder / name).exists()])
    how = rng.choice(["file", "folder", "link"])
    if how == "file":
        target.write_bytes(rng.randbytes(9))
    elif how == "folder":
        target.mkdir()
    else:
        target.symlink_to(folder / "config.json")
    return Mutation(f"add a {how} {target.name}", "file")


def bring_a_file_back(rng: Random, hand: Hand) -> Mutation:
    """Put a file where one was given up and unlinked."""
    gone = [row for row in hand.rows["removals"] if row["unlinked_at"] is not None]
    row = rng.choice(gone)
    folder = {run["seq"]: run["folder"] for run in hand.rows["runs"]}[row["run_seq"]]
    (hand.runs / folder / row["file"]).write_bytes(rng.randbytes(50))
    return Mutation(f"bring back {row['file']}", "file")


def move_a_folder(rng: Random, hand: Hand) -> Mutation:
    """Take a run's folder away, or put another run's in its place."""
    one, two = rng.sample([run["folder"] for run in hand.rows["runs"]], 2)
    aside = hand.runs / "aside"
    (hand.runs / one).rename(aside)
    if rng.random() < 0.5:
        (hand.runs / two).rename(hand.runs / one)
        aside.rename(hand.runs / two)
        return Mutation("swap the folders of two runs", "file")
    return Mutation("rename the folder of a run", "file")


def change_the_checkpoint(rng: Random, hand: Hand) -> Mutation:
    """Flip a bit of it, cut it, remove it, or sign another one with another key."""
    content = bytearray(hand.checkpoint.read_bytes())
    how = rng.choice(["flip", "flip", "flip", "cut", "remove", "sign", "reorder"])
    if how == "flip":
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del content[rng.randrange(len(content)) :]
    elif how == "reorder":
        body = json.loads(content)
        content = bytearray(json.dumps(dict(reversed(body.items()))).encode())
    hand.checkpoint.unlink()
    if how == "sign":
        stranger = hand.home / f"stranger-{rng.random()}"
        stranger.mkdir()
        last = hand.rows["chain"][-1]
        ledger = json.loads(content)["ledger_id"]
        checkpoint.write(stranger, ledger_id=ledger, seq=last["seq"] + 1, head=last["chain_hash"])
        (stranger / "checkpoint.json").rename(hand.checkpoint)
    elif how != "remove":
        hand.checkpoint.write_bytes(content)
    return Mutation(f"{how} the checkpoint", "checkpoint")


MUTATIONS: Final[list[tuple[Callable[[Random, Hand], Mutation], int]]] = [
    (change_a_column, 40),
    (delete_a_row, 10),
    (insert_a_row, 6),
    (swap_values, 8),
    (swap_links, 4),
    (drop_the_tail, 4),
    (rewrite_the_chain, 4),
    (change_a_file, 24),
    (swap_files, 4),
    (add_a_file, 4),
    (bring_a_file_back, 2),
    (move_a_folder, 2),
    (change_the_checkpoint, 8),
    (forge_a_beginning, 4),
    (drop_everything, 4),
    (change_a_body, 24),
]
"""What is done, and how often in 152 times."""


def _lose_a_key(rng: Random, hand: Hand) -> str:
    """Take the private key away, or not: its trusted half is left."""
    if rng.random() < 0.5:
        return "the keys stay"
    (hand.home / "keys" / "checkpoint.ed25519").unlink()
    return "without the private key"


def _with_any_json(rng: Random, body: Any) -> Any:
    """Return JSON with another value, name or item at some place of it."""
    if isinstance(body, dict) and body and rng.random() < 0.9:
        name = rng.choice(sorted(body))
        if rng.random() < 0.15:
            return {key: value for key, value in body.items() if key != name}
        return {**body, name: _with_any_json(rng, body[name])}
    if isinstance(body, list) and body and rng.random() < 0.9:
        place = rng.randrange(len(body))
        return [*body[:place], _with_any_json(rng, body[place]), *body[place + 1 :]]
    return _any_json(rng)


def _any_json(rng: Random, depth: int = 0) -> Any:
    """Return some JSON, with names and texts that no file has."""
    plain: list[Any] = [
        None,
        True,
        0,
        1,
        -1,
        1.5,
        2**70,
        1e300,
        float("nan"),
        "",
        "x",
        "\0",
        "\ud800",
    ]
    plain += ["a/b", "/etc/passwd", "..", "x" * 300, "report.html", "run_hash", "file"]
    if depth > 2 or rng.random() < 0.5:
        return rng.choice(plain)
    if rng.random() < 0.1:
        deep: Any = []
        for _ in range(rng.choice([10, 900])):
            deep = [deep]
        return deep
    size = rng.randrange(4)
    if rng.random() < 0.5:
        return [_any_json(rng, depth + 1) for _ in range(size)]
    names = ["files", "file", "run_seq", "kind", "schema", "study_id", "size", "sha256", "name"]
    return {rng.choice(names): _any_json(rng, depth + 1) for _ in range(size)}


def _going(hand: Hand) -> set[Path]:
    """Return files that were given up and are not unlinked yet."""
    folders = {run["seq"]: run["folder"] for run in hand.rows["runs"]}
    return {
        hand.runs / folders[row["run_seq"]] / row["file"]
        for row in hand.rows["removals"]
        if row["unlinked_at"] is None
    }


def _files(hand: Hand) -> list[Path]:
    return sorted(path for path in hand.runs.rglob("*") if path.is_file())


def _another(rng: Random, table: str, column: str, value: Any) -> Any:
    """Return another value that the column's constraints allow."""
    if column == "kind":
        return rng.choice(sorted({"run", "artifact", "removal", "verdict", "study"} - {value}))
    if column == "state":
        return rng.choice(["queued", "running", "failed", "cancelled"])
    if value is None:
        return rng.choice([0, 1, 1_700_000_000_000_000]) if column in _NUMBERS else "x"
    if isinstance(value, int):
        changed = [value + 1, value + 1000, -value - 1, rng.randrange(2**40, 2**41)]
        return rng.choice([*changed, *([None] if (table, column) in _NULLABLE else [])])
    letter = rng.choice(string.ascii_letters)
    place = rng.randrange(len(value) + 1)
    changed_text = [
        value[:place] + letter + value[place:],
        value[:place]
        + (letter if value[place : place + 1] != letter else "!")
        + value[place + 1 :],
        value[: rng.randrange(len(value))] if value else "y",
        value.swapcase() if value.swapcase() != value else value + " ",
        "",
        *([None] if (table, column) in _NULLABLE else []),
    ]
    return rng.choice([each for each in changed_text if each != value])


_NUMBERS: Final = {"seed", "passed", "unlinked_at"}
_NULLABLE: Final = {
    *(("runs", name) for name in ("seed", "code_version", "environment_hash")),
    *(("verdicts", name) for name in ("name", "profile", "passed", "run_hash", "study_id")),
    ("removals", "unlinked_at"),
}
