"""What every figure shares: the style, headline and source, axes of years, labels at the ends of lines, saving.

matplotlib is imported on first use.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from perpetuum.model.words.lines import broken, columns
from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.palette import FAINT, INK, PAPER, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

Dates = Any  # a sequence of datetime.date, which matplotlib takes though its types do not say so

_FACES = ("Source Sans 3", "Source Sans Pro", "Inter", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans")
#: Faces with Chinese letters, which stand in where the face of the house has none.
_CHINESE_FACES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "SimHei",
)
_CHINESE_FILES = ("cjk", "sourcehan", "pingfang", "msyh", "wqy", "simhei")
#: The face that comes with matplotlib and has every mark that figures use (○ ◇ − ≥): others may lack some.
WHOLE = "DejaVu Sans"
_DPI = 160
#: Inches left free at either side of a figure.
MARGIN = 0.22
#: Points of small letters, and those that an inch of width asks for: eleven pixels where a figure is 1,240 pixels wide.
_LEAST, _AN_INCH = 8.5, 0.65


@dataclass(frozen=True)
class Caption:
    """What stands around a figure's panels: the finding as headline, what is drawn, where it comes from, and caveats."""

    title: str
    subtitle: str
    source: str
    caveats: Sequence[str] = ()


def has_face(language: str) -> bool:
    """Whether a face with the letters of a language is installed."""
    return language != "zh" or bool(_chinese_face())


@functools.cache
def _chinese_face() -> list[str]:
    """A face with Chinese letters; one that was installed after matplotlib had made its list is looked for once."""
    from matplotlib import font_manager

    if not _first_of(_CHINESE_FACES):
        for path in font_manager.findSystemFonts():
            if any(mark in Path(path).name.lower() for mark in _CHINESE_FILES):
                font_manager.fontManager.addfont(path)
    return _first_of(_CHINESE_FACES)


def _first_of(faces: Sequence[str]) -> list[str]:
    from matplotlib import font_manager

    available = {entry.name for entry in font_manager.fontManager.ttflist}
    return [name for name in faces if name in available][:1]


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house style: faces, paper, thin axes; never on a screen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import rc_context

    chinese = _chinese_face() if say.language == "zh" else []
    faces = dict.fromkeys((*_first_of(_FACES), *chinese, WHOLE))
    with rc_context(
        {
            "font.family": list(faces),
            "font.size": 10,
            "text.color": INK,
            "text.parse_math": False,  # a dollar sign is a dollar sign
            "axes.edgecolor": QUIET,
            "axes.labelcolor": QUIET,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "xtick.color": QUIET,
            "ytick.color": QUIET,
            "ytick.left": False,
            "xtick.major.size": 4,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "savefig.facecolor": PAPER,
            "svg.fonttype": "none",
            "svg.hashsalt": "perpetuum",
            "figure.max_open_warning": 0,
        }
    ):
        yield


def heading(figure: Figure, title: str, subtitle: str, room: float) -> float:
    """Write headline and subtitle, wrapped to the figure, and start the charts `room` inches below them.

    Returns the height of headline and subtitle in inches.
    """
    from matplotlib.patches import Rectangle

    width, height = figure.get_size_inches()
    headline = wrapped(figure, title, size=17, weight="bold") if say.language == "zh" else balanced(title, int(6.3 * width))
    below = wrapped(figure, subtitle, size=10.5)
    left = MARGIN / width
    figure.add_artist(Rectangle((left, 1 - 0.14 / height), 0.62 / width, 0.07 / height, fc=INK, ec="none"))
    figure.text(left, 1 - 0.29 / height, headline, size=17, weight="bold", va="top", color=INK, linespacing=1.15)
    used = 0.36 + 0.285 * (headline.count("\n") + 1)
    figure.text(left, 1 - used / height, below, size=10.5, va="top", color=QUIET, linespacing=1.25)
    used += 0.19 * (below.count("\n") + 1)
    figure.subplots_adjust(top=1 - (used + room) / height)
    return used


def legible(figure: Figure, size: float = _LEAST) -> float:
    """A size of small letters, in points, that can still be read where the whole figure is shown: a wide one asks for more."""
    return max(size, _AN_INCH * float(figure.get_size_inches()[0]))


def footer(figure: Figure, *sentences: str, room: float | None = None) -> float:
    """Write source and caveats at the foot, wrapped; `room`: end the charts so many inches above them.

    Returns its height in inches. A footer says only what is true of its own figure: the source comes from the caller,
    what bands and intervals mean from the function that draws them.
    """
    width, height = figure.get_size_inches()
    size = legible(figure)
    text = wrapped(figure, say.sentences(sentences), size=size)
    figure.text(MARGIN / width, 0.16 / height, text, size=size, color=QUIET, va="bottom", ha="left", linespacing=1.3)
    used = 0.16 + 0.0182 * size * (text.count("\n") + 1)
    if room is not None:
        figure.subplots_adjust(bottom=(used + room) / height)
    return used


def page(
    caption: Caption,
    *notes: str,
    panels: int = 1,
    columns: int = 1,
    panel: tuple[float, float],
    margins: tuple[float, float, float, float],
    gaps: tuple[float, float] = (0.0, 0.0),
) -> tuple[Figure, list[Axes]]:
    """Lay out panels of a given size under a headline and over a footer; the figure becomes as tall as that takes.

    All in inches: `panel` (width, height), `margins` around all panels (left, right, top, bottom), `gaps` between them
    (across, down). `notes` stand last in the footer. Returns the figure and its axes, row by row: no place is empty (`boxes`).
    """
    from matplotlib import pyplot as plt

    title, subtitle, foot = caption.title, caption.subtitle, (caption.source, *caption.caveats, *notes)
    left, right, top, bottom = margins
    wide = left + right + columns * panel[0] + (columns - 1) * gaps[0]
    figure = plt.figure()
    places = grown(
        figure, wide, title, subtitle, foot, boxes(panels, columns, panel, gaps), panel[1], top=top, bottom=bottom
    )
    tall = figure.get_size_inches()[1]
    axes = [figure.add_axes(((left + x) / wide, y / tall, broad / wide, panel[1] / tall)) for x, y, broad in places]
    return figure, axes


def grown(
    figure: Figure,
    wide: float,
    title: str,
    subtitle: str,
    foot: Sequence[str],
    places: Sequence[tuple[float, float, float]],
    panel: float,
    *,
    top: float = 0.0,
    bottom: float = 0.2,
) -> list[tuple[float, float, float]]:
    """Make a figure as tall as its headline, panels so tall at their `places` (`boxes`) and its footer take, and write both.

    Returns where each panel begins, right of the first and above the figure's lower edge, and how broad it is. All in inches.
    """
    figure.set_size_inches(wide, 10.0)
    above = heading(figure, title, subtitle, room=top) + top
    below = footer(figure, *foot) + bottom
    tall = above + max(down for _, down, _ in places) + panel + below
    figure.clear()
    figure.set_size_inches(wide, tall)
    heading(figure, title, subtitle, room=top)
    footer(figure, *foot)
    return [(x, tall - above - down - panel, broad) for x, down, broad in places]


def boxes(
    panels: int, columns: int, panel: tuple[float, float], gaps: tuple[float, float]
) -> list[tuple[float, float, float]]:
    """Where each panel begins, right of the first and below it, and how broad it is; panels of the last row share its width.

    Five panels of two by one inches in three columns: the last two fill the six inches of three.

    >>> boxes(5, 3, (2.0, 1.0), (0.0, 0.5))
    [(0.0, 0.0, 2.0), (2.0, 0.0, 2.0), (4.0, 0.0, 2.0), (0.0, 1.5, 3.0), (3.0, 1.5, 3.0)]
    """
    found = []
    for number in range(panels):
        row, column = divmod(number, columns)
        beside = min(columns, panels - row * columns)
        broad = (columns * panel[0] + (columns - beside) * gaps[0]) / beside
        found.append((column * (broad + gaps[0]), row * (panel[1] + gaps[1]), broad))
    return found


def figure_of(axis: Axes) -> Figure:
    """The figure in which axes stand."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    return figure


def inches_of(axis: Axes) -> tuple[float, float]:
    """Width and height of axes in inches."""
    wide, tall = figure_of(axis).get_size_inches()
    box = axis.get_position()
    return float(wide * box.width), float(tall * box.height)


def beside(axis: Axes, *, x: float, y: float, wide: float, tall: float) -> Axes:
    """Add axes of a given size (inches), so far right of and above the lower left corner of others."""
    figure = figure_of(axis)
    across, up = figure.get_size_inches()
    box = axis.get_position()
    return figure.add_axes((box.x0 + x / across, box.y0 + y / up, wide / across, tall / up))


def rule(axis: Axes, levels: Literal["x", "y", "both"] = "y") -> None:
    """Rule the levels of axes, behind what is drawn."""
    axis.grid(axis=levels, color=FAINT, lw=0.7)
    axis.set_axisbelow(True)


def percent_ticks(axis: Axis, labels: Sequence[str] = ("0", "25", "50", "75", "100")) -> None:
    """Label an axis of shares from none to all, in per cent."""
    axis.set_ticks((0, 0.25, 0.5, 0.75, 1), labels)


def widest(texts: Iterable[str], *, size: float, weight: str = "normal") -> float:
    """Width of the longest of some lines in inches, measured before there is a figure for them."""
    from matplotlib import pyplot as plt

    ruler = plt.figure()
    found = max((written_width(ruler, text, size=size, weight=weight) for text in texts), default=0.0)
    plt.close(ruler)
    return found


def wrapped(figure: Figure, text: str, *, size: float, weight: str = "normal", room: float | None = None) -> str:
    """Wrap a text, in the face that it will have, to `room` inches or to the figure's width between its margins."""
    wide = figure.get_size_inches()[0] - 2 * MARGIN if room is None else room
    inches = written_width(figure, text, size=size, weight=weight)
    # Lines differ in their letters: 4 % of slack.
    return text if inches <= wide else balanced(text, max(int(0.96 * wide * columns(text) / inches), 1))


def written_width(figure: Figure, text: str, *, size: float, weight: str = "normal") -> float:
    """Width of a line of text in inches, in the face of the current style."""
    from matplotlib.font_manager import FontProperties

    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    pixels, _, _ = renderer.get_text_width_height_descent(text, FontProperties(size=size, weight=weight), False)
    return float(pixels) / figure.dpi


def balanced(text: str, width: int) -> str:
    """Wrap to lines of about the same length, so that no word is left alone on the last; a number keeps its per cent."""
    lines = broken(text, width)
    # Down to the longest line's width the lines stay what they are.
    while width > 1:
        width = min(width, max(map(columns, lines), default=1)) - 1
        if len(narrower := broken(text, width)) > len(lines):
            break
        lines = narrower
    return "\n".join(lines)


def panel_heading(axis: Axes, label: str, unit: str) -> None:
    """Name a panel and its unit above it, and rule its levels."""
    axis.text(0, 1.13, label, transform=axis.transAxes, size=11.5, weight="bold", color=INK)
    axis.text(0, 1.045, unit, transform=axis.transAxes, size=9.5, color=QUIET)
    rule(axis)


def years(axis: Axes, dates: Dates) -> None:
    """Label a time axis by years, or half-years where it is short."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator, num2date
    from matplotlib.ticker import FuncFormatter

    months = len(dates)
    axis.set_xlim(dates[0], dates[-1])
    if months <= 30:
        axis.xaxis.set_major_locator(MonthLocator(bymonth=(1, 7)))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda day, _: say.month(num2date(day).date())))
    else:
        axis.xaxis.set_major_locator(YearLocator(1 if months <= 84 else 2))
        axis.xaxis.set_major_formatter(DateFormatter("%Y"))
    rule(axis)


def apart(places: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels of given sizes, in order, as little as possible so that none touch and all stay inside."""
    # Take the sizes out, pool neighbours that are out of order at their mean, put the sizes back.
    starts = np.concatenate(([0.0], np.cumsum(sizes)[:-1])) + np.array(sizes) / 2 if len(sizes) else np.zeros(0)
    pools: list[tuple[float, int]] = []
    for place, start in zip(places, starts, strict=True):
        mean, count = place - float(start), 1
        while pools and pools[-1][0] > mean:
            before, number = pools.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        pools.append((mean, count))
    free = [mean for mean, count in pools for _ in range(count)]
    room = max(low, high - sum(sizes))
    return [min(max(place, low), room) + float(start) for place, start in zip(free, starts, strict=True)]


def label_ends(
    axis: Axes,
    labels: Sequence[tuple[float, str, str]],
    *,
    leader: bool = False,
    swatch: bool = False,
) -> None:
    """Write each line's name at its end, moved apart where they would touch."""
    low, high = axis.get_ylim()
    gap = (high - low) * 0.185 / inches_of(axis)[1]
    ordered = sorted(labels)
    places = apart([value for value, _, _ in ordered], [gap] * len(ordered), low, high)
    for place, (value, text, colour) in zip(places, ordered, strict=True):
        x, at, end = 1.018, (value - low) / (high - low), (place - low) / (high - low)
        if leader:
            line: dict[str, Any] = {"color": colour, "lw": 1.4, "clip_on": False}
            axis.plot((1.0, 1.014, 1.026), (at, end, end), transform=axis.transAxes, **line)
            x = 1.035
        axis.text(
            x,
            end,
            text,
            transform=axis.transAxes,
            size=9.5,
            va="center",
            color=INK if swatch else colour,
            weight="normal" if swatch else "bold",
        )


def save(figure: Figure, directory: Path, name: str) -> list[str]:
    """Write a figure as PNG and SVG; returns the file names."""
    from matplotlib import pyplot as plt

    files = [f"{name}.png", f"{name}.svg"]
    typeset(figure, lambda one: one.savefig(directory / files[0], dpi=_DPI))
    typeset(figure, lambda one: one.savefig(directory / files[1], metadata={"Date": None}))
    plt.close(figure)
    return files


def typeset(figure: Figure, write: Callable[[Figure], object]) -> None:
    """Write a figure in the house style, with apostrophes as they are printed."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(text.get_text().replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"))
    with style():
        write(figure)
