import subprocess
import sys

import hyprl_lab.strategy as door


def test_the_door_is_sorted_and_complete():
    assert door.__all__ == sorted(door.__all__)
    assert all(hasattr(door, name) for name in door.__all__)
    assert door.ta.__all__ == sorted(door.ta.__all__)


def test_importing_it_pulls_in_nothing_heavy():
    code = (
        "import sys, hyprl_lab.strategy; "
        "print(sorted({'pandas', 'pyarrow', 'rfc8785', 'duckdb', 'scipy'} & set(sys.modules)))"
    )
    # the interpreter is our own and the code a literal
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
