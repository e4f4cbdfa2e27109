"""The screen: sentences that say what happened, and nothing cut at 80 columns; the headlines of the figures."""

from __future__ import annotations

import datetime
import io
import re

import numpy as np
import pytest
from rich.console import Console

from perpetuum.model.observed.outcome import CLASSES, HEADLINES, PAIRS, paired, shares
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import speaking
from perpetuum.runs import screen
from perpetuum.runs.screen.circularity import unlocked
from perpetuum.runs.screen.verdict import read_otherwise
from perpetuum.runs.study.arms import Reading
from perpetuum.runs.study.arms import readings_of as all_readings
from perpetuum.runs.study.summary import summarise_readings
from perpetuum.visualization.figures import run_figures as draw
from perpetuum.visualization.figures.ladder import ladder_title

# --- the answer in words ------------------------------------------------------------------------------------

HEADLINE_OF = {
    **dict.fromkeys(("collapse", "hard_landing", "contained_failure"), "falls_apart"),
    **dict.fromkeys(("self_sustaining", "soft_landing"), "holds_up"),
    **dict.fromkeys(("still_spinning", "stalled", "rescued"), "undecided"),
}


def summary_of(asked, loose=None, *, theta=0.6, within_run=True, months=120):
    """What the sentence is made from; `asked` and `loose`: classes of the worlds, letters standing for common ones."""
    letters = {"c": "collapse", "h": "hard_landing", "s": "still_spinning", "t": "stalled", "r": "rescued",
               "l": "soft_landing", "y": "self_sustaining"}  # fmt: skip
    classes = [np.array([letters[one] for one in worlds]) for worlds in (asked, loose or asked)]
    heads = [np.array([HEADLINE_OF[one] for one in worlds]) for worlds in classes]
    arms = [
        {"outcomes": shares(one, CLASSES), "headlines": shares(head, HEADLINES)}
        for one, head in zip(classes, heads, strict=True)
    ]
    squeeze = {
        "theta": theta,
        "within_run": within_run,
        "start_month": 24,
        "end_month": 90,
        "start": "2027-10-01",
        "easing": "2032-04-01",
        "rate_bp": 300 * theta,
        "spread_bp": 500 * theta,
        "venture_lost": theta,
    }
    return {
        **arms[0],
        "worlds": len(asked),
        "months": months,
        "loose": arms[1],
        "paired": paired(*heads),
        "tightening": squeeze,
        "overrides": {},
    }


@pytest.mark.parametrize(
    ("asked", "loose", "sentence"),
    [
        (
            "s" * 9,
            "s" * 9,
            "When funding tightens, the machine neither falls apart nor stands on its own in any of 9 worlds: it keeps "
            "spinning on money from outside AI. With loose money and the same luck it does neither either.",
        ),
        (
            "sssttr",
            "llllll",
            "When funding tightens, the machine neither falls apart nor stands on its own in any of 6 worlds: it keeps "
            "spinning on money from outside AI (3), stalls (2) or lives on because a core firm is rescued (1). "
            "With loose money and the same luck it holds up in all 6 worlds.",
        ),
        (
            "ccc",
            "sss",
            "When funding tightens, the machine falls apart in all 3 worlds: a core firm defaults and the chip "
            "vendor's revenue halves. With loose money and the same luck it does neither. "
            "The tightening is to blame for every fall.",
        ),
        (
            "ccch",
            "cccs",
            "When funding tightens, the machine falls apart in all 4 worlds: collapse (a core firm defaults and the "
            "chip vendor's revenue halves) in 3 and hard landing in 1. With loose money and the same luck it falls "
            "apart in 3 and holds up in none. The tightening is to blame for 1 of the 4 falls.",
        ),
        (
            "ccs",
            "ccc",
            "When funding tightens, the machine falls apart in 2 of 3 worlds and holds up in none; in the other it "
            "keeps spinning on money from outside AI. With loose money and the same luck it falls apart in all 3 worlds. The "
            "tightening is to blame for none of the 2 falls, and saves 1 world that loose money lets fall. The "
            "commonest ending is collapse (a core firm defaults and the chip vendor's revenue halves), in 2 worlds.",
        ),
        (
            "css",
            "sss",
            "When funding tightens, the machine falls apart in 1 of 3 worlds and holds up in none; in the other 2 it keeps "
            "spinning on money from outside AI. With loose money and the same luck it does neither. "
            "The tightening is to blame for the fall.",
        ),
        (
            "sss",
            "css",
            "When funding tightens, the machine neither falls apart nor stands on its own in any of 3 worlds: it keeps "
            "spinning on money from outside AI. With loose money and the same luck it falls apart in 1 and holds up in none. "
            "The tightening saves 1 world that loose money lets fall.",
        ),
        (
            "yy",
            "yy",
            "When funding tightens, the machine holds up in both worlds: customers pay for it and revenue hardly "
            "dipped. With loose money and the same luck it holds up in both worlds too.",
        ),
        (
            "c",
            "s",
            "When funding tightens, the machine falls apart in the only world: a core firm defaults and the chip "
            "vendor's revenue halves. With loose money and the same luck it does neither. "
            "The tightening is to blame for the fall.",
        ),
    ],
)
def test_the_sentence_says_what_happened_in_exactly_so_many_worlds(asked, loose, sentence):
    assert screen.answer(summary_of(asked, loose)) == sentence


def test_the_sentence_says_when_a_run_cannot_show_that_the_machine_stands():
    short = screen.answer(summary_of("sss", months=100))
    assert "(the run is too short to show more)" in short
    assert "too short" not in screen.answer(summary_of("sss", months=114))
    calm = summary_of("sss", theta=0.0, within_run=False, months=48)
    assert screen.answer(calm).startswith("Funding does not tighten in this scenario; the machine neither")
    assert "too short" not in screen.answer(calm)
    early = summary_of("sss", within_run=False, months=12)
    assert screen.answer(early).startswith("The run ends before funding tightens; until then the machine neither")


@pytest.mark.parametrize("worlds", [1, 2, 5])
def test_every_combination_of_verdicts_has_its_sentence(worlds):
    import itertools

    for asked in itertools.combinations_with_replacement("cslt", worlds):
        for loose in itertools.combinations_with_replacement("csl", worlds):
            sentence = screen.answer(summary_of("".join(asked), "".join(loose)))
            assert " 0 " not in sentence
            assert "None" not in sentence
            fell = sum(one == "c" for one in asked)
            assert (f"falls apart in {fell} of {worlds} worlds" in sentence) == (0 < fell < worlds)


def test_a_caused_share_that_may_be_zero_is_called_so(perpetuum):
    rings = {"vendor_finance_sum": {"high": 100.0}, "unlocked_per_dollar": {"median": -0.05, "low": -0.3, "high": 0.2}}
    line = unlocked(rings)
    assert (
        line == "each dollar of vendor finance displaced $0.05 from outside the machine "
        "(worlds: from $0.30 displaced to $0.20 brought)"
    )
    assert unlocked({"vendor_finance_sum": {"high": 0.0}}) == "the vendors financed nobody"
    _, out, _ = perpetuum("run", "--worlds", "4", "--set", "vendor_finance.scale=0", "--no-figures")
    assert "worlds 0 % to 0 %: about nothing" in " ".join(out.split())


def test_where_hardly_a_world_is_decided_the_screen_points_on():
    points_on = (
        "To look further, try --ladder (other degrees of tightening) or --set funding.tightening=1 (full tightening)."
    )
    assert screen.hint(summary_of("s" * 20)) == points_on
    assert screen.hint(summary_of("s" * 19 + "c")) == points_on
    assert screen.hint(summary_of("s" * 17 + "ccc")) == ""
    tried = summary_of("sss") | {"overrides": {"funding.tightening": 0.7}}
    assert screen.hint(tried).endswith("--set demand.strength=0.5 (weaker demand).")
    tried = summary_of("sss") | {"overrides": {"funding.tightening": 0.7, "demand.strength": 0.7}}
    assert "--set" not in screen.hint(tried)
    assert screen.hint(tried | {"ladder": []}) == ""
    assert screen.hint(summary_of("sss", theta=0.0, within_run=False)).endswith("(other degrees of tightening).")
    assert "--months 114" in screen.hint(summary_of("sss", months=100))


# --- 80 columns ---------------------------------------------------------------------------------------------


def spread(value):
    return {"median": value, "low": value, "high": value}


def whole_summary(share, low, high, *, within_run=True, name="leveraged_cloud", amount=-123456.0):
    """A summary in which every share is the same, every money the same, and one firm goes first."""
    one = {"share": share, "low": low, "high": high}
    arm = {
        "outcomes": dict.fromkeys(CLASSES, one),
        "headlines": dict.fromkeys(HEADLINES, one),
        "first_dominoes": [
            {
                **one,
                "name": name,
                "date": "2028-11-01",
                "early": "2028-10-01",
                "late": "2028-12-01",
                "then_falls_apart": share,
            },
            {"name": "", "share": share},
        ],
        "reckoning": {f"gain:firm_{k}": spread(amount) for k in range(6)}
        | {f"remains:{what}": spread(amount) for what in ("usable_gw", "unfinished_gw", "capability", "rent_per_hour")}
        | {f"exit:{what}": spread(12.0) for what in ("best_month", "best", "at_tightening", "at_end")},
    }
    rings = ("own_money_share", "own_money_share_low", "own_money_share_high", "in_system_share", "non_customer_share")
    fates = {
        "odds": {"month": 119, "date": "2035-09-01", **dict.fromkeys(("fallen", "alone", "smaller", "spinning"), one)},
        "life_lost": {"months": 12.34, "low": -1.2, "high": 101.0},
    }
    rungs = [
        {"theta": k / 5, "rate_bp": 300, "spread_bp": 1500, "venture_lost": 1.0, "first_domino": name, **arm, **fates}
        for k in range(6)
    ]
    return {
        **summary_of("c" * 4, within_run=within_run, theta=0.6 if within_run else 0.0),
        **arm,
        "preset": "ono_2025",
        "seed": 1,
        "first_month": "2025-10-01",
        "loose": arm,
        "paired": dict.fromkeys(PAIRS, one),
        "threshold_sensitivity": {"drawdown": {"lower": dict.fromkeys(HEADLINES, share)}},
        "circularity": {ring: spread(share) for ring in (*rings, "caused_share")}
        | {"unlocked_per_dollar": {"median": -1.0, "low": -12.34, "high": 12.34}, "vendor_finance_sum": spread(100.0)},
        "paid_with": {"customers": 0.5, "other_customers": 0.5},
        "ladder": rungs,
        "history": [{"name": name, "theta": 0.6} for name in ("2000-02", "2008", "2022")],
        "ensemble": readings_of([4] * 8 + [2] * 4)["ensemble"],
    }


def printed(summary, width=80):
    console = Console(width=width, file=io.StringIO(), legacy_windows=False)
    screen.show(summary, console, ["fans.png"], "results/a-folder-with-a-name-that-is-longer-than-one-line-of-the-screen-is")
    return console.file.getvalue()


@pytest.mark.parametrize("within_run", [True, False])
@pytest.mark.parametrize(
    ("share", "low", "high", "cell"),
    [
        (1.0, 0.963, 1.0, "100 % (96–100)"),
        (1.0, 0.9998, 1.0, "100 % (100)"),
        (0.0, 0.0, 0.037, "0 % (0–4)"),
        (0.0001, 0.00002, 0.0006, "<1 % (0)"),
        (0.5, 0.4, 0.6, "50 % (40–60)"),
    ],
)
def test_nothing_is_cut_at_80_columns(share, low, high, cell, within_run):
    out = printed(whole_summary(share, low, high, within_run=within_run))
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    # Pairs and verdicts of both arms, or the verdicts alone; and six rungs.
    assert out.count(cell) == (4 + 3 + 3 if within_run else 3) + 6


def test_a_firm_with_a_long_name_is_wrapped_and_not_cut():
    name = "the_second_largest_cloud_of_the_northern_hemisphere_and_its_many_subsidiaries"
    out = printed(whole_summary(1.0, 0.963, 1.0, name=name))
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    for word in name.split("_"):
        assert word in out
    assert out.count("100 % (96–100)") == 16


def test_a_number_stays_beside_its_unit():
    for width in range(80, 97):
        lines = [line.strip() for line in printed(whole_summary(1.0, 0.963, 1.0), width).splitlines()]
        assert not [line for line in lines if line.startswith(("% ", "%,", "%)", "bp", "GW"))], width


def test_without_tightening_there_are_no_twins_on_the_screen():
    out = printed(whole_summary(0.5, 0.4, 0.6, within_run=False))
    assert "How does it end?" in out
    for words in ("to blame", "same luck twice", "fell anyway", "as asked", "(loose"):
        assert words not in out, words
    assert out.count("nothing tightens") == 1


# --- other readings of the parameters -----------------------------------------------------------------------


def readings_of(falls, holds=None):
    """Twelve cells in which so many of four worlds fall as asked and none do with loose money."""
    cells = []
    holds = holds or [0] * 12
    names = [reading for reading, _ in all_readings({name: p.default for name, p in PARAMETERS.items()})]
    for reading, fall, hold in zip(names, falls, holds, strict=True):
        rest = ["undecided"] * (4 - fall - hold)
        asked = np.array(["falls_apart"] * fall + ["holds_up"] * hold + rest)
        cells.append(Reading(reading, {}, {"asked": asked, "loose": np.array(["undecided"] * 4)}))
    return {"tightening": {"within_run": True}, "ensemble": summarise_readings(cells)}


@pytest.mark.parametrize(
    ("falls", "holds", "words"),
    [
        (
            [0, 0, 2, 1] + [0] * 8,
            None,
            "falls apart 0–50 % as asked, 0 % loose, most with weak demand, fast depreciation and thin vendor finance",
        ),
        (
            [4] * 8 + [2] * 4,
            None,
            "falls apart 50–100 % as asked, 0 % loose, most with weak or unchanged demand; holds up in",
        ),
        (
            [0] * 11 + [1],
            [0] * 8 + [3] * 3 + [2],
            "falls apart 0–25 % as asked, 0 % loose, most with strong demand, fast depreciation and ample vendor finance; "
            "holds up 0–75 % as asked, 0 % loose, most with strong demand",
        ),
        ([0] * 12, None, "falls apart in none, holds up in none"),
        ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], None, "0 % loose, most with weak or strong demand"),
        ([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1], None, "0 % loose, most in 4 of them alike"),
        ([1] * 12, None, "falls apart 25 % as asked, 0 % loose"),
        ([0] * 12, [0] * 11 + [1], "falls apart in none; holds up 0–25 % as asked, 0 % loose, most with strong demand"),
    ],
)
def test_the_line_on_other_readings_gives_the_range_and_where_it_is_worst(falls, holds, words):
    line = read_otherwise(readings_of(falls, holds))
    assert line.startswith("over 12 other readings of demand, depreciation and vendor finance (4 worlds each): ")
    assert words in line


# --- the headline of the fan chart --------------------------------------------------------------------------


def fan_title(asked, loose, *, within_run=True):
    """Headline for medians of 48 months, the first half calm and alike."""
    import types

    def months(last):
        return np.tile(np.array([10.0] * 24 + list(np.linspace(10.0, last[0], 12)) + [last[1]] * 12), (3, 1))

    first = datetime.date(2025, 10, 1)
    arms = {name: types.SimpleNamespace(drawn={"vendor_revenue": months(one)}) for name, one in
            (("asked", asked), ("loose", loose))}  # fmt: skip
    answer = types.SimpleNamespace(asked=arms["asked"], arms=arms, dates=[first])
    return draw._fan_title(answer, {"tightening": {"within_run": within_run, "start_month": 24}})


def test_the_fan_charts_headline_compares_the_same_months():
    assert fan_title((5, 10), (10, 10)) == (
        "Tight money takes up to 50 % off the chip vendors' revenue, most in 2028; at the end it is back"
    )
    assert fan_title((5, 12), (10, 10)).endswith("most in 2028; by the end it is 20 % higher than with loose money")
    assert fan_title((5, 8), (10, 10)).endswith("most in 2028; at the end it is still 20 % short")
    assert fan_title((8, 5), (10, 10)).endswith("takes up to 50 % off the chip vendors' revenue, most in 2028")
    assert fan_title((10, 12), (10, 10)) == "Tight money adds up to 20 % to the chip vendors' revenue, most in 2028"
    assert fan_title((9.8, 10.3), (10, 10)).startswith("Tight money hardly touches")
    assert fan_title((0, 0), (0, 0)).startswith("Tight money hardly touches")
    assert fan_title((9, 5), (10, 10), within_run=False).startswith("The chip vendors' revenue ends 50 % below today's")


@pytest.mark.parametrize(
    ("asked", "loose", "headline"),
    [
        (
            "sss",
            "sss",
            "Tight money or loose, the machine neither falls apart nor stands on its own in any of 3 worlds",
        ),
        (
            "sss",
            "sll",
            "Tight money or loose, the machine falls apart in none of 3 worlds; "
            "it holds up in none when money is tight, in 2 when it is loose",
        ),
        ("ccc", "sss", "The machine falls apart in all 3 worlds when funding tightens, in none when it stays loose"),
        ("ssc", "scc", "The machine falls apart in 1 of 3 worlds when funding tightens, in 2 when it stays loose"),
    ],
)
def test_the_headline_of_the_outcomes_counts_worlds(asked, loose, headline):
    assert draw._outcome_title(summary_of(asked, loose)) == headline


@pytest.mark.parametrize(
    ("fell", "headline"),
    [
        ((0, 0, 0), "However far funding tightens, the machine falls apart in none of 20 worlds"),
        ((0, 0, 3), "Only the tightest money brings the machine down, in 3 of 20 worlds"),
        ((0, 5, 20), "The machine falls apart in no world below a tightening of 0.5 and in all 20 worlds at 1"),
        ((1, 0, 9), "The machine falls apart in 1 of 20 worlds with loose money and in 9 of 20 worlds with the tightest"),
        ((0, 1, 0), "The machine falls apart in no world below a tightening of 0.5 and in none of 20 worlds at 1"),
    ],
)
def test_the_headline_of_the_ladder_says_from_which_degree_on_the_machine_falls(fell, headline):
    rungs = [{"theta": k / 2, "odds": {"fallen": {"share": worlds / 20}}} for k, worlds in enumerate(fell)]
    assert ladder_title({"worlds": 20, "ladder": rungs}) == headline


# --- the language -------------------------------------------------------------------------------------------


def test_lang_zh_prints_the_whole_screen_in_chinese_and_only_for_that_command(perpetuum):
    short = ("run", "--worlds", "3", "--months", "40", "--ladder", "--no-figures")
    _, chinese, _ = perpetuum(*short, "--lang", "zh")
    _, english, _ = perpetuum(*short)
    left = set(re.findall(r"[A-Za-z_]{2,}", chinese.replace("perpetuum", "")))
    assert left <= {"ono_", "AI", "GPU", "GW", "results", "set", "funding", "tightening", "months", "ladder"}, left
    assert "崩塌" in chinese
    assert english.startswith("ono_2025 · 3 worlds · 40 months from Oct 2025 · seed 1")
    assert not re.search("[\u4e00-\u9fff]", english)


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
