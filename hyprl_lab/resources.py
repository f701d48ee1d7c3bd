"""The one door to files that ship inside the wheel (SQL, YAML, notebooks and their templates)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from hyprl_lab.errors import NotFoundError

__all__ = ["names", "notebook_path", "read_text"]

PACKAGES: Final = ("warehouse", "presets")
# Beside the package, both in a checkout and in an installed wheel.
NOTEBOOKS: Final = Path(__file__).resolve().parent.parent / "notebooks"


def read_text(package: str, name: str) -> str:
    """Return a shipped text file.

    Parameters
    ----------
    package
        `"warehouse"` (SQL) or `"presets"` (YAML).
    name
        Path inside the package, with forward slashes: `"queries/top_trials.sql"`.

    Raises
    ------
    NotFoundError
        No such package or file ships with the lab.

    Examples
    --------
    >>> "name:" in read_text("presets", "gates/strict.yaml")
    True
    """
    resource = files(_checked(package)).joinpath(*name.split("/"))
    if ".." in name.split("/") or not resource.is_file():
        raise NotFoundError(f"no resource {package}/{name}; there are {names(package)}")
    return resource.read_text(encoding="utf-8")


def names(package: str, folder: str = "") -> list[str]:
    """Return the sorted names of the files a package ships, below `folder`.

    Parameters
    ----------
    package
        `"warehouse"` or `"presets"`.
    folder
        A folder inside the package, `""` for all.
    """
    found: list[str] = []
    pending = [(files(_checked(package)), "")]
    while pending:
        place, prefix = pending.pop()
        for entry in place.iterdir():
            if entry.is_dir():
                pending.append((entry, f"{prefix}{entry.name}/"))
            elif entry.name.endswith((".sql", ".yaml")):
                found.append(prefix + entry.name)
    return sorted(name for name in found if name.startswith(folder))


def notebook_path(name: str) -> Path:
    """Return where a shipped notebook, or a folder of templates, lies on this machine.

    Tools that execute notebooks want a path, not text: papermill, nbconvert, Voila.

    Parameters
    ----------
    name
        Path below `notebooks/`, with forward slashes: `"reports/run_report.ipynb"`.

    Raises
    ------
    NotFoundError
        No such notebook or folder ships with the lab.

    Examples
    --------
    >>> notebook_path("reports/run_report.ipynb").name
    'run_report.ipynb'
    """
    place = NOTEBOOKS.joinpath(*name.split("/"))
    if ".." in name.split("/") or not place.exists():
        found = sorted(
            path.relative_to(NOTEBOOKS).as_posix() for path in NOTEBOOKS.glob("*/*.ipynb")
        )
        raise NotFoundError(f"no notebook {name!r} ships with the lab; there are {found}")
    return place


def _checked(package: str) -> str:
    if package not in PACKAGES:
        raise NotFoundError(f"no resource package {package!r}; there are {list(PACKAGES)}")
    return package
