"""Files of TOML as nobody should write them, and presets that extend others: one sentence each, at once."""

from __future__ import annotations

import re

import pytest

from perpetuum.model import toml_file
from perpetuum.model.errors import InputError
from perpetuum.model.presets import load_preset
from perpetuum.runs.study.description import read_toml

MINE = b'extends = "triangle"\n'
#: Files that are not read: what stands in them, and what is said.
UNREAD = {
    "UTF-16": (MINE.decode().encode("utf-16"), "is no text in UTF-8"),
    "UTF-16 without a mark": (MINE.decode().encode("utf-16-be"), "is no text in UTF-8"),
    "UTF-32": (MINE.decode().encode("utf-32"), "is no text in UTF-8"),
    "nothing but zeros": (bytes(100), "is no text in UTF-8"),
    "a zero": (MINE + b'title = "a\0b"\n', "is not valid TOML: Illegal character '\\x00' (at line 2, column 11)"),
    "a name twice": (MINE * 2, "is not valid TOML: a name stands twice (at line 2, column"),
    "a table twice": (b"[set]\n[set]\n", "is not valid TOML: a name stands twice (at line 2, column"),
    "brackets": (MINE + b"a = " + b"[" * 5000 + b"]" * 5000, "is not valid TOML: it has brackets in brackets without end"),
    "tables": (MINE + b"a = " + b"{a=" * 3000 + b"}" * 3000, "is not valid TOML: it has brackets in brackets without end"),
    "a long number": (MINE + b"months = " + b"9" * 5000, "is not valid TOML: "),
    "too much": (b" " * 2000, "has over 0 MB, and such a file has a few kB"),
}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize(("read", "what"), [(load_preset, "preset file"), (read_toml, "study file")])
def test_what_is_no_toml_is_told_in_a_sentence_of_presets_and_studies_alike(tmp_path, monkeypatch, kind, read, what):
    written, said = UNREAD[kind]
    if kind == "too much":
        monkeypatch.setattr(toml_file, "MOST_BYTES", 1000)
    file = tmp_path / "mine.toml"
    file.write_bytes(written)
    with pytest.raises(InputError, match=f"^{what} '{re.escape(str(file))}' {re.escape(said)}"):
        read(str(file))


#: Entries of a preset that extends another, and what is said of them.
SAID = {
    "start = 0001-01-01": "'start' in 'mine.toml' must be a date from 1800 to 2200, not 0001-01-01",
    "start = 9999-12-01": "'start' in 'mine.toml' must be a date from 1800 to 2200, not 9999-12-01",
    "start = 2025-10-01T00:00:00Z": "must be a date such as 2025-10-01, not 2025-10-01T00:00:00+00:00",
    "start = 10:00:00": "must be a date such as 2025-10-01, not 10:00:00",
    "months = 2025-01-01": "'months' in 'mine.toml' cannot be 2025-01-01: it takes a whole number from 1 to 600",
    "months = inf": "'months' in 'mine.toml' cannot be inf",
    "[[parameters]]\nx = 1": "'parameters' in 'mine.toml' must be a table",
    "[[title]]\nx = 1": "'title' in 'mine.toml' must be a text",
    '[parameters]\n"demand.strength" = 2025-01-01': "'demand.strength' in 'mine.toml' cannot be 2025-01-01: it takes from 0.1",
    '[parameters]\n"demand.strength" = nan': "'demand.strength' in 'mine.toml' cannot be nan",
    "title." + "a." * 3000 + "a = 1": "'title' in 'mine.toml' must be a text",
}


@pytest.mark.parametrize("entry", SAID, ids=range(len(SAID)))
def test_entries_of_another_kind_are_told_as_they_were_written(tmp_path, entry):
    (tmp_path / "mine.toml").write_bytes(MINE + entry.encode())
    with pytest.raises(InputError, match=re.escape(SAID[entry])):
        load_preset(str(tmp_path / "mine.toml"))


#: What a preset may say that it extends, and what is said of that.
NO_PRESET = {
    "": "the preset's name is empty",
    ".": "preset '.' is a folder",
    "/etc/passwd": "preset '/etc/passwd' is no preset's name",
    "../triangle": "preset '../triangle' is no preset's name",
    "x" * 300: "cannot be looked up: file name too long",
    "triangel": "did you mean 'triangle'?",
    "other.toml": "other.toml' does not exist or is not a file",
    "a\\u0000b.toml": "does not exist or is not a file",
}


@pytest.mark.parametrize("name", NO_PRESET)
def test_what_is_extended_and_is_no_preset_is_told_with_the_file_that_names_it(tmp_path, name):
    (tmp_path / "mine.toml").write_text(f'extends = "{name}"\n')
    with pytest.raises(InputError, match=f"^'extends' in 'mine.toml' names no preset: .*{re.escape(NO_PRESET[name])}"):
        load_preset(str(tmp_path / "mine.toml"))


def test_a_preset_extends_one_that_stands_beside_it_wherever_it_is_read_from(tmp_path, monkeypatch):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "base.toml").write_text('extends = "triangle"\ntitle = "The base"\n')
    (tmp_path / "below" / "mine.toml").write_text('extends = "base.toml"\n')
    (tmp_path / "above.toml").write_text('extends = "below/mine.toml"\n')
    monkeypatch.chdir("/")
    assert load_preset(str(tmp_path / "above.toml")).title == "The base"
    monkeypatch.chdir(tmp_path)
    assert load_preset("above.toml").title == load_preset("below/mine.toml").title == "The base"
    (tmp_path / "below" / "base.toml").write_text('extends = "../above.toml"\n')
    with pytest.raises(InputError, match=r"presets extend each other in a loop: 'above.toml' extends 'mine.toml' extends"):
        load_preset("above.toml")


def test_a_long_row_of_presets_that_extend_each_other_is_refused_at_its_first(tmp_path):
    for number in range(200):
        (tmp_path / f"p{number}.toml").write_text(f'extends = "p{number + 1}.toml"\n')
    (tmp_path / "p200.toml").write_bytes(MINE)
    with pytest.raises(InputError, match=r"^'p0.toml' extends a preset that extends another, and so on, more than 50 times"):
        load_preset(str(tmp_path / "p0.toml"))
    assert load_preset(str(tmp_path / "p170.toml")).agents
