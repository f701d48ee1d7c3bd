"""A folder of CSV and Parquet files, one set of bars each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.providers.provider import part_of, unknown_dataset
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.providers.provider import Moment

__all__ = ["Files"]

_ENDINGS: Final = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, kw_only=True)
class Files:
    r"""Bars of the files of one folder; a file's name without its ending is data set and symbol.

    Files are read as `hl.import_bars` reads them, with the same settings for all, and are not kept
    in the warehouse.

    Parameters
    ----------
    folder
        Where the files are; folders inside it are not looked into.
    tz, columns, dates, calendar, repair
        As of `hl.import_bars`.

    Raises
    ------
    BarsError
        There is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> rows = "date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n"
    >>> _ = (folder / "ACME.csv").write_text(rows)
    >>> files = Files(folder=folder)
    >>> files.datasets(), len(files.bars("ACME", timeframe="1d"))
    (['ACME'], 2)
    """

    folder: Path | str
    tz: str | None = None
    columns: Sequence[str] | Mapping[str, str | int] | None = None
    dates: str | None = None
    calendar: str | None = None
    repair: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not Path(self.folder).expanduser().is_dir():
            raise BarsError(f"files: found no folder {self.folder}; expected one of bar files")

    @property
    def name(self) -> str:
        """`"files"`."""
        return "files"

    def datasets(self) -> list[str]:
        """Return the names of the files that end with .csv, .csv.gz or .parquet, without these."""
        return sorted(self._found())

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return the bars of one file; see `Provider.bars`.

        Raises
        ------
        BarsError
            There is no such file, two of that name, or its content can't be used.
        """
        from hyprl_lab.data.importing import import_file

        places = self._found().get(dataset, [])
        if not places:
            raise unknown_dataset(self.name, dataset, self.datasets())
        if len(places) > 1:
            names = [place.name for place in places]
            raise BarsError(f"files: found {names}; expected one file named {dataset}. Move one")
        bars = import_file(
            places[0],
            symbol=dataset,
            timeframe=timeframe,
            tz=self.tz,
            columns=self.columns,
            dates=self.dates,
            calendar=self.calendar,
            repair=self.repair,
        ).bars
        return part_of(bars, timeframe=None, start=start, end=end)

    def _found(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for place in sorted(Path(self.folder).expanduser().iterdir()):
            for ending in _ENDINGS:
                stem = place.name[: -len(ending)]
                if place.name.lower().endswith(ending) and stem and place.is_file():
                    found.setdefault(stem, []).append(place)
        return found
