"""The figures of every kind of study, and `perpetuum plot`."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pytest

from perpetuum.model.observed.states import STATES
from perpetuum.model.scenario import InputError
from perpetuum.runs.commands import cli
from perpetuum.runs.questions.selection import look_at, quantity_of
from perpetuum.runs.study.manifest import of_this_program
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.palette import SHARE_COLOURS
from tests.study_folders import AXES, DEMAND, FORM, THETA, lhs_columns, write_study


def plot(capsys, *arguments):
    code = cli.main(["plot", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def words_in(svg):
    """All words of a figure in one line."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", svg.read_text()))


# --- every kind of study, through the command -------------------------------------------------------------------


KINDS = {
    "phase": ([DEMAND, THETA], (), ["phase-fallen-demand.strength-funding.tightening"]),
    "phase of a metric": ([DEMAND, THETA], ("--metric", "drawdown"), ["phase-drawdown-demand.strength-funding.tightening"]),
    "phase of a state": ([DEMAND, THETA], ("--metric", "smaller"), ["phase-smaller-demand.strength-funding.tightening"]),
    "curve": ([THETA], (), ["curves-fallen-funding.tightening"]),
    "curve of a month": ([THETA], ("--metric", "first_default_month"), ["curves-first_default_month-funding.tightening"]),
    "words": ([FORM], (), ["points-fallen-vendor_finance.instrument"]),
    "words of a metric": ([FORM], ("--metric", "final_revenue"), ["points-final_revenue-vendor_finance.instrument"]),
    "two words": ([FORM, "vendor_finance.tied"], (), ["points-fallen-vendor_finance.instrument-vendor_finance.tied"]),
    "number and words": ([THETA, FORM], (), ["curves-fallen-funding.tightening-vendor_finance.instrument"]),
    "three numbers": (
        [DEMAND, THETA, "vendor_finance.scale"],
        (),
        [f"{kind}-fallen-demand.strength-funding.tightening-vendor_finance.scale" for kind in ("phase", "endings")],
    ),
    "two numbers and words": (
        [DEMAND, FORM, THETA],
        ("--metric", "core_rescued"),
        ["phase-core_rescued-demand.strength-vendor_finance.instrument-funding.tightening"],
    ),
}


def check_picture(folder, name, title):
    from matplotlib.image import imread

    picture = imread(folder / f"{name}.png")[..., :3]
    assert picture.std() > 0.03
    colours = np.rint(255 * picture.reshape(-1, 3)[::7]).astype(int) @ (1 << 16, 1 << 8, 1)
    assert len(np.unique(colours)) > 20
    drawn = (folder / f"{name}.svg").read_text()
    assert all(word in drawn for word in title.replace("'", "’").split()[:4])


def no_words_leave_the_page(figure):
    from matplotlib.text import Text

    figure.draw_without_rendering()
    renderer, page = figure.canvas.get_renderer(), figure.bbox
    for text in figure.findobj(Text):
        if not text.get_text().strip() or not text.get_visible() or re.fullmatch(r"[\d.,−%$ ]+", text.get_text()):
            continue  # tick labels outside an axis' limits exist but are not drawn
        box = text.get_window_extent(renderer)
        assert box.x0 >= page.x0 - 1, text.get_text()
        assert box.x1 <= page.x1 + 1, text.get_text()
        assert box.y0 >= page.y0 - 1, text.get_text()
        assert box.y1 <= page.y1 + 1, text.get_text()


@pytest.fixture
def checked_pages(monkeypatch):
    save = common.save

    def check_and_save(figure, folder, name):
        no_words_leave_the_page(figure)
        return save(figure, folder, name)

    monkeypatch.setattr(common, "save", check_and_save)


@pytest.mark.usefixtures("checked_pages")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_study_has_its_figures_and_no_words_leave_the_page(kind, tmp_path, capsys):
    names, options, expected = KINDS[kind]
    write_study(tmp_path / "study", names)
    code, out, err = plot(capsys, tmp_path / "study", *options, "--out", tmp_path / "there", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [one["name"] for one in told["figures"]] == expected
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == sorted(
        f for one in told["figures"] for f in one["files"]
    )
    for one in told["figures"]:
        check_picture(tmp_path / "there", one["name"], one["title"])


@pytest.mark.usefixtures("checked_pages")
@pytest.mark.parametrize("options", [(), ("--metric", "drawdown"), ("--over", f"{DEMAND},{THETA}"), ("--over", THETA)])
def test_a_sampled_study_has_a_curve_for_each_parameter_and_says_that_the_others_vary(options, tmp_path, capsys):
    columns, design = lhs_columns()
    write_study(tmp_path / "study", columns=columns, design=design, replicates=4)
    code, out, err = plot(capsys, tmp_path / "study", *options, "--json")
    assert (code, err) == (0, "")
    first, *others = json.loads(out)["figures"]
    check_picture(tmp_path / "study", first["name"], first["title"])
    assert "the others vary too" in words_in(tmp_path / "study" / first["files"][1])
    named = [panel["x"]["name"] for panel in first["panels"]]
    if not options:
        assert set(named) == set(columns)
        assert named[-1] == "clouds.race"  # which does nothing here
    assert len(others) == ("," in (options[1] if options else ""))


@pytest.mark.slow
def test_very_many_cells_are_pixels_in_the_svg(tmp_path, capsys):
    cells = list(itertools.product(np.linspace(0.3, 1.5, 60).tolist(), np.linspace(0, 1, 50).tolist()))
    columns = {DEMAND: [a for a, _ in cells], THETA: [b for _, b in cells]}
    write_study(tmp_path, columns=columns, design={"kind": "cells"}, replicates=2)
    _, out, _ = plot(capsys, tmp_path, "--json")
    (figure,) = json.loads(out)["figures"]
    svg = (tmp_path / figure["files"][1]).read_text()
    assert svg.count("<image") >= 2
    assert svg.count("<path") < 500


def test_numbers_in_json_are_those_of_the_table(tmp_path, capsys):
    table = write_study(tmp_path, [DEMAND, THETA])
    _, out, _ = plot(capsys, tmp_path, "--json")
    (figure,) = json.loads(out)["figures"]
    (drawn,) = figure["surfaces"]
    means = table.assign(fell=table["state"] == "fallen").pivot_table("fell", THETA, DEMAND)
    np.testing.assert_allclose(drawn["share"], means)
    assert figure["x"] == {"name": DEMAND, "levels": AXES[DEMAND]}
    assert np.array(drawn["worlds"]).sum() == len(table)
    assert drawn["half"]


def test_over_chooses_the_axes_and_averages_over_the_rest(tmp_path, capsys):
    table = write_study(tmp_path, list(AXES))
    _, out, _ = plot(capsys, tmp_path, "--over", f"{THETA},{DEMAND}", "--json")
    (figure,) = json.loads(out)["figures"]
    assert (figure["x"]["name"], figure["y"]["name"]) == (THETA, DEMAND)
    means = table.assign(fell=table["state"] == "fallen").pivot_table("fell", DEMAND, THETA)
    np.testing.assert_allclose(figure["surfaces"][0]["share"], means)
    words = words_in(tmp_path / figure["files"][1])
    assert "Averaged over" in words
    assert "vendor_finance.scale" in words


def test_fix_takes_the_slice_and_says_so(tmp_path, capsys):
    table = write_study(tmp_path, [DEMAND, THETA, FORM])
    _, out, _ = plot(capsys, tmp_path, "--fix", f"{FORM}=loan", "--fix", f"{DEMAND}=0.40", "--json")
    (figure,) = json.loads(out)["figures"]
    here = table[(table[FORM] == "loan") & (table[DEMAND] == 0.4)]
    shares = here.assign(fell=here["state"] == "fallen").groupby(THETA)["fell"].mean()
    np.testing.assert_allclose(figure["panels"][0]["lines"]["fallen"]["middle"], shares)
    words = words_in(tmp_path / figure["files"][1])
    assert f"{FORM} = loan" in words
    assert f"{len(here)} are shown" in words


def test_failed_worlds_are_left_out_and_counted_in_the_footer(tmp_path, capsys):
    def spoil(table):
        table.loc[[3, 70, 71], "error"] = "OverdraftError in month 7"
        table.loc[[3, 70, 71], ["outcome", "state"]] = ""

    table = write_study(tmp_path, [DEMAND, THETA], spoil=spoil)
    _, out, _ = plot(capsys, tmp_path, "--json")
    (figure,) = json.loads(out)["figures"]
    assert np.array(figure["surfaces"][0]["worlds"]).sum() == len(table) - 3
    assert "3 worlds failed and are left out." in words_in(tmp_path / figure["files"][1])
    assert "half_between" in figure["surfaces"][0]


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["fallen", "drawdown"])
def test_a_line_is_drawn_only_where_cells_differ_by_more_than_chance(metric, tmp_path, capsys):
    """A coin in every cell crosses one half somewhere, and means nothing; worlds that a parameter decides do."""

    def toss(table):
        table["state"] = np.where(np.random.default_rng(2).random(len(table)) < 0.5, "fallen", "spinning")

    def decide(table):
        table["state"] = np.where(table[THETA] > 0.45, "fallen", "spinning")

    lines, noted = {}, {}
    for how in (toss, decide):
        folder = tmp_path / how.__name__
        write_study(folder, [DEMAND, THETA], spoil=how)
        _, out, _ = plot(capsys, folder, "--metric", metric, "--json")
        figure = json.loads(out)["figures"][0]
        lines[how] = figure["surfaces"][0]["half" if metric == "fallen" else "half_fallen"]
        noted[how] = "No line where half of the worlds have fallen can be told from chance" in words_in(
            folder / figure["files"][1]
        )
    assert lines[decide]
    assert not noted[decide]
    assert not lines[toss]
    assert noted[toss]


def test_a_study_that_is_not_finished_is_drawn_and_says_so(tmp_path, capsys):
    table = write_study(tmp_path, [DEMAND, THETA])
    (tmp_path / "parts").mkdir()
    table.iloc[:100].to_parquet(tmp_path / "parts" / "worlds-000000000-000000100.parquet")
    (tmp_path / "worlds.parquet").unlink()
    code, out, _ = plot(capsys, tmp_path, "--json")
    assert code == 0
    assert f"not finished: 100 of {len(table)} worlds" in words_in(tmp_path / json.loads(out)["figures"][0]["files"][1])


def test_listed_cells_that_fill_a_grid_are_a_grid(tmp_path):
    cells = list(itertools.product(AXES[DEMAND], AXES[THETA]))
    columns = {DEMAND: [a for a, _ in cells], THETA: [b for _, b in cells]}
    write_study(tmp_path / "full", columns=columns, design={"kind": "cells"})
    assert not look_at(tmp_path / "full").sampled
    write_study(
        tmp_path / "holes", columns={name: column[:-3] for name, column in columns.items()}, design={"kind": "cells"}
    )
    assert look_at(tmp_path / "holes").sampled


def test_curves_show_the_state_asked_for_and_those_that_any_world_is_in(tmp_path, capsys):
    table = write_study(tmp_path, [THETA])
    assert set(table["state"]) == {"fallen", "spinning"}
    for metric, drawn in (("fallen", {"fallen", "spinning"}), ("smaller", {"fallen", "spinning", "smaller"})):
        _, out, _ = plot(capsys, tmp_path, "--json", "--metric", metric)
        (figure,) = json.loads(out)["figures"]
        assert set(figure["panels"][0]["lines"]) == drawn


def test_states_and_metrics_can_be_drawn():
    columns = ["world", "replicate", "seed", THETA, "outcome", "state", "first_domino", "drawdown", "error"]
    for name in STATES:
        quantity = quantity_of(name, columns, [THETA])
        assert quantity.marked
        assert quantity.name in SHARE_COLOURS
    assert not quantity_of("drawdown", columns, [THETA]).marked
    for name in ("world", THETA, "error", "first_domino"):
        with pytest.raises(InputError, match="unknown metric"):
            quantity_of(name, columns, [THETA])


def test_a_real_sweep_is_drawn(tmp_path, capsys):
    study = (
        "--vary",
        f"{THETA}=0,1",
        "--vary",
        f"{FORM}=equity,lease",
        "--replicates",
        "2",
        "--months",
        "3",
        "--workers",
        "1",
    )
    assert cli.main(["sweep", *study, "--out", str(tmp_path / "study")]) == 0
    capsys.readouterr()
    code, out, err = plot(capsys, tmp_path / "study")
    assert (code, err) == (0, "")
    assert out.startswith("No world has fallen")
    check_picture(tmp_path / "study", f"curves-fallen-{THETA}-{FORM}", "No world has fallen")
    # The study can still be continued: its folder is taken for the same study.
    assert cli.main(["sweep", *study, "--out", str(tmp_path / "study")]) == 0


def test_a_study_whose_preset_is_gone_is_drawn_without_its_notes(tmp_path, capsys):
    write_study(tmp_path, [DEMAND, THETA])
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["study"]["preset"] = "/gone/mine.toml"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    code, out, err = plot(capsys, tmp_path, "--json")
    assert (code, err) == (0, "")
    words = words_in(tmp_path / json.loads(out)["figures"][0]["files"][1])
    assert "preset mine;" in words
    assert "2008" not in words


# --- what can be wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "does not exist"),
        (("empty",), "holds no study"),
        (("run",), r"holds a run, not a study: its figures are there already \(fans.png\)"),
        (("answer",), r"holds the answer of `perpetuum tip`, not a study: run it again without --no-figures"),
        (("study", "--metric", "drawdwn"), "did you mean 'drawdown'"),
        (("study", "--over", "demand.strenght"), "did you mean 'demand.strength'"),
        (("study", "--over", "clouds.race"), "does not vary in this study: it varies"),
        (("study", "--over", ","), "names separated by commas"),
        (("study", "--over", "demand.strength", "--fix", "demand.strength=0.4"), "both an axis and fixed"),
        (("study", "--fix", "demand.strength"), "--fix takes NAME=VALUE"),
        (("study", "--fix", "demand.strength=0.5"), "it has 0.4, 0.7, 1, 1.3; the nearest is 0.4"),
        (("study", "--fix", "vendor_finance.instrument=lease"), "it has equity, loan"),
        (("study",), "at most three varied parameters, and here 5 vary .* --fix vendor_finance.instrument=VALUE"),
        (("study", "--over", ",".join([*AXES][:4])), "at most three parameters"),
        (("small", "--fix", "funding.tightening=1"), "nothing varies here"),
        (("broken",), "all 8 worlds .* failed"),
        (("small", "--out", "file"), "cannot write to"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path / "study", list(AXES), replicates=1)
    write_study(tmp_path / "small", [THETA])

    def spoil(table):
        table["error"] = "BooksBreachError in month 1"

    write_study(tmp_path / "broken", columns={THETA: [0.0]}, design={"kind": "cells"}, spoil=spoil)
    (tmp_path / "empty").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text(json.dumps({**of_this_program(), "arms": {}}))
    (tmp_path / "run" / "fans.png").touch()
    (tmp_path / "answer").mkdir()
    (tmp_path / "answer" / "manifest.json").write_text(json.dumps({**of_this_program(), "kind": "tip"}))
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    code, out, err = plot(capsys, *arguments)
    assert (code, out) == (2, "")
    assert re.search(words, err), err
    assert err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_figure_that_cannot_be_drawn_leaves_no_folder(tmp_path, monkeypatch, capsys):
    write_study(tmp_path / "study", [THETA])

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(common, "save", fail)
    code, _, err = plot(capsys, tmp_path / "study", "--out", tmp_path / "new" / "there")
    assert code == 2
    assert "no space left" in err
    assert not (tmp_path / "new").exists()
