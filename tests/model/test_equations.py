"""Equations: a rule of plain numbers means the same for one firm in one world and for all firms in all worlds."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model import places
from perpetuum.model.equations import equation, place_for_code, vector_width


@equation
def part_paid(means: float, due: float, floor: float) -> float:
    """max(min(means / due, 1), floor); 1 where nothing is due."""
    return max(min(means / due, 1.0), floor) if due > 0.0 else 1.0


@equation
def short(means: float, due: float) -> bool:
    """Whether means fall short of what is due."""
    return means < due


def test_vectors_are_as_wide_as_the_processor_has_them_where_that_slows_no_clock():
    assert vector_width(None, "+avx2,+avx512f,+avx512vbmi2") == "+avx2,+avx512f,+avx512vbmi2,-prefer-256-bit"
    assert vector_width(None, "+avx2,+avx512f,-avx512vbmi2") is None
    assert vector_width("+avx2", "+avx2,+avx512f,+avx512vbmi2") == "+avx2"


@pytest.mark.slow
def test_rules_of_a_file_are_compiled_together_and_others_of_the_same_names_are_not_taken_for_them(tmp_path):
    def one_of(value: float, module: str):
        (tmp_path / f"{module}.py").write_text(
            f"from perpetuum.model.equations import equation\n@equation\ndef one(x: float) -> float:\n    return x + {value}\n"
            f"@equation\ndef two(x: float) -> float:\n    return x - {value}\n"
        )
        names: dict = {"__name__": module}
        exec(compile((tmp_path / f"{module}.py").read_text(), tmp_path / f"{module}.py", "exec"), names)
        return names["one"], names["two"]

    zeros = np.zeros(3)
    for value, module in ((1.0, "a"), (2.0, "b"), (3.0, "b")):
        one, two = one_of(value, module)
        assert one(zeros).tolist() == [value] * 3
        assert two._loop is not None  # nobody has called it
        assert two(zeros).tolist() == [-value] * 3


def test_a_rule_can_be_tried_by_hand():
    assert part_paid(30, 40, 0.1) == 0.75
    assert part_paid(1, 40, 0.1) == 0.1
    assert part_paid(1, 0, 0.1) == 1.0
    assert short(1, 2) is True


def test_over_arrays_a_rule_has_the_bits_of_the_rule_by_hand():
    numbers = np.random.default_rng(1).normal(size=(2, 3, 64))
    numbers[1, :, ::7] = 0.0
    for means, due in (numbers, numbers[:, :, ::3], numbers[:, 1], numbers[:, :, 5]):
        by_hand = [part_paid.rule(m, d, 0.1) for m, d in zip(means.flat, due.flat, strict=True)]
        assert part_paid(means, due, 0.1).ravel().tolist() == by_hand
        assert short(means, due).ravel().tolist() == [m < d for m, d in zip(means.flat, due.flat, strict=True)]


def test_firms_worlds_and_parameters_broadcast_and_whole_dollars_count_as_numbers():
    means, due = np.array([[1], [4]]), np.array([2, 8, 0])
    assert part_paid(means, due, np.array([0.0, 0.3, 0.0])).tolist() == [[0.5, 0.3, 1.0], [1.0, 0.5, 1.0]]
    assert short(means, due).dtype == bool


def test_a_quotient_that_a_rule_passes_over_is_not_warned_of():
    with np.errstate(all="raise"):
        assert part_paid(np.array([1.0, 1.0]), np.array([0.0, 2.0]), 0.0).tolist() == [1.0, 0.5]


def test_a_rule_takes_as_many_numbers_as_it_names():
    with pytest.raises((TypeError, ValueError), match="argument"):
        part_paid(np.ones(2), np.ones(2))


def test_a_rule_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(part_paid)) is part_paid


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    """The folder of temporary files."""
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_where_code_is_kept_is_left_to_a_user_and_to_numba(temporary):
    nowhere = temporary / "file" / "folder"
    (temporary / "file").write_text("")
    assert place_for_code("chosen", nowhere, nowhere) == "chosen"
    assert place_for_code("", temporary / "may be made", nowhere) == ""
    assert place_for_code("", nowhere, temporary) == ""
    assert [*temporary.iterdir()] == [temporary / "file"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no numbers of users here")
def test_code_is_kept_among_temporary_files_where_no_other_folder_may_be_written(temporary, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *asked: False)
    place = place_for_code("", temporary / "beside", temporary / "of user")
    assert os.path.dirname(place) == str(temporary)
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
    assert place_for_code("", temporary / "beside", temporary / "of user") == place
    os.chmod(place, 0o755)  # others may read it
    assert place_for_code("", temporary / "beside", temporary / "of user") == ""
    os.chmod(place, 0o700)
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    Path(place).rename(temporary / f"perpetuum-{os.getuid()}")  # another's
    assert place_for_code("", temporary / "beside", temporary / "of user") == ""


def test_code_is_kept_in_no_folder_to_which_a_link_leads(temporary, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *asked: False)
    (temporary / "theirs").mkdir(mode=0o700)
    (temporary / f"perpetuum-{os.getuid()}").symlink_to(temporary / "theirs")
    assert place_for_code("", temporary / "beside", temporary / "of user") == ""


KERNEL = "from perpetuum.model.equations import kernel\n@kernel\ndef {name}(x):\n    return {value}\n"


@pytest.mark.slow
def test_a_kernel_is_compiled_anew_when_one_changes_that_it_calls_by_way_of_another(tmp_path):
    """Compiled code holds what it calls; numba looks at the file of the caller alone."""
    env = os.environ | {
        "PYTHONPATH": str(tmp_path),
        "NUMBA_CACHE_DIR": str(tmp_path / "compiled"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (tmp_path / "between.py").write_text("from called import called\n" + KERNEL.format(name="between", value="called(x)"))
    (tmp_path / "calling.py").write_text("from between import between\n" + KERNEL.format(name="calling", value="between(x)"))
    for more in (1, 2):
        (tmp_path / "called.py").write_text(KERNEL.format(name="called", value=f"x + {more}"))
        command = [sys.executable, "-c", "from calling import calling; print(calling(40))"]
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        assert int(said) == 40 + more
    assert list((tmp_path / "compiled").rglob("*.nbi")), "nothing was kept, so nothing could have been out of date"
