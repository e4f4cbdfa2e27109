"""What a shell's variables say to the packages under the program: heard where it makes sense, else told in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import pytest
import shellingham

from perpetuum.model import places
from perpetuum.runs.commands.surroundings import heed_surroundings, of_numba
from perpetuum.runs.commands.without_home import keep_without_home

#: Variables of numba that keep it from being loaded: the first ends in its own error, the others in its warnings.
UNREAD = [
    "NUMBA_NUM_THREADS=0",
    pytest.param("NUMBA_NUM_THREADS=-1", marks=pytest.mark.slow),
    "NUMBA_OPT=abc",
    pytest.param("NUMBA_NUM_THREADS=abc", marks=pytest.mark.slow),
    pytest.param("NUMBA_DEBUG=abc", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("said", UNREAD)
def test_what_numba_cannot_read_is_told_by_its_name(said):
    name, _, value = said.partition("=")
    command = [sys.executable, "-m", "perpetuum.runs", "scenarios", "triangle"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, name: value})
    told = f"numba, which computes the worlds, cannot be loaded with {said} in the environment: unset it"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"perpetuum: {told}\n")


def test_an_error_of_ours_is_not_put_on_numba():
    assert of_numba(ValueError("Number of threads")) == ""


@pytest.mark.parametrize(("said", "heard"), [("nonsense", "agg"), ("TkAgg", "agg"), ("", ""), (None, None)])
def test_figures_are_drawn_to_files_whatever_windows_a_shell_names(monkeypatch, said, heard):
    monkeypatch.setenv("MPLBACKEND", "there")
    if said is None:
        monkeypatch.delenv("MPLBACKEND")
    else:
        monkeypatch.setenv("MPLBACKEND", said)
    with warnings.catch_warnings():
        heed_surroundings()
        assert os.environ.get("MPLBACKEND") == heard
        with pytest.raises(RuntimeWarning):
            warnings.warn("Environment variable 'NUMBA_OPT' is defined but", RuntimeWarning, stacklevel=1)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no numbers of users here")
@pytest.mark.parametrize(
    ("name", "place", "kept"),
    [
        ("HOME", "a_file", True),
        ("XDG_CONFIG_HOME", "a_file", True),
        ("XDG_CACHE_HOME", "a_file", True),
        ("XDG_CACHE_HOME", "a_file/below", True),
        ("XDG_CACHE_HOME", "to be made", False),
        ("MPLCONFIGDIR", "a_file", True),
        ("MPLCONFIGDIR", "to be made", False),
    ],
)
def test_a_home_that_is_a_file_is_as_good_as_none(monkeypatch, tmp_path, name, place, kept):
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "a_file").write_text("mine")
    for told in ("MPLCONFIGDIR", "IPYTHONDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(told, "there")  # so that it is as before after the test
        monkeypatch.delenv(told)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(name, str(tmp_path / place))
    before = os.environ.get("MPLCONFIGDIR")
    keep_without_home()
    ours = str(tmp_path / f"perpetuum-{os.getuid()}" / "matplotlib")
    assert os.environ.get("MPLCONFIGDIR") == (ours if kept else before)
    assert (tmp_path / "a_file").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "number"), [(None, "1"), ("perpetuum ru", None), ("perpetuum ru", "abc"), ("perpetuum ru", "1")]
)
def test_a_shell_that_asks_for_completions_and_not_of_what_is_told_in_a_sentence(perpetuum, monkeypatch, words, number):
    monkeypatch.setenv("_PERPETUUM_COMPLETE", "complete_bash")
    for name, value in (("COMP_WORDS", words), ("COMP_CWORD", number)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    code, out, err = perpetuum()
    if (words, number) == ("perpetuum ru", "1"):
        assert (code, out, err) == (0, "run\n", "")
    else:
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("perpetuum: the shell asks for completions without saying of what")


SHELLS = "bash, zsh, fish, powershell or pwsh"


@pytest.mark.parametrize("asked", ["nonsense", "complete_nonsense", "nonsense_bash", "complete_", "_", "bash"])
def test_a_way_of_completing_that_there_is_none_is_told_in_a_sentence(perpetuum, monkeypatch, asked):
    monkeypatch.setenv("_PERPETUUM_COMPLETE", asked)
    code, out, err = perpetuum()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"perpetuum: _PERPETUUM_COMPLETE={asked} in the environment asks for nothing: ")
    assert SHELLS in err


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
@pytest.mark.parametrize(
    ("words", "shell", "told"),
    [
        ("nonsense", "bash", f"is for the shell that asks, {SHELLS}, and takes no word behind it: leave out 'nonsense'"),
        ("fish", "bash", f"is for the shell that asks, {SHELLS}, and takes no word behind it: leave out 'fish'"),
        ("", "dash", f"is for the shell that asks, which must be {SHELLS}, not dash"),
        ("", "", f"is for the shell that asks, which must be {SHELLS}, not one that nobody can tell"),
    ],
)
def test_completion_is_installed_for_a_shell_that_there_is_and_nothing_is_written_for_another(
    perpetuum, monkeypatch, tmp_path, option, words, shell, told
):
    def detect():
        if not shell:
            raise shellingham.ShellDetectionFailure
        return shell, f"/bin/{shell}"

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(shellingham, "detect_shell", detect)
    assert perpetuum(option, *words.split()) == (2, "", f"perpetuum: {option} {told}\n")
    assert list(tmp_path.iterdir()) == []


def test_completion_is_not_installed_where_no_home_can_be_written(perpetuum, monkeypatch, tmp_path):
    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("bash", "/bin/bash"))
    (tmp_path / "a_file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "a_file"))
    code, out, err = perpetuum("--install-completion")
    assert (code, out) == (2, "")
    assert (
        err
        == f"perpetuum: --install-completion keeps what it installs at home, and '{tmp_path / 'a_file'}' cannot be written\n"
    )
