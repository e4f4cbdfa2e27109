"""Words on the command line that stand in the wrong place: which they are, and where they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Options after which a value may stand or not: what it may be.
_PERHAPS = {"--stop": "months such as 0,12,24"}


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
