"""Which parameters matter: the plan, a study of a model that is known, the figures and the command."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError, load_preset
from perpetuum.runs.commands.sensitivity import read_over
from perpetuum.runs.questions import sensitivity
from perpetuum.runs.questions.sensitivity import make_plan, metric_of, study
from perpetuum.runs.questions.sensitivity_report import finding, morris_table, settled, sobol_table, summarise

# --- the plan -----------------------------------------------------------------------------------------------


def test_what_the_preset_calls_unknown_is_varied_over_its_ranges_except_what_is_set():
    plan = make_plan("ono_2025", {"demand.strength": "0.8"})
    unknowns = {one.name: one for one in load_preset("ono_2025").unknowns}
    assert set(plan.ranges) == set(unknowns) - {"demand.strength"}
    assert plan.ranges["growth.pull"] == f"{unknowns['growth.pull'].low!r}:{unknowns['growth.pull'].high!r}"
    assert plan.overrides == {"demand.strength": 0.8}
    assert plan.metrics[0].name == "life"


def test_a_preset_without_unknowns_has_the_levers_of_the_registry_varied():
    plan = make_plan("triangle", {"demand.strength": "0.8"})
    levers = {name for name, parameter in PARAMETERS.items() if parameter.lever}
    assert set(plan.ranges) == levers - {"demand.strength"}
    assert plan.ranges["states.hoarding"] == "0:5"
    assert plan.ranges["vendor_finance.instrument"] == ["equity", "loan", "lease", "guarantee"]
    assert plan.ranges["vendor_finance.tied"] == [False, True]
    assert plan.overrides == {"demand.strength": 0.8}


def test_all_means_whatever_may_differ_from_world_to_world():
    plan = make_plan("ono_2025", everything=True)
    assert set(plan.ranges) == {name for name, parameter in PARAMETERS.items() if not parameter.structural}


def test_ranges_and_names_are_read_as_written():
    read = read_over(["clouds.race,states.hoarding", "demand.strength=0.5:1.5", "vendor_finance.instrument=equity,loan"])
    assert read == {
        "clouds.race": None,
        "states.hoarding": None,
        "demand.strength": "0.5:1.5",
        "vendor_finance.instrument": "equity,loan",
    }
    plan = make_plan("ono_2025", over=read)
    assert plan.ranges["clouds.race"] == "0.25:0.75"  # the preset's table
    assert plan.ranges["states.hoarding"] == "0:5"  # the registry
    assert plan.ranges["demand.strength"] == "0.5:1.5"
    assert not plan.screens


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"over": {"clouds.rac": None}}, "clouds.race"),
        ({"over": {"demand.strength": "0.5:9"}}, "from 0.1 to 8"),
        ({"over": {"demand.strength": "1:1"}}, "empty range"),
        ({"over": {"demand.strength": None}, "overrides": {"demand.strength": 1}}, "both set and varied"),
        ({"metrics": ["drawdwn"]}, "did you mean 'drawdown'"),
        ({"metrics": ["core_default_month"]}, "unknown metric"),
        ({"samples": 100}, "power of two"),
        ({"samples": 4}, "power of two"),
        ({"samples": 2**40}, "a study has at most 1,000,000"),
        ({"samples": 2**16, "replicates": 10**6}, "worlds in all, and a study has at most"),
        ({"trajectories": 0}, "trajectories"),
        ({"replicates": 0}, "replicates"),
    ],
)
def test_bad_input_is_told_before_anything_is_simulated(options, words):
    with pytest.raises(InputError, match=words):
        make_plan("ono_2025", **options)


def test_metrics_are_payoffs_or_columns_of_the_table_of_worlds():
    assert metric_of("bust").unit == "share"
    assert metric_of("reckoning:remains:usable_gw").unit == "GW"
    table = pd.DataFrame({"reckoning:remains:usable_gw": [3.0, 4.0]})
    assert metric_of("reckoning:remains:usable_gw").of(table).tolist() == [3.0, 4.0]
    assert make_plan("ono_2025", metrics=["fallen", "bust"]).metrics == (metric_of("bust"),)


# --- a study of a model that is known -----------------------------------------------------------------------


def known_worlds(preset, *, overrides, varied, replicates, progress=None, **_):
    """A stand-in for `run_worlds`: drawdown follows race and hoarding and the instrument, nothing ever falls."""
    luck = np.array([np.random.default_rng(r).normal() for r in replicates])
    drawdown = 0.01 * luck
    for name, weight in {"clouds.race": 0.3, "states.hoarding": 0.02}.items():
        drawdown = drawdown + weight * np.asarray(varied.get(name, np.zeros(len(replicates))), dtype=float)
    if "vendor_finance.instrument" in varied:
        drawdown = drawdown + 0.1 * (np.asarray(varied["vendor_finance.instrument"]) == "loan")
    if progress is not None:
        progress(len(replicates), len(replicates))
    return pd.DataFrame({"drawdown": drawdown, "state": "spinning", "error": "", "replicate": list(replicates)})


LEVERS = {name: None for name, parameter in PARAMETERS.items() if parameter.lever} | {"clouds.race": "0:1"}


def known(**options):
    wanted = {"over": LEVERS, "metrics": ["drawdown", "bust"], "samples": 128, "replicates": 2, "survivors": 3, **options}
    return make_plan("ono_2025", **wanted)


def test_screening_finds_what_matters_and_sobol_shares_it_out():
    told = []
    answer = study(known(), run=known_worlds, progress=lambda done, total: told.append((done, total)))
    assert set(answer.kept) == {"clouds.race", "states.hoarding", "vendor_finance.instrument"}
    last = dict(zip(answer.kept, answer.sobol["drawdown"][-1].first, strict=True))
    # Variances: 0.3²/12, 0.1²/12 (0.02 x 5 wide), and 0.1² x 1/4 x 3/4.
    parts = np.array([0.09 / 12, 0.01 / 12, 0.01 * 3 / 16])
    names = ("clouds.race", "states.hoarding", "vendor_finance.instrument")
    assert [last[name] for name in names] == pytest.approx(parts / parts.sum(), abs=0.05)
    assert told[-1] == (answer.plan.worlds, answer.plan.worlds)


def test_few_parameters_need_no_screening():
    answer = study(known(over={"clouds.race": None, "states.hoarding": "0:1"}), run=known_worlds)
    assert not answer.screening
    assert answer.kept == ("clouds.race", "states.hoarding")
    assert summarise(answer)["screened"] == 0


def test_a_metric_without_variance_is_told_in_words():
    answer = study(known(), run=known_worlds)
    bust = summarise(answer)["metrics"]["bust"]
    assert "0 % everywhere" in finding("bust", summarise(answer))
    assert bust["sobol"] == {}
    assert bust["convergence"] is None
    json.dumps(bust, allow_nan=False)


def test_where_nothing_matters_no_parameter_survives():
    answer = study(known(metrics=["bust"]), run=known_worlds)
    assert answer.kept == ()
    assert "no parameter makes any difference" in finding("bust", summarise(answer))
    assert sobol_table(answer).empty


def test_findings_say_plainly_when_the_sample_was_too_small():
    plan = known(samples=8)
    answer = study(plan, run=known_worlds)
    told = finding("drawdown", summarise(answer))
    assert told.startswith("Drawdown: 8 samples cannot tell what it most depends on. It ranges from")
    assert "--samples 16" in settled("drawdown", summarise(answer))


@pytest.mark.slow
def test_no_parameter_is_named_whose_index_cannot_be_told_from_zero(tmp_path):
    from perpetuum.visualization.figures import sensitivity as sensitivity_figures

    summary = summarise(study(known(), run=known_worlds))
    assert "and on the form of vendor finance" in finding("drawdown", summary)
    indices = summary["metrics"]["drawdown"]["sobol"]
    indices["vendor_finance.instrument"]["ST"] |= {"low": -0.1}
    told = finding("drawdown", summary)
    assert "the form of vendor finance" not in told
    assert "most depends on the clouds' race" in told
    indices["clouds.race"]["ST"] |= {"low": -0.1}
    assert finding("drawdown", summary).startswith("Drawdown: 128 samples cannot tell what it most depends on. It ranges")
    sensitivity_figures.draw(summary, tmp_path)
    assert "128 samples cannot tell what matters most" in (tmp_path / "sensitivity.svg").read_text(encoding="utf-8")


def test_what_it_most_depends_on_is_named_only_where_its_interval_lies_above_all_others(tmp_path):
    from perpetuum.visualization.figures import sensitivity as sensitivity_figures

    summary = summarise(study(known(), run=known_worlds))
    indices = summary["metrics"]["drawdown"]["sobol"]
    indices["vendor_finance.instrument"]["ST"] |= {"high": indices["clouds.race"]["ST"]["low"] + 0.01}
    told = finding("drawdown", summary)
    assert "most depends" not in told
    assert "depends on the clouds' race (total index" in told
    assert "; on which most, 128 samples cannot tell" in told
    for name in ("vendor_finance.instrument", "states.hoarding"):
        indices[name]["ST"] |= {"low": -0.1}
    assert "; whether most on that, 128 samples cannot tell" in finding("drawdown", summary)
    sensitivity_figures.draw(summary, tmp_path)
    assert "What matters most" not in (tmp_path / "sensitivity.svg").read_text(encoding="utf-8")


def test_tables_hold_every_parameter_metric_and_size_of_the_sample():
    answer = study(known(), run=known_worlds)
    assert len(morris_table(answer)) == 2 * len(answer.names)
    table = sobol_table(answer)
    assert sorted(table["samples"].unique()) == [32, 64, 128]
    assert len(table) == 2 * 3 * 3


def test_points_whose_worlds_failed_are_counted():
    def failing(*arguments, **options):
        table = known_worlds(*arguments, **options)
        table.loc[0, ["drawdown", "error"]] = [np.nan, "OverdraftError in month 3"]
        return table

    answer = study(known(), run=failing)
    assert answer.failed == 2
    assert answer.sobol["drawdown"][-1].samples == 127


# --- the figures and the command ----------------------------------------------------------------------------


@pytest.mark.slow
def test_figures_rank_the_indices_and_show_how_they_settled(tmp_path):
    from perpetuum.visualization.figures import sensitivity as sensitivity_figures

    summary = summarise(study(known(), run=known_worlds))
    assert sensitivity_figures.draw(summary, tmp_path) == [
        "screening.png",
        "screening.svg",
        "sensitivity.png",
        "sensitivity.svg",
    ]
    words = (tmp_path / "sensitivity.svg").read_text(encoding="utf-8")
    assert "ST as the sample grows" in words
    assert "1  The clouds’ race" in words
    assert "0 % everywhere" in words


@pytest.mark.slow
def test_sensitivity_of_the_real_economy_ends_with_indices_and_files(capsys, tmp_path, monkeypatch):
    from perpetuum.runs.commands import cli

    monkeypatch.chdir(tmp_path)
    options = ["--over", "states.hoarding=0:5", "--over", "clouds.race", "--metric", "boom", "--metric", "bust"]
    size = ["--samples", "8", "--replicates", "1", "--months", "10", "--workers", "1", "--out", "s"]
    assert cli.main(["sensitivity", *options, *size]) == 0
    out, _ = capsys.readouterr()
    assert "states.hoarding" in out
    assert "0 % everywhere" in out
    assert "Too few samples" in out
    files = {file.name for file in (tmp_path / "s").iterdir()}
    assert {
        "summary.json",
        "morris.parquet",
        "sobol.parquet",
        "sensitivity.png",
        "sensitivity.svg",
        "manifest.json",
    } == files
    summary = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["metrics"]["boom"]["sobol"]) == {"states.hoarding", "clouds.race"}
    assert summary["ranges"]["states.hoarding"] == "0:5"


@pytest.mark.slow
def test_the_same_study_gives_the_same_indices():
    small = make_plan("ono_2025", over={"states.hoarding": None}, metrics=["boom"], samples=8, replicates=1, months=4)
    first, second = (study(small).sobol["boom"][-1] for _ in range(2))
    assert first.total.tolist() == second.total.tolist()
    assert first.total_half.tolist() == second.total_half.tolist()
    assert sensitivity.make_plan("ono_2025", seed=2, samples=8).seed == 2


def test_a_wrong_sensitivity_study_is_told_in_a_sentence(capsys, tmp_path, monkeypatch):
    from perpetuum.runs.commands import cli

    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["--over", "clouds.rac"],
        ["--over", "clouds.race", "--all"],
        ["--over", "clouds.race,"],
        ["--over", "clouds.race", "--over", "clouds.race=0:0.5"],
        ["--samples", "100"],
        ["--metric", "gloom"],
    ):
        assert cli.main(["sensitivity", *arguments]) == 2
        _, err = capsys.readouterr()
        assert err.startswith("perpetuum: ")
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("over", ["demand.strength=1", "vendor_finance.instrument=loan", "demand.strength=1:1"])
def test_a_range_of_one_value_is_refused(perpetuum, over):
    code, _, err = perpetuum("sensitivity", "--over", over, "--out", "there")
    assert (code, err.count("\n")) == (2, 1)
    assert f"set it with --set {over.partition(':')[0]}" in err
