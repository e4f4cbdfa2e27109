"""What a sensitivity study says: `summary.json`, sentences made from it, and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.questions import sensitivity_indices as indices
from perpetuum.runs.questions.payoffs import Payoff
from perpetuum.runs.questions.sensitivity import Answer, metric_of

if TYPE_CHECKING:
    import pandas as pd

Summary = Mapping[str, Any]

#: Total indices under this are not worth a mention in a sentence, and so many are mentioned.
MENTIONED, _FEW = 0.05, 3


def summarise(answer: Answer) -> dict[str, Any]:
    """Everything that `summary.json` says; intervals that could not be estimated are null."""
    plan = answer.plan
    return {
        "preset": plan.preset,
        "overrides": plan.overrides,
        "seed": plan.seed,
        "months": plan.scenario.judged,
        "fixed": plan.fixed,
        "replicates": plan.replicates,
        "trajectories": plan.trajectories if answer.screening else 0,
        "samples": plan.samples,
        "ranges": answer.ranges,
        "screened": len(answer.names) if answer.screening else 0,
        "survivors": list(answer.kept),
        "most_survivors": plan.survivors,
        "points_left_out": answer.failed,
        "metrics": {metric.name: _metric(answer, metric) for metric in plan.metrics},
    }


def _metric(answer: Answer, metric: Payoff) -> dict[str, Any]:
    level = answer.levels.get(metric.name, (np.nan, np.nan, np.nan))
    result: dict[str, Any] = {
        "unit": metric.unit,
        "level": {end: float(v) if np.isfinite(v) else None for end, v in zip(("low", "mean", "high"), level, strict=True)},
        "morris": {},
        "sobol": {},
        "convergence": None,
    }
    effects = answer.screening.get(metric.name)
    if effects is not None:
        result["morris"] = {
            name: {
                "mu": float(effects.mu[place]),
                "mu_star": float(effects.mu_star[place]),
                "low": float(effects.mu_star[place] - effects.half[place]),
                "high": float(effects.mu_star[place] + effects.half[place]),
                "sigma": float(effects.sigma[place]),
            }
            for place, name in enumerate(answer.names)
        }
    grown = answer.sobol.get(metric.name)
    if grown is not None and not grown[-1].constant:
        last, verdict = grown[-1], indices.convergence(grown)
        result["sobol"] = {
            name: {
                "S1": _spread(last.first[place], last.first_half[place]),
                "ST": _spread(last.total[place], last.total_half[place]),
            }
            for place, name in enumerate(answer.kept)
        }
        result["convergence"] = {
            "converged": verdict.converged,
            "move": verdict.move,
            "widest": verdict.widest,
            "samples_needed": verdict.most_needed,
            "indices": {
                name: {"converged": verdict.settled[place], "samples_needed": verdict.needed[place]}
                for place, name in enumerate(answer.kept)
            },
            "samples": [one.samples for one in grown],
            "S1": {name: [float(one.first[place]) for one in grown] for place, name in enumerate(answer.kept)},
            "ST": {name: [float(one.total[place]) for one in grown] for place, name in enumerate(answer.kept)},
        }
    return result


def _spread(value: float, half: float) -> dict[str, float]:
    return {"value": float(value), "low": float(value - half), "high": float(value + half)}


# --- sentences ----------------------------------------------------------------------------------------------


def finding(name: str, summary: Summary) -> str:
    """What a metric depends on, the most influential first; in words where it never changes."""
    metric, found = metric_of(name), summary["metrics"][name]
    level, sobol = found["level"], found["sobol"]
    if level["low"] is None:
        return say("sensitivity.all_failed", label=metric.label)
    low, high = metric.amounts([level[end] for end in ("low", "high")])
    if not sobol:
        if not summary["survivors"] and any(one["mu_star"] for one in found["morris"].values()):
            return say("sensitivity.none_survived", label=metric.label)
        return say("sensitivity.no_difference", label=metric.label, value=low)
    about = {"label": metric.label, "low": low, "high": high}
    order = [one for one in sorted(sobol, key=lambda p: -sobol[p]["ST"]["value"]) if sobol[one]["ST"]["value"] >= MENTIONED]
    if not order:
        return say("sensitivity.none_reaches", least=f"{MENTIONED:.2f}", **about)
    settled = found["convergence"]["converged"]
    sure = [one for one in order if told_apart(sobol[one]["ST"])]
    if sure[:1] != order[:1]:  # what seems to matter most is not known to matter
        return say("sensitivity.not_told_apart", n=found["convergence"]["samples"][-1], **about)
    told = [_index(one, sobol[one]["ST"]) for one in sure[:_FEW]]
    first, *others = told
    alone = max(0.0, min(1.0, sum(one["S1"]["value"] for one in sobol.values())))
    return say(
        "sensitivity.found" if stands_out(sobol) else "sensitivity.found_some",
        n=len(told),
        samples=found["convergence"]["samples"][-1],
        some=say.listed(told),
        far="" if settled else say("sensitivity.far", n=found["convergence"]["samples"][-1]),
        first=first,
        then=say("sensitivity.then", others=say.listed(others)) if others else "",
        alone=f"{100 * alone:.0f}",
        **about,
    )


def told_apart(total: Mapping[str, float]) -> bool:
    """Whether the interval of a total index lies above zero."""
    return bool(total["low"] > 0)


def stands_out(sobol: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """The parameter whose total index lies above zero and, with its whole interval, above those of all others; else "".

    Intervals that do not overlap leave a difference of zero out whatever the indices have in common.
    """
    top = max(sobol, key=lambda one: sobol[one]["ST"]["value"])
    beaten = max((one["ST"]["high"] for name, one in sobol.items() if name != top), default=0.0)
    return top if told_apart(sobol[top]["ST"]) and sobol[top]["ST"]["low"] > beaten else ""


def _index(name: str, total: Mapping[str, float]) -> str:
    half = total["high"] - total["value"]
    return say("sensitivity.index", what=say.parameter(name), value=f"{total['value']:.2f}", half=f"{half:.2f}")


def settled(name: str, summary: Summary) -> str:
    """Whether the sample was enough, plainly."""
    found = summary["metrics"][name]["convergence"]
    more = found["samples_needed"] or 2 * summary["samples"]
    move, samples = found["move"], found["samples"][-1]
    widest = f"±{found['widest']:.2f}" if np.isfinite(found["widest"]) else say("sensitivity.beyond")
    if move is None:
        return say("sensitivity.too_few", widest=widest, more=more)
    close = abs(move - indices.SETTLED) < 0.005  # so that what is just beyond the limit does not read as the limit
    moved = {"move": f"{move:.{4 if close else 2}f}", "samples": samples}
    if found["converged"]:
        return say("sensitivity.converged", widest=widest, **moved)
    why = []
    if move > indices.SETTLED:
        why.append(say("sensitivity.moved", limit=f"{indices.SETTLED:.2f}", **moved))
    if not found["widest"] <= indices.NARROW:
        why.append(say("sensitivity.reach", widest=widest, limit=f"{indices.NARROW:.2f}"))
    told = say(
        "sensitivity.not_converged" if found["samples_needed"] else "sensitivity.far_from", more=more, why=say.listed(why)
    )
    well = [say.parameter(one) for one, of in found["indices"].items() if of["converged"]]
    return say.sentences([told, *([say("sensitivity.settled", names=say.listed(well))] if well else [])])


def largest(name: str, summary: Summary) -> str:
    """What the largest effect on a metric comes to: shares change by percentage points."""
    metric = metric_of(name)
    most = max((one["mu_star"] for one in summary["metrics"][name]["morris"].values()), default=0.0)
    if not most:
        return say("sensitivity.figure.never")
    change = metric.amount(most, signed=metric.unit == "share").lstrip("+")
    return say("sensitivity.figure.one_is", change=change)


# --- tables -------------------------------------------------------------------------------------------------


def morris_table(answer: Answer) -> pd.DataFrame:
    """A row a metric and parameter: mu, mu* with its interval, sigma, and whether it survived."""
    import pandas as pd

    rows = [
        {
            "metric": metric,
            "parameter": name,
            "mu": effects.mu[place],
            "mu_star": effects.mu_star[place],
            "mu_star_low": effects.mu_star[place] - effects.half[place],
            "mu_star_high": effects.mu_star[place] + effects.half[place],
            "sigma": effects.sigma[place],
            "survived": name in answer.kept,
        }
        for metric, effects in answer.screening.items()
        for place, name in enumerate(answer.names)
    ]
    columns = ["metric", "parameter", "mu", "mu_star", "mu_star_low", "mu_star_high", "sigma", "survived"]
    return pd.DataFrame(rows, columns=columns)


def sobol_table(answer: Answer) -> pd.DataFrame:
    """A row a metric, parameter and size of the sample: S1 and ST with their intervals."""
    import pandas as pd

    rows = []
    for metric, grown in answer.sobol.items():
        for one in grown:
            for place, name in enumerate(answer.kept):
                row: dict[str, Any] = {"metric": metric, "parameter": name, "samples": one.samples, "constant": one.constant}
                for index, value, half in (("S1", one.first, one.first_half), ("ST", one.total, one.total_half)):
                    row[index] = value[place]
                    row[f"{index}_low"], row[f"{index}_high"] = value[place] - half[place], value[place] + half[place]
                rows.append(row)
    columns = ["metric", "parameter", "samples", "constant", "S1", "S1_low", "S1_high", "ST", "ST_low", "ST_high"]
    return pd.DataFrame(rows, columns=columns)
