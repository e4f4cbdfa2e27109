"""The program as installed: help, a module that can be run, and streams that are closed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from perpetuum.runs.commands import cli

COMMANDS = ["", *(command.__name__.replace("_", "-") for command in cli.COMMANDS)]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command, capsys):
    assert cli.main([*command.split(), "--help"]) == 0
    assert ("perpetuum run" if not command else f"perpetuum {command}") in capsys.readouterr().out


def test_the_program_is_a_module_that_can_be_run():
    done = subprocess.run([sys.executable, "-m", "perpetuum.runs", "--help"], capture_output=True, text=True, check=True)
    assert "perpetuum run" in done.stdout


def test_no_command_is_cut_short_in_the_list_of_commands(perpetuum, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = perpetuum("--help")
    assert "..." not in out.partition("Commands:")[2]
    assert "does the machine fall, when, and on whose money does it run?" in " ".join(out.split())


def test_help_waits_for_nothing_heavy():
    """Time is for the benchmark to measure; what would cost it is not imported."""
    program = (
        "import sys; from perpetuum.runs.commands import cli; cli.main(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout
    assert not {"numpy", "pandas", "mesa", "numba", "matplotlib", "pyarrow", "scipy", "solara", "dask"} & set(
        done.stderr.split()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "closed"),
    [
        ("scenarios", 0, ">&-"),
        ("scenarios", 0, "2>&-"),
        ("scenarios", 0, ">&- 2>&-"),
        ("scenarios nothing", 2, ">&-"),
        ("scenarios nothing", 2, "2>&-"),
        ("scenarios nothing", 2, ">&- 2>&-"),
    ],
)
def test_closed_standard_streams_are_no_error(words, code, closed):
    asked = f'"{sys.executable}" -m perpetuum.runs.commands.cli {words} {closed}'
    done = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error():
    program = subprocess.Popen(
        [sys.executable, "-m", "perpetuum.runs", "params"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.readline()
    program.stdout.close()
    assert program.stderr.read() == ""
    program.stderr.close()
    assert program.wait() == 0


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "numba", "mesa", "pandas", "matplotlib", "pyarrow")
    code = "import sys; from perpetuum.runs.commands import cli; cli.main(['--help']); "
    code += f"print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


#: Fails as the commands are being loaded, in the way that is asked for.
LOADING = """
import os, signal, sys

class Fails:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            {how}

sys.meta_path.insert(0, Fails())
sys.argv = ["perpetuum", "scenarios"]
from perpetuum.runs.__main__ import main
sys.exit(main())
"""


#: A program that is begun in the background hears no Ctrl-C; these tests may be.
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def loading(how, before=HEARS):
    program = before + LOADING.format(how=how)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", 130, "perpetuum: stopped before the end: nothing was written\n"),
        (
            "raise ImportError('libopenblas.so: failed to map segment from shared object')",
            2,
            "perpetuum: this machine has too little memory for that: ask for fewer worlds, or for fewer workers\n",
        ),
        ("raise ImportError('no such thing')", 1, None),
    ],
)
def test_what_ends_the_program_while_it_is_loaded_is_told_in_a_line(how, code, told):
    done = loading(how)
    assert done.returncode == code
    assert done.stderr == told or (told is None and "Traceback" in done.stderr)


def test_whoever_ignores_a_ctrl_c_is_left_alone_while_the_program_is_loaded():
    done = loading("os.kill(os.getpid(), signal.SIGINT)", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ono_2025" in done.stdout
