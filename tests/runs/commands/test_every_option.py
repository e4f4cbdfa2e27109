"""Every option of every command reaches the answer: a table of two values each, and of what they make differ.

Economies in outline answer where that will do (`tests.fakes`); nothing is drawn, and all work is done in this process. What
was simulated, and on what, is noted: an option that is only written down, and not used, is found out.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import typer

from perpetuum.runs.commands import cli
from tests.runs.commands.option_answers import STUDIES, Answer, answering
from tests.study_folders import DEMAND, FORM, THETA

COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]

#: A study of sensitivity that does not yet say what is varied.
SCREENED = "--out there --trajectories 2 --samples 8 --replicates 1 --months 30 --metric boom --no-figures"
#: What every call of a command begins with; a row's words follow, and stand in its place where they give the same option.
BASE = {
    "run": "--out there --worlds 2 --months 40 --no-figures --no-side-studies",
    "sweep": f"--out there --vary {THETA}=0,1 --replicates 2 --months 40",
    "plot": "study --out there",
    "report": "study --out there.html",
    "tip": "--out there --worlds 3 --months 50 --resolution 0.25 --no-figures",
    "autopsy": "--out there --worlds 2 --months 4 --no-figures --no-story --switch hoarding",
    "sensitivity": f"{SCREENED} --over {THETA},vendor_finance.scale --survivors 1",
    "compare": "",
    "validate": "",
    "calibrate": "--fit A",
    "app": "",
    "scenarios": "",
    "params": "",
}
#: A short question of the point of no return.
WHEN = "--out there --worlds 2 --months 5 --set funding.start_month=1 --no-figures"
#: A short map of life lost.
MAP = "--out there --map --starts 0,12 --strengths 0.5,1 --worlds 2 --months 40 --no-figures"
#: Short questions of one channel at a time, and of a stop.
CHANNELS = "--out there --channels --starts 0 --worlds 2 --months 40 --no-figures"
STOP = "--out there --stop 0 --worlds 2 --months 40 --no-figures"
#: A short question of the way back.
LOOP = "--out there --worlds 2 --months 24 --set funding.start_month=0 --no-figures"
#: A short question of blame with the story of a world, for which economies in outline will not do.
STORY = "triangle --out there --worlds 2 --months 1 --no-figures --switch hoarding"


@dataclass(frozen=True)
class Row:
    """Words for two values of an option, and what they make differ: `first` and `second` of what is told (None: just differs)."""

    command: str
    option: str
    words: str
    other: str
    told: Callable[[Answer], Any]
    first: Any = None
    second: Any = None
    real: bool = False  # economies in full
    base: str | None = None  # instead of BASE

    def commands(self) -> list[str]:
        """Both whole commands."""
        base = BASE[self.command] if self.base is None else self.base
        return [f"{self.command} {in_place_of(base, words)} {words}" for words in (self.words, self.other)]


def in_place_of(base: str, words: str) -> str:
    """The words of a base without the options that other words give, which are given once."""
    given, kept = {word for word in shlex.split(words) if word.startswith("--")}, shlex.split(base)
    for option in given & {*kept} - {
        "--set",
        "--vary",
        "--over",
        "--metric",
        "--switch",
        "--no-figures",
        "--no-side-studies",
    }:
        del kept[kept.index(option) : kept.index(option) + 2]
    return shlex.join(kept)


def in_chinese(answer: Answer) -> bool:
    """Whether there are Chinese characters in what was printed."""
    return any("一" <= letter <= "鿿" for letter in answer.out + answer.err)


def question(answer: Answer) -> str:
    """Which question `tip` answered."""
    return answer.json()["question"]


def probed(answer: Answer, name: str = THETA) -> tuple[float, float]:
    """Between which values `tip` has looked."""
    return answer.table("probes")[name].min(), answer.table("probes")[name].max()


def closest(answer: Answer) -> float:
    """Distance of the two nearest values that `tip` has looked at."""
    return answer.table("probes")[THETA].drop_duplicates().sort_values().diff().min()


def players(answer: Answer) -> set[str]:
    """Switches among which blame was shared out, by the table of coalitions."""
    return {*answer.table("shapley")["player"]}


def told_of(answer: Answer) -> tuple[int, list[int]]:
    """The world whose story was told, and the replicates that were simulated for it alone."""
    return answer.json("there/story.json")["world"], list(answer.scenarios[-1].replicates)


def varied(answer: Answer) -> set[str]:
    """Parameters that the sensitivity study varied and screened."""
    return {*answer.json()["ranges"]}


def plotted(answer: Answer) -> dict[str, Any]:
    """The numbers of the first figure of a study."""
    return answer.json("")["figures"][0]


def reported(answer: Answer) -> str:
    """The report that was written."""
    return (answer.folder / "there.html").read_text(encoding="utf-8")


def is_json(answer: Answer) -> bool:
    """Whether JSON was printed, and nothing else."""
    return answer.out.lstrip()[:1] in "{[" and json.loads(answer.out) is not None


def is_drawn(answer: Answer) -> bool:
    """Whether figures were drawn."""
    return "drawn.png" in answer.files


def folders(answer: Answer) -> set[str]:
    """Folders that were made."""
    return {path.name for path in answer.folder.iterdir() if path.is_dir()} - {*STUDIES}


def usual(command: str, worlds: str, real: bool = False) -> list[Row]:
    """Options that read alike in every command that simulates; all of them are known by the scenarios simulated."""
    small, large = "--set demand.share_elasticity=0.5", "--set demand.share_elasticity=0.6"
    rows = [
        Row(command, "preset", "", "optimist", lambda a: a.simulated("preset"), {"ono_2025"}, {"optimist"}, real),
        Row(command, "--set", small, large, lambda a: a.simulated("demand.share_elasticity"), {0.5}, {0.6}, real),
        Row(command, "--months", "--months 4", "--months 7", lambda a: a.simulated("judged"), {4}, {7}, real),
        Row(command, "--seed", "--seed 1", "--seed 2", lambda a: a.simulated("seed"), {1}, {2}, real),
        Row(command, worlds, f"{worlds} 2", f"{worlds} 4", lambda a: len(a.simulated("replicates")), 2, 4, real),
        Row(command, "--json", "", "--json", is_json, False, True, real),
        Row(command, "--lang", "", "--lang zh", in_chinese, False, True, real),
        Row(command, "--out", "", "--out here", folders, {"there"}, {"here"}, real),
        Row(command, "--force", "", "--out . --force", lambda a: (a.folder / "manifest.json").is_file(), False, True, real),
    ]
    return [row for row in rows if row.option != "--force" or command != "sweep"]  # a study is resumed, never replaced


def engines(command: str, real: bool = False, base: str | None = None) -> Row:
    """So many processes are asked for."""
    return Row(command, "--workers", "--workers 1", "--workers 3", lambda a: {*a.engines}, {1}, {3}, real, base)


def clusters(command: str, real: bool = False, base: str | None = None) -> Row:
    """A cluster is asked for."""
    return Row(command, "--scheduler", "", "--scheduler tcp://x:1", lambda a: {*a.engines}, {1}, {"tcp://x:1"}, real, base)


def draws(command: str, real: bool = False, base: str | None = None) -> Row:
    """Worlds draw how strong demand is, or have the preset's."""
    return Row(command, "--fixed", "", "--fixed", lambda a: a.simulated(DEMAND) == {1.0}, False, True, real, base)


def figures(command: str, real: bool = False) -> Row:
    """Figures are drawn, or not."""
    return Row(
        command, "--no-figures", "", "--no-figures", is_drawn, True, False, real, BASE[command].replace(" --no-figures", "")
    )


# fmt: off
ROWS = [
    *usual("run", "--worlds"),
    figures("run"),
    draws("run"),
    Row("run", "--until", "--until 2025-12", "--until 2026-02-01", lambda a: a.simulated("judged"), {3}, {5},
        base=BASE["run"].replace(" --months 40", "")),
    Row("run", "--like", "--like 2008", "--like 2022", lambda a: a.simulated("funding.rate_rise"), {-0.051}, {0.0525}),
    Row("run", "--like", "", "--like 2000", lambda a: a.simulated("funding.hold_spreads"), {-1}, {18}),
    Row("run", "--ladder", "", "--ladder", lambda a: len(a.simulated(THETA)), 2, 6),
    Row("run", "--no-side-studies", "", "--no-side-studies", lambda a: "stop_test" in a.json(), True, False,
        base="--out there --worlds 2 --months 40 --no-figures"),
    Row("run", "--series", "--series capex", "--series capex,gpu_price", lambda a: a.table("series").columns[4:].tolist(),
        ["capex"], ["capex", "gpu_price"]),
    Row("run", "--full", "", "--full", lambda a: "The reckoning" in a.out, False, True),
    Row("run", "--report", "", "--report", lambda a: "report.html" in a.files, False, True, True,
        "triangle --out there --worlds 2 --months 3 --no-figures --no-side-studies"),
    # --- sweep
    *usual("sweep", "--replicates"),
    engines("sweep"),
    draws("sweep"),
    Row("sweep", "--same-luck", "", "--same-luck", lambda a: len(a.simulated("replicates")), 4, 1,
        base=f"--out there --vary {THETA}=0:1 --design lhs --samples 4 --replicates 1 --months 3"),
    Row("sweep", "--vary", "", "--vary demand.strength=1,2", lambda a: len(a.table("worlds")), 4, 8),
    Row("sweep", "--design", "--design lhs", "--design sobol", lambda a: sorted(a.table("worlds")[THETA]),
        base=f"--out there --vary {THETA}=0:1 --samples 8 --replicates 1 --months 3"),
    Row("sweep", "--samples", "--samples 4", "--samples 8", lambda a: a.table("worlds")[THETA].nunique(), 4, 8,
        base=f"--out there --vary {THETA}=0:1 --design lhs --replicates 1 --months 3"),
    Row("sweep", "--series", "", "--series capex", lambda a: "series.parquet" in a.files, False, True),
    Row("sweep", "--scheduler", "", "--scheduler tcp://x:1", lambda a: a.engines, [1], ["tcp://x:1"]),
    Row("sweep", "--batch", "", "--batch 3", lambda a: a.tasks, [4], [3, 1]),
    Row("sweep", "--csv", "", "--csv", lambda a: "worlds.csv" in a.files, False, True),
    Row("sweep", "--study", "--study short.toml", "--study long.toml", lambda a: len(a.table("worlds")), 2, 6,
        base="--out there"),
    Row("sweep", "--dry-run", "", "--dry-run", folders, {"there"}, set()),
    # --- plot
    Row("plot", "folder", "study", "other", lambda a: a.json("")["study"], "study", "other", base="--out there --json"),
    Row("plot", "--metric", "--json", "--json --metric drawdown", lambda a: plotted(a)["metric"], "fallen", "drawdown"),
    Row("plot", "--over", f"--json --over {THETA}", f"--json --over {DEMAND}", lambda a: plotted(a)["x"]["name"], THETA, DEMAND),
    Row("plot", "--fix", "", f"--fix {FORM}=loan", lambda a: plotted(a)["panels"][0]["lines"]["fallen"]["middle"],
        base=f"study --out there --json --over {THETA}"),
    Row("plot", "--out", "", "--out here", folders, {"there"}, {"here"}),
    Row("plot", "--json", "", "--json", is_json, False, True),
    Row("plot", "--lang", "", "--lang zh", in_chinese, False, True),
    # --- report
    Row("report", "folder", "study", "other", lambda a: f"<th>{DEMAND}<" in reported(a), True, False, True, "--out there.html"),
    Row("report", "--out", "", "--out here.html", lambda a: (a.folder / "here.html").is_file(), False, True, True),
    Row("report", "--world", "--world 1", "--world 2", lambda a: list(a.scenarios[-1].replicates), [1], [2], True),
    Row("report", "--lang", "", "--lang zh", lambda a: "答案" in reported(a), False, True, True),
    # --- tip
    *usual("tip", "--worlds"),
    figures("tip"),
    engines("tip"),
    draws("tip"),
    Row("tip", "--by", "--by 2028-12", "--by 2029-06", lambda a: a.json()["by"]),
    Row("tip", "--metric", "--metric fallen", "--metric default:lead_lab=0.3", lambda a: a.json()["metrics"],
        {"fallen": 0.5}, {"default:lead_lab": 0.3}),
    Row("tip", "--over", "", f"--over {DEMAND}=1:2", lambda a: probed(a, a.json()["over"]), (0.0, 1.0), (1.0, 2.0)),
    Row("tip", "--from", "--from 0.2", "--from 0.3", probed, (0.2, 1.0), (0.3, 1.0)),
    Row("tip", "--to", "--to 0.9", "--to 0.8", probed, (0.0, 0.9), (0.0, 0.8)),
    Row("tip", "--across", "", f"--across {DEMAND}=1,2", lambda a: len(a.json().get("cells", ())), 0, 2),
    Row("tip", "--resolution", "", "--resolution 0.01", lambda a: closest(a) < 0.02, False, True),
    Row("tip", "--when", "", "--when", question, "tipping_point", "point_of_no_return", True, WHEN),
    Row("tip", "--hysteresis", "", "--hysteresis", question, "tipping_point", "hysteresis", True, LOOP),
    Row("tip", "--map", "", "--map", question, "tipping_point", "life_lost_map",
        base="--out there --worlds 2 --months 40 --no-figures"),
    Row("tip", "--starts", "", "--starts 6,18,24", lambda a: a.simulated("funding.start_month"), {0, 12}, {6, 18, 24}, base=MAP),
    Row("tip", "--strengths", "", "--strengths 0.2", lambda a: a.simulated(THETA), {0, 0.5, 1}, {0, 0.2}, base=MAP),
    Row("tip", "--worlds", "", "--worlds 3", lambda a: len(a.table("life_lost").query("pairs == 3")), 0, 4, base=MAP),
    Row("tip", "--months", "", "--months 50", lambda a: a.json()["months"], 40, 50, base=MAP),
    Row("tip", "--seed", "", "--seed 2", lambda a: a.simulated("seed"), {1}, {2}, base=MAP),
    draws("tip", base=MAP),
    engines("tip", base=MAP),
    clusters("tip"),
    clusters("tip", base=MAP),
    Row("tip", "--channels", "", "--channels", question, "tipping_point", "channels",
        base="--out there --worlds 2 --months 40 --no-figures"),
    Row("tip", "--starts", "", "--starts 6,18", lambda a: a.simulated("funding.start_month"), {0}, {6, 18}, base=CHANNELS),
    Row("tip", "--strengths", "", "--strengths 0.2", lambda a: a.simulated(THETA), {0, 1}, {0, 0.2}, base=CHANNELS),
    Row("tip", "--worlds", "", "--worlds 3", lambda a: {*a.table("channels")["pairs"]}, {2}, {3}, base=CHANNELS),
    draws("tip", base=CHANNELS),
    engines("tip", base=CHANNELS),
    Row("tip", "--stop", "", "--stop 0,6", lambda a: a.simulated("funding.stop_month"), {-1}, {-1, 0, 6},
        base="--out there --worlds 2 --months 40 --no-figures"),
    Row("tip", "--set", "", f"--set {THETA}=0.5", lambda a: a.simulated(THETA), {0}, {0.5}, base=STOP),
    Row("tip", "--worlds", "", "--worlds 3", lambda a: {*a.table("stop_test")["worlds"]}, {2}, {3}, base=STOP),
    Row("tip", "--seed", "", "--seed 2", lambda a: a.simulated("seed"), {1}, {2}, base=STOP),
    engines("tip", base=STOP),
    engines("tip", True, f"{WHEN} --when"),
    clusters("tip", True, f"{WHEN} --when"),
    Row("tip", "--worlds", "", "--worlds 3", lambda a: len(a.simulated("replicates")), 2, 3, True, f"{WHEN} --when"),
    Row("tip", "--months", "", "--months 6", lambda a: a.json()["end_month"], 5, 6, True, f"{WHEN} --when"),
    Row("tip", "--seed", "", "--seed 2", lambda a: a.simulated("seed"), {1}, {2}, True, f"{WHEN} --when"),
    Row("tip", "--set", "", f"--set {THETA}=0.5", lambda a: a.simulated(THETA), {0.6}, {0.5}, True, f"{WHEN} --when"),
    # --- autopsy
    *usual("autopsy", "--worlds"),
    figures("autopsy"),
    engines("autopsy"),
    draws("autopsy"),
    Row("autopsy", "--switch", "", "--switch talk", players, {"hoarding"}, {"hoarding", "talk"}),
    Row("autopsy", "--also", "", "--also rescue", players, {"hoarding"}, {"hoarding", "rescue"}),
    Row("autopsy", "--payoff", "", "--payoff drawdown", lambda a: "drawdown" in {*a.table("shapley")["payoff"]},
        False, True),
    Row("autopsy", "--world", "--world 1", "--world 5", told_of, (1, [1]), (5, [5]), True, STORY),
    Row("autopsy", "--no-story", "", "--no-story", lambda a: "story.txt" in a.files, True, False, True, STORY),
    Row("autopsy", "preset", "triangle", "telecom_1999", lambda a: a.simulated("preset"), {"triangle"}, {"telecom_1999"}, True,
        STORY.removeprefix("triangle ")),
    Row("autopsy", "--set", "", f"--set {DEMAND}=2", lambda a: a.simulated(DEMAND) == {2.0}, False, True, True, STORY),
    Row("autopsy", "--months", "", "--months 2", lambda a: a.simulated("judged"), {1}, {2}, True, STORY),
    Row("autopsy", "--seed", "", "--seed 2", lambda a: a.simulated("seed"), {1}, {2}, True, STORY),
    draws("autopsy", True, STORY.removeprefix("triangle ")),
    Row("autopsy", "--switches", BASE["autopsy"], "--switches", folders, {"there"}, set(), base=""),
    # --- sensitivity
    *usual("sensitivity", "--replicates"),
    figures("sensitivity"),
    engines("sensitivity"),
    draws("sensitivity"),
    Row("sensitivity", "--over", f"--over {THETA}", f"--over {DEMAND}=1:2", varied, {THETA}, {DEMAND},
        base=SCREENED.replace("--trajectories 2 ", "")),
    Row("sensitivity", "--all", "", "--all", lambda a: len(varied(a)) > 200, False, True,
        base="--out there --trajectories 1 --samples 8 --replicates 1 --months 1 --metric boom --no-figures --survivors 1"),
    Row("sensitivity", "--metric", "", "--metric bust", lambda a: {*a.table("morris")["metric"]}, {"boom"}, {"boom", "bust"}),
    Row("sensitivity", "--trajectories", "", "--trajectories 3", lambda a: a.tasks[0] / (len(varied(a)) + 1), 2, 3),
    Row("sensitivity", "--samples", "", "--samples 16", lambda a: a.table("sobol")["samples"].max(), 8, 16),
    Row("sensitivity", "--survivors", "--survivors 1", "--survivors 2", lambda a: a.table("sobol")["parameter"].nunique(), 1, 2,
        base=f"{SCREENED.replace('--months 30', '--months 50')} --over {THETA},{DEMAND},vendor_finance.scale"),
    # --- what simulates nothing
    Row("compare", "a", "study study --json", "other study --json", lambda a: a.json("")["a"]["folder"], "study", "other"),
    Row("compare", "b", "study study --json", "study other --json", lambda a: a.json("")["b"]["folder"], "study", "other"),
    Row("compare", "--json", "study other", "study other --json", is_json, False, True),
    Row("compare", "--lang", "study other", "study other --lang zh", in_chinese, False, True),
    Row("validate", "preset", "", "optimist", lambda a: a.validated[0], "ono_2025", "optimist"),
    Row("validate", "--seed", "", "--seed 4", lambda a: a.validated[1], 1, 4),
    Row("validate", "--worlds", "", "--worlds 3", lambda a: a.validated[2], 200, 3),
    Row("validate", "--out", "", "--out told.md", lambda a: (a.folder / "told.md").is_file(), False, True),
    Row("validate", "--json", "", "--json", is_json, False, True),
    Row("validate", "--lang", "", "--lang zh", in_chinese, False, True),
    Row("calibrate", "--fit", "", "--fit B", lambda a: a.calibrated["fit"], "fit_a", "fit_b"),
    Row("calibrate", "--points", "", "--points 30", lambda a: a.calibrated["points"], 1000, 30),
    Row("calibrate", "--replicates", "", "--replicates 2", lambda a: a.calibrated["replicates"], 4, 2),
    Row("calibrate", "--waves", "", "--waves 2", lambda a: a.calibrated["waves"], 3, 2),
    Row("calibrate", "--draws", "", "--draws 50", lambda a: a.calibrated["draws"], 300, 50),
    Row("calibrate", "--discrepancy", "", "--discrepancy 0.3", lambda a: a.calibrated["discrepancy"], 0.15, 0.3),
    Row("calibrate", "--seed", "", "--seed 4", lambda a: a.calibrated["seed"], 1, 4),
    Row("calibrate", "--workers", "--workers 1", "--workers 2", lambda a: a.calibrated["workers"], 1, 2),
    Row("calibrate", "--out", "", "--out fit.csv", lambda a: (a.folder / "fit.csv").is_file(), False, True),
    Row("calibrate", "--json", "", "--json", is_json, False, True),
    Row("calibrate", "--lang", "", "--lang zh", in_chinese, False, True),
    Row("app", "preset", "", "optimist", lambda a: a.opening.preset, "ono_2025", "optimist"),
    Row("app", "--seed", "--seed 3", "--seed 4", lambda a: a.opening.seed, 3, 4),
    Row("app", "--study", "--study study", "--study other", lambda a: DEMAND in a.opening.settings, True, False,
        base="--world 7"),
    Row("app", "--world", "--world 6", "--world 7", lambda a: a.opening.replicate, 6, 7, base="--study study"),
    Row("app", "--host", "", "--host 0.0.0.0", lambda a: a.served, [("127.0.0.1", 8765)] * 2, [("0.0.0.0", 8765)] * 2),
    Row("app", "--code", "--code abcd2345", "--code wxyz6789", lambda a: a.doors[0].code, "abcd2345", "wxyz6789"),
    Row("app", "--name", "--name class.example", "", lambda a: "class.example" in a.doors[0].names, True, False),
    Row("app", "--port", "", "--port 99", lambda a: a.served, [("127.0.0.1", 8765)] * 2, [("127.0.0.1", 99)] * 2),
    Row("scenarios", "preset", "", "triangle", lambda a: "ono_2025" in a.out, True, False),
    Row("scenarios", "--check", "triangle", "triangle --check", lambda a: "without a source" in a.out, False, True),
    Row("scenarios", "--json", "", "--json", is_json, False, True),
    Row("params", "search", "tightening", "hoarding", lambda a: "states.hoarding" in a.out, False, True),
    Row("params", "--levers", "", "--levers", lambda a: "funding.start_month =" in a.out, True, False),
    Row("params", "--preset", "tightening", "tightening --preset triangle", lambda a: f"{THETA} = 0.6" in a.out, True, False),
    Row("params", "--series", "", "--series", lambda a: "vendor_revenue   ($bn a month" in a.out, False, True),
    Row("params", "--json", "", "--json", is_json, False, True),
]
# fmt: on
#: What tells rows of a command's several questions apart.
QUESTIONS = {STORY: ".story", STORY.removeprefix("triangle "): ".story", MAP: ".map", CHANNELS: ".channels", STOP: ".stop"}
#: Rows that take several seconds.
SLOW = {("sensitivity", "--all"), ("tip", "--hysteresis"), ("tip", "--when"), ("plot", "folder"), ("run", "--report")}
SLOW |= {("report", option) for option in ("folder", "--out", "--world", "--lang")}


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Call the command line, once for the same words: an Answer."""
    return answering(tmp_path_factory.mktemp)


def options_of(command: str) -> set[str]:
    """Names of a command's options and arguments."""
    names = (one.opts[0] if one.opts[0].startswith("-") else one.name for one in COMMANDS[command].params)
    return {name for name in names if name != "--help"}


def test_every_command_and_option_has_its_row():
    assert set(BASE) == set(COMMANDS)
    for command in COMMANDS:
        assert {row.option for row in ROWS if row.command == command} == options_of(command), command


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=[pytest.mark.slow] * ((row.command, row.option) in SLOW)) for row in ROWS],
    ids=lambda row: f"{row.command}{'.when' * ('--when' in (row.base or ''))}{QUESTIONS.get(row.base, '')}:{row.option}",
)
def test_the_value_of_an_option_reaches_the_answer(answer, row):
    answers = [answer(words, row.real) for words in row.commands()]
    assert [one.code for one in answers] == [0, 0], [one.err for one in answers]
    first, second = (row.told(one) for one in answers)
    assert first != second, "both values give the same"
    if row.first is not None:
        assert (first, second) == (row.first, row.second)
