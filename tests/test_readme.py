"""The documents: code that runs, commands that parse, names that exist, signs that occur."""

from __future__ import annotations

import functools
import importlib
import re
import shlex
from pathlib import Path

import pytest
import typer

from perpetuum.model.books.ledger import INSTRUMENTS
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.observed.series import SERIES
from perpetuum.model.parameters import FIGURES, PARAMETERS
from perpetuum.model.scenario import preset_names
from perpetuum.runs.commands import cli, reference
from perpetuum.runs.commands.options import parse_series
from perpetuum.runs.commands.run import question_of

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
#: Every document of the project; commands and code in them are tried, names and links looked up.
DOCUMENTS = tuple(
    sorted(
        str(path.relative_to(ROOT))
        for folder in (".", "model", "agents", "runs", "visualization", "tests")
        for path in (ROOT.glob("*.md") if folder == "." else (ROOT / folder).rglob("*.md"))
        if "lessons" not in path.parts
    )
)


@functools.cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text(name), flags=re.DOTALL | re.MULTILINE)


def command_lines() -> list[tuple[str, str]]:
    """Every line of a document that calls perpetuum, without its prompt and runner: (document, line)."""
    lines = []
    for name in sorted({*DOCUMENTS} - {"model/DECISIONS.md"}):  # the log keeps what was run then
        blocks = re.findall(r"^```console\n(.*?)^```", text(name), flags=re.DOTALL | re.MULTILINE)
        shown = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
        indented = re.findall(r"^    ((?:uv run )?perpetuum .*)$", text(name), flags=re.MULTILINE)
        inline = re.findall(r"`(uv run perpetuum [^`]*)`", text(name))
        lines += [(name, line.removeprefix("uv run ")) for line in (*shown, *indented, *inline)]
    return lines


# --- code and commands ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "number"),
    [(name, k) for name in DOCUMENTS if name != "model/README.md" for k in range(len(code_blocks(name)))],
)
def test_python_in_the_documents_runs(name, number):
    declared = [(registry, dict(registry)) for registry in (MEASURES, SERIES)]
    try:
        exec(compile(code_blocks(name)[number], f"{name}, block {number + 1}", "exec"), {})
    finally:  # series that a document declares are forgotten after it
        for registry, before in declared:
            registry.clear()
            registry.update(before)


@pytest.mark.parametrize(("name", "line"), command_lines())
def test_commands_in_the_documents_parse(name, line):
    program, *arguments = shlex.split(line)
    if program != "perpetuum":
        return
    if arguments == ["--help"]:
        return
    command, *rest = arguments
    context = COMMANDS[command].make_context(command, rest)
    chosen = context.params
    if command == "run":
        columns = parse_series(chosen["series"])
        settings = list(chosen["settings"] or ())
        about = (chosen["seed"], chosen["ladder"], columns, chosen["fixed"], chosen["until"], chosen["like"])
        question = question_of(chosen["preset"], settings, chosen["months"], 2, *about)
        question.scenario()
    if chosen.get("preset"):
        assert chosen["preset"] in preset_names()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command, capsys):
    assert cli.main([command, "--help"] if command else ["--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_readme_fits_on_a_page_or_two():
    assert len(text("README.md").encode()) <= 10_000


def test_the_reference_is_what_the_command_line_and_the_registry_say():
    assert text("runs/README.md") == reference.reference(), "uv run python -m perpetuum.runs.commands.reference"


def test_the_reference_names_the_files_of_a_run(tmp_path, capsys):
    short = ("--worlds", "2", "--months", "3", "--no-figures", "--no-side-studies")
    assert cli.main(["run", *short, "--out", str(tmp_path / "there")]) == 0
    named = {file for names in reference.FILES["run"] for file in re.findall(r"`([^`]+)`", names)}
    assert {file.name for file in (tmp_path / "there").iterdir()} <= named
    drawn = re.findall(r'found\["(\w+)"\] = ', text("visualization/figures/run_figures.py"))
    assert len(drawn) == 8
    for figure in drawn:
        assert {f"{figure}.png", f"{figure}.svg"} <= named, figure


def test_screen_in_the_document_has_the_parts_that_are_printed():
    words = "\n".join(text(f"model/words/{topic}.toml") for topic in ("answer", "odds", "creditors"))
    headings = re.findall(r'^title\w* = \["([A-Z][a-z ]+\?|The reckoning)"', words, re.MULTILINE)
    assert len(headings) >= 6
    for heading in headings:
        assert heading in text("runs/screen/README.md"), heading


def test_the_answer_s_picture_is_told_in_the_numbers_of_the_screen_beside_it():
    """The picture is `states.png` of the run whose screen README shows."""
    picture = re.search(
        r"!\[[^\]]*in (\w+ \d+) (\d+) % have fallen and (\d+) % stand alone as asked, (\d+) % and (\d+) %", text("README.md")
    )
    row = re.search(r"^  Sep 2035 +(\d+) / (\d+) / \d+ / \d+ +(\d+) / (\d+) / ", text("README.md"), flags=re.MULTILINE)
    assert picture
    assert row
    assert picture.groups() == ("September 2035", *row.groups())


def test_every_file_of_tests_stands_in_the_table_of_claims():
    claims, missing = text("tests/README.md"), []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        names = re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if file.name not in claims and not any(f"`{name}" in claims for name in names):
            missing.append(str(file.relative_to(ROOT)))
    assert missing == []


# --- model/README ---------------------------------------------------------------------------------------------------


def documented_signs() -> dict[tuple[str, str], str]:
    """Signs of the two matrices: (row, sector) to the cell."""
    letters = {
        "O": "outside", "V": "vendors", "C": "clouds", "L": "labs", "H": "landlords", "I": "investors", "P": "funds",
        "D": "lenders", "G": "states", "B": "bank",
    }  # fmt: skip
    signs = {}
    for line in text("model/README.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(letters) + 1 and cells[0].strip("*") in (*INSTRUMENTS, *KINDS):
            name = cells[0].strip("*")
            for sector, cell in zip(letters.values(), cells[1:], strict=True):
                # `reserve_bills` is an instrument and a kind: its signs agree.
                signs[name, sector] = signs.get((name, sector), "") + cell
    return signs


def test_every_sign_that_occurs_stands_in_the_matrices(capsys):
    signs = documented_signs()
    seen: dict = {}
    exec(compile(code_blocks("model/README.md")[0], "model/README.md", "exec"), seen)
    assert "deposits" in capsys.readouterr().out
    for (row, sector), occurring in seen["occurs"].items():
        cell = signs.get((row, sector), "")
        for sign in occurring:
            assert sign in cell or "±" in cell, f"{row} of {sector} is {sign}, documented as '{cell}'"


def test_table_of_the_forecast_can_be_printed(capsys):
    block = code_blocks("model/README.md")[1].replace("worlds, months = 8, 120", "worlds, months = 1, 3")
    exec(compile(block, "model/README.md, block 2", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_every_instrument_and_every_kind_of_payment_has_its_row():
    rows = {row for row, _ in documented_signs()}
    assert rows >= set(INSTRUMENTS)
    used = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("model", "agents")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "kinds.py"
    )
    assert rows >= {kind for kind in KINDS if f'"{kind}"' in used}


def places(name: str) -> list[tuple[str, str]]:
    return re.findall(r"`((?:model|agents|runs|visualization|tests)/[\w/]+\.py)` `([A-Za-z_][\w.]*)`", text(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_functions_that_the_documents_name_exist(name):
    for file, function in places(name):
        found = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        for part in function.split("."):
            assert hasattr(found, part), f"{name}: {function} in {file}"
            found = getattr(found, part)


def test_phases_are_in_the_order_of_the_month():
    steps = re.findall(r'self\._phase\("(\w+)", (\w+)\.(\w+)[,)]', text("model/economy.py"))
    table = re.findall(
        r"^\| \d+ (\w+) \|.*`model/phases/(\w+)\.py` `(\w+)` \|$", text("model/README.md"), flags=re.MULTILINE
    )
    assert table == steps


# --- all documents --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_names_in_the_documents_exist(name):
    groups = {parameter.split(".")[0] for parameter in PARAMETERS}
    for word in re.findall(r"`([a-z_]+\.[a-z_]+)(?:=[^`]*)?`", text(name)):
        if word.split(".")[0] in groups and not word.endswith(("_", ".py", ".png", ".svg")):
            assert word in PARAMETERS, f"{name}: {word}"
    for path in re.findall(r"\]\(([^)#:]+)\)", text(name)):
        assert (ROOT / name).parent.joinpath(path).exists(), f"{name}: {path}"
    for path in re.findall(r"`((?:model|agents|runs|visualization|tests)/[\w/.]*)`", text(name)):
        assert (ROOT / path).exists(), f"{name}: {path}"


def test_figures_that_the_model_readme_names_exist():
    for figure in ("contract_share", "revenue_share", "budget_weight"):
        assert f"`{figure}`" in text("model/README.md")
        assert any(figure in figures for figures in FIGURES.values())


@pytest.mark.parametrize("name", ["tests/README.md"])
def test_tests_that_the_table_names_exist(name):
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for test in re.findall(r"`(test_\w+)`", text(name)):
        assert f"def {test}(" in tests, test
