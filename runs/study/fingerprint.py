"""Fingerprints of what a study's worlds depend on beside its description: the preset's content and the model's code."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from perpetuum.model.fits import load_fit
from perpetuum.model.preset_memory import read_once
from perpetuum.model.scenario import InputError, load_preset
from perpetuum.model.uncertainty import with_fit

ROOT = Path(__file__).resolve().parent.parent.parent
#: What decides about the numbers of a world; figures, texts and the command line do not.
DECISIVE = ("model", "agents", "runs/study/batches.py")
_DIGITS = 12


def of_preset(name: str) -> str:
    """Fingerprint of all that a preset says of its worlds, what it extends included; titles and comments do not count."""
    preset = load_preset(name)
    content = dataclasses.asdict(dataclasses.replace(preset, unknowns=with_fit(preset.unknowns, None)))
    for words in ("name", "title", "question", "sources", "industry"):
        content.pop(words)
    if preset.fit:
        content["fit"] = load_fit(preset.fit).written()
    return _digest(content)


@lru_cache
def of_code() -> str:
    """Fingerprint of the code that decides about the numbers of a world."""
    files = [file for part in DECISIVE for file in _sources(ROOT / part)]
    texts = {file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return _digest(texts)


@dataclasses.dataclass(frozen=True)
class OnTheSameProgram:
    """A function for workers that may be anywhere: it runs where program and preset are the same, by these fingerprints."""

    function: Callable[[Any], Any]
    preset: str
    preset_hash: str
    code_hash: str

    @classmethod
    def as_here(cls, function: Callable[[Any], Any], preset: str) -> OnTheSameProgram:
        """The function, to be run where program and preset are as they are here."""
        return cls(function, preset, of_preset(preset), of_code())

    def __call__(self, argument: Any) -> Any:
        """Run the function; raises InputError where this is another version."""
        with read_once():  # what is run is what was looked at, whatever is written to the file meanwhile
            if (of_code(), of_preset(self.preset)) != (self.code_hash, self.preset_hash):
                raise InputError(
                    "a worker has another version of the program or of the preset, and its worlds would not match the others: "
                    "bring both up to date, and run the same again"
                )
            return self.function(argument)


def of_text(text: str) -> str:
    """Fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def of_cells(varied: dict[str, list[Any]]) -> str:
    """Fingerprint of cells, given as columns."""
    return _digest(varied)


def _sources(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _digest(content: Any) -> str:
    # Order counts for cells and for nothing else: keys are sorted, lists are not.
    return of_text(json.dumps(content, sort_keys=True, default=str))
