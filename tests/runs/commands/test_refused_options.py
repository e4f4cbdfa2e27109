"""What an option refuses: one sentence with its name as typed, exit code 2, nothing written, for every option there is."""

from __future__ import annotations

import inspect
import shlex

import pytest

from perpetuum.runs.commands import cli, tip
from tests.runs.commands.option_answers import answering
from tests.runs.commands.test_every_option import BASE, COMMANDS, MAP, STOP

#: Values that no option of whole numbers, and none of numbers, takes.
NO_COUNT = ("-1", "99999999999999999999", "1.5", "nine", "\N{ARABIC-INDIC DIGIT THREE}", "''", "nan")
NO_NUMBER = ("nan", "inf", "one", "''", "0x1")
#: Values that options of words refuse, by name; those without a row here are refused by the words of `ANY`.
WORDS = {
    "--set": ("nonsense", "demand.strenght=1", "demand.strength=much", "demand.strength=-1", "=1", "demand.strength="),
    "--vary": (
        "demand.strenght=0,1",
        "demand.strength",
        "demand.strength=",
        "demand.strength=0:9e9:3",
        "demand.strength=1,1",
    ),
    "--over": ("demand.strenght", "demand.strength=2:1", "demand.strength=0:9e9", "demand.strength=a:b", ","),
    "--across": ("demand.strenght=0,1", "demand.strength", "demand.strength=0:9e9:3", "demand.strength=1,1"),
    "--until": ("2026-13", "2026-00", "1999", "9999", "soon", "2026-02-30", "''", "9999999999", f"2026-{2**70}"),
    "--by": ("2026-13", "1999-01", "9999-01", "soon", "''", f"{2**70}-01", f"2026-{2**70}"),
    "--like": ("1929", "''", "then"),
    "--lang": ("de", "''", "EN"),
    "--series": ("nonsense", "''", "capex,capex", "vendor_revenu"),
    "--metric": ("nonsense", "''", "lif"),
    "--payoff": ("nonsense", "''", "boo"),
    "--switch": ("nonsense", "''", "hoardin"),
    "--also": ("nonsense", "''"),
    "--design": ("nonsense", "''", "cells"),
    "--starts": ("nonsense", "''", "0:9e9:2", "1:2", "3,3"),
    "--strengths": ("nonsense", "''", "0:9:2", "1:2"),
    "--stop": ("0,x", "9999", "0,0"),
    "--fit": ("C", "''"),
    "--fix": ("nonsense", "demand.strenght=1", "demand.strength=77"),
    "--host": ("''",),
    "--name": ("http://x", "''"),
    "--preset": ("nonsense", "''"),
    "--out": ("''", "-x"),
    "--scheduler": ("''", "nowhere", "http://x:1", "tcp://x:port"),
    "--study": ("''", "nowhere"),
    **dict.fromkeys(("--months", "--workers"), NO_COUNT),
}
#: Words with which an option is asked about, instead of `BASE`; options whose values nobody refuses.
BESIDE = {
    ("compare", "--lang"): "study other",
    ("tip", "--starts"): MAP,
    ("tip", "--strengths"): MAP,
    ("tip", "--stop"): STOP,
    ("sweep", "--samples"): "--out there --design lhs --vary demand.strength=0.5:1",
    ("sweep", "--study"): "--out there",
    ("app", "--study"): "--world 0",
    ("app", "--world"): "--study study",
}
NOT_REFUSED = {"--code"}


def options():
    """Every option with a value of every command."""
    for name, command in COMMANDS.items():
        for one in command.params:
            if one.param_type_name == "option" and not one.is_flag and one.opts[0] not in NOT_REFUSED:
                yield name, one


def values(command, one):
    """What an option refuses: by its name, else by what it is read as."""
    if one.opts[0] in WORDS:
        return WORDS[one.opts[0]]
    kind = str(inspect.signature(FUNCTIONS[command]).parameters[one.name].annotation)
    return NO_COUNT if "int" in kind or "Seed" in kind else NO_NUMBER if "float" in kind else ()


FUNCTIONS = {function.__name__: function for function in cli.COMMANDS}
CASES = [(name, one.opts[0], value) for name, one in options() for value in values(name, one)]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    return answering(tmp_path_factory.mktemp)


def without(words: str, option: str) -> str:
    """Words without an option and its value."""
    found = shlex.split(words)
    while option in found:
        place = found.index(option)
        del found[place : place + 2]
    return shlex.join(found)


@pytest.mark.parametrize(("command", "option", "value"), CASES)
def test_what_an_option_refuses_is_told_by_its_name(ask, command, option, value):
    words = without(BESIDE.get((command, option), BASE[command]), option)
    answer = ask(f"{command} {words} {option} {value}")
    assert answer.code == 2, answer.err
    assert answer.err.startswith("perpetuum: "), answer.err
    assert answer.err.count("\n") == 1, answer.err
    assert option in answer.err.partition(" (see `")[0], answer.err
    assert answer.out == ""
    assert not answer.compiled  # which takes a minute the first time
    assert not {path.name for path in answer.folder.iterdir()} & {"there", "there.html"}


def test_every_option_with_a_value_has_values_that_it_refuses():
    assert not {one.opts[0] for name, one in options() if not values(name, one)}


#: Values of options that may be given once, and twice: what is given is no matter.
ONCE = [(name, one.opts[0]) for name, one in options() if not one.multiple]


@pytest.mark.parametrize(("command", "option"), ONCE)
@pytest.mark.parametrize("second", ["1", "2"])
def test_an_option_of_one_value_is_given_once_even_where_both_are_the_same(ask, command, option, second):
    first = {"--lang": "en", "--until": "2027-01", "--fit": "A"}.get(option, "1")
    same = {"--lang": "zh", "--until": "2028-01", "--fit": "B"}.get(option, second) if second == "2" else first
    words = without(BESIDE.get((command, option), BASE[command]), option)
    answer = ask(f"{command} {words} {option} {first} {option} {same}")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"perpetuum: {option} takes one value, and it is given twice: give it once\n"
    assert not {path.name for path in answer.folder.iterdir()} & {"there", "there.html"}


def test_options_that_may_be_repeated_are_repeated(ask):
    several = {one.opts[0] for _, one in options() if one.multiple}
    assert several == {"--set", "--vary", "--fix", "--metric", "--over", "--switch", "--also", "--payoff", "--name"}
    answer = ask(f"run {BASE['run']} --set demand.strength=0.5 --set funding.tightening=1")
    assert (answer.code, answer.simulated("demand.strength")) == (0, {0.5})


def test_trajectories_of_a_screening_that_there_is_none_of_are_refused(ask):
    words = "sensitivity --out there --over funding.tightening --samples 8 --replicates 1 --months 30 --no-figures"
    answer = ask(f"{words} --trajectories 4")
    assert answer.code == 2
    assert "leave out --trajectories, or lower --survivors" in answer.err
    assert ask(words).code == 0


#: Words of which one is refused, the option that it stands behind, and how the sentence goes on; another has the same value.
SAME = [
    ("tip --seed 0 --worlds 0", "--worlds", "must be"),
    ("autopsy --seed 0 --worlds 0", "--worlds", "must be"),
    ("sensitivity --seed 0 --replicates 0", "--replicates", "must be"),
    ("sensitivity --seed 7 --samples 7", "--samples", "must be a power of two"),
    ("run --seed 0 --months 0", "--months", "must be"),
    ("tip --over lead_lab.cash --from -5 --to 3", "--from", ": 'lead_lab.cash' cannot be -5"),
    ("tip --over lead_lab.cash --from 3 --to -5", "--to", ": 'lead_lab.cash' cannot be -5"),
    ("tip --over lead_lab.cash=-5:3", "--over", ": 'lead_lab.cash' cannot be -5"),
    ("tip --over =", "--over", "takes NAME or NAME=LOW:HIGH, such as funding.tightening=0:1, not '='"),
    ("tip --across demand.strength=1:2", "--across", "takes NAME=LOW:HIGH:COUNT or NAME=A,B,C, not 'demand.strength=1:2'"),
    ("tip --across lead_lab.cash=-5,3 --set bank.equity=3", "--across", ": 'lead_lab.cash' cannot be '-5'"),
    ("sweep --set lead_lab.cash=-5 --vary neocloud.cash=-5,3", "--set", ": 'lead_lab.cash' cannot be '-5'"),
    ("sweep --set neocloud.cash=5 --vary lead_lab.cash=-5,5", "--vary", ": 'lead_lab.cash' cannot be '-5'"),
    ("sensitivity --over lead_lab.cash=-5:3", "--over", ": 'lead_lab.cash' cannot be '-5'"),
    ("run --set lead_lab.cash=-5 --worlds 5", "--set", ": 'lead_lab.cash' cannot be '-5'"),
    ("autopsy --set lead_lab.cash=much --payoff drawdown", "--set", ": 'lead_lab.cash' cannot be 'much'"),
]


@pytest.mark.parametrize(("words", "option", "sentence"), SAME)
def test_what_is_refused_is_told_by_the_option_behind_which_it_stands(ask, words, option, sentence):
    answer = ask(f"{words} --out there")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"perpetuum: {option}{'' if sentence[0] == ':' else ' '}{sentence}"), answer.err
    if "cannot be" in sentence:
        assert answer.err.endswith(": it takes from 0 to 1000 $bn\n"), answer.err


def test_a_command_without_a_word_behind_it_is_asked_about_the_usual(monkeypatch):
    """The command line of `tip` is read with an empty word behind a `--stop` of no number, and may be empty itself."""
    read = []
    monkeypatch.setattr("perpetuum.runs.commands.command.Command.parse_args", lambda self, ctx, args: read.append(args))
    for words in ([], ["--stop"], ["--stop", "3"], ["--stop", "--json"]):
        tip.Command.parse_args(tip.Command("tip"), None, words)
    assert read == [[], ["--stop", ""], ["--stop", "3"], ["--stop", "", "--json"]]
