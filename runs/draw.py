"""Draw the figures of a run, each with its finding as headline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from runs.simulate import Answer
from runs.summary import month_after
from visualization import figures
from visualization.texts import percent


def draw(answer: Answer, summary: dict[str, Any], folder: Path) -> list[str]:
    """Write the figures as PNG and SVG; returns the file names."""
    files: list[str] = []
    months = len(answer.dates)
    source = (
        f"Source: perpetuum simulation, preset {answer.question.preset}, {answer.question.worlds} worlds, "
        f"seed {answer.question.seed}. Bands and intervals are simulation noise at fixed parameters."
    )
    window = _window(summary["tightening"])
    if months >= 2:
        names = ("asked", "loose") if summary["tightening"]["theta"] > 0 else ("asked",)
        arms = {name: answer.arms[name].drawn for name in names}
        fans = figures.fan_charts(arms, answer.dates, window=window, title=_fan_title(answer, summary), source=source)
        files += figures.save(fans, folder, "fans")
        funders = figures.who_funds(
            answer.asked.dyes, answer.dates, window=window, title=_funds_title(summary), source=source
        )
        files += figures.save(funders, folder, "who_funds_the_machine")
    outcomes = figures.outcome_shares(
        {"asked": summary["outcomes"], "loose": summary["loose"]["outcomes"]},
        {"asked": summary["headlines"], "loose": summary["loose"]["headlines"]},
        worlds=summary["worlds"],
        title=_outcome_title(summary),
        source=source,
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
    return files


def _window(squeeze: dict[str, Any]) -> figures.Window | None:
    if not squeeze["within_run"]:
        return None
    return figures.Window(
        start=squeeze["start_month"],
        full=squeeze["full_month"],
        easing=squeeze["easing_month"],
        end=squeeze["end_month"],
        label=f"funding tightened by {squeeze['theta']:g}",
    )


def _fan_title(answer: Answer, summary: dict[str, Any]) -> str:
    asked = np.median(answer.asked.drawn["vendor_revenue"], axis=0)
    loose = np.median(answer.arms["loose"].drawn["vendor_revenue"], axis=0)
    if not summary["tightening"]["within_run"]:
        times = float(asked[-1] / max(asked[0], 1e-9))
        if times >= 1:
            return f"The chip vendors' revenue ends at {times:.1f} times today's in the median world"
        return f"The chip vendors' revenue ends {percent(1 - times)} below today's in the median world"
    gap = 1 - asked / np.maximum(loose, 1e-9)
    worst = int(np.argmax(gap))
    if gap[worst] < 0.05:
        return "Tight money hardly touches the chip vendors' revenue in the median world"
    when = month_after(answer.dates[0], worst).year
    return f"Tight money takes {percent(float(gap[worst]))} off the chip vendors' revenue at its worst, in {when}"


def _funds_title(summary: dict[str, Any]) -> str:
    mix = summary["paid_with"]
    customers = mix.get("customers", 0.0) + mix.get("other_customers", 0.0)
    own = sum(mix.get(name, 0.0) for name in ("lap_1", "lap_2", "lap_3"))
    paid = f"Customers paid {percent(customers)} of the chip vendors' revenue"
    return f"{paid}; {percent(own)} was their own money coming back"


def _outcome_title(summary: dict[str, Any]) -> str:
    n = summary["worlds"]
    fell = round(n * summary["headlines"]["falls_apart"]["share"])
    loose = round(n * summary["loose"]["headlines"]["falls_apart"]["share"])
    if not summary["tightening"]["within_run"]:
        return f"The machine falls apart in {fell} worlds of {n}"
    if fell == loose == 0:
        return f"The machine falls apart in none of {n} worlds, with tight money or loose"
    text = f"The machine falls apart in {fell} worlds of {n} when funding tightens"
    return f"{text}, in {loose} when it stays loose"


def _ring_title(summary: dict[str, Any]) -> str:
    rings = summary["circularity"]
    own, outside = rings["own_money_share"]["median"], rings["non_customer_share"]["median"]
    return (
        f"Of every $100 the chip vendors take, ${100 * own:.0f} is their own money come round again "
        f"and ${100 * outside:.0f} is not a customer's"
    )
