"""What users give: numbers as they are written or typed, and anything at all as it is told back to them.

A number is one of any numeric type, or a text in the digits 0 to 9, with a point and an exponent where wanted ("0.7", "1e-3").
Digits of other scripts, "1_000", "1,5" and "inf" are none, whether they come from a command line, a file, an address or Python.
"""

from __future__ import annotations

import datetime
import numbers
import os
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.model.errors import InputError, nearest, shortened

if TYPE_CHECKING:
    import numpy as np

# numpy is loaded where an array is made: options are read before a command can say how many threads it takes.

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def number(given: Any) -> float:
    """A number that was given, spaces around a written one left out; nothing has no sign. Raises ValueError for anything else,
    switches included.

    >>> import numpy as np
    >>> number(" 0.7 "), number("1e-3"), number(np.int64(2))
    (0.7, 0.001, 2.0)
    >>> number("-0")
    0.0
    """
    plain = _plain(given)
    if isinstance(plain, str):
        if not _NUMBER.fullmatch(plain.strip()):
            raise ValueError("not written as a number")
    elif isinstance(plain, bool) or not isinstance(plain, numbers.Real | Decimal):
        raise ValueError("not a number")
    try:
        return float(plain) + 0.0
    except OverflowError:
        raise ValueError("beyond all numbers") from None


def whole(given: Any) -> int:
    """A whole number that was given. Raises ValueError for anything else, 3.0 and true included.

    >>> import numpy as np
    >>> whole("12"), whole(np.int64(3))
    (12, 3)
    """
    plain = _plain(given)
    if isinstance(plain, str):
        if not _WHOLE.fullmatch(plain.strip()):
            raise ValueError("not written as a whole number")
    elif isinstance(plain, bool) or not isinstance(plain, int):
        raise ValueError("not a whole number")
    return int(plain)


def is_whole(given: Any) -> bool:
    """Whether Python was given a whole number, of any type; one that is written does not count.

    >>> import numpy as np
    >>> is_whole(3), is_whole(np.int64(3)), is_whole(3.0), is_whole(True), is_whole("3")
    (True, True, False, False, False)
    """
    return isinstance(given, numbers.Integral) and not isinstance(given, bool)


def path(given: Any, what: str) -> Path:
    """A path that was given. Raises InputError for what is none."""
    if not isinstance(given, str | os.PathLike):
        raise InputError(f"{what} must be a path, not {as_given(given)}")
    return Path(given)


def is_a_list(given: Any) -> bool:
    """Whether there is one value after the other, in a list or in numpy's or pandas' kinds of it; a word is one value.

    >>> import numpy as np
    >>> is_a_list([1, 2]), is_a_list(np.arange(2)), is_a_list(range(2)), is_a_list("ab"), is_a_list(np.array(1.0))
    (True, True, True, False, False)
    """
    several = isinstance(given, Sequence) or hasattr(given, "tolist")
    return several and not isinstance(given, str | bytes) and getattr(given, "ndim", 1) > 0


def array_of(given: Any) -> np.ndarray[Any, Any]:
    """An array of what was given; rows of different lengths, of which numpy makes none, as an array of things."""
    import numpy as np

    try:
        return np.asarray(given)
    except ValueError:
        return np.asarray([given], dtype=object)


class UnknownNameError(InputError, KeyError):
    """A name that there is not, as a mapping's own error too."""

    __str__ = InputError.__str__


class Named[Value](dict[str, Value]):
    """A mapping of names, in which one that there is not is told in a sentence."""

    def __init__(self, what: str, values: Mapping[str, Value]):
        super().__init__(values)
        self.what = what

    def __missing__(self, name: Any) -> Value:
        raise UnknownNameError(
            f"no {self.what} {as_given(name)} here: there are {', '.join(self) or 'none yet'}{nearest(name, list(self))}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (Named, (self.what, dict(self)))


def as_given(given: Any) -> str:
    """What was given as it is told back: as Python writes it, dates as calendars do, on one line, no longer than can be read.

    >>> import numpy as np
    >>> as_given(np.float64(2.5)), as_given([1, 2]), as_given(10**5000), as_given(datetime.date(2025, 1, 31))
    ('2.5', '[1, 2]', 'a number of thousands of digits', '2025-01-31')
    """
    if isinstance(given, datetime.date | datetime.time):
        return given.isoformat()
    try:
        text = repr(_plain(given))
    except ValueError:  # Python writes no numbers of so many digits
        return "a number of thousands of digits" if isinstance(given, int) else f"such {type(given).__name__}"
    return shortened(" ".join(text.split()))


def _plain(given: Any) -> Any:
    """A number of numpy's as Python's own, alone in an array without axes too; a masked one is none."""
    if getattr(given, "ndim", None) != 0 or not hasattr(given, "item"):
        return given
    return None if getattr(given, "mask", False) else given.item()
