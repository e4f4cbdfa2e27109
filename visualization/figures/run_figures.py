"""Draw the figures of a run, each with its finding as headline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.study.arms import Answer
from perpetuum.runs.study.summary import month_after
from perpetuum.visualization import figures
from perpetuum.visualization.figures.life_lost import draw_life_lost
from perpetuum.visualization.figures.outside_money import draw_outside_money
from perpetuum.visualization.figures.sources import source_of_run, spread_note
from perpetuum.visualization.figures.states import draw_states
from perpetuum.visualization.figures.unknowns import differ, draw_unknowns

Array = np.ndarray[Any, Any]


def draw(answer: Answer, summary: dict[str, Any], folder: Path) -> list[str]:
    """Write the figures as PNG and SVG; returns the file names."""
    files: list[str] = []
    months = len(answer.dates)
    source = source_of_run(summary)
    window = _window(summary["tightening"])
    if len(summary["odds"]["asked"]) >= 2:
        files += figures.save(draw_states(summary, window), folder, "states")
    files += figures.save(draw_outside_money(summary), folder, "outside_money")
    if summary.get("life_lost_map"):
        files += figures.save(draw_life_lost(summary), folder, "life_lost")
    if differ(summary):
        files += figures.save(draw_unknowns(summary), folder, "unknowns")
    if months >= 2:
        names = ("asked", "loose") if summary["tightening"]["within_run"] else ("asked",)
        arms = {name: answer.arms[name].drawn for name in names}
        fans = figures.fan_charts(
            arms,
            answer.dates,
            window=window,
            title=_fan_title(answer, summary),
            source=source,
            note=spread_note(summary),
            ceilings={"compute_rent": _highest_rent(answer)},
        )
        files += figures.save(fans, folder, "fans")
        funders = figures.who_funds(
            answer.asked.dyes, answer.dates, window=window, title=_funds_title(summary), source=source
        )
        files += figures.save(funders, folder, "who_funds_the_machine")
    panels = []
    for month, flows in answer.asked.rings:
        until = say.month_of(answer.dates[0], month, long=True)
        period = say("ring.year", month=until) if month >= 11 else say("ring.months", n=month + 1, month=until)
        panels.append((say("ring.before", period=period) if month + 1 < months else period, flows))
    ring = figures.money_ring(panels, title=_ring_title(summary), source=source)
    files += figures.save(ring, folder, "money_ring")
    if "ladder" in summary:
        from perpetuum.visualization.figures.ladder import draw_ladder

        rungs = draw_ladder(summary, source)
        files += figures.save(rungs, folder, "ladder")
    return files


def _highest_rent(answer: Answer) -> float:
    """The most that the model lets a chip be rented for ($ per GPU-hour)."""
    values = answer.scenario.values
    chip_hours = values["technology.gpus_per_gw"] * values["compute.hours"]
    return float(values["compute.rent_cap"] * values["compute.rent"] * 1e9 / chip_hours)


def _window(squeeze: dict[str, Any]) -> figures.Window | None:
    if not squeeze["within_run"]:
        return None
    return figures.Window(
        start=squeeze["start_month"],
        full=squeeze["full_month"],
        easing=squeeze["easing_month"],
        end=squeeze["end_month"],
        label=say("figure.tight", theta=squeeze["theta"]),
    )


def _fan_title(answer: Answer, summary: dict[str, Any]) -> str:
    """What tight money does to the vendors' revenue: medians of both arms in the same month, where chance does not explain it."""
    worlds = answer.asked.drawn["vendor_revenue"], answer.arms["loose"].drawn["vendor_revenue"]
    asked, loose = (np.median(of_arm, axis=0) for of_arm in worlds)
    if len(worlds[0]) == 1:
        return say("fan.one")
    if not summary["tightening"]["within_run"]:
        return _growth_title(float(asked[-1] / asked[0]) if asked[0] > 0 else 1.0)
    lost = np.where(loose > 0, 1 - asked / np.where(loose > 0, loose, 1.0), 0.0)
    lost[: summary["tightening"]["start_month"]] = 0.0
    worst, best, end = int(np.argmax(lost)), int(np.argmin(lost)), float(lost[-1])

    def year(month: int) -> int:
        return month_after(answer.dates[0], month).year

    if max(lost[worst], -lost[best]) < NOTICEABLE:
        return say("fan.hardly")
    told = [month for month in (worst, best, len(lost) - 1) if abs(lost[month]) >= NOTICEABLE]
    if not all(_sure(worlds[0][:, month], worlds[1][:, month], summary["seed"]) for month in told):
        return say("fan.open")
    if lost[worst] < NOTICEABLE:
        return say("fan.gains", gain=say.percent(float(-lost[best])), year=year(best))
    title = say("fan.loses", loss=say.percent(float(lost[worst])), year=year(worst))
    if end <= -NOTICEABLE:
        return say("fan.higher", title=title, share=say.percent(-end))
    if lost[worst] - end < NOTICEABLE:
        return title
    return say("fan.short" if end >= NOTICEABLE else "fan.back", title=title, share=say.percent(end))


def _sure(asked: Array, loose: Array, seed: int) -> bool:
    """Whether medians differ the same way in 95 % of resampled pairs of worlds."""
    rows = np.random.default_rng(seed).integers(0, len(asked), (RESAMPLES, len(asked)))
    gaps = np.median(loose[rows], axis=1) - np.median(asked[rows], axis=1)
    low, high = np.quantile(gaps, (0.025, 0.975))
    return bool(low > 0 or high < 0)


#: How often pairs of worlds are resampled for a headline.
RESAMPLES = 400
#: A difference that a headline mentions.
NOTICEABLE = 0.05


def _growth_title(times: float) -> str:
    key = "grows" if times >= 1 + NOTICEABLE else "stays" if times > 1 - NOTICEABLE else "falls"
    return say(f"fan.{key}", times=f"{times:.1f}", share=say.percent(1 - times))


def _funds_title(summary: dict[str, Any]) -> str:
    mix = summary["paid_with"]
    own = sum(mix.get(name, 0.0) for name in ("lap_1", "lap_2", "lap_3"))
    parts = {"customers": mix.get("customers", 0.0), "others": mix.get("other_customers", 0.0), "own": own}
    return say("funders.title", **{name: say.percent(part) for name, part in parts.items()})


def _ring_title(summary: dict[str, Any]) -> str:
    rings = summary["circularity"]
    own, outside = rings["own_money_share"]["median"], rings["non_customer_share"]["median"]

    def dollars(part: float) -> str:
        return say("ring.less") if 0 < part < 0.005 else say("ring.dollars", x=f"{100 * part:.0f}")

    return say("ring.title", own=dollars(own), outside=dollars(outside))
