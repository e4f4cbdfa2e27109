"""The screen: sentences that say what happened, and nothing cut at 80 columns."""

from __future__ import annotations

import datetime
import io
import re

import pytest
from rich.console import Console

from perpetuum.model.books.payment_kinds import SOURCES as FUNDED_BY
from perpetuum.model.observed.outcome import PAIRS
from perpetuum.model.observed.states import STATES as WORDS
from perpetuum.model.scenario import load_preset
from perpetuum.model.words.speech import speaking
from perpetuum.runs import screen
from perpetuum.runs.screen.circularity import unlocked

# --- the answer in words ------------------------------------------------------------------------------------

#: Readings of each number of the definition.
SIDES = ("lower", "higher", "not_counted", "without_lapses")


def odds_of(fallen, alone, smaller=0.0, months=120):
    """Odds by month, the same in all of them; what is left spins."""
    shares = {"fallen": fallen, "alone": alone, "smaller": smaller, "spinning": 1.0 - fallen - alone - smaller}
    first = datetime.date(2025, 10, 1)
    dates = [datetime.date(2025 + (9 + m) // 12, (9 + m) % 12 + 1, 1) for m in range(months)]
    assert dates[0] == first
    return [
        {
            "month": m,
            "date": day.isoformat(),
            **{name: {"share": x, "low": x / 2, "high": (1 + x) / 2} for name, x in shares.items()},
        }
        for m, day in enumerate(dates)
    ]


def summary_of(fallen=0.1, alone=0.3, smaller=0.0, *, lost=(5.0, 2.0, 9.0), within_run=True, months=120):
    """What the sentence is made from."""
    squeeze = {
        "theta": 0.6 if within_run else 0.0,
        "within_run": within_run,
        "start_month": 24,
        "full_month": 30,
        "easing_month": 78,
        "end_month": 90,
        "start": "2027-10-01",
        "easing": "2032-04-01",
        "end": "2033-04-01",
        "rate_bp": 180,
        "spread_bp": 300,
        "venture_lost": 0.6,
    }
    return {
        "odds": {"asked": odds_of(fallen, alone, smaller, months), "loose": odds_of(fallen / 2, alone, smaller, months)},
        "life_lost": dict(zip(("months", "low", "high"), lost, strict=True)),
        "tightening": squeeze,
        "worlds": 20,
        "months": months,
        "overrides": {},
    }


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        (
            summary_of(),
            "By Sep 2035, 10 % of the worlds have fallen (one of the core firms lead lab, leveraged cloud and chip vendor in "
            "default or rid of a third of its contracts, or chip sales halved); 30 % stand alone on what AI's customers pay, "
            "60 % still spin on money from outside AI. "
            "The tightening costs 5.0 months of life on average, the time until a fall or the run's end (2.0 to 9.0; with loose "
            "money 5 % fall).",
        ),
        (
            summary_of(0.0, 0.5, 0.25, lost=(0.5, -1.0, 2.0)),
            "By Sep 2035, 0 % of the worlds have fallen (one of the core firms lead lab, leveraged cloud and chip vendor in "
            "default or rid of a third of its contracts, or chip sales halved); 50 % stand alone on what AI's customers pay, "
            "25 % are smaller and pay for themselves, 25 % still spin on money from outside AI. "
            "What the tightening costs in months of life cannot be told from nothing (−1.0 to 2.0).",
        ),
        (
            summary_of(0.0, 1.0, lost=(0.0, 0.0, 0.0), months=15),
            "In Dec 2026 each of 20 worlds stands alone on what AI's customers pay. No world falls, with the tightening or "
            "without it.",
        ),
        (
            summary_of(1.0, 0.0, lost=(0.0, 0.0, 0.0), months=15),
            "By Dec 2026 each of 20 worlds has fallen. The tightening costs no world a month of life: every fall comes with "
            "loose money too, in the same month.",
        ),
    ],
)
def test_the_sentence_says_where_the_worlds_stand_and_what_the_tightening_costs(summary, sentence):
    assert screen.answer(summary) == sentence


@pytest.mark.parametrize(
    ("industry", "language", "core"),
    [
        ("ai", "en", "one of the core firms lead lab, leveraged cloud and chip vendor in default"),
        ("telecom", "en", "one of the core firms lead carrier, backbone builder and equipment maker in default"),
        ("ai", "zh", "之一违约"),
        ("telecom", "zh", "之一违约"),
    ],
)
def test_the_sentence_names_the_core_firms_in_the_words_of_the_industry(industry, language, core):
    with speaking(language, industry):
        assert core in screen.answer(summary_of())


def test_a_tightening_that_adds_life_is_called_so_and_one_that_never_comes_too():
    added = (
        "adds 3.0 months of life on average, the time until a fall or the run's end (1.0 to 6.0; with loose money 5 % fall)"
    )
    assert added in screen.answer(summary_of(lost=(-3.0, -6.0, -1.0)))
    assert screen.answer(summary_of(within_run=False)).endswith("Funding does not tighten within the run.")


def test_where_nothing_is_judged_one_sentence_says_so():
    summary = summary_of() | {"odds": {"asked": [], "loose": []}}
    assert screen.answer(summary) == "Nothing is judged: a verdict on a month needs the eleven months after it."


def test_a_caused_share_that_may_be_zero_is_called_so(perpetuum):
    rings = {"vendor_finance_sum": {"high": 100.0}, "unlocked_per_dollar": {"median": -0.05, "low": -0.3, "high": 0.2}}
    line = unlocked(rings, 20)
    assert (
        line == "each dollar of vendor finance displaced $0.05 from outside the machine "
        "(nine worlds in ten: from $0.30 displaced to $0.20 brought: perhaps nothing)"
    )
    nobody = {"vendor_finance_sum": {"high": 0.0}, "unlocked_per_dollar": {"median": 0.0, "low": 0.0, "high": 0.0}}
    assert unlocked(nobody, 20) == "the vendors financed nobody"
    for low, middle, high, told in (
        (0.15, 0.5, 1.8, "brought $0.50 from outside the machine (nine worlds in ten: $0.15 to $1.80 brought)"),
        (-0.3, -0.2, -0.1, "displaced $0.20 from outside the machine (nine worlds in ten: $0.10 to $0.30 displaced)"),
    ):
        rings["unlocked_per_dollar"] = {"median": middle, "low": low, "high": high}
        assert unlocked(rings, 20).endswith(told)
        assert unlocked(rings, 1).endswith("outside the machine")  # the only world has no range
        # Worlds in which the vendors finance nobody do not count as dollars that brought nothing.
        told_of = {19: f"in the 19 worlds with any vendor finance, {unlocked(rings, 20)}", 20: unlocked(rings, 20)}
        assert {n: unlocked(rings | {"unlocked_worlds": n}, 20) for n in told_of} == told_of
        assert unlocked(rings | {"unlocked_worlds": 0}, 20) == "the vendors financed nobody"
    _, out, _ = perpetuum("run", "--worlds", "4", "--set", "vendor_finance.scale=0", "--no-figures", "--full")
    assert "gone without vendor finance (caused) 0 % about nothing the vendors financed nobody" in " ".join(out.split())


# --- 80 columns ---------------------------------------------------------------------------------------------


def spread(value):
    return {"median": value, "low": value, "high": value}


def whole_summary(share, low, high, *, within_run=True, name="leveraged_cloud", amount=-123456.0):
    """A summary in which every share is the same, every money the same, and one firm goes first."""
    one = {"share": share, "low": low, "high": high}
    entries = [entry | dict.fromkeys(("fallen", "alone", "smaller", "spinning"), one) for entry in odds_of(0.0, 0.0)]
    years = [str(year) for year in range(2025, 2036)]
    arm = {
        "outcomes": dict.fromkeys(WORDS, one),
        "first_dominoes": [
            {
                **one,
                "name": name,
                "date": "2028-11-01",
                "early": "2028-10-01",
                "late": "2028-12-01",
                "then_fallen": share,
                "worlds": round(20 * share),
            },
            {"name": "", "share": share},
        ],
        "reckoning": {f"gain:firm_{k}": spread(amount) for k in range(6)}
        | {f"remains:{what}": spread(amount) for what in ("usable_gw", "unfinished_gw", "capability", "rent_per_hour")}
        | {f"exit:{what}": spread(12.0) for what in ("best_month", "best", "at_tightening", "at_end")},
        "gain_odds": {f"firm_{k}": one for k in range(6)},
        "sooner_better": one,
    }
    rings = ("own_money_share", "own_money_share_low", "own_money_share_high", "in_system_share", "non_customer_share")
    lost = {"months": 12.3, "low": -100.0, "high": 100.0}
    points = {"months": -1.0, "low": -1.0, "high": 1.0}
    rungs = [
        {"theta": k / 5, "rate_bp": 300, "spread_bp": 1500, "venture_lost": 1.0, "first_domino": name, **arm}
        | {"odds": entries[-1], "life_lost": lost}
        for k in range(6)
    ]
    hazard = {year: {"rate": share, "low": low, "high": high} for year in years}
    cents = spread(share) | {
        "mean": -12.34 * len((*FUNDED_BY, "cash")),
        "by_source": dict.fromkeys((*FUNDED_BY, "cash"), -12.34),
        "with_own_use": spread(-1.0),
    }
    apart = {"low_third": {"share": 0.1, "low": 0.03, "high": 0.3}, "high_third": {"share": 0.9, "low": 0.7, "high": 0.97}}
    thirds = {third: {"fallen": odds, "alone": odds, "range": [0.1, 1.0]} for third, odds in apart.items()}
    unknowns = [unknown.name for unknown in load_preset("ono_2025").unknowns]
    both = ("asked", "loose")
    by_date = {f"{year}-12-01": one for year in (2026, 2028, 2030, 2035)}
    back = dict.fromkeys(("secured", "unsecured", "vendor", "guaranteed"), share)
    creditors = {
        **dict.fromkeys(("default", "breach"), by_date), "debt_today": 9.0, "breach_months": 29.0, "loss": one, "recovered": back,
    }  # fmt: skip
    return {
        **summary_of(within_run=within_run),
        **arm,
        "preset": "ono_2025",
        "title": "AI industry, October 2025",
        "title_zh": "AI 行业，2025年10月",
        "seed": 1,
        "first_month": "2025-10-01",
        "last_month": "2035-09-01",
        "loose": arm,
        "odds": dict.fromkeys(both, entries) | dict.fromkeys(("weak_demand", "strong_demand"), entries[-1:]),
        "first_passage": {key: {"alone": one} for key in both},
        "rescued": dict.fromkeys(both, one),
        "firms": {firm: creditors for firm in (name, "lead_lab")},
        "hazard": dict.fromkeys(both, hazard),
        "causes": {key: {f"default:{name}": one, "shedding:lead_lab": one, "sales": one} for key in both},
        "outside_cents": {key: {year: cents | {"months": 12} for year in years} for key in both},
        "stop_test": {
            "month": 12.0,
            **spread(12.0),
            "never": one,
            "fallen": one,
            "shedding": one,
            "watched": 60,
            "half_fallen": 31,
        },
        "life_lost_map": {
            "starts": [0, 12, 24],
            "strengths": [1.0],
            "worlds": 12,
            "within": 60,
            "beyond_chance": [[False]] * 3,
            **{part: [[-12.0], [None], [60.0]] for part in ("months", "low", "high")},
        },
        "unknowns": {key: [0.0, 1.0] for key in unknowns},
        "fixed": False,
        "decided_by": {key: {"share": share, "low": 0.01, "high": 1.0} for key in unknowns} | {"luck": one},
        "decided_by_alone": {key: {"share": share, "low": 0.01, "high": 1.0} for key in unknowns},
        "odds_by": dict.fromkeys(unknowns, thirds),
        "demand_moved": {"worlds": 50, "fallen": dict.fromkeys(("weak_demand", "strong_demand"), points)},
        "trust": {"held_against_history": False},
        "paired": dict.fromkeys(PAIRS, one),
        "threshold_sensitivity": {"shed": dict.fromkeys(SIDES, dict.fromkeys(WORDS, share))},
        "growth_held": {key: {"alone": 100, "vanish": one} for key in both},
        "circularity": {ring: spread(share) for ring in (*rings, "caused_share")}
        | {"unlocked_per_dollar": {"median": -1.0, "low": -12.34, "high": 12.34}, "vendor_finance_sum": spread(100.0)},
        "paid_with": {"customers": 0.5, "other_customers": 0.5},
        "ladder": rungs,
        "history": [{"name": name, "theta": 0.6} for name in ("2000-02", "2008", "2022")],
    }


def printed(summary, width=80):
    console = Console(width=width, file=io.StringIO(), legacy_windows=False)
    screen.show(summary, console, ["fans.png"], "results/a-folder-with-a-name-that-is-longer-than-one-line-of-the-screen-is")
    return console.file.getvalue()


def lines_of(summary):
    return " ".join(printed(summary).split())


@pytest.mark.parametrize("within_run", [True, False])
@pytest.mark.parametrize(
    ("share", "low", "high", "cell"),
    [
        (1.0, 0.963, 1.0, "100 % (96–100)"),
        (1.0, 0.9998, 1.0, "100 % (99–100)"),
        (0.9999, 0.9996, 0.99998, ">99 % (99–100)"),
        (0.0, 0.0, 0.037, "0 % (0–4)"),
        (0.0001, 0.00002, 0.0006, "<1 % (0–1)"),
        (0.5, 0.4, 0.6, "50 % (40–60)"),
    ],
)
def test_nothing_is_cut_at_80_columns(share, low, high, cell, within_run):
    out = printed(whole_summary(share, low, high, within_run=within_run))
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert len(set(re.findall(r"[0-9–]+ %", re.findall("95 % intervals, .* spinning [0-9–]+ %", out)[0][5:]))) == 1
    # The intervals of first passages and rescues (where there are any), of three causes, of the losses on two
    # firms, of luck; of those fallen after a stop where there are any, of both arms' worst year, of selling early; of whom the
    # tightening fells and saves, where it does; of who first defaults; and two columns of six rungs.
    more = (share > 0) + (share > 0) * (1 + within_run) + within_run + 1 + 2 * (within_run and share > 0)
    assert re.sub(r"\s+", " ", out).count(cell) == 1 + (share > 0) + 1 + 3 + 2 + more + 12


def test_the_screen_begins_with_the_presets_title_in_its_language():
    def first_lines(summary):
        return [line.strip() for line in printed(summary).splitlines()[:2]]

    summary = whole_summary(1.0, 0.963, 1.0)
    title, asked = first_lines(summary)
    assert title == "AI industry, October 2025"
    assert asked.startswith("ono_2025 · 20 worlds")
    with speaking("zh"):
        assert first_lines(summary)[0] == "AI 行业，2025年10月"
        assert first_lines(summary | {"title_zh": ""})[0] == "AI industry, October 2025"


def test_a_firm_with_a_long_name_is_wrapped_and_not_cut():
    name = "the_second_largest_cloud_of_the_northern_hemisphere_and_its_many_subsidiaries"
    out = printed(whole_summary(1.0, 0.963, 1.0, name=name))
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    for word in name.split("_"):
        assert word in out


def test_a_number_stays_beside_its_unit():
    for width in range(80, 97):
        lines = [line.strip() for line in printed(whole_summary(1.0, 0.963, 1.0), width).splitlines()]
        assert not [line for line in lines if line.startswith(("% ", "%,", "%)", "bp", "GW"))], width


def test_without_tightening_there_are_no_twins_on_the_screen():
    out = printed(whole_summary(0.5, 0.4, 0.6, within_run=False))
    assert "What becomes of it?" in out
    for words in ("loose money", "(loose", "months of life a world"):
        assert words not in out, words
    assert out.count("Funding does not tighten within the run") == 1
