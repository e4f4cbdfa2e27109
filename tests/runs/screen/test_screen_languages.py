"""The screen in Chinese, for the command that asks for it alone, and JSON that is the same in every language."""

from __future__ import annotations

import re

import pytest

from perpetuum.model.fits import load_fit
from perpetuum.model.scenario import load_preset
from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import speaking
from tests.runs.screen.test_screen import printed, whole_summary


def test_lang_zh_prints_the_whole_screen_in_chinese_and_only_for_that_command(perpetuum):
    short = ("run", "--worlds", "3", "--months", "40", "--ladder", "--no-figures", "--full")
    _, chinese, _ = perpetuum(*short, "--lang", "zh")
    _, english, _ = perpetuum(*short)
    left = set(re.findall(r"[A-Za-z_]{2,}", chinese.replace("perpetuum", "")))
    assert left <= {"ono_", "AI", "GPU", "GW", "results", "set", "funding", "tightening", "months", "ladder"}, left
    assert "倒下" in chinese
    assert "\nono_2025 · 3 worlds · 40 months from Oct 2025 · seed 1" in english
    assert not re.search("[\u4e00-\u9fff]", english)
    told = re.search(r"(\d+) of (\d+) unknowns fitted to what was public by 2025-09-30", " ".join(english.split()))
    preset = load_preset("ono_2025")
    assert [int(x) for x in told.groups()] == [len(load_fit(preset.fit).places), len(preset.unknowns)]


def test_json_is_the_same_in_every_language(perpetuum):
    short = ("run", "triangle", "--worlds", "2", "--months", "3", "--no-figures", "--no-side-studies", "--json")
    assert perpetuum(*short, "--lang", "zh") == perpetuum(*short)


def test_a_language_that_there_is_not_is_refused(perpetuum):
    code, _, err = perpetuum("run", "--lang", "tlh")
    assert (code, err.strip()) == (2, "perpetuum: --lang takes en or zh, not 'tlh'")


@pytest.mark.parametrize("width", [80, 96])
def test_a_chinese_screen_is_no_wider_and_no_line_begins_with_a_closing_mark(width):
    with speaking("zh"):
        lines = printed(whole_summary(0.5, 0.4, 0.6), width).splitlines()
    assert max(columns(line) for line in lines) <= width
    assert not [line for line in lines if line.strip().startswith(("，", "。", "、", "；", "）", "%"))]


def test_what_is_bold_in_a_cell_is_bold_in_a_page_and_ranges_stand_in_one_line():
    from rich.table import Table
    from rich.text import Text

    from perpetuum.runs.screen.html import html_of

    rows = Table("channel", "months")
    rows.add_row(Text("rates"), Text("4 (1–6)", style="bold"))
    rows.add_row("margins", Text("0 < 1"))
    made = str(html_of(rows))
    assert '<td><b>4 (<span class="whole">1–6</span>)</b></td>' in made
    assert "<td>0 &lt; 1</td>" in made


def test_a_chinese_map_has_no_marks_of_english():
    from perpetuum.runs.screen import life_lost

    with speaking("zh"):
        assert life_lost._told(1.04, False) == "（1.0）"
