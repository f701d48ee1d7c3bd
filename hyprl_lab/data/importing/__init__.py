"""Import: from a file to bars, everything that is no bar found and named."""

from __future__ import annotations

from hyprl_lab.data.importing.frame import read_frame
from hyprl_lab.data.importing.importer import Imported, import_file
from hyprl_lab.data.importing.repairs import REPAIRS
from hyprl_lab.data.importing.times import DATES

__all__ = ["DATES", "REPAIRS", "Imported", "import_file", "read_frame"]
