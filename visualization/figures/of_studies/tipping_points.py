"""Draw whatever `perpetuum tip` answers, with its finding as headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.units import date_of
from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions import tipping_report
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.response_curves import NO_CROSSING
from perpetuum.visualization.figures.channels import draw_channels
from perpetuum.visualization.figures.layout import Caption, save
from perpetuum.visualization.figures.life_lost import draw_life_lost
from perpetuum.visualization.figures.of_studies.panels import Asked, scale_of
from perpetuum.visualization.figures.response_curves import Curves, Line, response_figure
from perpetuum.visualization.figures.scales import Measure, share_of_worlds
from perpetuum.visualization.figures.sources import scenario_of
from perpetuum.visualization.figures.stop_test import draw_stop_test
from perpetuum.visualization.figures.tight_window import Window
from perpetuum.visualization.figures.tipping import Tip, Way, across_figure, hysteresis_figure, no_return_figure

Summary = Mapping[str, Any]

#: Questions that are asked of a study of cells: what draws the answer, and its file's name.
_OF_CELLS = {
    "life_lost_map": (draw_life_lost, "life_lost"),
    "channels": (draw_channels, "channels"),
    "stop_test": (draw_stop_test, "stop_test"),
}
_INDICATORS = ("vendor_revenue", "sentiment", "neocloud_spread", "fallen")


def draw_tip(summary: Summary, asked: Asked, folder: Path) -> list[str]:
    """Write the figure of an answer as PNG and SVG; returns the file names."""
    if summary["question"] in _OF_CELLS:
        draw, name = _OF_CELLS[summary["question"]]
        return save(draw(summary), folder, name)
    words = (tipping_report.headline(summary), _source(summary))
    if summary["question"] == "point_of_no_return":
        return _no_return(summary, folder, words) if summary["fallen"] else []
    if summary["question"] == "hysteresis":
        return _hysteresis(summary, asked, folder, words)
    if "cells" in summary:
        return _across(summary, asked, folder, words)
    return _curve(summary, asked, folder, words)


def _caption(words: tuple[str, str], subtitle: str, *caveats: str) -> Caption:
    """Headline and source around what a figure says of itself."""
    return Caption(words[0], subtitle, words[1], caveats)


def _source(summary: Summary) -> str:
    worlds, months = say.counted(summary["worlds"], "world"), say.counted(summary["months"], "month")
    if summary["question"] == "tipping_point":
        worlds = say("tip.figure.at_each", worlds=worlds)
    return say("tip.figure.source", scenario=scenario_of(summary), seed=summary["seed"], worlds=worlds, months=months)


def _curve(summary: Summary, asked: Asked, folder: Path, words: tuple[str, str]) -> list[str]:
    axis = Axis(summary["over"], tuple(probe["value"] for probe in summary["probes"]))
    scale = scale_of(axis, asked, (axis.levels[0], axis.levels[-1]))
    panels, every = [], []
    for curve, level in summary["metrics"].items():
        middle = "months" if curve == "life_lost" else "share"
        parts = [np.array([probe[curve][part] for probe in summary["probes"]]) for part in (middle, "low", "high")]
        one = summary[curve]
        tips: list[tuple[float, float | None, float | None]]
        if one["threshold"] is not None:
            tips = [(one["threshold"], one["low"], one["high"])]
        else:
            tips = [(crossing["value"], None, None) for crossing in one["crossings"]]
        every += tips
        measure, hue = share_of_worlds(), "fallen"
        if not tipping_report.is_marked(curve):
            low, high = min(0.0, float(parts[1].min())), max(1.25 * level, float(parts[2].max()))
            measure, hue = Measure(say("rungs.paired"), "months", low, high), ""
            if curve != "life_lost":
                measure = Measure(say("tip.figure.of_a_dollar"), "share", 0.0, min(high, 1.0))
        label = capital(tipping_report.of(summary, curve, "name"))
        panels.append(Curves(label, scale, [Line("", hue, *parts)], tips, level, measure))
    told = say.listed([tipping_report.of(summary, curve, "of") for curve in summary["metrics"]])
    figure = response_figure(
        panels,
        share_of_worlds(),
        _caption(
            words,
            capital(say("tip.figure.subtitle", told=told, what=say.parameter(summary["over"]))),
            say("tip.figure.noise"),
            _rings(summary, every),
        ),
    )
    return save(figure, folder, "tip")


def _rings(summary: Summary, tips: Sequence[tuple[float, float | None, float | None]]) -> str:
    if not tips:
        return ""
    bars = any(low is not None and high is not None for _, low, high in tips)
    levels = say.listed([tipping_report.of(summary, curve, "tips") for curve in summary["metrics"]])
    return say("tip.figure.ring_interval" if bars else "tip.figure.ring", levels=levels)


def _across(summary: Summary, asked: Asked, folder: Path, words: tuple[str, str]) -> list[str]:
    name = summary["across"]
    settings = [cell["setting"][name] for cell in summary["cells"]]
    numeric = not any(isinstance(value, (str, bool)) for value in settings)
    x = scale_of(Axis(name, tuple(settings), numeric), asked)
    y = scale_of(Axis(summary["over"], tuple(summary["range"])), asked, (summary["range"][0], summary["range"][1]))
    curves = {curve: [_tip(cell[curve]) for cell in summary["cells"]] for curve in summary["metrics"]}
    # A curve that tips nowhere is told in the title and not drawn as a row of arrows.
    shown = {
        curve: tips for curve, tips in curves.items() if any(tip.none not in ("above", "below") for tip in tips)
    } or curves
    labels = {curve: tipping_report.of(summary, curve, "tips") for curve in curves}
    over, what = say.parameter(summary["over"]), say.parameter(name)
    subtitle = capital(say("tip.figure.across", over=over, what=what))
    figure = across_figure(shown, labels, x, y, _caption(words, subtitle, _across_caveat(shown)))
    return save(figure, folder, "across")


def _tip(one: Summary) -> Tip:
    if one["threshold"] is not None:
        return Tip(one["threshold"], one["low"], one["high"])
    if one["reason"] == NO_CROSSING and not one["crossings"]:
        return Tip(None, none="above" if one["highest"]["mean"] < one["level"] else "below")
    return Tip(None, none="several", crossings=[crossing["value"] for crossing in one["crossings"]])


def _across_caveat(curves: Mapping[str, Sequence[Tip]]) -> str:
    kinds = {tip.none for tips in curves.values() for tip in tips}
    told = [say(f"tip.figure.{kind or 'bars'}") for kind in ("", "above", "below", "several") if kind in kinds]
    return say.sentences(told)


def _no_return(summary: Summary, folder: Path, words: tuple[str, str]) -> list[str]:
    rows = summary["still_saved"]
    start, end = summary["start_month"], summary["end_month"]
    dates = [date_of(summary["first_month"], month) for month in range(summary["months"])]
    months, share, low, high = (np.array([row[key] for row in rows]) for key in ("month", "share", "low", "high"))
    # To the end of the tightening nobody can be saved any more.
    zero, one = wilson(0, summary["fallen"])
    if end < summary["months"]:
        months, share = np.append(months, end), np.append(share, 0.0)
        low, high = np.append(low, zero), np.append(high, one)
    label = say("figure.tight", theta=summary["tightening"])
    full = int(start + summary["ramp_months"])
    window = Window(start, full, max(full, summary["easing_month"]), end, label)
    ramp = say.counted(round(summary["ramp_months"]), "month")
    figure = no_return_figure(
        dates,
        months,
        share,
        low,
        high,
        caption=_caption(
            words,
            say("no_return.figure.subtitle", fallen=summary["fallen"]),
            say("no_return.figure.band", ring=say("tip.figure.ring_median"), ramp=ramp),
        ),
        median=None if summary["month"] is None else (summary["month"], summary["low"], summary["high"]),
        window=window,
    )
    return save(figure, folder, "no_return")


def _hysteresis(summary: Summary, asked: Asked, folder: Path, words: tuple[str, str]) -> list[str]:
    ways = []
    for name in _INDICATORS:
        one = summary["indicators"][name]
        up, down = np.array(one["path_up"]), np.array(one["path_down"])
        same = np.array([row["same_month"] for row in one["levels"]])
        marks = tuple(
            float("nan") if one[key]["value"] is None else one[key]["value"] for key in ("up", "down", "same_month")
        )
        middle = float(up[0] + up[-1]) / 2
        shown = (middle, marks) if name == "vendor_revenue" else (float("nan"), ())
        least = 0.25 if name == "fallen" else 0.0
        label, unit = say(f"loop.figure.{name}"), say(f"loop.figure.{name}_unit")
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
        _caption(words, say("loop.figure.subtitle", what=what), say("loop.figure.note")),
    )
    return save(figure, folder, "hysteresis")
