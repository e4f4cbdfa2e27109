"""Numbers in texts come from the data that they are about; whose money a dye is stands in each of its names."""

from __future__ import annotations

import re

import pytest

from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.runs.questions import history_matching
from perpetuum.runs.questions.hindcast import DISCREPANCY
from perpetuum.visualization.app.levers import IN_SIGHT, NEEDED
from perpetuum.visualization.figures.palette import DYE_COLOURS, dye_label

#: Texts with a number that is none of a preset's: what is public, a definition, or a bound that is tested, and whose it is.
KNOWN = {
    "lever_help.demand.strength": {NEEDED, IN_SIGHT},  # what Bain published, which the slider marks
    "calibrate.chance": {history_matching.IDENTIFIED},
    "validate.fits_how": {DISCREPANCY},
    "validate.wide_row": {DISCREPANCY},
    "validate.claim.returns_autocorrelation": {0.15},  # bounds of what shares do, as the claim states them
    "validate.claim.returns_volatility": {0.08, 0.14},
    "tip.small_chance": {0.001},
    "dollar.little": {0.1},
}


def numbers_in(text):
    """Numbers with decimals, and sums of money, that stand in a text itself and not in its places."""
    plain = re.sub(r"\{[^}]*\}", "", text)
    decimals = re.findall(r"(?<![\w.:])\d+\.\d+(?![\w:]*\.)", plain, re.ASCII)
    money = re.findall(r"\$(\d+)(?:bn|tn)|(\d+)(?:万)?亿美元", plain)
    return {float(one) for one in decimals} | {float(a or b) for a, b in money}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_in_a_text_is_the_datas_or_does_not_stand_there(language):
    """A figure of a preset that a text repeats would be wrong as soon as the preset says another: 3.27 $ an hour."""
    found = {key: numbers_in(text) for key, text in catalogue(language).items()}
    assert {key: told for key, told in found.items() if told - KNOWN.get(key, set())} == {}
    assert {key for key in KNOWN if key in catalogue(language) and not found[key]} == set()


@pytest.mark.parametrize("industry", ["ai", "telecom"])
@pytest.mark.parametrize(("language", "own"), [("en", "own"), ("zh", "自有")])
def test_each_lap_of_vendors_own_money_says_whose_it_is(language, own, industry, monkeypatch):
    words = Words(language, industry)
    monkeypatch.setattr("perpetuum.visualization.figures.palette.say", words)
    whose = {"en": {"ai": "vendors'", "telecom": "makers'"}, "zh": {"ai": "芯片商", "telecom": "设备商"}}[language][industry]
    laps = [name for name in DYE_COLOURS if name.startswith("lap_")]
    assert len(laps) == 3
    for lap in laps:
        for told in (dye_label(lap), words(f"dye.{lap}"), words(f"series.dye_{lap}.label")):
            assert whose in told.lower(), told
            assert own in told, told
