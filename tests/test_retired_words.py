"""The four dated states are the only verdict: no screen, figure, page, document, table or option says the classes before them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.observed.series import SERIES
from perpetuum.model.observed.states import ALARMING, STATES
from perpetuum.model.words.catalogue import catalogue
from perpetuum.runs.questions.overview import overview
from perpetuum.runs.questions.selection import quantity_of
from perpetuum.runs.questions.sensitivity import ALIASES
from perpetuum.runs.study.batches import run_worlds
from perpetuum.runs.study.description import make_study
from perpetuum.runs.study.tables import VERDICT

ROOT = Path(__file__).resolve().parent.parent
#: What the machine was said to do before its states had dates, in English, in Chinese, and as names in tables.
RETIRED = re.compile(
    r"f[ae]ll(?:s|ing|en)?[ _]apart|h[eo]ld(?:s|ing)?[ _]up\b|undecided|崩塌|(?<!得)撑住|两者皆非|空转|[\"'`]headlines?[\"'`]",
    re.IGNORECASE,
)
#: What people read, or what makes it.
READ = (".py", ".toml", ".md", ".vue", ".js", ".j2", ".html", ".ipynb")


@pytest.mark.parametrize(
    "words",
    [
        "The machine falls apart in 3 worlds",
        "does it hold up?",
        "held up",
        "undecided",
        "falls_apart",
        "holds_up",
        '"headline"',
        "机器崩塌",
        "仍在空转",
    ],
)
def test_the_pattern_finds_the_old_classes(words):
    assert RETIRED.search(words)


@pytest.mark.parametrize(
    "words", ["The finding as headline", "half have fallen", "stands alone", "现金撑得住", "held upright"]
)
def test_the_pattern_leaves_other_words_alone(words):
    assert not RETIRED.search(words)


@pytest.mark.parametrize("folder", ["", "model", "agents", "runs", "visualization"])
def test_nothing_that_is_read_says_the_old_classes(folder):
    files = (ROOT / folder).rglob("*") if folder else ROOT.glob("*.md")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files
        if path.suffix in READ and "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if RETIRED.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_key_or_text_of_the_catalogue_is_of_the_old_classes(language):
    texts = catalogue(language)
    assert texts
    for key, text in texts.items():
        assert not RETIRED.search(f"{key} {text}"), key
        assert not {"headlines", "falls_apart", "holds_up"} & set(key.split(".")), key


def test_columns_series_and_keys_are_named_by_states():
    table = run_worlds("triangle", varied={"funding.tightening": [0.0, 1.0]}, replicates=[0, 0], months=2)
    study = make_study("triangle", {"funding.tightening": "0,1"}, replicates=1, months=2)
    told = overview(study, table)
    keys = set(told["along"]["funding.tightening"][0])
    for name in (*table.columns, *VERDICT, *SERIES, *ALIASES, *keys):
        assert not RETIRED.search(name), name
        assert name not in ("headline", "headlines"), name
    assert set(table["state"]) <= set(STATES)
    assert set(STATES) <= keys
    with pytest.raises(ValueError, match="unknown metric 'falls_apart'"):
        quantity_of("falls_apart", list(table.columns), ())
    assert quantity_of(None, list(table.columns), ()).name == "fallen"


def test_the_states_are_named_in_one_place():
    assert sorted(ALARMING) == sorted(STATES) == sorted(NAMES)
