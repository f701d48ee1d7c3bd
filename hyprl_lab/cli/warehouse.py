"""`hyprl warehouse`: what is stored, questions in SQL, upkeep, copies."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, literal, note, table
from hyprl_lab.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hyprl_lab.store import Status

__all__ = ["app"]

app = typer.Typer(name="warehouse", help="What is stored.", no_args_is_help=True)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say where the warehouse is, how much it holds, and who is at work on it."""
    from hyprl_lab.store import default

    found = default().status()
    rows = {
        "backtests": found.small_trials,
        "bar_sets": found.bar_sets,
        "runs": sum(found.run_states.values()),
        "studies": found.studies,
        "trial_blocks": found.blocks,
        "trials": found.trials + found.small_trials,
        "verdicts": found.verdicts,
    }
    emit({**asdict(found), "rows": rows}, as_json=as_json, view=lambda: _status(found, rows))


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A select over the views of the warehouse.")],
    timeout: Annotated[
        float | None, typer.Option(help="Stop after so many seconds.", metavar="SECONDS")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the warehouse in SQL."""
    from hyprl_lab.store import sql as ask

    found = ask(query, arrow=True, timeout=timeout)
    columns = [column.to_pylist() for column in found.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    emit(
        {"columns": found.column_names, "rows": rows},
        as_json=as_json,
        view=lambda: [table(found.column_names, rows)],
    )


@app.command()
def compact(as_json: AsJson = False) -> None:
    """Merge small parts into large ones, and move single backtests into parts."""
    from hyprl_lab.store import default

    with progress_bar("compaction", "rows") as update:
        done = default().compact(progress=update)
    emit(asdict(done), as_json=as_json)


@app.command()
def sweep(as_json: AsJson = False) -> None:
    """Clear away what dead processes left, what was replaced, and artifacts of old runs."""
    from hyprl_lab.store import default

    emit(asdict(default().sweep()), as_json=as_json)


@app.command()
def verify(
    key: Annotated[
        str | None, typer.Option(help="Id of the key that must have signed.", metavar="ID")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check everything: the chain, runs and their files, parts, and the content of studies.

    Exit code 1, and what was found, where something is not as it was recorded.
    """
    from hyprl_lab.store import default

    found = default().verify(key_id=key)
    findings = [[one.kind, one.subject, one.message] for one in found.findings]
    counts = {
        "links": found.links,
        "runs": found.runs,
        "key_id": found.key_id,
        "findings": len(findings),
    }
    emit(
        {**asdict(found), "ok": found.ok},
        as_json=as_json,
        view=lambda: [
            facts(counts),
            *([table(["kind", "of", "what"], findings)] if findings else []),
        ],
    )
    if not found.ok:
        raise typer.Exit(REFUSED)


@app.command()
def sign(
    accept: Annotated[
        bool, typer.Option("--accept", help="Yes: take the chain for right as it is now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sign the chain as it is now, after its checkpoint was lost or contradicts it.

    What `verify` found is taken for granted from then on: look there first.
    """
    from hyprl_lab.store import default

    if not accept:
        raise typer.BadParameter(
            "this takes the chain for right as it is now, whatever was signed before: see "
            "`hyprl warehouse verify`, then say --accept"
        )
    default().sign_checkpoint()
    links, head = default().head()
    emit({"links": links, "head": head}, as_json=as_json)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder, or an empty one.")],
    as_json: AsJson = False,
) -> None:
    """Copy everything but private keys into a folder, while others go on writing."""
    from hyprl_lab.store import default

    with progress_bar("backup", "bytes") as update:
        made = default().backup(folder, progress=update)
    emit(
        {
            "folder": folder.expanduser().resolve(),
            "ledger_id": made.ledger_id,
            "files": len(made.files),
            "size": made.size,
            "links": made.links,
            "head": made.head,
        },
        as_json=as_json,
    )
    note("private keys are not in it: copy HYPRL_HOME/keys yourself, to where only you can read it")


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="What `hyprl warehouse backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Make this home what a backup holds; it must be a home without a ledger."""
    from hyprl_lab.store import default

    with progress_bar("restore", "bytes") as update:
        made = default().restore(folder, progress=update)
    emit(
        {
            "home": default().home,
            "ledger_id": made.ledger_id,
            "files": len(made.files),
            "size": made.size,
            "links": made.links,
            "head": made.head,
        },
        as_json=as_json,
    )


@app.command()
def snapshot(
    file: Annotated[Path, typer.Argument(help="The DuckDB file.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a DuckDB file with a table for each view, to carry elsewhere."""
    from hyprl_lab.store import default

    with progress_bar("snapshot", "tables") as update:
        made = default().snapshot(file, overwrite=force, progress=update)
    emit(
        asdict(made),
        as_json=as_json,
        view=lambda: [
            facts({"path": made.path, "size": made.size}),
            table(["table", "rows"], list(made.rows.items())),
        ],
    )


@app.command()
def schema(as_json: AsJson = False) -> None:
    """Describe the views and the tables of the control database, as docs/warehouse-schema.md."""
    from hyprl_lab.store import schema_page

    emit(
        {
            "views": {view.name: asdict(view) for view in schema_page.described_views()},
            "tables": {item.name: asdict(item) for item in schema_page.described_tables()},
        },
        as_json=as_json,
        view=lambda: [literal(schema_page.schema_page().rstrip("\n"))],
    )


def _status(found: "Status", rows: dict[str, int]) -> list["RenderableType"]:
    """Return what people see of a warehouse's status."""
    lines: dict[str, object] = {
        "home": found.home,
        "ledger": found.ledger_id,
        "control database": f"{found.backend}, {found.database}, schema {found.schema_version}",
        "chain": f"{found.links:,} links, {found.signed or 0:,} signed",
        "generation": found.generation,
        "readers": len(found.pinned),
        "not committed yet": found.waiting,
        "not moved into parts": found.unmoved_trials,
        "intended shards": found.intended_shards,
        "files given up": found.removed_files,
    }
    if found.run_states:
        counts = (f"{count:,} {state}" for state, count in found.run_states.items())
        lines["runs"] = ", ".join(counts)
    if found.checkpoint_problem:
        lines["checkpoint"] = found.checkpoint_problem
    for holder in found.leases:
        lines[holder.lease] = (
            f"process {holder.pid} on {holder.machine}{', which is gone' if holder.dead else ''}"
        )
    blocks = [facts(lines), table(["view", "rows"], list(rows.items()))]
    if found.parts:
        names = ["table", "state", "parts", "rows", "bytes", "files"]
        blocks.append(table(names, [list(asdict(part).values()) for part in found.parts]))
    return blocks
