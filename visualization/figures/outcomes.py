"""How the worlds end: classes as stacked bars, verdicts as points with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.layout import apart, footer, heading, style, wrapped, written_width
from perpetuum.visualization.figures.palette import CLASS_COLOURS, FAINT, HEADLINE_COLOURS, INK, PAPER, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Share = Mapping[str, float]

_ARMS = ("asked", "loose")
_VERDICTS = ("holds_up", "undecided", "falls_apart")
#: Width of the figure (inches); where its axes begin and end, and the columns of numbers beside them (shares of the width).
_WIDE, _LEFT, _RIGHT = 11.0, 0.142, 0.70
_COLUMNS = (0.735, 0.875)


def outcome_shares(
    classes: Mapping[str, Mapping[str, Share]],
    headlines: Mapping[str, Mapping[str, Share]],
    *,
    worlds: int,
    title: str,
    source: str,
    readings: Mapping[str, Mapping[str, Share]] | None = None,
    readings_label: str = "",
) -> Figure:
    """Classes as stacked bars, verdicts as points with intervals, in one arm or both.

    `classes` and `headlines`: arm to name to {share, low, high}. `readings`: likewise {low, high} over other readings
    of the parameters, drawn as a thin bracket under each point and named by `readings_label`.
    """
    arms = [arm for arm in _ARMS if arm in classes]
    with style():
        from matplotlib import pyplot as plt

        tall = (1.3 * len(arms), 1.85 + 1.45 * len(arms))
        figure, (bars, dots) = plt.subplots(2, 1, figsize=(_WIDE, sum(tall) + 1.2), height_ratios=tall)
        between = 0.72 + (0.2 if readings is not None else 0)
        figure.subplots_adjust(left=_LEFT, right=_RIGHT, hspace=between / (sum(tall) / 2))
        below = "endings.subtitle_twins" if len(arms) == 2 else "endings.subtitle"
        heading(figure, title, say(below, worlds=say.counted(worlds, "world"), number=worlds), room=0.12)
        _class_bars(bars, classes, arms)
        _verdict_points(dots, headlines, arms, readings, readings_label)
        footer(figure, source, say("figure.noise_intervals"), room=0.42)
        return figure


def _class_bars(axis: Axes, classes: Mapping[str, Mapping[str, Share]], arms: Sequence[str]) -> None:
    axis.set_xlim(0, 1)
    axis.set_ylim(len(arms) - 0.55, -0.72)
    for row, arm in enumerate(arms):
        left = 0.0
        labels = []
        for name, colour in CLASS_COLOURS.items():
            share = classes[arm].get(name, {}).get("share", 0.0)
            if share <= 0:
                continue
            axis.barh(row, share, left=left, height=0.46, color=colour, edgecolor=PAPER, lw=1.2)
            labels.append((left + share / 2, f"{say(f'ending.{name}')} {100 * share:.0f}", name))
            left += share
        _label_segments(axis, row, labels)
    axis.set_yticks(range(len(arms)), [say(f"endings.{arm}") for arm in arms], size=11.5, weight="bold")
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)


def _label_segments(axis: Axes, row: int, labels: Sequence[tuple[float, str, str]]) -> None:
    """Name a bar's segments above it, moved apart where names would touch, with a hairline to each."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    wide = _WIDE * (_RIGHT - _LEFT)
    widths = [(written_width(figure, text, size=9.5) + 0.16) / wide for _, text, _ in labels]
    places = apart([x for x, _, _ in labels], widths, 0.0, (0.98 - _LEFT) / (_RIGHT - _LEFT))
    for (x, text, name), place in zip(labels, places, strict=True):
        axis.plot((x, place), (row - 0.24, row - 0.36), color=CLASS_COLOURS[name], lw=1.2, clip_on=False)
        axis.text(place, row - 0.40, text, ha="center", va="bottom", size=9.5, color=INK)


def _verdict_points(
    axis: Axes,
    headlines: Mapping[str, Mapping[str, Share]],
    arms: Sequence[str],
    readings: Mapping[str, Mapping[str, Share]] | None,
    readings_label: str,
) -> None:
    """One line a verdict and arm: point and interval on the scale, the numbers in columns beside it."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    step, block = 0.5, 0.5 * len(arms) + 0.42
    heads = [say("endings.interval"), *([say("endings.readings")] if readings is not None else [])]
    for x, head in zip(_COLUMNS, heads, strict=False):
        axis.text(_beside(x), -0.22, head, size=9, color=QUIET, style="italic", transform=axis.get_yaxis_transform())
    for number, name in enumerate(_VERDICTS):
        colour = HEADLINE_COLOURS[name]
        top = number * block
        heads_at = top + (0.0 if len(arms) > 1 else 0.36)
        word = say(f"headline.{name}").capitalize()
        axis.annotate(
            word, (0, heads_at), xytext=(-9, 0), textcoords="offset points", xycoords=("axes fraction", "data"),
            ha="right", va="center", size=11.5, weight="bold", color=QUIET,
        )  # fmt: skip
        for row, arm in enumerate(arms):
            one, y = headlines[arm][name], top + 0.36 + step * row
            axis.plot(
                [one["low"], one["high"]], [y, y], color=colour, lw=4, alpha=0.45, solid_capstyle="round", clip_on=False
            )
            fill = colour if arm == "asked" else PAPER
            axis.plot(one["share"], y, "o", ms=8.5, color=fill, mec=colour, mew=2, clip_on=False, zorder=3)
            ink = INK if arm == "asked" else QUIET
            if len(arms) > 1:
                axis.annotate(
                    say(f"endings.{arm}").lower(), (0, y), xytext=(-9, 0), textcoords="offset points",
                    xycoords=("axes fraction", "data"), ha="right", va="center", size=9.5, color=ink,
                )  # fmt: skip
            numbers = [_with_ends(one)]
            if readings is not None:
                span = readings[arm][name]
                _thin_bracket(axis, y + 0.2, span)
                numbers.append(say.span(span["low"], span["high"]))
            for x, text in zip(_COLUMNS, numbers, strict=False):
                axis.text(_beside(x), y, text, size=10, color=ink, va="center", transform=axis.get_yaxis_transform())
    axis.set_ylim(3 * block + 0.02, -0.12)
    axis.set_xlim(0, 1)
    axis.set_yticks([])
    axis.set_xticks((0, 0.25, 0.5, 0.75, 1), ("0", "25", "50", "75", "100 %"))
    axis.grid(axis="x", color=FAINT, lw=0.7)
    axis.set_axisbelow(True)
    keys = [say("endings.points")]
    if readings is not None:
        keys.append(wrapped(figure, say("endings.brackets", what=readings_label), size=10.5, room=_WIDE * (0.98 - _LEFT)))
    axis.set_title("\n".join(keys), loc="left", size=10.5, color=QUIET, pad=26, linespacing=1.3)


def _beside(x: float) -> float:
    """Place in units of the axis of a column at a share of the figure's width."""
    return (x - _LEFT) / (_RIGHT - _LEFT)


def _with_ends(one: Share) -> str:
    return f"{say.percent(one['share'])}  ({100 * one['low']:.0f}–{100 * one['high']:.0f})"


def _thin_bracket(axis: Axes, y: float, span: Share) -> None:
    """A hairline from low to high with ends turned up towards the point above it."""
    low, high = span["low"], span["high"]
    axis.plot((low, low, high, high), (y - 0.06, y, y, y - 0.06), color=INK, lw=0.9, clip_on=False, zorder=2)
