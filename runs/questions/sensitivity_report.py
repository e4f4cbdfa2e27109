"""What a sensitivity study says: sentences, `summary.json` and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.questions import sensitivity_indices as indices
from perpetuum.runs.questions.payoffs import Payoff, amount
from perpetuum.runs.questions.sensitivity import Answer

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]

#: Total indices under this are not worth a mention in a sentence.
MENTIONED = 0.05


def summarise(answer: Answer) -> dict[str, Any]:
    """Everything that `summary.json` says; intervals that could not be estimated are null."""
    plan = answer.plan
    return {
        "preset": plan.preset,
        "overrides": plan.overrides,
        "seed": plan.seed,
        "months": plan.scenario.horizon,
        "replicates": plan.replicates,
        "trajectories": plan.trajectories if answer.screening else 0,
        "samples": plan.samples,
        "ranges": answer.ranges,
        "screened": len(answer.names) if answer.screening else 0,
        "survivors": list(answer.kept),
        "rule": _rule(answer),
        "points_left_out": answer.failed,
        "metrics": {metric.name: _metric(answer, metric) for metric in plan.metrics},
    }


def _rule(answer: Answer) -> str:
    if not answer.screening:
        return "nothing was screened: as many parameters as may survive, or fewer"
    return (
        "the strongest parameter on each metric, then those with the largest mu* relative to it, mean over metrics; with at "
        f"least {100 * indices.NOTABLE:.0f} % of the largest mu* on some metric, and at most {answer.plan.survivors}"
    )


def _metric(answer: Answer, metric: Payoff) -> dict[str, Any]:
    low, mean, high = answer.levels.get(metric.name, (np.nan, np.nan, np.nan))
    result: dict[str, Any] = {
        "label": metric.label,
        "meaning": metric.meaning,
        "unit": metric.unit,
        "level": {"low": low, "mean": mean, "high": high},
        "finding": finding(answer, metric),
        "morris": {},
        "largest": "",
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
        if not effects.constant:
            result["largest"] = f"1 is {_change(metric, float(effects.mu_star.max()))}"
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
            "sentence": settled(answer, metric),
            "samples": [one.samples for one in grown],
            "S1": {name: [float(one.first[place]) for one in grown] for place, name in enumerate(answer.kept)},
            "ST": {name: [float(one.total[place]) for one in grown] for place, name in enumerate(answer.kept)},
        }
    return result


def _spread(value: float, half: float) -> dict[str, float]:
    return {"value": float(value), "low": float(value - half), "high": float(value + half)}


# --- sentences ----------------------------------------------------------------------------------------------


def finding(answer: Answer, metric: Payoff) -> str:
    """What a metric depends on, the most influential first; in words where it never changes."""
    low, _, high = answer.levels.get(metric.name, (np.nan, np.nan, np.nan))
    grown = answer.sobol.get(metric.name)
    subject = metric.label
    if not np.isfinite(low):
        return f"{subject}: every point failed, so that nothing can be said."
    if grown is None or grown[-1].constant:
        if grown is None and not _constant(answer, metric):
            return f"{subject}: no parameter survived the screening."
        return (
            f"{subject}: {written(metric, low)} everywhere: over these ranges no parameter makes any difference to it, "
            "and there is no variance to apportion."
        )
    last = grown[-1]
    order = [place for place in np.argsort(-last.total) if last.total[place] >= MENTIONED][:3]
    spread = f"It ranges from {written(metric, low)} to {written(metric, high)}"
    if not order:
        return f"{subject}: no parameter's share of the variance reaches {MENTIONED:.2f}. {spread}."
    parts = [
        f"{say.parameter(answer.kept[place])} (total index {last.total[place]:.2f} ± {last.total_half[place]:.2f})"
        for place in order
    ]
    then = f", then {' and '.join(parts[1:])}" if len(parts) > 1 else ""
    far = "" if indices.convergence(grown).converged else f"as far as {last.samples} samples tell, "
    alone = max(0.0, min(1.0, float(last.first.sum())))
    return (
        f"{subject}: {far}most depends on {parts[0]}{then}. {spread}; {100 * alone:.0f} % of its variance comes from single "
        "parameters, the rest from their interplay."
    )


def settled(answer: Answer, metric: Payoff) -> str:
    """Whether the sample was enough, plainly."""
    grown = answer.sobol[metric.name]
    found = indices.convergence(grown)
    more = f"--samples {2 * answer.plan.samples} would tell more"
    widest = f"±{found.widest:.2f}" if np.isfinite(found.widest) else "beyond all bounds"
    if found.move is None:
        return f"Too few samples to see whether the indices have settled; intervals reach {widest}: {more}."
    close = abs(found.move - indices.SETTLED) < 0.005  # so that what is just beyond the limit does not read as the limit
    move = f"{found.move:.{4 if close else 2}f}"
    moved = f"total indices moved by up to {move} when the sample doubled to {grown[-1].samples}"
    if found.converged:
        return f"Converged: {moved}, and no interval is wider than {widest}."
    why = []
    if found.move > indices.SETTLED:
        why.append(f"{moved} ({indices.SETTLED:.2f} would do)")
    if not found.widest <= indices.NARROW:
        why.append(f"intervals reach {widest} (±{indices.NARROW:.2f} would do)")
    return f"Not converged: {', and '.join(why)}; {more}."


def written(metric: Payoff, value: float) -> str:
    """Write a metric's value with its unit."""
    if metric.unit == "share" or metric.unit.startswith("$bn a month"):
        return amount(metric, value)

    return say.amount(value, metric.unit)


def _change(metric: Payoff, value: float) -> str:
    """Write a change of a metric: shares change by percentage points."""
    return amount(metric, value, signed=True).lstrip("+") if metric.unit == "share" else written(metric, value)


def _constant(answer: Answer, metric: Payoff) -> bool:
    effects = answer.screening.get(metric.name)
    return effects is not None and effects.constant


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
