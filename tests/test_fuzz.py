"""Whatever anybody writes: one sentence or an answer, and never a traceback, a hang, a half-written folder, or a file elsewhere.

Hypothesis makes up command lines, files of presets and studies, manifests of folders, and addresses of the page. A short version
runs with the fast tests, a long one with the slow ones. Nothing is simulated: a command that gets as far is done.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import shutil
import signal
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perpetuum.model.errors import InputError
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.presets import PRESETS, load_preset, preset_names
from perpetuum.runs.commands import cli
from perpetuum.runs.questions import comparison, forked_worlds, world_account
from perpetuum.runs.study import batches, load
from perpetuum.runs.study.description import read_toml
from perpetuum.runs.study.folder import StudyFolder
from perpetuum.visualization.app.address import LONGEST, TABS, read
from tests.runs.commands.option_answers import Answer, stand_ins
from tests.runs.commands.test_every_option import COMMANDS
from tests.study_folders import DEMAND, THETA, write_study

SHORT, LONG = 25, 400
#: Seconds of the processor after which a call counts as one that hangs; whatever is well takes a hundredth.
PATIENCE = 60


def examples(number: int) -> Callable[..., Any]:
    """So many examples, the same each time, however long one takes."""
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=number, deadline=None, database=None, derandomize=True, suppress_health_check=quiet, print_blob=False
    )


def short_and_long(test: Callable[..., None]) -> Callable[..., None]:
    """A test in two lengths; it takes the number of its examples."""
    return pytest.mark.parametrize("number", [SHORT, pytest.param(LONG, marks=pytest.mark.slow)], ids=["short", "long"])(
        test
    )


@contextlib.contextmanager
def watched() -> Iterator[Path]:
    """An empty folder to be in, beside which nothing may appear; whatever takes too long ends with an error."""

    def hangs(*_: object) -> None:
        raise AssertionError(f"takes over {PATIENCE} s")

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as sandbox:
        here = Path(sandbox) / "here"
        here.mkdir()
        os.chdir(here)
        earlier = signal.signal(signal.SIGPROF, hangs)
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        try:
            yield here
            assert os.listdir(sandbox) == ["here"], "written elsewhere"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, earlier)
            os.chdir(before)


def is_a_sentence(error: InputError) -> None:
    """One sentence that says what is wrong, not in the words of Python, and of a length that can be read."""
    told = str(error)
    assert told.strip()
    assert "Traceback" not in told
    for words in ("object is not", "object has no", "unhashable", "NoneType", "invalid literal", "not supported between"):
        assert words not in told


# --- what is written ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [*list(PARAMETERS)[::20], DEMAND, THETA, "lead_lab.cash", "demand.strenth", "lead_lab.", ".", "", "a.b.c"]
)
#: Words with lines between them.
DIGITS = "0|1|2|3|0.5|-1|2.5|1e3|1e400|nan|inf|-0||x|½|٣|1_0|0x10| 1 |true|loan|9223372036854775808|1073741824"
ODD = "..|.|/|~|-|--|| |🙂|中文|é|a\nb|\udcff|%|*|../outside|/proc/nowhere|{0}|there|a/b/c|tcp://x:1"
PLACES = "ono_2025|triangle|ono_2052|a_file|a_folder|study|run.toml|study.toml|broken.toml|vendor_revenue|capex,gpu_price"
KNOWN = "all|none|life|loss:neocloud=0.2|default:lead_lab|2027-12|9999-99|2008|lhs|sobol|saltelli|morris|grid|zh|A|hoarding"
NUMBERS = st.sampled_from([*DIGITS.split("|"), "9" * 20, "9" * 5000])
WORDS = st.sampled_from([*f"{ODD}|{PLACES}|{KNOWN}".split("|"), "x" * 300])
RANGES = st.builds(":".join, st.lists(NUMBERS, min_size=1, max_size=4))
LISTS = st.builds(",".join, st.lists(st.one_of(NUMBERS, NAMES), min_size=1, max_size=3))
PAIRS = st.builds("{}={}".format, NAMES, st.one_of(NUMBERS, RANGES, LISTS, WORDS))
ANYTHING = st.one_of(WORDS, NUMBERS, NAMES, PAIRS, RANGES, LISTS, st.text(max_size=12))


@st.composite
def command_lines(draw: Any) -> list[str]:
    """A command with some of its options, and what stands behind them; now and then something else."""
    command = draw(st.sampled_from(sorted(COMMANDS)))
    words = [command]
    options = [one for one in COMMANDS[command].params if one.name != "help"]
    for option in draw(st.lists(st.sampled_from(options), max_size=5)):
        if option.param_type_name == "argument":
            words.append(draw(ANYTHING))
        elif option.is_flag:
            words.append(option.opts[0])
        else:
            words += [option.opts[0], draw(ANYTHING)]
    if draw(st.integers(0, 9)) == 0:
        words.insert(draw(st.integers(0, len(words))), draw(ANYTHING))
    return words


def _enough(*_: object) -> Any:
    raise InputError("enough: this would be simulated")


@pytest.mark.slow
@short_and_long
def test_any_command_line_is_answered_or_refused_in_a_sentence(number):
    @examples(number)
    @given(command_lines())
    def holds(words: list[str]) -> None:
        out, err = io.StringIO(), io.StringIO()
        with watched() as here, pytest.MonkeyPatch.context() as patch:
            _furnish(here)
            before = _told(here)
            stand_ins(patch, Answer(here), False)
            for module in (batches, forked_worlds, world_account):
                patch.setattr(module, "make_economy", _enough)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main(words)
            after = _told(here)
        assert code in (0, 2), (words, err.getvalue())
        if code == 2 and err.getvalue():
            lines = [one for one in err.getvalue().splitlines() if one.startswith("perpetuum: ")]
            assert len(lines) == 1, err.getvalue()
            assert "Traceback" not in err.getvalue()
        assert not [one for one in after if ".partial" in one]
        assert {one: after.get(one) for one in before} == before, "what was there is as it was"
        made = {Path(one).parts[0] for one in after.keys() - before.keys()}
        named = {part for word in words for part in (*Path(word.partition("=")[2] or word).parts[:1], word)}
        beside = {"scored.csv"} if words[:1] == ["validate"] else set()  # the log of scores stands beside the document
        assert made <= {*named, *beside, "results", "a_folder", "study"}, "only where --out says"

    holds()


def _furnish(here: Path) -> None:
    (here / "a_file").write_text("mine")
    (here / "a_folder").mkdir()
    (here / "a_folder" / "letter.txt").write_text("mine")
    (here / "run.toml").write_text('extends = "triangle"\n')
    (here / "study.toml").write_text(f'preset = "triangle"\nmonths = 2\n[vary]\n"{THETA}" = "0,1"\n')
    (here / "broken.toml").write_text("months = = 3\n")
    shutil.copytree(_a_study(), here / "study")


def _told(here: Path) -> dict[str, bytes]:
    return {str(one.relative_to(here)): one.read_bytes() for one in here.rglob("*") if one.is_file()}


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _a_study() -> Path:
    """A small study's folder, made once."""
    if not _KEPT:
        _KEPT.append(tempfile.TemporaryDirectory())
        write_study(Path(_KEPT[0].name) / "study", (DEMAND, THETA))
    return Path(_KEPT[0].name) / "study"


# --- files ----------------------------------------------------------------------------------------------------

LEAVES = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, -1, 2, 0.5, -0.0, float("nan"), float("inf"), 1e308, date(1, 1, 1), date(9999, 12, 31)]),
    WORDS.filter(lambda word: "\udcff" not in word),
    RANGES,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["value", "source", "id", ""]), inner)
    ),
    max_leaves=4,
)


@st.composite
def spoilt(draw: Any, whole: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """A tree with some of its branches cut, replaced or added to."""
    tree = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        place: Any = tree
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 2)) == 0:
                what = draw(st.integers(0, 3))
                if what == 0:
                    del place[key]
                elif what == 1 and isinstance(place, dict):
                    place[draw(st.sampled_from(keys))] = draw(VALUES)
                else:
                    place[key] = draw(VALUES)
                break
            place = inner
    return tree


@st.composite
def written_toml(draw: Any, whole: dict[str, Any], keys: list[str]) -> bytes:
    """A file of TOML that is spoilt in what it says, or in how it is written."""
    text = tomli_w.dumps(draw(spoilt(whole, keys)))
    if draw(st.integers(0, 2)) == 0:
        at = draw(st.integers(0, len(text)))
        insert = draw(
            st.sampled_from(["=", "[", "]", '"', "\n", "\0", "é", "[" * 2000, "= " + "9" * 5000, "\ufeff", "#", "''"])
        )
        text = text[:at] + insert + text[at + draw(st.integers(0, 3)) :]
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])), "replace")


STUDY = {
    "preset": "triangle",
    "replicates": 2,
    "seed": 1,
    "months": 3,
    "series": ["capex"],
    "design": "grid",
    "draws": True,
    "set": {"demand.noise": 0.1},
    "vary": {THETA: "0:1:3", "vendor_finance.instrument": ["equity", "loan"]},
}
STUDY_KEYS = [*STUDY, "samples", "own_luck", DEMAND, "lead_lab.cash", "extends", "x", ""]


@short_and_long
def test_any_file_of_a_study_is_read_or_refused_in_a_sentence(number):
    @examples(number)
    @given(written_toml(STUDY, STUDY_KEYS))
    def holds(written: bytes) -> None:
        with watched() as here:
            (here / "study.toml").write_bytes(written)
            try:
                study = read_toml("study.toml")
            except InputError as wrong:
                is_a_sentence(wrong)
            else:
                assert study.worlds >= 1
                assert read_toml_again(study.to_toml(), here).worlds == study.worlds

    holds()


def read_toml_again(text: str, here: Path) -> Any:
    """What is written of a study describes it."""
    (here / "again.toml").write_text(text, encoding="utf-8")
    return read_toml("again.toml")


TRIANGLE = tomllib.loads((PRESETS / "triangle.toml").read_text(encoding="utf-8"))
EXTENDING: dict[str, Any] = {
    "extends": "ono_2025",
    "title": "mine",
    "start": date(2025, 10, 1),
    "months": 24,
    "parameters": {DEMAND: {"value": 0.7, "source": "mine", "date": "2025-01-01"}},
    "agents": [
        {"id": "my_lab", "instead_of": "lead_lab", "role": "lab", "figures": {"cash": {"value": 3, "source": "mine"}}}
    ],
    "uncertain": {DEMAND: {"distribution": "uniform", "low": 0.5, "high": 1.5, "source": "mine"}},
    "forcing": {"policy_rate": {"values": [0.04]}},
}
PRESET_KEYS = [*EXTENDING, "contracts", "stakes", "before", "question", "industry", "fit", "kind", "label", "value", "x", ""]


@short_and_long
def test_any_file_of_a_preset_is_read_or_refused_in_a_sentence(number):
    pytest.importorskip("perpetuum.model.preset_tables", reason="presets are not read by their shape yet")

    @examples(number)
    @given(st.one_of(written_toml(TRIANGLE, PRESET_KEYS), written_toml(EXTENDING, PRESET_KEYS)))
    def holds(written: bytes) -> None:
        with watched() as here:
            (here / "mine.toml").write_bytes(written)
            try:
                preset = load_preset("mine.toml")
            except InputError as wrong:
                is_a_sentence(wrong)
            else:
                assert preset.agents

    holds()


@short_and_long
def test_a_folder_with_any_manifest_is_read_or_refused_in_a_sentence(number):
    manifest = json.loads((_a_study() / "manifest.json").read_text(encoding="utf-8"))
    keys = [*manifest, *manifest["study"], "kind", "axes", "arms", "x", ""]

    @examples(number)
    @given(spoilt(manifest, keys))
    def holds(spoilt_one: dict[str, Any]) -> None:
        with watched() as here:
            shutil.copytree(_a_study(), here / "study")
            (here / "study" / "manifest.json").write_text(json.dumps(spoilt_one, default=str), encoding="utf-8")
            before = _told(here)
            wanted = read_toml_again(f'preset = "triangle"\nmonths = 2\n[vary]\n"{THETA}" = "0,1"\n', here)
            (here / "again.toml").unlink()
            for asked in (
                lambda: load("study"),
                lambda: comparison.read_side("study"),
                lambda: StudyFolder("study").compare(wanted),
            ):
                try:
                    asked()
                except InputError as wrong:
                    is_a_sentence(wrong)
            assert _told(here) == before

    holds()


# --- addresses ------------------------------------------------------------------------------------------------

PARTS = st.sampled_from(["preset", "seed", "world", "months", "month", "moves", "lang", "tab", "presenter", "x"])
MOVES = st.builds("{}:{}={}@{}".format, NUMBERS, NAMES, NUMBERS, NUMBERS)
ADDRESSED = st.one_of(NUMBERS, WORDS.filter(lambda word: "\udcff" not in word), MOVES, st.just("000000000000999999"), LISTS)
QUERIES = st.one_of(
    st.lists(st.builds("{}={}".format, st.one_of(PARTS, NAMES), ADDRESSED.map(quote)), max_size=4).map("&".join),
    st.text(max_size=60),
)


@short_and_long
def test_any_address_opens_the_page_and_what_is_wrong_in_it_is_noted(number):
    @examples(number)
    @given(QUERIES)
    @example("month=000000000000999999")
    @example("moves=000000000000999999:fork")
    def holds(query: str) -> None:
        with watched():
            address = read(query)
        start = address.start
        assert start.preset in preset_names()
        assert 0 <= start.seed <= 2**31
        assert 0 <= address.month <= LONGEST
        assert all(0 <= move.month <= LONGEST for move in address.moves)
        assert address.tab in TABS
        start.scenario()
        for notice in address.notices:
            assert "\n" not in notice.strip() or "a\nb" in notice

    holds()
