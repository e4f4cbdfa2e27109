"""The dials under the verdict, and the bar that says who funds the machine: plain data, without a browser.

A dial is a thin gauge from 0 to `full`, with a mark for each world. Whoever shows the traced share of the vendors' own money
shows the caused one beside it: neither implies the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app.session import Session
from perpetuum.visualization.app.verdict import Figures
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER

#: Levels named under the gauge of shares, which holds all shares: by square root, so that a few percent can be read too. A gauge
#: keeps its scale whatever it has to show.
SHARES_NAMED = (0.05, 0.25)
#: Ratios are drawn up to this, and `commitment_cover` is counted up to it.
RATIO_END = COVER_END = 3.0


@dataclass(frozen=True)
class Mark:
    """What a gauge points to for one world: a value, and the bracket around it where there is one."""

    world: int
    kind: str  # main or second: the second figure of the same gauge
    text: str
    short: str  # where there is little room
    whole: str  # where there is room for the bracket too
    at: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dial:
    """A gauge: `full` is its end, `line` the level that means something (None: none), `named` the levels written under it.

    `root`: places go with the square root of values.
    """

    name: str
    marks: tuple[Mark, ...]
    full: float
    full_text: str
    line: float | None = None
    named: tuple[tuple[float, str], ...] = ()
    root: bool = False


def dials(words: Words, seen: Sequence[Figures]) -> tuple[Dial, ...]:
    """The gauges of the watched world, and of its twin where there is one; without marks before the first month."""
    return (_own(words, seen), _ratio(words, seen), _cover(words, seen))


def _own(words: Words, seen: Sequence[Figures]) -> Dial:
    marks = []
    for world, s in enumerate(seen):
        low, high = float(s.own_low[-1]), float(s.own_high[-1])
        own, caused = words.share(s.own[-1]), words("dial.own_caused", share=words.share(s.caused[-1]))
        text = words("dial.own_traced", share=own)
        whole = words("dial.own_range", traced=text, low=words.share(low), high=words.share(high))
        marks.append(Mark(world, "main", text, own, whole, float(s.own[-1]), low, high))
        marks.append(Mark(world, "second", caused, caused, caused, float(s.caused[-1])))
    named = tuple((share, words.share(share)) for share in SHARES_NAMED)
    return Dial("own", tuple(marks), 1.0, words.share(1.0), named=named, root=True)


def _ratio(words: Words, seen: Sequence[Figures]) -> Dial:
    marks = []
    for world, s in enumerate(seen):
        # Clouds' own use counts in the first and not in the second, which may be the higher one for that.
        second = "building" if s.full[-1] <= s.operating[-1] else "aside"
        for kind, text, value in (("main", "running", s.operating[-1]), ("second", second, s.full[-1])):
            # Rounded down: what is under 1 is never shown as 1.
            ratio = f"{np.floor(100 * value + 1e-9) / 100:.2f}"
            told = words(f"dial.ratio_{text}", ratio=ratio)
            marks.append(Mark(world, kind, told, ratio, told, float(value)))
    return Dial("ratio", tuple(marks), RATIO_END, f"{RATIO_END:g}+", line=1.0, named=((1.0, "1"),))


def _cover(words: Words, seen: Sequence[Figures]) -> Dial:
    marks = []
    for world, s in enumerate(seen):
        if s.failed >= 0:
            text = words("dial.cover_failed")
            marks.append(Mark(world, "main", text, text, words("dial.cover_failed_whole"), 0.0))
            continue
        value = float(s.cover[-1])
        ratio = f"{value:.1f}"
        over = value >= COVER_END
        text = words("dial.cover_over" if over else "dial.cover_times", ratio=ratio)
        marks.append(Mark(world, "main", text, f"≥{ratio}" if over else ratio, text, value))
    return Dial("cover", tuple(marks), COVER_END, f"{COVER_END:g}+", line=1.0, named=((1.0, "1"),))


def funders(words: Words, session: Session, world: int) -> dict[str, Any]:
    """Vendors' AI revenue of the last twelve months by whose money it was: total ($bn) and its parts, largest faith last."""
    economy, row = session.economy, session.row(world)
    window = int(economy.p.measures.series_months)
    sums = {dye: float(months[row, -window:].sum()) for dye, months in economy.dye_series.items()}
    whole = sum(sums.values())
    parts = []
    for dye in DYE_ORDER:
        if sums[dye] > 0:
            name, part = words(f"dye.{dye}"), sums[dye] / whole
            told = words.share(part)
            text = words("dial.funder", name=name, share=told, amount=words.money(sums[dye]))
            brief = name if dye.startswith("lap_") else words(f"machine.dye.{dye}")
            parts.append(
                {
                    "name": name,
                    "brief": brief,
                    "colour": DYE_COLOURS[dye],
                    "share": round(part, 4),
                    "text": text,
                    "short": told,
                }
            )
    return {"total": words.money(whole), "parts": parts}


def payload(dial: Dial, words: Words) -> dict[str, Any]:
    """A gauge as the page draws it: positions from 0 to 1 along it."""

    def along(value: float | None) -> float | None:
        if value is None:
            return None
        part = float(np.clip(value / dial.full, 0.0, 1.0))
        return round(part**0.5 if dial.root else part, 4)

    marks = [asdict(m) | {"at": along(m.at), "low": along(m.low), "high": along(m.high)} for m in dial.marks]
    return {
        "name": dial.name,
        "label": words(f"dial.{dial.name}_label"),
        "help": words(f"dial.{dial.name}_help"),
        "full": dial.full_text,
        "line": along(dial.line),
        "named": [[along(level), text] for level, text in dial.named],
        "marks": marks,
    }
