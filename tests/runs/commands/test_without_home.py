"""Without a home other packages keep what they keep in a folder of the user's own, and nothing is said of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perpetuum.model import places
from perpetuum.runs.commands.without_home import AT_HOME, keep_without_home


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no numbers of users here")
@pytest.mark.parametrize(("package", "told"), AT_HOME.items())
def test_what_others_keep_at_home_is_kept_among_temporary_files_where_there_is_none(monkeypatch, tmp_path, package, told):
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path))
    for name in AT_HOME.values():
        monkeypatch.setenv(name, "there")  # so that it is as before after the test
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / "file").write_text("")
    ours = str(tmp_path / f"perpetuum-{os.getuid()}" / package)
    monkeypatch.setattr(os, "access", lambda place, how: Path(place).is_dir())
    for home, chosen, kept in (
        (tmp_path, None, None),
        (tmp_path / "file" / "no home", None, ours),
        (tmp_path / "file" / "no home", "there", "there"),
    ):
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.delenv(told, raising=False)
        if chosen:
            monkeypatch.setenv(told, chosen)
        keep_without_home()
        assert os.environ.get(told) == kept
