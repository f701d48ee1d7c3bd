"""What a child inherits of its parent's databases."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

END = """
import os, sys, tempfile
import hyprl_lab as hl

warehouse = hl.Warehouse(tempfile.mkdtemp())
warehouse.sql("select 1")
pages = warehouse.pages("from range(100000)", rows=10)
next(pages)
pid = os.fork()
if pid == 0:
    sys.exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert len(next(pages)) == 10
pages.close()
sys.exit(code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_may_end_by_itself() -> None:
    """Its exit closes no database of its parent's: DuckDB would wait for threads it has not."""
    found = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, check=False)
    assert found.returncode == 7, found.stderr[-2000:]
