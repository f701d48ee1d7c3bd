"""A folder of CSV and Parquet files, one set of bars each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.providers.provider import part_of, unknown_dataset
from hyprl_lab.data.providers.settings import checked_folder
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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
    ConfigError
        The setting is no path.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
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
        if not checked_folder("folder", self.folder).is_dir():
            raise BarsError(f"files: found no folder {self.folder}; expected one of bar files")

    @property
    def name(self) -> str:
        """`"files"`."""
        return "files"

    def datasets(self) -> list[str]:
        """Return the names of the files that end with .csv, .csv.gz or .parquet, without these.

        Raises
        ------
        BarsError
            The folder is gone, or can't be read.
        """
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
            There is no such file, two of that name, the folder is gone, or the content can't be
            used.
        """
        from hyprl_lab.data.importing import import_file

        found = self._found()
        if dataset not in list(found):
            raise unknown_dataset(self.name, dataset, sorted(found))
        places = found[dataset]
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
        try:
            for place in sorted(checked_folder("folder", self.folder).iterdir()):
                for ending in _ENDINGS:
                    stem = place.name[: -len(ending)]
                    if place.name.lower().endswith(ending) and stem and place.is_file():
                        found.setdefault(stem, []).append(place)
        except OSError as error:
            raise BarsError(
                f"files: found a folder {self.folder} that can't be read ({error.strerror}); "
                "expected the one that was there. Give it back, or name another"
            ) from error
        return found
