"""The reckoning: who gained and lost, what is left standing, and what became of a dollar in AI shares."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from perpetuum.model.words.numbers import number
from perpetuum.runs.screen.layout import Paragraph, head
from perpetuum.runs.study.summary import month_after


def reckoning(summary: Mapping[str, Any]) -> RenderableType:
    """Gains and losses, what remains, and the best month to have sold; beside what remains, what loose money leaves."""
    gains, remains = split_reckoning(summary["reckoning"])
    tightens = summary["tightening"]["within_run"]
    loose_remains = split_reckoning(summary["loose"]["reckoning"])[1] if tightens else {}
    gained = sorted((one for one in gains.items() if one[1]["median"] > 0), key=lambda item: -item[1]["median"])
    lost = sorted((one for one in gains.items() if one[1]["median"] < 0), key=lambda item: item[1]["median"])

    def listing(items: Sequence[tuple[str, Mapping[str, float]]]) -> str:
        return ", ".join(f"{name} {one['median']:+,.0f}" for name, one in items[:6]).replace("-", "−") or "nobody"

    def left_standing(name: str, one: Mapping[str, float]) -> str:
        loose = f" (loose {number(loose_remains[name]['median'])})" if name in loose_remains else ""
        return f"{_REMAINS.get(name, name + ' {}').format(number(one['median']))}{loose}"

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row("gained", Paragraph(listing(gained)))
    grid.add_row("lost", Paragraph(listing(lost)))
    if remains:
        known = [name for name in _REMAINS if name in remains]
        order = [*known, *(name for name in remains if name not in known)]
        grid.add_row("remains", Paragraph(", ".join(left_standing(name, remains[name]) for name in order)))
    if "exit:best" in summary["reckoning"]:
        grid.add_row("cash out?", Paragraph(_exit(summary)))
    return Group(head("The reckoning", "$bn over the run, median world"), Padding(grid, (0, 0, 1, 2)))


#: How what remains is written; the rest as name and number.
_REMAINS = {
    "usable GW": "{} GW in use",
    "unfinished GW": "{} GW unfinished",
    "capability": "capability {} times today's",
    "rent per hour": "rent {} $/GPU-hour",
}


def _exit(summary: Mapping[str, Any]) -> str:
    """What became of a dollar put into AI shares at the start, by when it was taken out; median world."""
    worth = {key.removeprefix("exit:"): one["median"] for key, one in summary["reckoning"].items()}
    first = datetime.date.fromisoformat(summary["first_month"])
    best = month_after(first, round(worth["best_month"]))
    tightens = f"${worth['at_tightening']:.2f} as funding tightens, " if summary["tightening"]["within_run"] else ""
    return (
        f"a dollar in AI shares is {tightens}${worth['best']:.2f} at its best ({best:%b %Y}), "
        f"${worth['at_end']:.2f} at the end"
    )


_UNITS = {"gw": "GW", "ai": "AI", "gpu": "GPU", "bn": "$bn"}


def split_reckoning(
    reckoning: Mapping[str, Mapping[str, float]],
) -> tuple[dict[str, Mapping[str, float]], dict[str, Mapping[str, float]]]:
    """Gains by name, and what remains by name; keys read `gain:...` and `remains:...`."""
    gains, remains = {}, {}
    for key, one in reckoning.items():
        kind, _, name = key.partition(":")
        words = " ".join(_UNITS.get(word, word) for word in (name or kind).replace(":", "_").split("_"))
        if kind == "remains":
            remains[words] = one
        elif kind == "gain" or not name:
            gains[words] = one
    return gains, remains
