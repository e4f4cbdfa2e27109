"""Ranges and dates in a page: 68–100 and 2025-09-30 stand in one line, which browsers would end behind the dash."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_RANGE = re.compile(r"[−+$]?\d[\d.,]*(?:[–-][−+$]?(?:∞|\d[\d.,]*))+(?:\u00a0?%)?")


def held(text: Any) -> Markup:
    """A text as HTML, in which no line ends inside a range.

    >>> held("in 25 % (4–15) < 2025-09-30")
    Markup('in 25 % (<span class="whole">4–15</span>) &lt; <span class="whole">2025-09-30</span>')
    """
    return Markup(_RANGE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))
