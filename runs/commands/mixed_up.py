"""Words on the command line that stand in the wrong place: which they are, and where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Options after which a value may stand or not: what it may be.
_PERHAPS = {"--stop": "months such as 0,12,24"}
#: Commands that read what other ones wrote, that simulate what is set, and that print.
_READERS = ("plot", "report", "compare")
_SIMULATORS = ("run", "sweep", "tip", "autopsy", "sensitivity")
_PRINTERS = ("compare", "scenarios", "params")
#: Commands that are named one by one.
_FEW = 5
#: What to do in a command instead of an option that only others have: by option, then by command ("" for any other).
_INSTEAD = {
    "--force": {
        "sweep": "a study goes on in its folder and is never replaced, so give another --out or remove the folder",
        "validate": "--out replaces an older validation, and nothing else",
        "calibrate": "--out replaces an older fit, and nothing else",
        "report": "--out replaces an older report, and nothing else",
        "plot": "figures of the same name are replaced, and nothing else",
    },
    "--worlds": {
        "sweep": "--replicates says how many worlds a cell has",
        "sensitivity": "--replicates says how many worlds there are at every point",
        "calibrate": "--replicates says how many worlds there are at every point",
    },
    "--replicates": dict.fromkeys(("run", "tip", "autopsy", "validate"), "--worlds says how many worlds there are"),
    "--until": dict.fromkeys(("sweep", "autopsy", "sensitivity"), "--months says how many are judged")
    | {"tip": "--by is a date, --months says how many are judged"},
    "--report": {"": "`perpetuum report DIR` makes one of what stands in a folder"},
    "--no-figures": {"sweep": "it draws none, `perpetuum plot DIR` does"},
    "--vary": {
        "run": "`perpetuum sweep` varies parameters",
        "tip": "--over names what is searched, --across another that is varied",
        "sensitivity": "--over names what is varied",
        "autopsy": "it varies switches, see --switch",
    },
    "--over": {"run": "`perpetuum sweep` varies parameters", "sweep": "--vary names what is varied"},
    "--set": {"plot": "--fix holds what was varied"},
    "--fix": dict.fromkeys(_SIMULATORS, "--set sets a parameter, and --fixed draws nothing"),
    "--metric": {
        "sweep": "it keeps all, `perpetuum plot DIR --metric NAME` draws one",
        "autopsy": "--payoff names what is shared",
    },
    "--payoff": {"": "it is shared out by `perpetuum autopsy`"},
    "--scheduler": dict.fromkeys(("run", "autopsy", "sensitivity", "validate", "calibrate"), "it works on this machine"),
    "--workers": {"run": "it shares out its own work", "validate": "it shares out its own work"},
    "--csv": dict.fromkeys(
        ("run", "tip", "autopsy", "sensitivity"), "tables are written as Parquet, which pandas.read_parquet reads"
    ),
    "--like": dict.fromkeys(
        ("sweep", "tip", "autopsy", "sensitivity"),
        "`perpetuum run` tightens as in a year of the past, and its settings can be given with --set",
    ),
    "--seed": dict.fromkeys(_READERS, "the seed is that with which the folder was simulated"),
    "--months": dict.fromkeys(_READERS, "the months are those of the folder"),
    "--out": dict.fromkeys(_PRINTERS, "it prints, and a shell writes that to a file: > FILE") | {"app": "it writes nothing"},
    "--samples": {"": "`perpetuum sweep` and `perpetuum sensitivity` draw samples"},
}


def command_of(parser: Any, words: Sequence[str]) -> Any:
    """The command that the words ask for; None for none."""
    named = next((word for word in words if not word.startswith("-")), "")
    return parser.commands.get(named)


def of_preset(command: Any, words: Sequence[str], name: str) -> str:
    """Why a word that is no preset was read as one; "" where that cannot be told."""
    if after := _after_an_option_without_value(command, words, name):
        return after
    setting, equals, value = name.partition("=")
    from perpetuum.model.given import number
    from perpetuum.model.parameters import PARAMETERS

    if setting in PARAMETERS:
        return f"a parameter is set with --set {setting}={value if equals else 'VALUE'}"
    try:
        number(name)
    except ValueError:
        return ""
    return "a number goes behind its option, such as --seed 1"


def too_many(command: Any, words: Sequence[str], message: str) -> str:
    """What a command takes that was given more words than it has places for (`message`: these in brackets, at its end)."""
    extra = message.rpartition("(")[2].rstrip(").")
    places = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
    takes = f"{command.name} takes {' and '.join(places) or 'options alone'}"
    why = _after_an_option_without_value(command, words, extra.split(" ")[0]) or takes
    several = " " in extra
    return f"'{extra}' {'are words' if several else 'is a word'} too many: {why}"


def _after_an_option_without_value(command: Any, words: Sequence[str], word: str) -> str:
    """That a word stands behind an option that takes no value, or not such a one; "" where it does not."""
    place = list(words).index(word) if word in words else 0
    before = words[place - 1] if place else ""
    if before in _PERHAPS:
        return f"{before} takes {_PERHAPS[before]}, and any other word reads as the preset"
    flags = {name for one in command.params if getattr(one, "is_flag", False) for name in (*one.opts, *one.secondary_opts)}
    return f"{before} takes no value, and a word behind it reads as an argument" if before in flags else ""


def no_such_option(parser: Any, command: Any, name: str) -> str:
    """That a command has no option of that name: the one that was meant, or who has it and what to do here instead."""
    from perpetuum.model.errors import near

    of = {one: _options(which) for one, which in parser.commands.items()}
    mine, others = _options(command), [option for options in of.values() for option in options]
    if name not in others and (meant := _near(near, name, mine)):
        return f"no such option: {name}; did you mean '{meant}'?"
    meant = name if name in others else _near(near, name, others)
    owners = [one for one, options in of.items() if meant in options]
    if not owners:
        return f"no such option: {name}"
    if command is parser:
        return f"{name} stands behind a command, such as `perpetuum {owners[0]} {meant}`"
    told = f"{name} is an option of" if meant == name else f"no such option: {name}; {meant} is one of"
    instead = _INSTEAD.get(meant, {})
    here = instead.get(command.name, instead.get("", ""))
    whose = " and ".join(filter(None, (", ".join(owners[:-1]), owners[-1]))) if len(owners) <= _FEW else "other commands"
    return f"{told} {whose}, not of {command.name}{f': {here}' if here else ''}"


def _options(command: Any) -> list[str]:
    return [name for one in command.params if one.param_type_name == "option" for name in (*one.opts, *one.secondary_opts)]


def _near(near: Any, name: str, options: Sequence[str]) -> str:
    """The option that is near another, whatever their dashes; "" for none."""
    found = near(name.lstrip("-"), [option.lstrip("-") for option in options])
    return f"--{found}" if found else ""
