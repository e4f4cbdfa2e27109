"""The creditor's question: odds of default and breach by date, expected loss per dollar lent, as numbers and on the screen."""

from __future__ import annotations

import datetime
import io

import numpy as np
import pytest
from rich.console import Console

from perpetuum.model.observed.firm_defaults import CREDITORS
from perpetuum.model.observed.outcome import wilson
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.questions.payoffs import PAYOFFS, check_firms
from perpetuum.runs.questions.selection import quantity_of
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.creditors import creditors
from perpetuum.runs.study.creditors import ends, firms, mean_loss

NAMES = ("neocloud", "lead_lab")
DATES = [datetime.date(2025 + (9 + m) // 12, (9 + m) % 12 + 1, 1) for m in range(30)]  # Oct 2025 to Mar 2028


def told(**columns: list[list[float]]) -> dict[str, np.ndarray]:
    """What becomes of two firms in four worlds: nothing, but for what is said."""
    nothing, never = np.zeros((2, 4)), np.full((2, 4), -1)
    found = {
        **{f"{what}_{name}": nothing for name in CREDITORS for what in ("owed", "recovered", "shares")},
        **dict.fromkeys(("debt_today", "guaranteed", "breach_months"), nothing),
        "share_price_later": nothing + 1.0,
        **dict.fromkeys(("default_month", "first_breach_month"), never),
    }
    return found | {name: np.array(values) for name, values in columns.items()}


def test_odds_are_told_by_the_ends_of_years_and_by_the_last_month():
    assert [DATES[month].isoformat() for month in ends(DATES)] == ["2026-12-01", "2028-03-01"]
    assert ends(DATES[:15]) == [14]  # December 2026 is the last month
    assert ends([]) == []


def test_expected_loss_is_over_all_worlds_and_null_where_nothing_is_owed():
    """Owed 8 and 4 in two of four worlds, of which 6 and 1 come back: losses of 1/4, 3/4, 0 and 0."""
    found = firms(
        NAMES,
        told(
            debt_today=[[5, 5, 5, 5], [0, 0, 0, 0]],
            default_month=[[14, 15, -1, -1], [-1, -1, -1, -1]],
            first_breach_month=[[0, 0, 0, 29], [-1, -1, -1, -1]],
            owed_secured=[[8, 4, 0, 0], [0] * 4],
            recovered_secured=[[6, 1, 0, 0], [0] * 4],
            guaranteed=[[3, 0, 0, 0], [0] * 4],
        ),
        {"neocloud"},
        DATES,
    )
    cloud, lab = found["neocloud"], found["lead_lab"]
    assert cloud["debt_today"] == 5
    assert cloud["loss"]["share"] == 0.25
    assert {date: one["share"] for date, one in cloud["default"].items()} == {"2026-12-01": 0.25, "2028-03-01": 0.5}
    assert {date: one["share"] for date, one in cloud["breach"].items()} == {"2026-12-01": 0.75, "2028-03-01": 1.0}
    assert cloud["recovered"] == {
        "secured": 7 / 12,
        "unsecured": None,
        "vendor": None,
        "guaranteed": 3 / 12,
        "shares_later": 0.0,
    }
    assert lab["loss"] is None
    assert lab["breach"] is None
    assert lab["default"]["2028-03-01"] == {"share": 0.0, "low": 0.0, "high": wilson(0, 4)[1]}


def test_shares_count_in_a_loss_of_their_own_and_are_told_below_the_table():
    """Owed 8 and 4, of which 6 and 1 come back in money and 2 and 2 in shares, which fetch half and twice as much a year on.

    1 of the 2 that were lost, and all 3: losses of 1/8, 0, 0 and 0.
    """
    columns = {
        "debt_today": [[5] * 4, [0] * 4],
        "default_month": [[14, 15, -1, -1], [-1] * 4],
        "owed_secured": [[8, 4, 0, 0], [0] * 4],
        "recovered_secured": [[6, 1, 0, 0], [0] * 4],
        "shares_secured": [[2, 2, 0, 0], [0] * 4],
        "share_price_later": [[0.5, 2.0, np.nan, np.nan], [np.nan] * 4],
        "shares_trade": [[9, 9, 0, 0], [0] * 4],
    }
    found = firms(NAMES, told(**columns), {"neocloud"}, DATES)
    assert found["neocloud"]["loss"]["share"] == 0.25
    assert found["neocloud"]["loss_after_shares"]["share"] == 1 / 32
    assert found["neocloud"]["recovered"]["shares_later"] == 4 / 12
    assert found["lead_lab"]["loss_after_shares"] is None
    summary = {"firms": found, "worlds": 4, "months": 30}
    text = " ".join(printed(summary).split())
    assert "; and shares that fetch 33 % of all lent eleven months later: with these 3 % (" in text
    assert "另得股份，十一个月后可卖得全部借款的33%" in printed(summary, language="zh").replace(" ", "").replace("\n", "")
    of_before = {key: value for key, value in found["neocloud"].items() if key != "loss_after_shares"}
    of_before["recovered"] = {key: value for key, value in of_before["recovered"].items() if key != "shares_later"} | {
        "shares": 0.9
    }
    assert "shares" not in printed({**summary, "firms": {"neocloud": of_before}})


def test_a_loss_that_no_world_has_seen_is_still_bounded_by_how_few_worlds_there_are():
    assert mean_loss(np.zeros(100)) == {"share": 0.0, "low": 0.0, "high": wilson(0, 100)[1]}
    assert mean_loss(np.full(3, np.nan)) is None
    seen = mean_loss(np.array([0.5, 0.0, np.nan]))
    assert seen["share"] == 0.25
    assert seen["low"] < 0.25 < seen["high"]


# --- on the screen --------------------------------------------------------------------------------------------------


def printed(summary, width=80, language="en"):
    """The table as it stands on the screen."""
    console = Console(file=io.StringIO(), width=width)
    with speaking(language):
        layout.show(console, creditors({"first_month": "2025-10-01", **summary}))
    return console.file.getvalue()


def in_breach_from_the_start():
    """Nobody defaults, and the neocloud is in breach in every world from the first month."""
    columns = {
        "debt_today": [[15] * 4, [0] * 4],
        "first_breach_month": [[0] * 4, [-1] * 4],
        "breach_months": [[29] * 4, [0] * 4],
    }
    return {"months": 30, "worlds": 4, "firms": firms(NAMES, told(**columns), {"neocloud"}, DATES)}


def test_a_breach_in_every_world_is_shown_though_nobody_defaults():
    text = printed(in_breach_from_the_start())
    row = next(line for line in text.splitlines() if line.strip().startswith("the neocloud"))
    assert "0 / 0" in row
    assert "100 / 100" in row
    assert "29 months of 30" in text
    assert "owes nothing in Oct 2025, and never defaults" in text


def test_what_lenders_get_back_stands_beside_the_number_of_worlds_that_it_is_of():
    columns = {"default_month": [[3, -1, 9, -1], [-1] * 4], "owed_secured": [[10.0, 0, 10.0, 0], [0] * 4]}
    columns |= {"recovered_secured": [[8.0, 0, 10.0, 0], [0] * 4], "debt_today": [[15] * 4, [0] * 4]}
    text = printed({"months": 30, "worlds": 4, "firms": firms(NAMES, told(**columns), {"neocloud"}, DATES)})
    assert "default of the neocloud (2 worlds): lenders get 90 % of secured loans" in " ".join(text.split())


def test_where_nobody_owes_or_defaults_that_is_said():
    text = printed({"months": 30, "worlds": 4, "firms": firms(NAMES, told(), {"neocloud"}, DATES)})
    assert "none of 2 firms owes anything in Oct 2025" in text


def test_where_nothing_is_judged_there_is_no_table():
    assert printed({"months": 0, "worlds": 4, "firms": firms(NAMES, told(), {"neocloud"}, [])}).strip() == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_is_cut_nowhere_at_80_columns(language):
    dates = [datetime.date(2025 + (9 + m) // 12, (9 + m) % 12 + 1, 1) for m in range(120)]
    names = ("leveraged_cloud", "neocloud", "lead_lab")
    every = {name: np.concatenate([values, values[:1]]) for name, values in told().items()}
    every |= {"debt_today": np.full((3, 4), 9.0), "default_month": np.zeros((3, 4)), "first_breach_month": np.zeros((3, 4))}
    every |= {"owed_unsecured": np.full((3, 4), 9.0), "guaranteed": np.full((3, 4), 1.0)}
    text = printed({"months": 120, "worlds": 4, "firms": firms(names, every, set(names[:2]), dates)}, language=language)
    assert "…" not in text
    assert text.count("100 / 100 / 100 / 100") == 5
    assert text.count("100") >= 3 * 5 + 5


# --- measures of studies --------------------------------------------------------------------------------------------


def test_defaults_and_losses_of_firms_are_measures_with_words_and_units():
    import pandas as pd

    worlds = pd.DataFrame({"default:neocloud": [3.0, -1.0], "loss:neocloud": [0.5, 0.0]})
    columns = [*worlds.columns, "state"]
    month = quantity_of("default:neocloud", columns, ())
    assert month.of(worlds)[0] == 3
    assert np.isnan(month.of(worlds)[1])
    assert quantity_of("loss:neocloud", columns, ()).of(worlds).tolist() == [0.5, 0.0]
    assert PAYOFFS["default:neocloud"].of(worlds).tolist() == [1.0, 0.0]
    assert PAYOFFS["loss:neocloud"].of(worlds).tolist() == [0.5, 0.0]
    assert say.metric("loss:neocloud") == ("Loss per dollar lent to the neocloud", "share")
    assert "the neocloud" in PAYOFFS["default:neocloud"].label
    with pytest.raises(KeyError):
        PAYOFFS["boom:neocloud"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("default:neoclod", "did you mean 'default:neocloud'"), ("loss:lead_lab", "nothing to lose"), ("loss", "no firm")],
)
def test_a_measure_of_a_firm_that_there_is_not_or_that_owes_nothing_is_refused(name, told):
    with pytest.raises(InputError, match=told):
        check_firms([name], Scenario())


def test_studies_hold_the_measures_of_every_firm():
    from perpetuum.runs.study.batches import run_worlds

    table = run_worlds(
        overrides={"demand.strength": 0.5}, varied={"funding.tightening": [0.0, 1.0]}, replicates=[0, 0], months=3
    )
    firms_of = {agent.id for agent in Scenario().definition.agents if agent.role in ("vendor", "cloud", "lab")}
    for kind in ("default", "loss"):
        assert {name.partition(":")[2] for name in table.columns if name.startswith(f"{kind}:")} == firms_of
    assert (table["default:neocloud"] == -1).all()
    assert (table["loss:neocloud"] == 0).all()
    assert table["loss:lead_lab"].isna().all()
