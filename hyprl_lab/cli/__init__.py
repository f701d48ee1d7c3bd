"""The command line, `hyprl`. Its commands are described in `docs/cli.md`."""

from hyprl_lab.cli.entry import main, run

__all__ = ["main", "run"]
