"""`hyprl strategies`: those that ship, classes of a folder, and whether they hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.inputs import discovered
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, note, table

if TYPE_CHECKING:
    from hyprl_lab.research.strategies import Info

__all__ = ["app"]

app = typer.Typer(
    name="strategies", help="Strategies by name, and their checks.", no_args_is_help=True
)

Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="A folder of strategy classes, whose files are run; without, the folder strategies "
        "of HYPRL_HOME, where that is set."
    ),
]
Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="Of a built-in or a class.")]


@app.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """List built-in strategies and the classes of a folder; a file that fails is told."""
    from hyprl_lab.research import strategies
    from hyprl_lab.strategy import builtin

    found = discovered(folder)
    rows = [_summary(strategies.info(name)) for name in sorted({*builtin.names(), *found.names})]
    errors = [
        {"file": failure.file, "line": failure.line, "reason": failure.reason}
        for failure in found.errors
    ]
    columns = ["name", "kind", "title", "parameters"]
    emit(
        {"strategies": rows, "errors": errors},
        as_json=as_json,
        view=lambda: [table(columns, [[row[column] for column in columns] for row in rows])],
    )
    for failure in found.errors:
        note(f"not taken: {failure}")


@app.command()
def show(name: Name, folder: Folder = None, as_json: AsJson = False) -> None:
    """Say what a strategy is: its idea, its rules, when it loses, its parameters."""
    from hyprl_lab.research import strategies

    _discover_for(name, folder)
    known = strategies.info(name)
    payload = {
        "name": known.name,
        "kind": known.kind,
        "title": known.title,
        "idea": known.idea,
        "rules": known.rules,
        "weakness": known.weakness,
        "source": known.source,
        "schema": known.schema,
    }
    told = {fact: text for fact, text in payload.items() if isinstance(text, str) and text}
    emit(
        payload,
        as_json=as_json,
        view=lambda: [facts(told), *_parameters(known)],
    )


@app.command()
def validate(name: Name, folder: Folder = None, as_json: AsJson = False) -> None:
    """Try a strategy on a small sample; exit 1 where it fails, changes, or looks ahead."""
    from hyprl_lab.research import strategies

    _discover_for(name, folder)
    report = strategies.validate(name)
    emit(
        {
            "name": report.name,
            "ok": report.ok,
            "errors": report.errors,
            "warnings": report.warnings,
        },
        as_json=as_json,
        view=lambda: [repr(report)],
    )
    if not report.ok:
        raise typer.Exit(REFUSED)


def _discover_for(name: str, folder: Path | None) -> None:
    """Know the classes of a folder, if the name is none of a built-in strategy."""
    from hyprl_lab.research import strategies
    from hyprl_lab.strategy import builtin

    if name in builtin.names():
        return
    found = discovered(folder)
    if name not in strategies.list():
        for failure in found.errors:
            note(f"not taken: {failure}")


def _summary(known: "Info") -> dict[str, Any]:
    properties = known.schema["properties"]
    return {
        "name": known.name,
        "kind": known.kind,
        "title": known.title,
        "parameters": list(properties) if isinstance(properties, dict) else [],
    }


def _parameters(known: "Info") -> list[Any]:
    properties = known.schema["properties"]
    if not isinstance(properties, dict) or not properties:
        return []
    columns = ["type", "minimum", "maximum", "default", "description"]
    rows = [
        [name, *(said.get(column) if isinstance(said, dict) else None for column in columns)]
        for name, said in properties.items()
    ]
    return [table(["parameter", *columns], rows)]
