"""Who is to blame: the switches, the shares that are played for, the figure and the command."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.runs.questions import autopsy
from perpetuum.runs.questions.mechanism_switches import SWITCHES, USUAL, choose
from perpetuum.runs.questions.payoffs import PAYOFFS
from perpetuum.runs.screen import autopsy as screen
from tests.plain import OFF, PLAIN

# --- switches -----------------------------------------------------------------------------------------------


def test_the_eight_switches_are_those_of_the_question():
    assert USUAL == (
        "vendor_equity",
        "vendor_credit",
        "leverage",
        "venture_chasing",
        "talk",
        "hoarding",
        "race",
        "precommitment",
    )
    assert {"cloud_equity", "lock_in", "rescue", "wealth_effect"} <= set(SWITCHES) - set(USUAL)


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_moves_parameters_of_the_registry_to_allowed_values(name):
    for off in SWITCHES[name].offs:
        PARAMETERS[off.parameter].check(off.value, "")
        assert all(choice in PARAMETERS[other].choices for other, choices in off.where.items() for choice in choices)


def test_every_usual_switch_has_something_to_switch_off_in_the_usual_scenario():
    scenario = Scenario(preset="ono_2025")
    assert all(SWITCHES[name].off_in(scenario) for name in USUAL)


def test_the_programme_belongs_to_the_switch_of_its_instrument():
    as_shares, as_loans = (
        Scenario(preset="ono_2025", overrides={"vendor_finance.instrument": instrument}) for instrument in ("equity", "loan")
    )
    equity, credit = SWITCHES["vendor_equity"], SWITCHES["vendor_credit"]
    assert "vendor_finance.limit" in equity.off_in(as_shares)
    assert "vendor_finance.limit" not in credit.off_in(as_shares)
    assert "vendor_finance.limit" in credit.off_in(as_loans)
    assert "vendor_finance.limit" not in equity.off_in(as_loans)


def test_what_is_off_already_is_told_and_not_simulated():
    whole = autopsy.make_game("ono_2025", {"states.hoarding": 0, "vendor_finance.scale": 0})
    assert {switch.name for switch in whole.idle} == {"hoarding", "vendor_equity", "vendor_credit"}
    assert whole.coalitions == 2**5
    assert "states.hoarding" not in whole.varied()


def test_a_parameter_of_two_switches_is_on_only_while_both_are():
    both = autopsy.make_game("ono_2025", only=["vendor_equity"], also=["rescue"], replicates=1)
    rescue_share = both.varied()["vendor_finance.rescue_share"]
    assert rescue_share == [0.0, 0.0, 0.0, both.scenario.values["vendor_finance.rescue_share"]]


def test_everybody_on_is_the_scenario_as_asked_and_replicates_share_their_luck():
    small = autopsy.make_game("ono_2025", {"clouds.race": 0.8}, only=["race", "talk"], replicates=3)
    varied = small.varied()
    assert small.worlds == 12
    assert [switch.name for switch in small.players] == ["talk", "race"]
    assert varied["clouds.race"] == [0.0] * 6 + [0.8] * 6
    drawn = autopsy.make_game("ono_2025", only=["race"], replicates=3).varied()["clouds.race"]
    assert drawn[:3] == [0.0] * 3
    assert len(set(drawn[3:])) == 3  # each world's own draw
    assert varied["narrative.talk_up"] == [0.0] * 3 + [0.25] * 3 + [0.0] * 3 + [0.25] * 3


def test_unknown_switches_and_payoffs_are_told_with_the_nearest_name():
    with pytest.raises(InputError, match="did you mean 'hoarding'"):
        choose(["hoardin"])
    with pytest.raises(InputError, match="did you mean 'drawdown'"):
        autopsy.make_game("ono_2025", payoffs=["drawdwn"])
    with pytest.raises(InputError, match="replicates must be a whole number of at least 1"):
        autopsy.make_game("ono_2025", replicates=0)


class Traces:
    """What a mechanism leaves behind in the books, by switch: summed over months, (worlds,)."""

    def __init__(self, economy):
        self.economy = economy
        self.sums: dict[str, Any] = dict.fromkeys(SWITCHES, 0.0)
        self.hoard = self.hoarded()

    def hoarded(self):
        return sum(state.hoard_gw() for state in self.economy.states)

    def take(self):
        e, sums = self.economy, self.sums
        vendor, margin = e.lead_vendor, e.accounts.number["leveraged"]
        received = {kind: sum(firm.flow(kind) for firm in e.firms) for kind in ("loan_draw", "bond_issue")}
        sums["vendor_equity"] += -vendor.flow("vendor_equity")
        sums["vendor_credit"] += e.ledger.stock("vendor_credit", vendor.account) - vendor.flow("backstop")
        sums["leverage"] += np.maximum(-e.ledger.stock("bank_loans", margin) - e.ledger.cash(margin), 0)
        sums["talk"] += e.narrative.talk
        sums["hoarding"] += np.maximum(self.hoarded() - self.hoard, 0.0)
        sums["race"] += sum(cloud.absorbed() for cloud in e.clouds)
        sums["precommitment"] += sum(lab.milestones for lab in e.labs)
        sums["cloud_equity"] += -sum(cloud.flow("cloud_equity") for cloud in e.clouds)
        sums["cloud_debt"] += received["loan_draw"] + received["bond_issue"]
        rescued = sum(e.distress.rescued_now[lab.account] for lab in e.labs)
        sums["rescue"] += rescued
        sums["support"] += rescued
        self.hoard = self.hoarded()


def test_nothing_of_a_mechanism_is_left_when_it_is_off():
    """Each world has one switch off, the last none: what a mechanism leaves in the books is gone where it is off."""
    from perpetuum.model.economy import Economy

    seen = [name for name in SWITCHES if name not in ("venture_chasing", "lock_in", "wealth_effect")]  # these pay nobody
    squeeze = {**OFF, "demand.strength": 0.4, "funding.tightening": 1.0, "funding.start_month": 22, "funding.ramp_months": 1}
    asked = Scenario(preset=PLAIN, overrides=squeeze)
    moved = [SWITCHES[name].off_in(asked) for name in seen] + [{}]
    overrides = squeeze | {
        name: [one.get(name, asked.values[name]) for one in moved] for name in {name for one in moved for name in one}
    }
    replicates = np.zeros(len(moved), dtype=int)
    economy = Economy(
        Scenario(preset=PLAIN, overrides=overrides, worlds=len(moved), months=50, replicates=replicates, series=())
    )
    traces = Traces(economy)
    for _ in range(50):
        economy.step()
        traces.take()
    for place, name in enumerate(seen):
        assert traces.sums[name][place] == 0, name
        assert traces.sums[name][-1] > 0, name


# --- playing ------------------------------------------------------------------------------------------------


def fake_worlds(effects: dict[str, float], falls: str | None = None, fails: tuple[int, ...] = ()):
    """A stand-in for `run_worlds`: revenue is luck plus the effects of the parameters that are not at zero."""

    def run(preset, *, overrides, varied, replicates, progress=None, **_):
        luck = np.array([np.random.default_rng(r).normal() for r in replicates])
        on = {name: np.array([float(value) != 0 for value in values]) for name, values in varied.items()}
        revenue = 20.0 + luck + sum(effect * on[name] for name, effect in effects.items())
        fell = on[falls] if falls else np.zeros(len(replicates), dtype=bool)
        if progress is not None:
            progress(len(replicates), len(replicates))
        return pd.DataFrame(
            {
                "replicate": list(replicates),
                "state": np.where(fell, "fallen", "spinning"),
                "life": np.where(fell, 50, 120),
                "first_domino": "",
                "peak_revenue": revenue,
                "peak_revenue_month": 60.0,
                "drawdown": 0.1 + 0.01 * luck,
                "drawdown_month": 70.0,
                "core_default_month": np.where(fell, 50.0, -1.0),
                "own_money_share": 0.02,
                "final_revenue": revenue,
                "error": ["" if r not in fails else "OverdraftError in month 3" for r in replicates],
            }
        )

    return run


EFFECTS = {"clouds.race": 5.0, "narrative.talk_up": -2.0, "contracts.precommitment": 0.0}


def played(replicates: int = 8, **options) -> autopsy.Autopsy:
    wanted = autopsy.make_game("ono_2025", only=["race", "talk", "precommitment"], replicates=replicates)
    return autopsy.play(wanted, run=fake_worlds(EFFECTS, **options))


def test_each_switch_gets_its_effect_and_luck_cancels_out():
    names = [switch.name for switch in played().game.players]
    boom = played().blames[0]
    assert boom.payoff.name == "boom"
    for place, effect in enumerate({"race": 5.0, "talk": -2.0, "precommitment": 0.0}[name] for name in names):
        assert boom.shares[place] == pytest.approx([effect] * 3)
    assert boom.everything[2] > boom.everything[1]


def test_the_sum_of_shares_is_shown_against_the_difference():
    summary = autopsy.summarise(played(falls="contracts.precommitment"))
    found = summary["payoffs"]["bust"]
    assert found["as_asked"]["mean"] == 1.0
    assert found["all_off"]["mean"] == 0.0
    assert found["sum_of_shares"] == pytest.approx(1.0)
    assert found["efficiency_gap"] == pytest.approx(0.0, abs=1e-12)
    assert found["shares"]["precommitment"]["shapley"]["mean"] == pytest.approx(1.0)
    assert "8 worlds are too few to tell any switch's share from chance" in autopsy.finding("bust", summary)
    enough = autopsy.summarise(played(replicates=12, falls="contracts.precommitment"))
    assert "take-or-pay commitments (+100 points)" in autopsy.finding("bust", enough)


def test_where_nothing_falls_the_bust_says_so_and_where_to_look():
    summary = autopsy.summarise(played())
    assert "No world falls" in autopsy.finding("bust", summary)
    assert "demand.strength=0.65" in autopsy.finding("bust", summary)
    assert "Every world lives through all the months judged" in autopsy.finding("life", summary)


def test_a_replicate_that_fails_in_a_coalition_leaves_all_of_them():
    result = played(fails=(2,))
    assert result.failed == 1
    assert 2 not in result.kept
    assert result.blames[0].shares[0, 1] == pytest.approx(result.blames[0].shares[0, 2])
    with pytest.raises(InputError, match="every replicate failed"):
        played(fails=tuple(range(8)))


def test_tables_have_a_row_for_each_player_and_each_coalition_and_replicate():
    result = played()
    shares, worlds = autopsy.shapley_table(result), autopsy.coalitions_table(result)
    assert len(shares) == 3 * 3
    assert (shares["shapley_low"] <= shares["shapley"] + 1e-9).all()
    assert len(worlds) == 8 * 8
    assert worlds[worlds["coalition"] == 7][["race", "talk", "precommitment"]].all(axis=None)


def test_amounts_are_written_with_their_units():
    assert PAYOFFS["bust"].amount(0.5) == "50 %"
    assert PAYOFFS["bust"].amount(-0.031, signed=True) == "−3.1 points"
    assert PAYOFFS["bust"].amount(0.0001, signed=True) == "under +0.1 points"
    assert PAYOFFS["life"].amount(7.04, signed=True) == "+7.04 months"
    assert PAYOFFS["boom"].amount(8.94, signed=True) == "+$8.9bn a month"
    assert PAYOFFS["boom"].amounts([-12.5, 3.0, 0.0], signed=True) == [
        "−$12.5bn a month",
        "+$3.0bn a month",
        "$0.0bn a month",
    ]
    assert PAYOFFS["bust"].amounts([0.5, -1e-9], signed=True) == ["+50 points", "0 points"]  # nothing has no sign


def test_numbers_beside_each_other_have_as_many_decimals():
    assert PAYOFFS["life"].amounts([46.26, 49.0]) == ["46.3 months", "49.0 months"]
    assert PAYOFFS["life"].amounts([48.0, 48.0]) == ["48 months", "48 months"]
    assert PAYOFFS["bust"].amounts([0.159, 0.017], signed=True) == ["+16 points", "+2 points"]
    assert PAYOFFS["drawdown"].amounts([0.019, 0.41]) == ["2 %", "41 %"]
    assert PAYOFFS["own_money"].amounts([0.010, 0.016]) == ["1.0 %", "1.6 %"]
    assert PAYOFFS["boom"].amounts([11.4, 9.96]) == ["$11.4bn a month", "$10.0bn a month"]
    assert PAYOFFS["boom"].amounts([-0.884, 0.43], signed=True) == ["−$0.884bn a month", "+$0.430bn a month"]
    assert PAYOFFS["boom"].changes([17.96, 2.88, -0.02]) == ["+18.0", "+2.9", "0"]
    assert PAYOFFS["bust"].changes([0.174, 0.0004]) == ["+17.4", "0"]


# --- the figure and the command -----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_figure_names_its_finding_and_draws_a_bar_for_each_switch(tmp_path):
    from matplotlib import pyplot as plt

    from perpetuum.visualization.figures import autopsy as autopsy_figures

    summary = autopsy.summarise(played(falls="contracts.precommitment"))
    figure = autopsy_figures.blame(summary, title="A finding", source="Source: a test")
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert sum(len(axis.patches) for axis in figure.axes) == 3 * 3
    assert {"Boom", "Bust", "Life", "Take-or-pay commitments"} <= set(texts)
    plt.close(figure)
    assert autopsy_figures.draw(summary, tmp_path) == ["autopsy.png", "autopsy.svg"]
    words = (tmp_path / "autopsy.svg").read_text(encoding="utf-8")
    assert "Who is to blame: 8 worlds are too few to tell" in words
    assert autopsy_figures.draw(summary | {"worlds": 40, "overrides": {"demand.strength": 0.7}}, tmp_path)
    words = (tmp_path / "autopsy.svg").read_text(encoding="utf-8")
    assert "The bust is owed more to take-or-pay" in words
    assert "preset ono_2025, demand.strength = 0.7;" in words
    assert "preset ono_2025, demand.strength = 0.7; 8 coalitions" in words


def test_the_figure_of_a_bust_that_nobody_caused_says_so_in_its_place(tmp_path):
    from perpetuum.visualization.figures import autopsy as autopsy_figures

    autopsy_figures.draw(autopsy.summarise(played()), tmp_path)
    words = (tmp_path / "autopsy.svg").read_text(encoding="utf-8")
    assert "No world falls, whatever is switched off" in words


@pytest.mark.slow
def test_autopsy_of_the_real_economy_ends_with_shares_a_story_and_files(capsys, tmp_path, monkeypatch):
    from perpetuum.runs.commands import cli

    monkeypatch.chdir(tmp_path)
    options = ["--switch", "hoarding", "--switch", "vendor_equity", "--months", "14", "--worlds", "3", "--workers", "1"]
    assert cli.main(["autopsy", *options, "--out", "a", "--payoff", "drawdown"]) == 0
    out, _ = capsys.readouterr()
    assert "No world falls" in out
    assert "States' hoards of chips" in out
    files = {file.name for file in (tmp_path / "a").iterdir()}
    assert {"summary.json", "shapley.parquet", "coalitions.parquet", "story.json", "story.txt"} <= files
    assert {"autopsy.png", "autopsy.svg", "manifest.json"} <= files
    summary = json.loads((tmp_path / "a" / "summary.json").read_text(encoding="utf-8"))
    boom = summary["payoffs"]["boom"]
    assert boom["shares"]["hoarding"]["shapley"]["mean"] > 0
    assert boom["sum_of_shares"] == pytest.approx(boom["difference"]["mean"])
    worlds = pd.read_parquet(tmp_path / "a" / "coalitions.parquet")
    assert len(worlds) == 4 * 3
    assert list(summary["payoffs"]) == ["boom", "bust", "life", "drawdown"]


@pytest.mark.slow
def test_everybody_on_equals_the_scenario_simulated_alone():
    from perpetuum.runs.study.batches import run_worlds

    overrides = {"demand.strength": 0.8}
    small = autopsy.make_game("ono_2025", overrides, only=["hoarding", "race"], replicates=2, months=8)
    result = autopsy.play(small)
    alone = run_worlds("ono_2025", overrides=overrides, varied={}, replicates=[0, 1], months=8, draws=True)
    assert result.worlds["peak_revenue"].tail(2).tolist() == alone["peak_revenue"].tolist()
    assert result.worlds["peak_revenue"].head(2).tolist() != alone["peak_revenue"].tolist()


@pytest.mark.slow
def test_an_economy_without_buyers_of_used_chips_has_an_autopsy_too():
    small = autopsy.make_game("triangle", only=["precommitment"], replicates=1)
    assert autopsy.play(small).failed == 0


def test_a_wrong_autopsy_is_told_in_a_sentence_and_leaves_nothing(capsys, tmp_path, monkeypatch):
    from perpetuum.runs.commands import cli

    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["--switch", "hoardin"],
        ["--payoff", "gloom"],
        ["--worlds", "0"],
        ["--world", "-1"],
        ["--set", "x=1"],
    ):
        assert cli.main(["autopsy", *arguments]) == 2
        _, err = capsys.readouterr()
        assert err.startswith("perpetuum: ")
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_switches_are_listed_with_what_is_off_and_why(capsys):
    from perpetuum.runs.commands import cli

    assert cli.main(["autopsy", "--switches", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == list(SWITCHES)
    assert cli.main(["autopsy", "--switches"]) == 0
    assert "states.hoarding=0" in capsys.readouterr().out


def told_below(found):
    """What stands below the shares of a payoff."""
    console = Console(width=200, file=io.StringIO())
    console.print(screen._sum(PAYOFFS["boom"], found))
    return console.file.getvalue()


def test_what_chance_would_bring_in_many_intervals_is_not_counted_for_one():
    summary = autopsy.summarise(played(replicates=12))
    found = summary["payoffs"]["boom"]
    many = told_below(found)
    assert "Of 3 intervals 0.2 would leave zero out by chance alone" in many
    one = {**found, "shares": dict(list(found["shares"].items())[:1])}
    assert "intervals" not in told_below(one)
