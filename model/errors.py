"""What a user wrote is wrong: one sentence, and the nearest valid name; and what lies behind other errors."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

#: Letters of a word that a sentence repeats; a path may be as long.
_LONGEST_WORD = 300
#: Likeness from which a name may be a slip of the pen for another.
_NEAR = 0.7


class InputError(ValueError):
    """Something the user wrote is wrong; the message is one sentence that says what, where and what is allowed.

    It stands on one line, and no word in it is longer than can be read, whatever was written. `about`: which part of what was
    asked it is about, by the name of the argument or field that holds it, where that is known ("months", "overrides").
    """

    def __init__(self, message: str, about: str = ""):
        self.about = about
        super().__init__(" ".join(shortened(word, _LONGEST_WORD) for word in " ".join(message.splitlines()).split(" ")))


@contextmanager
def about(part: str) -> Iterator[None]:
    """Say of whatever is refused within that it is about this part of what was asked, where that says nothing itself."""
    try:
        yield
    except InputError as error:
        error.about = error.about or part
        raise


def nearest(name: object, allowed: Sequence[str]) -> str:
    """Return ", did you mean 'x'?" for the nearest allowed name, or nothing, as where what was given is no name at all."""
    if not isinstance(name, str) or len(name) > _LONGEST_WORD:
        return ""
    close = near(name, allowed)
    return f"; did you mean '{close}'?" if close else ""


def near(name: str, allowed: Sequence[str]) -> str:
    """The allowed name that a slip of the pen would make of another, or one of which it is a whole part; "" for none.

    >>> near("demand.strenth", ["demand.strength"]), near("strength", ["demand.strength"]), near("colour.red", ["clouds.race"])
    ('demand.strength', 'demand.strength', '')
    """
    given, known = name.lower(), {one.lower(): one for one in allowed}
    close = difflib.get_close_matches(given, known, n=1, cutoff=_NEAR)
    if not close:
        within = [one for one in known if given and given in re.split(r"[._-]+", one)]
        close = difflib.get_close_matches(given, within, n=1, cutoff=0.0)
    return known[close[0]] if close else ""


def named_once(names: Iterable[str], where: str) -> None:
    """Refuse a name that stands twice in a list of a user's (raises InputError): whoever wrote it may have meant another."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"'{name}' stands twice in {where}: name it once")
        seen.add(name)


def shortened(name: str, most: int = 60) -> str:
    """A name as it is told: no longer than can be read."""
    return name if len(name) <= most else f"{name[:most]}..."


def cannot_write(place: object, error: OSError, kept: str = "") -> InputError:
    """What the system has against writing somewhere; `kept`: what becomes of what is done."""
    name = shortened(str(place)) if error.errno == errno.ENAMETOOLONG else str(place)
    return InputError(f"cannot write to '{name}': {(error.strerror or str(error)).lower()}{kept}", "out")


def printable(text: str) -> str:
    """Text with what steers a terminal written as Python writes it; it may come from other people's files.

    >>> printable("a name\\x1b[2J")
    'a name\\\\x1b[2J'
    """
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def hides_an_interrupt(error: BaseException) -> bool:
    """Whether an error came of a Ctrl-C: compiled code that it meets ends in a `SystemError` with the Ctrl-C behind it."""
    return any(isinstance(one, KeyboardInterrupt) for one in _behind(error))


#: What is said where memory runs out, and words of libraries that could not be loaded because it did.
TOO_LITTLE_MEMORY = "this machine has too little memory for that: ask for fewer worlds, or for fewer workers"
_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "paging file is too small")


def lacks_memory(error: BaseException) -> bool:
    """Whether an error came of memory that ran out, while something was computed or a library loaded.

    >>> lacks_memory(ImportError("libscipy_openblas.so: failed to map segment from shared object")), lacks_memory(ImportError())
    (True, False)
    """
    return any(
        isinstance(one, MemoryError)
        or (isinstance(one, OSError) and one.errno == errno.ENOMEM)
        or (isinstance(one, (ImportError, OSError)) and any(words in str(one).lower() for words in _NO_MEMORY))
        for one in _behind(error)
    )


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it came of, the last first."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
