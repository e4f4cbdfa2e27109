"""Lines: a text broken to a width, at spaces or between Chinese characters, which are two columns wide.

No line begins with a closing mark, and none ends at a space that holds a number and its unit together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_UNIT = re.compile(rf"( *)([“（《]*(?:[{_WIDE}]|[^ {_WIDE}]+)[，。；：、！？）》”%]*)")
#: Letters that may be wide; none before them is.
_LATE = re.compile("[\u1100-\U0010ffff]")
#: A space at which no line ends, and where it stands: number and unit, month and year, option and value.
FIRM = "\N{NO-BREAK SPACE}"
_INSIDE = re.compile(r"(?<=\d) (?=%|bp\b|GW\b|worlds?\b|\$/)|(?<=\b[A-Z][a-z]{2}) (?=\d{4}\b)|(?<=--set) |(?<=--months) ")


def columns(text: str) -> int:
    """Columns that a text takes on a screen."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in _LATE.findall(text))


def together(text: str) -> str:
    """The text with firm spaces where no line should end."""
    return _INSIDE.sub(FIRM, text)


def broken(text: str, width: int, measure: Callable[[str], int] = columns) -> list[str]:
    """The lines of a text at most `width` wide; what is wider is broken inside."""
    lines, line = [], ""
    for gap, unit in _UNIT.findall(together(text)):
        longer = line + (" " if gap and line else "") + unit
        if line and measure(longer) > width:
            lines.append(line)
            longer = unit
        while measure(longer) > width and len(longer) > 1:
            cut = max(k for k in range(1, len(longer)) if k == 1 or measure(longer[:k]) <= width)
            lines.append(longer[:cut])
            longer = longer[cut:]
        line = longer
    return [one.replace(FIRM, " ") for one in (*lines, line) if one]
