"""Draw the figures of a run, each with its finding as headline."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.units import BN, date_of
from perpetuum.model.words.speech import say, speaking
from perpetuum.model.worlds import Array
from perpetuum.runs.study.arms import TABLED, Answer
from perpetuum.runs.study.question import DRAWN
from perpetuum.runs.study.summary import PAYERS, summarise
from perpetuum.visualization import figures
from perpetuum.visualization.figures.life_lost import draw_life_lost
from perpetuum.visualization.figures.outside_money import draw_outside_money
from perpetuum.visualization.figures.sources import source_of_run, spread_note
from perpetuum.visualization.figures.states import draw_states
from perpetuum.visualization.figures.unknowns import differ, draw_unknowns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from perpetuum.runs.study.executors import Processes
    from perpetuum.runs.study.side_studies import BesideTheRun


@dataclass(frozen=True)
class Months:
    """What the figures need month by month, beside the summary.

    `dates`: months judged; `curves`: arm to series to (worlds, months); `dyes` (months,), means over worlds; `rings`: (last month
    of the window, flows); `highest_rent`: the most that the model lets a chip be rented for ($ per GPU-hour).
    """

    dates: list[datetime.date]
    curves: Mapping[str, Mapping[str, Array]]
    dyes: Mapping[str, Array]
    rings: Sequence[tuple[int, figures.Flows]]
    highest_rent: float

    @classmethod
    def of(cls, answer: Answer) -> Months:
        """Those of a run that was just simulated."""
        curves = {name: answer.arms[name].drawn for name in TABLED}
        asked = answer.asked
        return cls(answer.dates, curves, asked.dyes, asked.rings, highest_rent(answer.scenario.values))

    @classmethod
    def read(cls, folder: Path, summary: Mapping[str, Any], values: Mapping[str, Any]) -> Months | None:
        """Those of a run's folder; None where its tables do not hold what the figures show.

        `values`: parameters of the scenario.
        """
        import pandas as pd

        columns = ["arm", "world", "month", *DRAWN]
        try:
            table = pd.read_parquet(folder / "series.parquet", columns=columns)
            payments = summary["payments"]
        except (OSError, ValueError, KeyError):
            return None
        first, judged = datetime.date.fromisoformat(summary["first_month"]), summary["months"]
        table = table[table["month"] < judged].sort_values(["world", "month"])
        curves = {
            arm: {name: rows[name].to_numpy(dtype=np.float32).reshape(-1, judged) for name in DRAWN}
            for arm, rows in table.groupby("arm")
        }
        dyes = {name: np.array(values) for name, values in payments["dyes"].items()}
        rings = [
            (one["month"], {(flow["from"], flow["to"]): flow["dyes"] for flow in one["flows"]}) for one in payments["rings"]
        ]
        dates = [date_of(first, month) for month in range(judged)]
        return cls(dates, curves, dyes, rings, highest_rent(values))


#: Figures that tell what side studies found; the others are the same before these are done.
OF_SIDE_STUDIES = ("life_lost", "unknowns")


def draw(answer: Answer, summary: dict[str, Any], second: Processes | None, folder: Path) -> None:
    """Write the figures as PNG and SVG, but for those that stand there, every other one in a second process, if there is one."""
    months = Months.of(answer)
    names = [name for name in _figures(months, summary) if not (folder / f"{name}.svg").exists()]
    here, there = (names[::2], names[1::2]) if second is not None else (names, [])
    part = _Part(months, summary, folder, say.language, say.industry)
    finished = second.begin(_draw_part, (part, there)) if second is not None and there else None
    _draw_part((part, here))
    if finished is not None:
        finished()


def draw_before_side_studies(answer: Answer, others: BesideTheRun, folder: Path) -> None:
    """Write figures that need no side study, one after the other as long as these are under way in another process."""
    months, summary = Months.of(answer), summarise(answer)
    for name in (name for name in _figures(months, summary) if name not in OF_SIDE_STUDIES):
        if others.under_way:
            _draw_part((_Part(months, summary, folder, say.language, say.industry), (name,)))


@dataclass(frozen=True)
class _Part:
    """What a process needs to draw some of a run's figures."""

    months: Months
    summary: dict[str, Any]
    folder: Path
    language: str
    industry: str


def _draw_part(asked: tuple[_Part, Sequence[str]]) -> None:
    part, names = asked
    with speaking(part.language, part.industry):
        made = _figures(part.months, part.summary)
        for name in names:
            figures.save(made[name](), part.folder, name)


def run_figures(months: Months, summary: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    """The figures of a run, one after the other, each with the name of its files."""
    for name, drawn in _figures(months, summary).items():
        yield name, drawn()


def _figures(months: Months, summary: Mapping[str, Any]) -> dict[str, Callable[[], Figure]]:
    """The name of each figure's files, in the order in which they are looked at, and what draws it."""
    dates, source, window = months.dates, source_of_run(summary), _window(summary)
    found: dict[str, Callable[[], Figure]] = {}
    if len(summary["odds"]["asked"]) >= 2:
        found["states"] = lambda: draw_states(summary, window)
    found["outside_money"] = lambda: draw_outside_money(summary)
    if summary.get("life_lost_map"):
        found["life_lost"] = lambda: draw_life_lost(summary)
    if differ(summary):
        found["unknowns"] = lambda: draw_unknowns(summary)
    if len(dates) >= 2:
        names = TABLED if summary["tightening"]["within_run"] else ("asked",)
        found["fans"] = lambda: figures.fan_charts(
            {name: months.curves[name] for name in names},
            dates,
            window=window,
            title=_fan_title(months, summary),
            source=source,
            note=say.sentences([_headline_note(months, summary), spread_note(summary)]),
            ceilings={"compute_rent": months.highest_rent},
        )
        spread = say("funders.range") if _spread_over_worlds(summary) else ""
        found["who_funds_the_machine"] = lambda: figures.who_funds(
            months.dyes, dates, window=window, title=_funds_title(summary), source=source, note=spread
        )
    found["money_ring"] = lambda: _money_ring(months, summary, source)
    if "ladder" in summary:
        from perpetuum.visualization.figures.ladder import draw_ladder

        found["ladder"] = lambda: draw_ladder(summary, source)
    return found


def _money_ring(months: Months, summary: Mapping[str, Any], source: str) -> Figure:
    """Who pays whom in the years looked at, one ring a year."""
    panels = []
    for month, flows in months.rings:
        until = say.month_of(months.dates[0], month, long=True)
        period = say("ring.year", month=until) if month >= 11 else say("ring.months", n=month + 1, month=until)
        panels.append((say("ring.before", period=period) if month + 1 < len(months.dates) else period, flows))
    note = say("ring.headline") if summary["worlds"] >= FEWEST else ""
    return figures.money_ring(panels, title=_ring_title(summary), source=source, note=note)


def highest_rent(values: Mapping[str, Any]) -> float:
    """The most that the model lets a chip be rented for ($ per GPU-hour)."""
    chip_hours = values["technology.gpus_per_gw"] * values["compute.hours"]
    return float(values["compute.rent_cap"] * values["compute.rent"] * BN / chip_hours)


def _window(summary: Mapping[str, Any]) -> figures.Window | None:
    """When funding is tight; as in the past, fully tight until the first of the channels eases, and tight until the last has.

    A rate that is cut tightens nothing, however long it stays low.
    """
    squeeze, like = summary["tightening"], summary.get("like")
    if not squeeze["within_run"]:
        return None
    months = [one["months"] for one in like["channels"].values() if one["by"] > 0] if like else []
    if like and months:
        release = squeeze["end_month"] - squeeze["easing_month"]
        return figures.Window(
            start=squeeze["start_month"],
            full=squeeze["full_month"],
            easing=max(squeeze["full_month"], squeeze["start_month"] + min(months)),
            end=squeeze["start_month"] + max(months) + release,
            label=say("figure.tight_like", name=like["name"]),
        )
    return figures.Window(
        start=squeeze["start_month"],
        full=squeeze["full_month"],
        easing=squeeze["easing_month"],
        end=squeeze["end_month"],
        label=say("figure.tight", theta=squeeze["theta"]),
    )


def _fan_title(months: Months, summary: Mapping[str, Any]) -> str:
    """What tight money does to the vendors' revenue: medians of both arms in the same month, where chance does not explain it."""
    worlds = tuple(months.curves[arm]["vendor_revenue"] for arm in TABLED)
    asked, loose = (np.median(of_arm, axis=0) for of_arm in worlds)
    if len(worlds[0]) == 1:
        return say("fan.one")
    if len(worlds[0]) < FEWEST:
        return say("fan.few")
    if not summary["tightening"]["within_run"]:
        return _growth_title(worlds[0][:, 0], worlds[0][:, -1], summary["seed"])
    lost = np.where(loose > 0, 1 - asked / np.where(loose > 0, loose, 1.0), 0.0)
    lost[: summary["tightening"]["start_month"]] = 0.0
    worst, best, end = int(np.argmax(lost)), int(np.argmin(lost)), float(lost[-1])

    def year(month: int) -> int:
        return date_of(months.dates[0], month).year

    lows, highs = _lost_in_any_month(worlds[0], worlds[1], summary["tightening"]["start_month"], summary["seed"])
    spans = {month: (lows[month], highs[month]) for month in (worst, best)}
    spans[-1] = _lost_between(worlds[0][:, -1], worlds[1][:, -1], summary["seed"])
    if max(lost[worst], -lost[best]) < NOTICEABLE:
        little = all(max(map(abs, span)) < 2 * NOTICEABLE for span in spans.values())
        return say("fan.hardly" if little else "fan.open")
    if spans[worst][0] <= 0 or lost[worst] < NOTICEABLE:
        if spans[best][1] >= 0 or -lost[best] < NOTICEABLE:
            return say("fan.open")
        return say("fan.gains", gain=say.between(-spans[best][1], -spans[best][0]), year=year(best))
    title = say("fan.loses", loss=say.between(*spans[worst]), year=year(worst))
    low, high = spans[-1]
    if high < 0 and end <= -NOTICEABLE:
        return say("fan.higher", title=title, share=say.between(-high, -low))
    if lost[worst] - end < NOTICEABLE:
        return title
    if low > 0 and end >= NOTICEABLE:
        return say("fan.short", title=title, share=say.between(low, high))
    return say("fan.back", title=title) if max(abs(low), abs(high)) < 2 * NOTICEABLE else title


def _headline_note(months: Months, summary: Mapping[str, Any]) -> str:
    """What the headline's range is; nothing where so few worlds carry none."""
    if len(months.curves["asked"]["vendor_revenue"]) < FEWEST:
        return ""
    return say("fan.headline" if summary["tightening"]["within_run"] else "fan.headline_calm")


def _lost_in_any_month(asked: Array, loose: Array, start: int, seed: int) -> tuple[list[float], list[float]]:
    """Intervals of `_lost_between` by month, from the start on, that hold for all months at once: a headline picks the worst.

    As wide, in standard errors, as in 95 of 100 resamples no month strays further from its mean.
    """
    rows = np.random.default_rng(seed).integers(0, len(asked), (RESAMPLES, len(asked)))
    before = np.median(loose[rows], axis=1)
    lost = np.where(before > 0, 1 - np.median(asked[rows], axis=1) / np.where(before > 0, before, 1.0), 0.0)
    spread = lost.std(axis=0)
    strays = np.abs(lost - lost.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    reach = float(np.quantile(strays[:, start:].max(axis=1), 0.95)) * spread
    middles = 1 - np.median(asked, axis=0) / np.maximum(np.median(loose, axis=0), 1e-9)
    found = np.where(np.median(loose, axis=0) > 0, middles, 0.0)
    return (found - reach).tolist(), np.minimum(found + reach, 1.0).tolist()


def _lost_between(asked: Array, loose: Array, seed: int) -> tuple[float, float]:
    """Interval of the part of the median that is lost, 1 - asked / loose, over resampled pairs of worlds (worlds,)."""
    rows = np.random.default_rng(seed).integers(0, len(asked), (RESAMPLES, len(asked)))
    before = np.median(loose[rows], axis=1)
    lost = 1 - np.median(asked[rows], axis=1) / np.where(before > 0, before, 1.0)
    low, high = np.quantile(np.where(before > 0, lost, 0.0), (0.025, 0.975))
    return float(low), float(high)


#: How often pairs of worlds are resampled for a headline.
RESAMPLES = 400
#: A difference that a headline mentions.
NOTICEABLE = 0.05


def _growth_title(first: Array, last: Array, seed: int) -> str:
    """At how many times its first month's revenue the median world ends, as the interval over resampled worlds."""
    low, high = (1 - lost for lost in reversed(_lost_between(last, first, seed)))
    if high < 1 - NOTICEABLE:
        return say("fan.falls", share=say.between(1 - high, 1 - low))
    if low > 1 - NOTICEABLE and high < 1 + NOTICEABLE:
        return say("fan.stays")
    ends = list(dict.fromkeys(f"{end:.1f}" for end in (low, high)))
    return say("fan.grows", times=ends[0] if len(ends) == 1 else say("number.between", low=ends[0], high=ends[1]))


def _spread_over_worlds(summary: Mapping[str, Any]) -> bool:
    """Whether a title tells who paid the vendors as what nine worlds in ten have; of few worlds it tells nothing."""
    return summary["worlds"] >= FEWEST and bool(summary.get("paid_with_worlds"))


def _funds_title(summary: Mapping[str, Any]) -> str:
    """Who paid the vendors: what nine worlds in ten have, or what the only world has."""
    if summary["worlds"] > 1 and not _spread_over_worlds(summary):
        return say("funders.neutral")
    parts = summary["paid_with_worlds"]
    told = {name: say.between(parts[name]["low"], parts[name]["high"]) for name in PAYERS}
    return say("funders.title" if parts["others"]["high"] > 0 else "funders.title_without", **told)


def _ring_title(summary: Mapping[str, Any]) -> str:
    """Vendors' own money and what is not customers', of what they take: nine worlds in ten, as the figure's note says."""
    rings = summary["circularity"]
    if 1 < summary["worlds"] < FEWEST:
        return say("ring.neutral")

    def dollars(one: Mapping[str, float]) -> str:
        if 0 < one["high"] < 0.005:
            return say("ring.less")
        ends = list(dict.fromkeys(f"{100 * one[end]:.0f}" for end in ("low", "high")))
        return say("ring.dollars", x=ends[0]) if len(ends) == 1 else say("ring.dollars_between", low=ends[0], high=ends[1])

    return say("ring.title", own=dollars(rings["own_money_share"]), outside=dollars(rings["non_customer_share"]))
