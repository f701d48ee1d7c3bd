"""A step of a search in words and numbers, the same in a terminal and in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyprl_lab.types import Leader, Progress

__all__ = ["count_text", "duration_text", "facts", "leader_rows", "memory_text", "rate_text"]


def count_text(step: Progress) -> str:
    """Return how many trials are done.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> count_text(Progress(done=41_000, total=100_000, seconds=1.0))
    '41,000 of 100,000 trials (41 %)'
    """
    share = 100 * step.done // step.total if step.total else 100
    return f"{step.done:,} of {step.total:,} trials ({share} %)"


def facts(step: Progress) -> tuple[str, ...]:
    """Return rate, time, best and memory, those that are known.

    While the work goes on the time is what is left of it, at its end what it took.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> facts(Progress(done=500, total=2_000, seconds=0.5, best=1.5, memory=200_000_000))
    ('1,000 trials/s', '1.5 s left', 'best 1.5', '200 MB')
    """
    found = []
    if step.rate is not None:
        found.append(rate_text(step.rate))
    if step.done >= step.total:
        found.append(f"took {duration_text(step.seconds)}")
    elif step.eta is not None:
        found.append(f"{duration_text(step.eta)} left")
    if step.best is not None:
        found.append(f"best {step.best:.4g}")
    if step.memory is not None:
        found.append(memory_text(step.memory))
    return tuple(found)


def rate_text(rate: float) -> str:
    """Return trials a second.

    Examples
    --------
    >>> rate_text(186_240.2), rate_text(3.26)
    ('186,240 trials/s', '3.3 trials/s')
    """
    return f"{rate:,.0f} trials/s" if rate >= 100 else f"{rate:.1f} trials/s"


def duration_text(seconds: float) -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> [duration_text(seconds) for seconds in (0.04, 9.96, 59.6, 3_599.6, 90_000)]
    ['0.0 s', '10 s', '1 min 0 s', '1 h 0 min', '25 h 0 min']
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def memory_text(held: int) -> str:
    """Return bytes in megabytes, from a thousand of them on in gigabytes.

    Examples
    --------
    >>> memory_text(212_345_678), memory_text(2_149_000_000)
    ('212 MB', '2.1 GB')
    """
    return f"{held / 1e6:.0f} MB" if held < 999_500_000 else f"{held / 1e9:.1f} GB"


def leader_rows(leaders: tuple[Leader, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the heads and the rows of a leaderboard: rank, objective, a column a parameter.

    Examples
    --------
    >>> from hyprl_lab.types import Leader
    >>> leader_rows((Leader(1.25, {"fast": 5.0, "slow": 80.0}), Leader(0.5, {"fast": 6.0})))
    (('#', 'objective', 'fast', 'slow'), [('1', '1.25', '5', '80'), ('2', '0.5', '6', '')])
    """
    names = tuple(dict.fromkeys(name for leader in leaders for name in leader.params))
    rows = [
        (
            str(place),
            f"{leader.score:.4g}",
            *(f"{leader.params[name]:.6g}" if name in leader.params else "" for name in names),
        )
        for place, leader in enumerate(leaders, 1)
    ]
    return ("#", "objective", *names), rows
