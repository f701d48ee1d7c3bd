"""Import: from a file to bars, everything that is no bar found and named."""

from __future__ import annotations

from hyprl_lab.data.importing.importer import Imported, Stamp, import_file
from hyprl_lab.data.importing.repairs import REPAIRS
from hyprl_lab.data.importing.several import import_several
from hyprl_lab.data.importing.times import DATES

__all__ = ["DATES", "REPAIRS", "Imported", "Stamp", "import_file", "import_several"]
