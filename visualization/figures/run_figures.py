"""Draw the figures of a run, each with its finding as headline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.study.arms import Answer
from perpetuum.runs.study.summary import month_after
from perpetuum.visualization import figures


def draw(answer: Answer, summary: dict[str, Any], folder: Path) -> list[str]:
    """Write the figures as PNG and SVG; returns the file names."""
    files: list[str] = []
    months = len(answer.dates)
    source = (
        f"Source: perpetuum simulation, preset {answer.question.preset}, "
        f"{say.counted(answer.question.worlds, 'world')}, seed {answer.question.seed}."
    )
    window = _window(summary["tightening"])
    if months >= 2:
        names = ("asked", "loose") if summary["tightening"]["theta"] > 0 else ("asked",)
        arms = {name: answer.arms[name].drawn for name in names}
        fans = figures.fan_charts(
            arms,
            answer.dates,
            window=window,
            title=_fan_title(answer, summary),
            source=source,
            ceilings={"compute_rent": _highest_rent(answer)},
        )
        files += figures.save(fans, folder, "fans")
        funders = figures.who_funds(
            answer.asked.dyes, answer.dates, window=window, title=_funds_title(summary), source=source
        )
        files += figures.save(funders, folder, "who_funds_the_machine")
    of_arm = {"asked": summary, **({"loose": summary["loose"]} if summary["tightening"]["within_run"] else {})}
    outcomes = figures.outcome_shares(
        {name: arm["outcomes"] for name, arm in of_arm.items()},
        {name: arm["headlines"] for name, arm in of_arm.items()},
        worlds=summary["worlds"],
        title=_outcome_title(summary),
        source=source,
        **_readings(summary),
    )
    files += figures.save(outcomes, folder, "outcomes")
    panels = []
    for month, flows in answer.asked.rings:
        until = month_after(answer.dates[0], month).strftime("%B %Y")
        span = "Year" if month >= 11 else f"{month + 1} months"
        before = ", before funding tightens" if month + 1 < months else ""
        panels.append((f"{span} to {until}{before}", flows))
    ring = figures.money_ring(panels, title=_ring_title(summary), source=source)
    files += figures.save(ring, folder, "money_ring")
    if "ladder" in summary:
        from perpetuum.visualization.figures.ladder import draw_ladder

        rungs = draw_ladder(summary, source)
        files += figures.save(rungs, folder, "ladder")
    return files


def _readings(summary: dict[str, Any]) -> dict[str, Any]:
    """Ranges of the verdicts over other readings of the parameters, where there are any."""
    if "ensemble" not in summary:
        return {}
    one = summary["ensemble"]
    what = say.listed(list(one["cells"][0]["reading"]))
    label = f"range over {len(one['cells'])} other readings of {what}, {say.counted(one['worlds'], 'world')} each"
    return {"readings": one["ranges"], "readings_label": label}


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
        label=f"funding tight (degree {squeeze['theta']:g})",
    )


def _fan_title(answer: Answer, summary: dict[str, Any]) -> str:
    """What tight money does to the vendors' revenue: medians of both arms, compared in the same month."""
    asked = np.median(answer.asked.drawn["vendor_revenue"], axis=0)
    loose = np.median(answer.arms["loose"].drawn["vendor_revenue"], axis=0)
    if not summary["tightening"]["within_run"]:
        return _growth_title(float(asked[-1] / asked[0]) if asked[0] > 0 else 1.0)
    lost = np.where(loose > 0, 1 - asked / np.where(loose > 0, loose, 1.0), 0.0)
    lost[: summary["tightening"]["start_month"]] = 0.0
    worst, best, end = int(np.argmax(lost)), int(np.argmin(lost)), float(lost[-1])

    def year(month: int) -> int:
        return month_after(answer.dates[0], month).year

    if max(lost[worst], -lost[best]) < NOTICEABLE:
        return "Tight money hardly touches the chip vendors' revenue in the median world"
    if lost[worst] < NOTICEABLE:
        gain = say.percent(float(-lost[best]))
        return f"Tight money adds up to {gain} to the chip vendors' revenue, most in {year(best)}"
    loss = say.percent(float(lost[worst]))
    title = f"Tight money takes up to {loss} off the chip vendors' revenue, most in {year(worst)}"
    if end <= -NOTICEABLE:
        return f"{title}; by the end it is {say.percent(-end)} higher than with loose money"
    if lost[worst] - end < NOTICEABLE:
        return title
    return f"{title}; at the end it is {f'still {say.percent(end)} short' if end >= NOTICEABLE else 'back'}"


#: A difference that a headline mentions.
NOTICEABLE = 0.05


def _growth_title(times: float) -> str:
    if times >= 1 + NOTICEABLE:
        return f"The chip vendors' revenue ends at {times:.1f} times today's in the median world"
    if times > 1 - NOTICEABLE:
        return "The chip vendors' revenue ends where it began in the median world"
    return f"The chip vendors' revenue ends {say.percent(1 - times)} below today's in the median world"


def _funds_title(summary: dict[str, Any]) -> str:
    mix = summary["paid_with"]
    own = sum(mix.get(name, 0.0) for name in ("lap_1", "lap_2", "lap_3"))
    return (
        f"Customers of AI paid {say.percent(mix.get('customers', 0.0))} of the chip vendors' revenue, the clouds' other "
        f"business {say.percent(mix.get('other_customers', 0.0))}; {say.percent(own)} was the vendors' own money"
    )


def _outcome_title(summary: dict[str, Any]) -> str:
    n = summary["worlds"]
    fell, held = (round(n * summary["headlines"][name]["share"]) for name in ("falls_apart", "holds_up"))
    loose, stood = (round(n * summary["loose"]["headlines"][name]["share"]) for name in ("falls_apart", "holds_up"))

    if n == 1:
        ending = "falls apart" if fell else "holds up" if held else "neither falls apart nor stands on its own"
        return f"In the only world the machine {ending}"

    def worlds(count: int) -> str:
        return f"all {n} worlds" if count == n else f"{count or 'none'} of {n} worlds"

    if not summary["tightening"]["within_run"]:
        return f"The machine falls apart in {worlds(fell)} and holds up in {held or 'none'}"
    if fell == loose == held == stood == 0:
        return f"Tight money or loose, the machine neither falls apart nor stands on its own in any of {n} worlds"
    if fell == loose == 0:
        return (
            f"Tight money or loose, the machine falls apart in none of {n} worlds; "
            f"it holds up in {held or 'none'} when money is tight, in {stood or 'none'} when it is loose"
        )
    return f"The machine falls apart in {worlds(fell)} when funding tightens, in {loose or 'none'} when it stays loose"


def _ring_title(summary: dict[str, Any]) -> str:
    rings = summary["circularity"]
    own, outside = rings["own_money_share"]["median"], rings["non_customer_share"]["median"]

    def dollars(part: float) -> str:
        return "less than $1" if 0 < part < 0.005 else f"${100 * part:.0f}"

    return (
        f"Of every $100 the chip vendors take, {dollars(own)} is their own money come round again "
        f"and {dollars(outside)} is not a customer's"
    )
