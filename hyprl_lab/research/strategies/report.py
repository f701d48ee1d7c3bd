"""What a check of a strategy found."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """The errors and warnings of one strategy.

    Parameters
    ----------
    name
        Of the strategy.
    errors
        What makes its results wrong, or makes it fail; such a strategy is not to be used.
    warnings
        What is odd, and may be meant.

    Examples
    --------
    >>> Report("cross", (), ("parameter 'fast' has no range",)).ok
    True
    """

    name: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.errors

    def __repr__(self) -> str:
        """Tell the verdict, then a line for each finding."""
        lines = [f"{self.name}: {'ok' if self.ok else 'not to be used'}"]
        lines += [f"  error: {text}" for text in self.errors]
        lines += [f"  warning: {text}" for text in self.warnings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        found = [("error", text) for text in self.errors]
        found += [("warning", text) for text in self.warnings]
        items = "".join(f"<li><b>{kind}</b>: {escape(text)}</li>" for kind, text in found)
        verdict = "ok" if self.ok else "not to be used"
        return f"<p><b>{escape(self.name)}</b>: {verdict}</p><ul>{items}</ul>"
