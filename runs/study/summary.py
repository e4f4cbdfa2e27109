"""The answer in numbers: what `summary.json` holds, and all that the screen and the headlines are made from."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import CLASSES, HEADLINES, paired, shares
from perpetuum.model.surroundings.past_squeezes import HISTORY, meaning, place_on_ladder
from perpetuum.runs.study.arms import RINGS, Answer, Arm, rung_name
from perpetuum.runs.study.other_readings import summarise_readings

Array = np.ndarray[Any, Any]


def summarise(answer: Answer) -> dict[str, Any]:
    """Return the content of `summary.json`: plain numbers and words, in $bn, shares and months."""
    scenario = answer.scenario
    asked = answer.asked
    result: dict[str, Any] = {
        "preset": answer.question.preset,
        "title": scenario.definition.title,
        "question": scenario.definition.question,
        "overrides": {name: scenario_value(answer, name) for name in answer.question.overrides},
        "seed": answer.question.seed,
        "first_month": answer.dates[0].isoformat(),
        "tightening": tightening(answer),
        **_arm_summary(asked, answer),
        "paired": paired(asked.outcome.headline, answer.arms["loose"].outcome.headline),
        "circularity": _circularity(answer),
        "paid_with": _paid_with(asked),
        "paid_with_loose": _paid_with(answer.arms["loose"]),
        "threshold_sensitivity": asked.sensitivity,
        "loose": _arm_summary(answer.arms["loose"], answer),
    }
    if answer.readings:
        result["ensemble"] = summarise_readings(answer.readings)
    if answer.question.ladder:
        result["ladder"] = [_rung(theta, answer) for theta in answer.question.ladder]
        result["history"] = [
            {
                "name": episode.name,
                "theta": place_on_ladder(episode, scenario.values),
                "rate_bp": episode.rate_bp,
                "spread_bp": episode.spread_bp,
                "venture_lost": episode.venture_lost,
                "source": episode.source,
            }
            for episode in HISTORY
        ]
    return result


def scenario_value(answer: Answer, name: str) -> Any:
    """Value of a parameter or of an agent's opening figure, as checked."""
    group, _, leaf = name.partition(".")
    figures = answer.scenario.figures
    return figures[group][leaf] if group in figures else answer.scenario.values[name]


def tightening(answer: Answer) -> dict[str, Any]:
    """When and how hard funding tightens, in months, dates and the units of the press."""
    values = answer.scenario.values
    theta = float(values["funding.tightening"])
    start = int(values["funding.start_month"])
    full = start + int(values["funding.ramp_months"])
    easing = full + int(values["funding.hold_months"])
    end = easing + int(values["funding.release_months"])
    meant = meaning(theta, values)
    return {
        "theta": theta,
        "start_month": start,
        "full_month": full,
        "easing_month": easing,
        "end_month": end,
        "start": month_after(answer.dates[0], start).isoformat(),
        "easing": month_after(answer.dates[0], easing).isoformat(),
        "end": month_after(answer.dates[0], end).isoformat(),
        "rate_bp": meant.rate_bp,
        "spread_bp": meant.spread_bp,
        "venture_lost": meant.venture_lost,
        "within_run": theta > 0 and start < len(answer.dates),
    }


def month_after(first: datetime.date, months: int) -> datetime.date:
    """First day of the month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1, 1)


def spread_of(values: Array) -> dict[str, float]:
    """Median over worlds, and the 5th and 95th percentile."""
    low, middle, high = np.percentile(np.asarray(values, dtype=np.float64), (5, 50, 95))
    return {"median": float(middle), "low": float(low), "high": float(high)}


def _arm_summary(arm: Arm, answer: Answer) -> dict[str, Any]:
    headlines = shares(arm.outcome.headline, HEADLINES)
    return {
        "worlds": len(arm.outcome.headline),
        "months": len(answer.dates),
        "outcomes": shares(arm.outcome.outcome, CLASSES),
        "headlines": headlines,
        "headline": max(HEADLINES, key=lambda name: headlines[name]["share"]),
        "first_dominoes": _dominoes(arm, answer),
        "reckoning": {name: spread_of(values) for name, values in arm.reckoning.items()},
        "metrics": {name: spread_of(values) for name, values in {**arm.outcome.metrics, **arm.measures}.items()},
    }


def _dominoes(arm: Arm, answer: Answer) -> list[dict[str, Any]]:
    """Who defaults first, in how many worlds, and when (median and middle half of those worlds)."""
    n = len(arm.outcome.first_domino)
    result = []
    for name, worlds in Counter(arm.outcome.first_domino.tolist()).most_common():
        if not name:
            continue
        months = arm.outcome.first_default_month[arm.outcome.first_domino == name]
        early, middle, late = (round(float(q)) for q in np.percentile(months, (25, 50, 75)))
        first = answer.dates[0]
        result.append(
            {
                "name": name,
                "worlds": worlds,
                **shares(arm.outcome.first_domino, (name,))[name],
                "month": middle,
                "date": month_after(first, middle).isoformat(),
                "early": month_after(first, early).isoformat(),
                "late": month_after(first, late).isoformat(),
                "then_falls_apart": float(np.mean(arm.outcome.headline[arm.outcome.first_domino == name] == "falls_apart")),
            }
        )
    nobody = int(np.count_nonzero(arm.outcome.first_domino == ""))
    return [*result, {"name": "", "worlds": nobody, "share": nobody / n}]


def world_measures(answer: Answer, name: str) -> dict[str, Array]:
    """Measures by world that need the twin: the caused share, and what a vendor dollar brought with it."""
    if name != "asked":
        return {}
    asked, without = answer.asked, answer.arms["no_vendor_finance"]
    revenue = asked.measures["vendor_revenue_sum"]
    safe = np.where(revenue > 0, revenue, 1.0)
    result = {"caused_share": np.where(revenue > 0, 1 - without.measures["vendor_revenue_sum"] / safe, 0.0)}
    paid = asked.measures["vendor_finance_sum"] - without.measures["vendor_finance_sum"]
    brought = asked.measures["outside_financing_sum"] - without.measures["outside_financing_sum"]
    result["unlocked_per_dollar"] = np.where(paid > 0, brought / np.where(paid > 0, paid, 1.0), 0.0)
    return result


def _circularity(answer: Answer) -> dict[str, Any]:
    """The three rings (traced) and the caused share beside them, of the vendors' revenue over the run."""
    measures = {**answer.asked.measures, **world_measures(answer, "asked")}
    wanted = (*RINGS, "caused_share", "unlocked_per_dollar", "vendor_finance_sum")
    return {name: spread_of(measures[name]) for name in wanted}


def _paid_with(arm: Arm) -> dict[str, float]:
    """Share of each dye in the vendors' receipts over the whole run, all worlds together."""
    whole = sum(float(np.sum(values)) for values in arm.dyes.values())
    return {name: float(np.sum(values)) / whole if whole > 0 else 0.0 for name, values in arm.dyes.items()}


def _rung(theta: float, answer: Answer) -> dict[str, Any]:
    arm = answer.arms[rung_name(theta)]
    meant = meaning(theta, answer.scenario.values)
    dominoes = [one for one in _dominoes(arm, answer) if one["name"]]
    return {
        "theta": theta,
        "rate_bp": meant.rate_bp,
        "spread_bp": meant.spread_bp,
        "venture_lost": meant.venture_lost,
        "headlines": shares(arm.outcome.headline, HEADLINES),
        "outcomes": shares(arm.outcome.outcome, CLASSES),
        "paired": paired(arm.outcome.headline, answer.arms["loose"].outcome.headline),
        "drawdown": spread_of(arm.outcome.metrics["drawdown"]),
        "first_domino": dominoes[0]["name"] if dominoes else "",
    }
