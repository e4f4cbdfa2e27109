"""The report: its numbers are the folder's, it asks for nothing outside itself, and it tells only of the world that is there."""

from __future__ import annotations

import json
import re
import shlex
import shutil

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.words.speech import Words, speaking
from perpetuum.runs.commands import cli
from perpetuum.runs.questions.causal_story import Choice
from perpetuum.runs.questions.reported_folder import read_folder
from perpetuum.runs.questions.watched_world import watch
from perpetuum.runs.screen.html import html_of as html_of_part
from perpetuum.runs.screen.layout import Paragraph
from perpetuum.runs.screen.report import document_of
from perpetuum.visualization.figures.layout import has_face
from perpetuum.visualization.report import Chapter, Document, html_of, pictures
from tests.fakes import Elsewhere
from tests.study_folders import DEMAND, THETA, write_study

#: A small run with a map: a year and some months are judged.
SMALL = ("run", "triangle", "--worlds", "3", "--months", "16", "--set", "funding.tightening=1", "--no-figures")
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a small run, with its report."""
    folder = tmp_path_factory.mktemp("run") / "there"
    assert cli.main([*SMALL, "--report", "--out", str(folder)]) == 0
    return folder


def data_of(text):
    """What the script of a report is given."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL).group(1))


def report_of(folder, tmp_path, *words):
    """The report of a folder, written elsewhere."""
    target = tmp_path / "told.html"
    assert cli.main(["report", str(folder), "--out", str(target), *words]) == 0
    return target.read_text(encoding="utf-8")


def summary_of(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_run_writes_its_report_and_names_it_in_the_manifest(run):
    assert (run / "report.html").is_file()
    assert "report.html" in json.loads((run / "manifest.json").read_text())["files"]


def test_the_numbers_of_a_report_are_those_of_the_summary(run):
    text, summary, words = (run / "report.html").read_text(encoding="utf-8"), summary_of(run), Words("en")
    last = summary["odds"]["asked"][-1]
    row = [words.month(last["date"]), *(words.interval(last[name]) for name in ("fallen", "alone", "smaller", "spinning"))]
    cells = re.search(rf"<tr><td>{row[0]}</td>(.*?)</tr>\n</tbody>", text, re.DOTALL).group(1)
    assert [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells)] == row[1:]
    for name in ("own_money_share", "non_customer_share"):
        assert f">{words.share(summary['circularity'][name]['median'])}<" in text, name
    drawn, found = data_of(text)["map"], summary["life_lost_map"]
    assert drawn["tables"][0] == [
        [value if value is None else round(value, 1) for value in line] for line in found["months"]
    ]
    assert len(drawn["tables"]) == 1 + found["worlds"] == len(drawn["names"])


def test_the_worlds_of_a_map_are_those_that_its_mean_is_of(run):
    found = summary_of(run)["life_lost_map"]
    by_world = np.array(found["by_world"], dtype=float)
    assert by_world.shape == (3, len(found["starts"]), len(found["strengths"]))
    assert (~np.isnan(by_world)).sum(axis=0).tolist() == found["pairs"]
    np.testing.assert_allclose(np.nanmean(by_world, axis=0), np.array(found["months"], dtype=float))


def test_a_months_ring_is_what_was_paid_in_that_month_alone():
    watched = watch("triangle", {}, Choice(0), months=5)
    yearly = watch("triangle", {}, Choice(0), months=5).flows
    assert len(watched.flows) == len(watched.states) == 5
    paid = [sum(month["clouds", "vendors"].values()) for month in watched.flows]
    assert watched.flows == yearly
    # With nothing in kind and no credit, what clouds pay vendors is these vendors' revenue or less.
    assert all(0 < one <= revenue * 1.0001 for one, revenue in zip(paid, watched.revenue, strict=True))


def test_a_report_asks_for_nothing_outside_itself_and_is_small(run):
    text = (run / "report.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"' )<]+", text)) <= NAMESPACES
    asked = re.findall(r'(?:src|href)="([^"]*)"', text) + re.findall(r"url\(([^)]*)\)", text)
    assert asked
    assert [one[:40] for one in asked if not one.startswith(("#", "data:image/png;base64,"))] == []
    assert not re.search(r"@import|<link|<iframe|fetch\(|XMLHttp|<img", text)
    assert "default-src 'none'" in text
    assert len(text.encode()) < 5_000_000


def test_a_report_has_its_pieces_and_each_figures_names_are_its_own(run):
    text = (run / "report.html").read_text(encoding="utf-8")
    chapters = re.findall(r'<section id="(\w+)"', text)
    assert chapters == ["answer", "figures", "ring", "map", "story", "tables", "made"]
    assert {*re.findall(r'data-figure="(\w+)"', text)} >= {"states", "fans", "money_ring", "who_funds_the_machine"}
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert "<metadata" not in text
    command = json.loads((run / "manifest.json").read_text())["command"]
    assert str(escape(shlex.join(command))) in text
    ring = data_of(text)["ring"]
    assert len(ring["months"]) == 16
    assert sum(len(month["bands"]) for month in ring["months"]) > 16


@pytest.mark.slow
def test_a_report_in_chinese_is_in_chinese(run, tmp_path):
    text = report_of(run, tmp_path, "--lang", "zh")
    assert '<html lang="zh-Hans">' in text
    for words in ("答案", "资金环：逐月", "一个世界的故事", "如何得出"):
        assert words in text
    told = re.sub(r"<(script|style|svg|details)\b.*?</\1>|<[^>]+>", "", text, flags=re.DOTALL)
    english = set(re.findall(r"[A-Za-z]+", told))
    assert not english & {"worlds", "month", "fallen", "answer", "Figures", "share", "the", "vendor"}
    assert data_of(text)["map"]["tables"] == data_of((run / "report.html").read_text(encoding="utf-8"))["map"]["tables"]


def test_a_report_made_by_two_processes_is_that_made_by_one(run):
    read, second = read_folder(run), Elsewhere()
    with speaking("zh"):
        alone, both = (html_of(document_of(read, one)) for one in (None, second))
    assert second.asked
    assert both == alone


@pytest.mark.slow
def test_a_world_that_is_not_the_folders_is_not_told_of(run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run, other)
    series = pd.read_parquet(other / "series.parquet")
    series["vendor_revenue"] *= 1.01
    series.to_parquet(other / "series.parquet")
    text = report_of(other, tmp_path)
    assert "is not the one that stands in the folder" in text
    assert "ring" not in data_of(text)
    assert "is not the one" not in (run / "report.html").read_text(encoding="utf-8")


def test_a_report_lists_switches_as_they_are_typed(tmp_path):
    asked = {"vendor_finance.tied": "false", "states.export_control": "true", "demand.strength": "0.70000001"}
    settings = [word for name, value in asked.items() for word in ("--set", f"{name}={value}")]
    small = (
        "--worlds",
        "1",
        "--months",
        "2",
        "--no-figures",
        "--no-side-studies",
        "--report",
        "--out",
        str(tmp_path / "there"),
    )
    assert cli.main(["run", "triangle", *settings, *small]) == 0
    text = (tmp_path / "there" / "report.html").read_text(encoding="utf-8")
    for name, value in asked.items():
        told = re.findall(rf'<td>{re.escape(name)}</td><td class="right">([^<]*)</td>', text)
        assert told[0] == value, name
        assert PARAMETERS[name].kind != "bool" or set(told) == {value}, name


@pytest.mark.slow
def test_another_world_can_be_told_of(run, tmp_path):
    assert "World 2, as asked for." in report_of(run, tmp_path, "--world", "2")


@pytest.mark.slow
def test_the_report_of_a_study_has_its_figures_and_the_world_only_where_it_is_the_same(tmp_path):
    write_study(tmp_path / "made_up", (DEMAND, THETA))
    text = report_of(tmp_path / "made_up", tmp_path)
    assert "data-figure=" in text
    assert "is not the one that stands in the folder" in text  # made up, and never simulated
    small = ("--replicates", "1", "--months", "4", "--out", str(tmp_path / "true"))
    assert cli.main(["sweep", "triangle", "--vary", f"{THETA}=0,1", *small]) == 0
    assert data_of(report_of(tmp_path / "true", tmp_path))["ring"]["months"]


@pytest.mark.slow
def test_the_report_of_a_map_goes_through_its_worlds(tmp_path):
    small = ("--map", "--starts", "0,3", "--strengths", "0.5,1", "--worlds", "2", "--months", "16", "--no-figures")
    assert cli.main(["tip", "triangle", *small, "--out", str(tmp_path / "map")]) == 0
    text, found = report_of(tmp_path / "map", tmp_path), summary_of(tmp_path / "map")["life_lost_map"]
    tables = data_of(text)["map"]["tables"]
    assert len(tables) == 3
    np.testing.assert_allclose(
        np.nanmean(np.array(tables[1:], dtype=float), axis=0), np.array(found["months"], float), atol=0.06
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        ("autopsy", "--switch", "vendor_equity", "--switch", "vendor_credit", "--worlds", "2", "--no-story"),
        ("sensitivity", "--over", f"{DEMAND}=0.5:1.5", "--samples", "8", "--replicates", "2"),
    ],
    ids=["autopsy", "sensitivity"],
)
def test_whatever_counts_its_worlds_over_many_points_has_a_report_too(tmp_path, question, capsys):
    there = ("--months", "4", "--workers", "1", "--out", str(tmp_path / "there"))
    assert cli.main([question[0], "triangle", *question[1:], *there]) == 0
    text = report_of(tmp_path / "there", tmp_path, "--world", "1")
    assert "World 1, as asked for." in text
    assert data_of(text)["ring"]["months"]
    assert cli.main(["report", str(tmp_path / "there"), "--world", "2", "--out", str(tmp_path / "no.html")]) == 2
    assert "--world takes the number of a world, from 0 to 1, not 2" in capsys.readouterr().err


@pytest.mark.skipif(not has_face("zh"), reason="no typeface with Chinese letters")
@pytest.mark.parametrize(
    ("question", "figure"),
    [
        pytest.param(("--stop", "0"), "stop_test", marks=pytest.mark.slow),
        pytest.param(("--hysteresis", "--over", "vendor_finance.scale"), "hysteresis", marks=pytest.mark.slow),
    ],
    ids=["stop", "hysteresis"],
)
def test_a_tip_s_figure_is_drawn_in_the_report_s_language_and_its_world_was_not_asked_for(tmp_path, question, figure):
    small = ("--worlds", "2", "--months", "26", "--set", "funding.start_month=1", "--workers", "1")
    assert cli.main(["tip", "triangle", *question, *small, "--out", str(tmp_path / "tip")]) == 0
    english, chinese = (report_of(tmp_path / "tip", tmp_path, "--lang", language) for language in ("en", "zh"))
    drawn = [re.search(rf'data-figure="{figure}".*?</svg>', text, re.DOTALL).group() for text in (english, chinese)]
    assert drawn[0] != drawn[1]
    assert "World 0, the first of 2, with the parameters as asked." in english
    assert "2个世界中的第一个" in chinese
    assert "as asked for" not in english


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "'nowhere' does not exist: report takes the folder of a run or a study"),
        (("file",), "'file' is a file: report takes the folder of a run or a study"),
        (("empty",), "'empty' holds neither a run nor a study: it has no manifest.json of perpetuum"),
        (
            ("made_up", "--out", "gone/report.html"),
            "--out takes a file to write, and 'gone/report.html' is a folder or lies in none",
        ),
    ],
)
def test_what_is_no_run_is_refused_in_a_sentence(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    write_study(tmp_path / "made_up", (DEMAND,))
    assert cli.main(["report", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("file", ["summary.json", "manifest.json"])
@pytest.mark.parametrize(
    "change", [lambda told: {}, lambda told: told | {"worlds": "x"}, lambda told: dict.fromkeys(told, 5)]
)
def test_a_folder_whose_files_somebody_has_edited_is_refused_in_a_sentence(run, tmp_path, capsys, file, change):
    shutil.copytree(run, tmp_path / "run")
    told = json.loads((tmp_path / "run" / file).read_text(encoding="utf-8"))
    about = {name: told[name] for name in ("program", "format", "arms") if name in told}
    (tmp_path / "run" / file).write_text(json.dumps(change(told) | about), encoding="utf-8")
    assert cli.main(["report", str(tmp_path / "run"), "--out", str(tmp_path / "told.html")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("perpetuum: ")
    assert not (tmp_path / "told.html").exists()


def test_a_world_that_a_run_does_not_have_is_refused(run, tmp_path, capsys):
    assert cli.main(["report", str(run), "--world", "3", "--out", str(tmp_path / "told.html")]) == 2
    assert "--world takes the number of a world, from 0 to 2, not 3" in capsys.readouterr().err
    assert not (tmp_path / "told.html").exists()


def test_what_users_write_cannot_leave_its_place():
    evil = "</script><script>alert(1)</script>"
    text = html_of(Document(evil, evil, [Chapter("ring", evil, "ring", note=evil, data={"said": evil})]))
    assert "<script>alert" not in text
    assert data_of(text)["ring"]["said"] == evil


def test_pictures_of_others_do_not_act_in_the_page(tmp_path):
    svg = '<svg width="9pt" height="9pt" viewBox="0 0 9 9">{}</svg>'
    ours = '<text x="1">only = on</text><use href="#mark"/><image href="data:image/png;base64,AA"/>'
    (tmp_path / "states.svg").write_text(svg.format(ours), encoding="utf-8")
    for name, inside in (
        ("script", "<script>alert(1)</script>"),
        ("load", '<g onload="alert(1)"/>'),
        ("link", '<a href="javascript:alert(1)">x</a>'),
        ("joined", "<scr<!-- -->ipt>alert(1)</scr<!-- -->ipt>"),
        ("quoted", '<image href="x"onerror="alert(1)"/>'),
        ("hidden", '<g class=">" onload="alert(1)"/>'),
        ("spelt", '<use href="java&#115;cript:alert(1)"/>'),
        ("fetched", '<image href="https://example.org/x.png"/>'),
        ("cut", "<![CDATA[<!-- ]]><script>alert(1)</script><![CDATA[-->]]>"),
        ('a"onload=x ', "<text>x</text>"),
    ):
        (tmp_path / f"{name}.svg").write_text(svg.format(inside), encoding="utf-8")
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "letter.svg").write_bytes(b"\xff\xfe dear")
    told = pictures.of_folder(tmp_path)
    assert len(told) == 1
    assert 'data-figure="states"' in told[0]


def test_a_bar_is_whole_and_a_key_s_mark_stays_with_its_words():
    text = (
        Text("paid with ")
        .append("██", style="#009e73")
        .append("█", style="#0072b2")
        .append("\n")
        .append("■", style="#0072b2")
    )
    told = html_of_part(text.append(" 33 % credit"))
    bar = '<i style="background:#009e73;flex:2"></i><i style="background:#0072b2;flex:1"></i>'
    assert f'paid with <span class="bar">{bar}</span>' in told
    assert '<span style="color:#0072b2">■</span>\u00a033 % credit' in told


def test_on_a_phone_no_line_ends_between_a_number_and_its_unit():
    told = html_of_part(Paragraph("21 % of those in Oct 2035 (loose: 20 %)"))
    assert str(told) == "<p>21\u00a0% of those in Oct\u00a02035 (loose: 20\u00a0%)</p>"
    cells = Table.grid()
    cells.add_row(Paragraph("by 107 GW"))
    assert "107\u00a0GW" in html_of_part(cells)


def test_a_part_of_a_screen_that_has_no_html_is_not_passed_over():
    with pytest.raises(TypeError, match="no HTML for a Panel"):
        html_of_part(Panel("x"))
