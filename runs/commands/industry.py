"""In whose words a command speaks: those of the industry that its presets are of."""

from __future__ import annotations


def speak_of(*presets: str, gone: bool = False) -> None:
    """Put the words of the presets' industry first, for the rest of the command; raises InputError for one that there is not.

    Of presets of several industries words are spoken that hold for all of them, and of those of a folder (`gone`) that cannot be
    read any more AI's, which are the usual ones.
    """
    from perpetuum.model.errors import InputError
    from perpetuum.model.scenario import load_preset
    from perpetuum.model.words import speech

    try:
        industries = {load_preset(preset).industry for preset in presets}
    except InputError:
        if not gone:
            raise
        industries = set()
    speech.speak_of(speech.SEVERAL if len(industries) > 1 else "".join(industries))
