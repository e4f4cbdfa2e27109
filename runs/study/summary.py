"""Summaries: a run's or a study's answer in numbers, what `summary.json` holds and the screen and headlines are made from."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import CLASSES, HEADLINES, headline_shares, paired, shares, wilson
from perpetuum.model.surroundings.past_squeezes import HISTORY, meaning, place_on_ladder
from perpetuum.runs.study.arms import READINGS, Answer, Arm, Reading, rung_name
from perpetuum.runs.study.batches import RINGS

if TYPE_CHECKING:
    from perpetuum.runs.study.description import Study

Array = np.ndarray[Any, Any]


def summarise(answer: Answer) -> dict[str, Any]:
    """Return the content of `summary.json`: plain numbers and words, in $bn, shares and months."""
    scenario = answer.scenario
    asked = answer.asked
    result: dict[str, Any] = {
        "preset": answer.question.preset,
        "title": scenario.definition.title,
        "question": scenario.definition.question,
        "overrides": {name: answer.value(name) for name in answer.question.overrides},
        "seed": answer.question.seed,
        "first_month": answer.dates[0].isoformat(),
        "tightening": tightening(answer),
        **_arm_summary(asked, answer),
        "paired": paired(asked.of("headline"), answer.arms["loose"].of("headline")),
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


def record(answer: Answer) -> dict[str, Any]:
    """What it takes to run this again, for the manifest."""
    scenario = answer.scenario
    return {
        "preset": answer.question.preset,
        "overrides": {name: answer.value(name) for name in answer.question.overrides},
        "worlds": answer.question.worlds,
        "months": len(answer.dates),
        "seed": answer.question.seed,
        "replicates": [0, answer.question.worlds - 1],
        "arms": answer.question.arms(),
        "levers_moved": [],
        "ensemble": {
            "readings": len(answer.readings),
            "worlds": len(answer.readings[0].headlines["asked"]) if answer.readings else 0,
        },
        "parameters": dict(scenario.values),
        "agents": {
            agent.id: {
                "role": agent.role,
                "kind": agent.kind,
                "modelled_on": agent.modelled_on,
                **scenario.figures[agent.id],
            }
            for agent in scenario.definition.agents
        },
    }


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
    headlines = shares(arm.of("headline"), HEADLINES)
    return {
        "worlds": len(arm.worlds),
        "months": len(answer.dates),
        "outcomes": shares(arm.of("outcome"), CLASSES),
        "headlines": headlines,
        "headline": max(HEADLINES, key=lambda name: headlines[name]["share"]),
        "first_dominoes": _dominoes(arm, answer),
        "reckoning": {name: spread_of(values) for name, values in arm.metrics("reckoning:").items()},
        "metrics": {name: spread_of(values) for name, values in arm.metrics().items()},
    }


def _dominoes(arm: Arm, answer: Answer) -> list[dict[str, Any]]:
    """Who defaults first, in how many worlds, and when (median and middle half of those worlds)."""
    first_domino, first_months, headline = (arm.of(name) for name in ("first_domino", "first_default_month", "headline"))
    n = len(first_domino)
    result = []
    for name, worlds in Counter(first_domino.tolist()).most_common():
        if not name:
            continue
        months = first_months[first_domino == name]
        early, middle, late = (round(float(q)) for q in np.percentile(months, (25, 50, 75)))
        first = answer.dates[0]
        result.append(
            {
                "name": name,
                "worlds": worlds,
                **shares(first_domino, (name,))[name],
                "month": middle,
                "date": month_after(first, middle).isoformat(),
                "early": month_after(first, early).isoformat(),
                "late": month_after(first, late).isoformat(),
                "then_falls_apart": float(np.mean(headline[first_domino == name] == "falls_apart")),
            }
        )
    nobody = int(np.count_nonzero(first_domino == ""))
    return [*result, {"name": "", "worlds": nobody, "share": nobody / n}]


def _circularity(answer: Answer) -> dict[str, Any]:
    """The three rings (traced) and the caused share beside them, of the vendors' revenue over the run."""
    measures = {**answer.asked.metrics(), **answer.twin_measures("asked")}
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
        "headlines": shares(arm.of("headline"), HEADLINES),
        "outcomes": shares(arm.of("outcome"), CLASSES),
        "paired": paired(arm.of("headline"), answer.arms["loose"].of("headline")),
        "drawdown": spread_of(arm.of("drawdown")),
        "first_domino": dominoes[0]["name"] if dominoes else "",
    }


# --- other readings -----------------------------------------------------------------------------------------


def summarise_readings(cells: Sequence[Reading]) -> dict[str, Any]:
    """What `summary.json` says of the readings: every cell, and the range of each headline over the cells."""
    shares = [{arm: headline_shares(one) for arm, one in cell.headlines.items()} for cell in cells]
    return {
        "worlds": len(cells[0].headlines["asked"]),
        "cells": [
            {"reading": cell.reading, "parameters": cell.parameters, **of_arm}
            for cell, of_arm in zip(cells, shares, strict=True)
        ],
        "ranges": {
            arm: {name: _range([of_arm[arm][name] for of_arm in shares]) for name in HEADLINES} for arm in ("asked", "loose")
        },
        "most": {name: _most(cells, [of_arm["asked"][name] for of_arm in shares]) for name in HEADLINES},
    }


def _range(shares: Sequence[float]) -> dict[str, float]:
    return {"low": min(shares), "high": max(shares)}


def _most(cells: Sequence[Reading], shares: Sequence[float]) -> dict[str, Any]:
    """The largest share, in how many cells it occurs, and at which levels of the assumptions that matter for it."""
    top = [cell.reading for cell, share in zip(cells, shares, strict=True) if share == max(shares)]
    found = {
        name: [level for level in levels if any(one[name] == level for one in top)] for name, levels in READINGS.items()
    }
    levels = {name: some for name, some in found.items() if len(some) < len(READINGS[name])}
    return {"share": max(shares), "cells": len(top), "levels": levels}


# --- studies ------------------------------------------------------------------------------------------------


def summarise_study(worlds: Path, study: Study) -> dict[str, Any]:
    """Return the content of summary.json: shares of headlines and endings over all worlds, and the spread of each metric."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(worlds) as file:
        schema = file.schema_arrow
        counts: dict[str, Counter[str]] = {"headline": Counter(), "outcome": Counter(), "first_domino": Counter()}
        failed = 0
        for rows in file.iter_batches(columns=[*counts, "error"]):
            fine = pc.equal(rows["error"], "")  # type: ignore[attr-defined]
            failed += rows.num_rows - fine.true_count
            for name, count in counts.items():
                for entry in rows[name].filter(fine).value_counts().to_pylist():
                    count[entry["values"]] += entry["counts"]
    total = study.worlds - failed
    numbers = [one.name for one in schema if pa.types.is_float64(one.type) and one.name not in study.varied]
    metrics = {}
    for name in numbers:
        values = pq.read_table(worlds, columns=[name])[name].to_numpy()
        values = values[np.isfinite(values)]
        if len(values):
            metrics[name] = spread_of(values)
    headlines = {name: _share(counts["headline"][name], total) for name in HEADLINES}
    return {
        "preset": study.preset,
        "worlds": study.worlds,
        "failed": failed,
        "cells": study.cells,
        "replicates": study.replicates,
        "months": study.months,
        "seed": study.seed,
        "outcomes": {name: _share(counts["outcome"][name], total) for name in CLASSES},
        "headlines": headlines,
        "headline": max(HEADLINES, key=lambda name: headlines[name]["share"]),
        "first_dominoes": {
            name: _share(count, total) for name, count in sorted(counts["first_domino"].items(), key=lambda x: (-x[1], x[0]))
        },
        "metrics": metrics,
    }


def _share(count: int, total: int) -> dict[str, float]:
    low, high = wilson(count, total)
    return {"share": count / total if total else 0.0, "low": low, "high": high}
