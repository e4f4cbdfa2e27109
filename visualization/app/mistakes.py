"""What the page refuses, in a sentence in the viewer's language."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from perpetuum.model.parameters import PARAMETERS, Parameter
from perpetuum.model.preset_rows import refuse_a_name_of_several
from perpetuum.model.scenario import InputError, Preset
from perpetuum.model.words.speech import Words

#: Says something in a language.
Say = Callable[[Words], str]


class MistakeError(InputError):
    """Something that cannot be, as `say` tells it in a language; as a plain error it speaks English."""

    def __init__(self, say: Say):
        self.say = say
        super().__init__(say(Words("en")))


def told(words: Words, wrong: Exception) -> str:
    """Why something was refused; what the model refuses in English alone is told as such to other readers."""
    if isinstance(wrong, MistakeError):
        return wrong.say(words)
    return str(wrong) if words.language == "en" else words("mistake.by_the_model")


def unknown(key: str, name: str, known: Sequence[str]) -> MistakeError:
    """A name that there is not; the nearest one that there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)

    def say(words: Words) -> str:
        sentence = words(f"mistake.{key}", name=name[:40])
        return words("mistake.nearest", sentence=sentence, name=close[0]) if close else sentence

    return MistakeError(say)


def whole_number(name: str, text: str, low: int, high: int) -> MistakeError:
    """A text that is no whole number in a range."""
    return MistakeError(lambda words: words("mistake.whole_number", name=name, text=text[:20], low=low, high=high))


def no_vote(text: str) -> MistakeError:
    """A text that is no vote of a class."""
    return MistakeError(lambda words: words("mistake.vote", text=text[:40]))


def beyond(what: str, month: int, horizon: int) -> MistakeError:
    """A month that a machine does not live to see, of "moves" or of the "month" shown; after the last one nothing moves."""
    return MistakeError(lambda words: words(f"mistake.{what}_beyond", month=month, horizon=horizon, last=horizon - 1))


def value(parameter: Parameter, given: object, name: str = "") -> MistakeError:
    """A value that a parameter does not take; `name`: what an agent's figure is called, whose parameter says no agent."""

    def allowed(words: Words) -> str:
        if parameter.kind == "choice":
            return words("mistake.one_of", choices=words("list.comma").join(parameter.choices))
        if parameter.kind == "bool":
            return words("mistake.switch")
        kind = "whole" if parameter.kind == "int" else "number"
        return words(f"mistake.{kind}", low=f"{parameter.low:g}", high=f"{parameter.high:g}")

    return MistakeError(
        lambda words: words("mistake.value", name=name or parameter.name, value=str(given)[:40], allowed=allowed(words))
    )


def parameter_of(preset: Preset, name: str) -> Parameter:
    """What a preset has under a name that may be set: a parameter, or a figure of its agents, contracts and stakes (raises
    MistakeError with the nearest name).
    """
    try:
        return preset.parameter(name)
    except InputError:
        refuse_a_name_of_several(name, preset.contracts, preset.stakes)
        known = [*PARAMETERS, *(one.name for one in preset.own_parameters())]
        raise unknown("parameter", name, known) from None


def of_the_model(name: str, given: str, wrong: InputError) -> MistakeError:
    """What is refused of a setting: in its own words, or, where the model has English ones alone, in others which one it is."""
    if isinstance(wrong, MistakeError):
        return wrong

    def say(words: Words) -> str:
        return str(wrong) if words.language == "en" else words("mistake.setting", name=name[:40], value=given[:20])

    return MistakeError(say)


def checked(parameter: Parameter, given: object, name: str = "") -> object:
    """A value in its proper type (raises MistakeError)."""
    try:
        return parameter.check(given, "")
    except InputError:
        raise value(parameter, given, name) from None
