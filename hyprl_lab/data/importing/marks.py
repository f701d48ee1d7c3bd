"""Numbers written with other marks than a decimal point, where the caller says which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.importing.numbers import MISSING
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray

__all__ = ["Marks"]

_DECIMAL: Final = (".", ",")
_THOUSANDS: Final = (",", ".", " ", "'", "_")
_SPACES: Final = " \u00a0\u202f"


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands before decimals and between thousands.

    Parameters
    ----------
    decimal
        `"."` or `","`.
    thousands
        `","`, `"."`, `" "` (no-break spaces too), `"'"`, `"_"`, or `None`. Where it stands, groups
        have three digits each; a number need not have it.

    Examples
    --------
    >>> import pyarrow as pa
    >>> cells, wrong = Marks(",", ".").plain(pa.array(["1.234,5", "1234", "1.5"]))
    >>> cells.to_pylist(), wrong.tolist()
    (['1234.5', '1234', ''], [False, False, True])
    """

    decimal: str = "."
    thousands: str | None = None

    @classmethod
    def checked(cls, decimal: object, thousands: object) -> Marks:
        """Return them, once they are known and differ.

        Raises
        ------
        BarsError
            Naming what is not.
        """
        if decimal not in (None, *_DECIMAL):
            raise BarsError(f"decimal: found {decimal!r}; expected '.' or ','")
        if thousands not in (None, *_THOUSANDS):
            raise BarsError(f"thousands: found {thousands!r}; expected one of {list(_THOUSANDS)}")
        marks = cls("." if decimal is None else str(decimal), None)
        if thousands is None:
            return marks
        if thousands == marks.decimal:
            raise BarsError(
                f"thousands: found {thousands!r}, which decimal= is too; expected two marks"
            )
        return cls(marks.decimal, str(thousands))

    @property
    def usual(self) -> bool:
        """Whether numbers are written as everywhere in computing."""
        return self == Marks()

    def is_number(self, text: str) -> bool:
        """Whether a cell holds a number so written."""
        return re.fullmatch(self._pattern, text.strip()) is not None

    def plain(self, cells: Any) -> tuple[Any, BoolArray]:
        """Return text with a decimal point alone, empty where a cell is no number so written.

        Parameters
        ----------
        cells
            A pyarrow array; one of numbers stays as it is.

        Returns
        -------
        cells, wrong
            Text, and one flag a row.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        none: BoolArray = np.zeros(len(cells), dtype=np.bool_)
        if self.usual or not (
            pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)
        ):
            return cells, none
        texts = pc.utf8_trim_whitespace(pc.fill_null(cells, ""))
        missing = pc.is_in(pc.utf8_lower(texts), pa.array([*{word.lower() for word in MISSING}]))
        right = pc.match_substring_regex(texts, f"^(?:{self._pattern})$")
        bare = texts
        if self.thousands is not None:
            for mark in _SPACES if self.thousands == " " else self.thousands:
                bare = pc.replace_substring(bare, mark, "")
        bare = pc.replace_substring(bare, self.decimal, ".")
        kept = pc.if_else(right, bare, pc.if_else(missing, texts, ""))
        return kept, np.asarray(pc.invert(pc.or_(right, missing)).to_numpy(zero_copy_only=False))

    def wanted(self) -> str:
        """Return in words what a number is."""
        between = "" if self.thousands is None else f", perhaps with {self.thousands!r} between "
        groups = "" if self.thousands is None else "groups of three digits"
        return f"a number with {self.decimal!r} before its decimals{between}{groups}, as stated"

    @property
    def _pattern(self) -> str:
        point = re.escape(self.decimal)
        whole = "[0-9]+"
        if self.thousands is not None:
            mark = f"[{_SPACES}]" if self.thousands == " " else re.escape(self.thousands)
            whole = f"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)"
        return f"[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
