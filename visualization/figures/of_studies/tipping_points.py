"""Draw a tipping point, a point of no return or a hysteresis loop, each with its finding as headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.words.speech import capital, say, written
from perpetuum.runs.questions import tipping_report as tip_findings
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.response_curves import NO_CROSSING
from perpetuum.runs.study.summary import month_after
from perpetuum.visualization.figures.layout import Window, save
from perpetuum.visualization.figures.of_studies.panels import NOISE, Asked, scale_of
from perpetuum.visualization.figures.response_curves import Curves, Line, response_figure
from perpetuum.visualization.figures.scales import Measure
from perpetuum.visualization.figures.tipping import Tip, Way, across_figure, hysteresis_figure, no_return_figure

Array = np.ndarray[Any, Any]
Summary = Mapping[str, Any]

_CURVE_WORDS = {"falls_apart": "falls apart", "not_holds_up": "does not hold up"}
_INTERVAL = "Ring: half of the worlds; bar under it: 95 % interval over resampled worlds"


def draw_tip(summary: Summary, asked: Asked, folder: Path) -> list[str]:
    """Write the figure of an answer as PNG and SVG; returns the file names."""
    words = {"title": tip_findings.headline(summary), "source": _source(summary)}
    if summary["question"] == "point_of_no_return":
        return _no_return(summary, folder, words) if summary["fallen"] else []
    if summary["question"] == "hysteresis":
        return _hysteresis(summary, asked, folder, words)
    if "cells" in summary:
        return _across(summary, asked, folder, words)
    return _curve(summary, asked, folder, words)


def _source(summary: Summary) -> str:
    fixed = "".join(f", {name} = {written(value)}" for name, value in summary["overrides"].items())
    worlds = say.counted(summary["worlds"], "world") + (" at each probe" if summary["question"] == "tipping_point" else "")
    preset = Path(summary["preset"]).stem if summary["preset"].endswith(".toml") else summary["preset"]
    return f"Source: perpetuum tip, preset {preset}{fixed}; {worlds}, seed {summary['seed']}, {summary['months']} months."


def _curve(summary: Summary, asked: Asked, folder: Path, words: dict[str, str]) -> list[str]:
    axis = Axis(summary["over"], tuple(probe["value"] for probe in summary["probes"]))
    lines, tips = [], []
    for curve, headlines in (("falls_apart", "falls_apart"), ("not_holds_up", "holds_up")):
        shares = [probe["headlines"][headlines] for probe in summary["probes"]]
        middle, low, high = (np.array([share[key] for share in shares]) for key in ("share", "low", "high"))
        if curve == "not_holds_up":
            middle, low, high = 1 - middle, 1 - high, 1 - low
        lines.append(Line(_CURVE_WORDS[curve], headlines, middle, low, high))
        one = summary[curve]
        if one["threshold"] is not None:
            tips.append((one["threshold"], one["low"], one["high"]))
        else:
            tips += [(crossing["value"], None, None) for crossing in one["crossings"]]
    scale = scale_of(axis, asked, (axis.levels[0], axis.levels[-1]))
    figure = response_figure(
        [Curves("", scale, lines, tips)],
        Measure("Share of worlds", "share", 0.0, 1.0),
        subtitle=f"Share of worlds that fall apart, and that do not hold up, with {say.parameter(summary['over'])}",
        caveats=[f"Bands: 95 % intervals of each share ({NOISE}).", _rings(tips)],
        **words,
    )
    return save(figure, folder, "tip")


def _rings(tips: Sequence[tuple[float, float | None, float | None]]) -> str:
    if not tips:
        return ""
    bars = any(low is not None and high is not None for _, low, high in tips)
    return f"{_INTERVAL}." if bars else "Ring: half of the worlds."


def _across(summary: Summary, asked: Asked, folder: Path, words: dict[str, str]) -> list[str]:
    name = summary["across"]
    settings = [cell["setting"][name] for cell in summary["cells"]]
    numeric = not any(isinstance(value, (str, bool)) for value in settings)
    x = scale_of(Axis(name, tuple(settings), numeric), asked)
    y = scale_of(Axis(summary["over"], tuple(summary["range"])), asked, (summary["range"][0], summary["range"][1]))
    curves = {curve: [_tip(cell[curve]) for cell in summary["cells"]] for curve in _CURVE_WORDS}
    # A curve that tips nowhere is told in the caption and not drawn as a row of arrows.
    silent = all(tip.none == "below" for tip in curves["not_holds_up"])
    shown = {curve: tips for curve, tips in curves.items() if curve == "falls_apart" or not silent}
    labels = {"falls_apart": "half of the worlds fall apart", "not_holds_up": "half of the worlds do not hold up"}
    figure = across_figure(
        shown,
        labels,
        x,
        y,
        subtitle=f"{capital(say.parameter(summary['over']))} at which half of the worlds fall apart, by {say.parameter(name)}",
        caveats=[_across_caveat(shown), "Nowhere do half of the worlds hold up." if silent else ""],
        **words,
    )
    return save(figure, folder, "across")


def _tip(one: Summary) -> Tip:
    if one["threshold"] is not None:
        return Tip(one["threshold"], one["low"], one["high"])
    if one["reason"] == NO_CROSSING and not one["crossings"]:
        return Tip(None, none="above" if one["highest"]["share"] < 0.5 else "below")
    return Tip(None, none="several", crossings=[crossing["value"] for crossing in one["crossings"]])


def _across_caveat(curves: Mapping[str, Sequence[Tip]]) -> str:
    kinds = {tip.none for tips in curves.values() for tip in tips}
    told = {
        "": f"Bars: 95 % intervals over resampled worlds ({NOISE}).",
        "above": "Arrow at the top: fewer than half of the worlds in the whole range.",
        "below": "Arrow at the bottom: more than half of the worlds in the whole range.",
        "several": "Hollow: no single threshold, every crossing of one half is drawn.",
    }
    return " ".join(sentence for kind, sentence in told.items() if kind in kinds)


def _no_return(summary: Summary, folder: Path, words: dict[str, str]) -> list[str]:
    rows = summary["still_saved"]
    start, end = summary["start_month"], summary["end_month"]
    dates = [month_after(summary["first_month"], month) for month in range(summary["months"])]
    months, share, low, high = (np.array([row[key] for row in rows]) for key in ("month", "share", "low", "high"))
    # To the end of the tightening nobody can be saved any more.
    zero, one = wilson(0, summary["fallen"])
    if end < summary["months"]:
        months, share = np.append(months, end), np.append(share, 0.0)
        low, high = np.append(low, zero), np.append(high, one)
    label = f"funding tight (degree {summary['tightening']:g})"
    full = int(start + summary["ramp_months"])
    window = Window(start, full, max(full, summary["easing_month"]), end, label)
    figure = no_return_figure(
        dates,
        months,
        share,
        low,
        high,
        median=None if summary["month"] is None else (summary["month"], summary["low"], summary["high"]),
        window=window,
        subtitle=f"Share of the {summary['fallen']} worlds that fall apart as asked which loosening funding can still save",
        caveats=[
            f"Band: 95 % interval of each share ({NOISE}). {_INTERVAL}. Loosening takes "
            f"{say.counted(round(summary['ramp_months']), 'month')}."
        ],
        **words,
    )
    return save(figure, folder, "no_return")


_INDICATOR_WORDS = {
    "vendor_revenue": ("Chip vendors' AI revenue", "% of worlds in which the lever rests"),
    "sentiment": ("Sentiment", "from -1, doom, to 1, euphoria"),
    "neocloud_spread": ("The neocloud's credit spread", "% a year"),
    "fallen": ("Worlds on the ground", "% with a core default, or revenue under half its peak"),
}


def _hysteresis(summary: Summary, asked: Asked, folder: Path, words: dict[str, str]) -> list[str]:
    ways = []
    for name, (label, unit) in _INDICATOR_WORDS.items():
        one = summary["indicators"][name]
        up, down = np.array(one["path_up"]), np.array(one["path_down"])
        same = np.array([row["same_month"] for row in one["levels"]])
        marks = tuple(
            float("nan") if one[key]["value"] is None else one[key]["value"] for key in ("up", "down", "same_month")
        )
        middle = float(up[0] + up[-1]) / 2
        shown = (middle, marks) if name == "vendor_revenue" else (float("nan"), ())
        least = 0.25 if name == "fallen" else 0.0
        ways.append(Way(label, unit, up, down, same, name != "sentiment", least, *shown))
    levels = [row["level"] for row in summary["indicators"]["vendor_revenue"]["levels"]]
    axis = Axis(summary["over"], tuple(levels))
    what = say.parameter(summary["over"])
    figure = hysteresis_figure(
        ways,
        scale_of(axis, asked, (min(levels), max(levels))),
        np.array(summary["levels_up"]),
        np.array(summary["levels_down"]),
        np.array(levels),
        subtitle=f"Means over worlds as {what} rises slowly and falls again",
        caveats=[
            "What lies between the way up and the circles is age, what lies between the circles and the way down is memory "
            "and lag. Dotted line: half of the change.",
        ],
        **words,
    )
    return save(figure, folder, "hysteresis")
