"""Ctrl-C at any time of a command, its imports too: one line, exit code 130, no traceback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from hyprl_lab.cli.entry import run
from hyprl_lab.cli.exits import CANCELLED, DONE

CHILD = """
import os, signal, sys

class PressedAt:
    # presses Ctrl-C when a module is imported, as compiled modules hear it: at once or as an error
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(1000): pass
            except KeyboardInterrupt:
                if {as_import_error}:
                    raise ImportError("datetime could not be imported")
                raise
        return None

sys.meta_path.insert(0, PressedAt())
sys.argv = ["hyprl", *{arguments!r}]
from hyprl_lab.cli import main
main()
"""
SHOW = ["data", "show", "TEST"]


def child(text: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def stopped(module: str, *more: str, as_import_error: bool = False) -> tuple[int, str, str]:
    given = [*SHOW, *more]
    return child(CHILD.format(module=module, as_import_error=as_import_error, arguments=given))


@pytest.mark.parametrize(
    "module", ["hyprl_lab.cli.exits", "numpy", "typer", "pydantic", "hyprl_lab.data.bars"]
)
def test_ctrl_c_while_modules_are_imported(module: str) -> None:
    assert stopped(module) == (CANCELLED, "", "hyprl: stopped\n")


def test_ctrl_c_that_a_compiled_module_makes_an_import_error() -> None:
    assert stopped("numpy", as_import_error=True) == (CANCELLED, "", "hyprl: stopped\n")


@pytest.mark.parametrize("module", ["numpy", "hyprl_lab.data.bars"])
def test_with_json_it_is_an_object(module: str) -> None:
    code, out, err = stopped(module, "--json")
    error = {"type": "CancelledError", "message": "stopped", "exit_code": CANCELLED}
    assert (code, json.loads(out), err) == (CANCELLED, {"error": error}, "hyprl: stopped\n")


def test_an_import_error_of_its_own_is_none_of_ctrl_c() -> None:
    text = CHILD.format(module="numpy", as_import_error=True, arguments=SHOW).replace(
        "os.kill(os.getpid(), signal.SIGINT)", "raise KeyboardInterrupt"
    )
    code, _, err = child(text)
    assert code == 1
    assert "ImportError: datetime could not be imported" in err


def test_who_ignores_ctrl_c_goes_on() -> None:
    text = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{CHILD}".format(
        module="numpy", as_import_error=False, arguments=SHOW
    )
    assert child(text)[0] == DONE


def test_a_line_run_by_itself_leaves_the_handler_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert run(["--help"]) == DONE
    assert "search" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before
