"""Money from outside: cents of a dollar that AI cost which its customers did not pay, by year and by who paid them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.units import YEAR
from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.layout import Caption, apart, page, rule, style
from perpetuum.visualization.figures.palette import DYE_COLOURS, INK, PAPER
from perpetuum.visualization.figures.sources import source_of_run, spread_note

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Year = Mapping[str, Any]  # of summary["outside_cents"]: median, mean, low, high, by_source, months

#: Whose money it is keeps its colour everywhere; cash is what firms had earned before.
SOURCE_COLOURS = {
    "other_business": DYE_COLOURS["other_customers"],
    "shares": DYE_COLOURS["equity"],
    "credit": DYE_COLOURS["credit"],
    "states": DYE_COLOURS["states"],
    "cash": DYE_COLOURS["own"],
}
#: Share of worlds that may have fallen where the headline compares years.
_FEW_FALLEN = 0.05


def draw_outside_money(summary: Mapping[str, Any]) -> Figure:
    """Bars by year, what came in above zero and what went out below; the total as a line with the band of the worlds."""
    by_year: Mapping[str, Year] = summary["outside_cents"]["asked"]
    several = summary["worlds"] >= FEWEST
    with style():
        figure, (axis,) = page(
            Caption(title_of_outside_money(summary), say("outside.subtitle"), source_of_run(summary)),
            say("outside.note"),
            say("outside.total_note" if several else "outside.few_note") if summary["worlds"] > 1 else say("fan.single"),
            say("outside.fallen") if _fallen(summary) else "",
            spread_note(summary),
            panel=(7.6, 4.6),
            margins=(0.6, 2.75, 0.45, 0.6),
        )
        _bars(axis, by_year)
        _total(axis, by_year, several)
        rule(axis)
        axis.axhline(0, color=INK, lw=1.0, zorder=3)
        _names(axis, by_year)
        return figure


def _bars(axis: Axes, by_year: Mapping[str, Year]) -> None:
    """Stack the sources away from zero on either side."""
    places = np.arange(len(by_year))
    up, down = np.zeros(len(places)), np.zeros(len(places))
    for name, colour in SOURCE_COLOURS.items():
        cents = np.array([100 * one["by_source"][name] for one in by_year.values()])
        for part, base in ((np.maximum(cents, 0), up), (np.minimum(cents, 0), down)):
            axis.bar(places, part, bottom=base, width=0.72, color=colour, ec=PAPER, lw=0.5, zorder=2)
            base += part
    down = np.minimum(down, [100 * one["low"] for one in by_year.values()])
    up = np.maximum(up, [100 * one["high"] for one in by_year.values()])
    axis.set_xlim(-0.6, len(places) - 0.4)
    axis.set_xticks(places, [_year(year, one, len(by_year)) for year, one in by_year.items()])
    span = float(up.max() - down.min()) or 1.0
    axis.set_ylim(float(down.min()) - 0.04 * span, float(up.max()) + 0.04 * span)
    axis.tick_params(axis="x", length=0)


def _year(year: str, one: Year, years: int) -> str:
    """A year, and of how many months it is told where they are fewer than twelve."""
    if one["months"] == 12:
        return year
    return f"{year}\n{say('outside.months', n=one['months']) if years <= 14 else one['months']}"


def _total(axis: Axes, by_year: Mapping[str, Year], several: bool) -> None:
    places = np.arange(len(by_year))
    low, mean, high = (np.array([100 * one[part] for one in by_year.values()]) for part in ("low", "mean", "high"))
    if several:
        axis.vlines(places, low, high, color=INK, lw=6, alpha=0.25, zorder=4)
    axis.plot(places, mean, color=INK, lw=2.0, marker="o", ms=5.5, mec=PAPER, mew=0.8, zorder=5)


def _names(axis: Axes, by_year: Mapping[str, Year]) -> None:
    """Name the sources at the right in the order of their bars, and the total at its end."""
    last = list(by_year.values())[-1]
    low, high = axis.get_ylim()
    found = [name for name in SOURCE_COLOURS if any(abs(one["by_source"][name]) >= 0.005 for one in by_year.values())]
    # The first year's order from the top down; each name has its swatch.
    first = next(iter(by_year.values()))
    above = [name for name in reversed(found) if first["by_source"][name] >= 0]
    below = [name for name in found if first["by_source"][name] < 0]
    step = (high - low) * 0.095
    wanted = {name: high - (k + 0.5) * step for k, name in enumerate((*above, *below))} | {"total": 100 * last["mean"]}
    order = sorted(wanted, key=lambda name: wanted[name])
    places = apart([wanted[name] for name in order], [step] * len(order), low, high)
    for name, place in zip(order, places, strict=True):
        at = (place - low) / (high - low)
        look: dict[str, Any] = {"transform": axis.transAxes, "size": 9.5, "va": "center", "color": INK}
        if name == "total":
            axis.text(1.018, at, say("outside.total", cents=_cents(last["mean"])), weight="bold", **look)
            continue
        axis.plot(1.035, at, "s", ms=8, color=SOURCE_COLOURS[name], transform=axis.transAxes, clip_on=False)
        axis.text(1.06, at, say(f"outside.{name}").replace("|", "\n"), **look)


def _cents(part: float) -> str:
    return f"{100 * part:.0f}".replace("-", "−") if abs(part) >= 0.005 else "0"


def years_told(by_year: Mapping[str, Year]) -> tuple[str, str | None]:
    """The year that screen and headline tell of, and a later one if there is one.

    Of the years of most months the second where there are several, and the first that is three years later or more.
    """
    most = max(one["months"] for one in by_year.values())
    whole = [year for year, one in by_year.items() if one["months"] == most]
    year = whole[min(1, len(whole) - 1)]
    return year, next((one for one in whole if int(one) >= int(year) + 3), None)


def title_of_outside_money(summary: Mapping[str, Any]) -> str:
    """What nine worlds in ten say of a year, and of a later one where it differs from the first in nearly all."""
    by_year: Mapping[str, Year] = summary["outside_cents"]["asked"]
    year, later = years_told(by_year)
    one, two = by_year[year], by_year[later] if later else None
    if 1 < summary["worlds"] < FEWEST or (one["low"] <= 0 <= one["high"] and summary["worlds"] > 1):
        return say("outside.neutral")
    if one["months"] < YEAR:
        year = say("odds.part_of_year", year=year, months=say.counted(one["months"], "month"))
    if one["high"] < 0:
        return say("outside.more", year=year, cents=say.between(-one["high"], -one["low"], percent=False))
    told = say("outside.found", year=year, cents=_between(one))
    if two and two["high"] < one["low"] and _fallen(summary) < _FEW_FALLEN:
        if two["low"] >= 0:
            return say("outside.less", told=told, year=later, cents=_between(two))
        if two["high"] <= 0:
            return say("outside.pays", told=told, year=later)
        return say("outside.most", told=told, year=later, cents=_cents(two["high"]))
    return told


def _fallen(summary: Mapping[str, Any]) -> float:
    """Share of the worlds that have fallen by the last month judged: what their customers pay is no success."""
    entries = summary["odds"]["asked"]
    return float(entries[-1]["fallen"]["share"]) if entries else 0.0


def _between(one: Year) -> str:
    return say.between(one["low"], one["high"], percent=False)
