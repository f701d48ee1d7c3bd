"""What long work calls with each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from hyprl_lab.types import Progress, ProgressCallback

__all__ = ["Reporter"]


class Reporter:
    """What long work calls with each `Progress`; a context manager that ends with the work.

    Parameters
    ----------
    tell
        Called with each step; `None` tells nobody.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with Reporter(lambda step: print(step.done, "of", step.total)) as report:
    ...     report(Progress(done=50, total=100, seconds=0.1))
    50 of 100
    """

    def __init__(self, tell: ProgressCallback | None = None) -> None:
        self._tell = tell

    def __call__(self, step: Progress) -> None:
        """Tell one step."""
        if self._tell is not None:
            self._tell(step)

    def close(self) -> None:
        """End; what was drawn stays as it is."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, also where the work was cancelled or failed."""
        self.close()
