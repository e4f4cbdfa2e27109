"""How circular the money is: the three rings, the caused share, and what the vendors were paid with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.words.lines import columns
from perpetuum.model.words.numbers import whole_ends
from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import quiet, section
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER

#: Rows, the narrowest ring first.
_RINGS = ("own_money_share", "in_system_share", "non_customer_share", "caused_share")
#: Columns of the bar of what paid the vendors.
_LENGTH = 66
#: Dyes of the vendors' own money.
LAPS = ("lap_1", "lap_2", "lap_3")
#: Per cent of the vendors' sales that vendors' finance carries, from which on it is told why worlds stand alone all the same.
NOTABLE = 10


def circularity(summary: Mapping[str, Any]) -> RenderableType:
    """The rings and the caused share (median world, and how far worlds differ), and a bar of what paid the vendors."""
    rings = summary["circularity"]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", style="bold", no_wrap=True)
    grid.add_column()
    for name in _RINGS:
        if name in rings:
            grid.add_row(
                say(f"rings.{name}"), say.share(rings[name]["median"]), quiet(_note(name, rings, summary["worlds"]))
            )
    told = [quiet(line) for line in (unlocked(rings, summary["worlds"]), _alone(summary)) if line]
    note = say("rings.note" if summary["worlds"] > 1 else "rings.note_one")
    return section(say("rings.title"), note, grid, *told, _paid_with(summary["paid_with"]), *_together(summary))


def in_short(summary: Mapping[str, Any]) -> str:
    """How much of the vendors' sales is their own money and how much it caused; why worlds stand alone all the same."""
    rings, places = summary["circularity"], {}
    for place, name in (("own", "own_money_share"), ("caused", "caused_share")):
        share, note = say.share(rings[name]["median"]), _note(name, rings, summary["worlds"])
        places[place] = say("rings.short_noted", share=share, note=note) if note else share
    told = say("rings.short_none" if round(100 * rings["caused_share"]["median"]) < 0 else "rings.short", **places)
    return say("list.semicolon").join(part for part in (told, _alone(summary)) if part)


def _note(name: str, rings: Mapping[str, Any], worlds: int) -> str:
    """How far worlds differ in a row; of vendors' own money how far two extreme rules of tracing do."""
    one = rings[name]
    if name == "own_money_share" and "own_money_share_low" in rings:
        low, high = (rings[f"own_money_share_{end}"]["median"] for end in ("low", "high"))
        several = len(whole_ends(low, high)) > 1
        return say("rings.leaks", ends=say.between(low, high)) if several else say("rings.leaks_not")
    if worlds == 1:
        return ""
    nothing = name == "caused_share" and one["low"] <= 0 <= one["high"]
    if len(whole_ends(one["low"], one["high"])) == 1:
        return say("rings.about_nothing" if nothing else "rings.same")
    ends = say.span(one["low"], one["high"]) if one["low"] >= 0 else say.between(one["low"], one["high"])
    note = say("rings.worlds", of=_of(worlds), ends=ends)
    if nothing:
        return say("rings.nothing" if abs(one["median"]) < 0.02 else "rings.perhaps", note=note)
    return note


def _alone(summary: Mapping[str, Any]) -> str:
    """Why worlds stand alone in which much of the vendors' sales would be gone without their own finance, where most do."""
    last, caused = summary["odds"]["asked"][-1:], summary["circularity"]["caused_share"]
    if not last or last[0]["alone"]["share"] <= 0.5 or caused["low"] <= 0 or round(100 * caused["median"]) < NOTABLE:
        return ""
    return say("rings.alone", share=say.percent(caused["median"]))


def _together(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Why vendors' own money has another share of the bar than in the first row, where it has."""
    if summary["worlds"] == 1:
        return []
    own = sum(summary["paid_with"].get(name, 0.0) for name in LAPS)
    pooled, median = (say.share(one) for one in (own, summary["circularity"]["own_money_share"]["median"]))
    return [] if pooled == median else [quiet(say("rings.paid_together", share=pooled, median=median))]


def unlocked(rings: Mapping[str, Any], worlds: int) -> str:
    """What a dollar of vendor finance brought from outside, or pushed out, and in what range that lies over several worlds.

    Of worlds in which vendors finance somebody; how many these are is told where they are not all.
    """
    if "unlocked_per_dollar" not in rings:
        return ""
    financed = rings.get("unlocked_worlds", worlds)  # runs of an earlier day do not know
    if rings["vendor_finance_sum"]["high"] <= 0 or not financed:
        return say("rings.nobody")
    told = _unlocked(rings["unlocked_per_dollar"], worlds)
    return told if financed == worlds else say("rings.financed", n=financed, told=told)


def _of(worlds: int) -> str:
    """Of which worlds a range is: of nine in ten, where there are enough to say so."""
    return say("rings.of_ten" if worlds >= FEWEST else "rings.of_all")


def _unlocked(one: Mapping[str, float], worlds: int) -> str:
    low, high = (round(one[end], 2) + 0.0 for end in ("low", "high"))
    span = _range(low, high, _of(worlds)) if worlds > 1 else ""
    if f"{abs(one['median']):.2f}" == "0.00":
        return say("rings.brought_nothing", range=span)
    return say("rings.brought" if one["median"] >= 0 else "rings.displaced", amount=f"{abs(one['median']):.2f}", range=span)


def _range(low: float, high: float, of: str) -> str:
    """From how much displaced to how much brought; nothing where all worlds say the same."""
    if low == high:
        return ""
    if low < 0 < high:
        return say("rings.range", of=of, low=f"{-low:.2f}", high=f"{high:.2f}")
    ends = sorted((abs(low), abs(high)))
    key = "rings.range_brought" if low >= 0 else "rings.range_displaced"
    return say(key, of=of, low=f"{ends[0]:.2f}", high=f"{ends[1]:.2f}")


def _paid_with(mix: Mapping[str, float]) -> Text:
    """What the vendors' revenue was paid with: one bar in the colours of the dyes, and its key."""
    merged = {name: mix.get(name, 0.0) for name in DYE_ORDER if not name.startswith("lap_")}
    merged["lap_1"] = sum(mix.get(name, 0.0) for name in LAPS)
    text, done, filled = Text(f"{say('rings.paid_with')} "), 0.0, 0
    for name, part in merged.items():
        done += part
        width = round(done * _LENGTH) - filled
        filled += width
        text.append("█" * width, style=DYE_COLOURS[name])
    column = 0
    for name, part in sorted(merged.items(), key=lambda item: -item[1]):
        if part < 0.005:
            continue
        words = f" {say.share(part)} {say(f'rings.dye.{name}')}  "
        if column == 0 or column + columns(words) > _LENGTH:
            text.append("\n" + " " * 10)
            column = 0
        text.append("■", style=DYE_COLOURS[name])
        text.append(words)
        column += 1 + columns(words)
    return text
