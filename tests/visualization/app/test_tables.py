"""Tables that pages share are computed once for all starts of the server, and never told wrongly or half."""

import pytest

from perpetuum.visualization.app import levers, tables
from perpetuum.visualization.app.tables import ON_DISK, kept


def computed(calls, table=(1.5, [2, 3])):
    def compute():
        calls.append(1)
        return list(table)

    return compute


def test_what_was_computed_once_is_read(tmp_path):
    calls = []
    assert [kept("one", computed(calls), tmp_path / "new") for _ in range(3)] == 3 * [[1.5, [2, 3]]]
    assert len(calls) == 1
    kept("other", computed(calls), tmp_path / "new")
    assert len(calls) == 2


@pytest.mark.parametrize("written", [b"", b"[1.5, [2", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_whole_is_computed_anew(tmp_path, written):
    (tmp_path / "one.json").write_bytes(written)
    calls = []
    assert [kept("one", computed(calls), tmp_path) for _ in range(2)] == 2 * [[1.5, [2, 3]]]
    assert len(calls) == 1


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    assert kept("one", computed([]), tmp_path / "file") == [1.5, [2, 3]]


def test_so_many_files_are_kept(tmp_path):
    for number in range(ON_DISK + 5):
        kept(f"table{number}", computed([]), tmp_path)
    assert len(list(tmp_path.iterdir())) == ON_DISK


def test_a_server_that_is_started_again_does_not_compute_what_levers_mean(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "cache_folder", lambda: tmp_path)
    levers._revenue_2030.cache_clear()
    first = levers.revenue_2030("ono_2025")
    levers._revenue_2030.cache_clear()
    monkeypatch.setattr(levers, "_earned_2030", lambda *_: pytest.fail("computed again"))
    assert levers.revenue_2030("ono_2025") == first
    assert len(first) == len(levers.STRENGTHS)
