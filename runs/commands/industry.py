"""In whose words a command speaks: those of the industry that its presets are of."""

from __future__ import annotations


def speak_of(*presets: str) -> None:
    """Put the words of the presets' industry first, for the rest of the command.

    Of presets of several industries, or of one that cannot be read any more, the common words are spoken.
    """
    from perpetuum.model.errors import InputError
    from perpetuum.model.scenario import load_preset
    from perpetuum.model.words import speech

    try:
        industries = {load_preset(preset).industry for preset in presets}
    except InputError:
        industries = set()
    speech.speak_of(industries.pop() if len(industries) == 1 else "")
