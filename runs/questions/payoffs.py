"""Payoffs: the numbers of a world that an autopsy shares out, with the words that tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Payoff:
    """A number that every world has: `of` takes the table of worlds and returns it; a mean over worlds is the payoff."""

    name: str
    label: str
    meaning: str
    unit: str  # "$bn a month", or "share" for what is shown in percentage points
    of: Callable[[pd.DataFrame], Array]
    subject: str  # how a finding begins: {} stands for the amount
    adds: str = "most is added by {}"
    takes: str = "most is taken away by {}"
    month: str = ""  # column with the month in which it comes about, if it has one


def _column(name: str) -> Callable[[pd.DataFrame], Array]:
    return lambda worlds: worlds[name].to_numpy(dtype=np.float64)


def _where(column: str, value: str) -> Callable[[pd.DataFrame], Array]:
    return lambda worlds: (worlds[column] == value).to_numpy(dtype=np.float64)


_PAYOFFS = (
    Payoff(
        "boom",
        "Boom",
        "peak of all chip vendors' AI revenue: the highest mean over six months in a row of the whole run (a recovery after a "
        "bust counts), mean of all worlds",
        "$bn a month",
        _column("peak_revenue"),
        "Vendor revenue peaks at {}",
        "it owes most to {}",
        "most is lost to {}",
        "peak_revenue_month",
    ),
    Payoff(
        "bust",
        "Bust",
        "probability that the machine falls apart: a core firm defaults or sheds a third of its commitments, or vendor revenue "
        "halves and stays down",
        "share",
        _where("headline", "falls_apart"),
        "The machine falls apart in {} of worlds",
        "most of the blame falls on {}",
        "most is averted by {}",
    ),
    Payoff(
        "drawdown",
        "Drawdown",
        "largest fall of vendor revenue (six-month mean) from its peak after the tightening begins, mean of all worlds",
        "share",
        _column("drawdown"),
        "The largest fall of vendor revenue is {} on average",
    ),
    Payoff(
        "core_default",
        "Core default",
        "probability that the lead lab, the leveraged cloud or the lead vendor defaults",
        "share",
        lambda worlds: (worlds["core_default_month"] >= 0).to_numpy(dtype=np.float64),
        "A core firm defaults in {} of worlds",
    ),
    Payoff(
        "collapse",
        "Collapse",
        "probability that a core firm defaults and vendor revenue halves",
        "share",
        _where("outcome", "collapse"),
        "The machine collapses in {} of worlds",
    ),
    Payoff(
        "holds_up",
        "Standing",
        "probability that the machine holds up",
        "share",
        _where("headline", "holds_up"),
        "The machine holds up in {} of worlds",
    ),
    Payoff(
        "own_money",
        "Own money",
        "share of vendor revenue paid with the vendor's own money, over the whole run, mean of all worlds",
        "share",
        _column("own_money_share"),
        "The vendor's own money pays for {} of its revenue",
    ),
    Payoff(
        "final_revenue",
        "Final revenue",
        "all chip vendors' AI revenue at the end, mean of the last six months and of all worlds",
        "$bn a month",
        _column("final_revenue"),
        "Vendor revenue ends at {}",
    ),
)
PAYOFFS: dict[str, Payoff] = {payoff.name: payoff for payoff in _PAYOFFS}
USUAL_PAYOFFS = ("boom", "bust")


def amount(payoff: Payoff, value: float, *, signed: bool = False) -> str:
    """Write a payoff, or with `signed` a change of it, with its unit."""
    sign = "+" if signed and value > 0 else "−" if value < 0 else ""
    if payoff.unit == "share":
        points = 100 * abs(value)
        if 0 < points < 0.05:
            return f"under {sign}0.1 {'points' if signed else '%'}"
        digits = f"{points:.0f}" if points >= 9.95 or points == 0 else f"{points:.1f}"
        return f"{sign}{digits} {'points' if signed else '%'}"
    return f"{sign}${abs(value):.{0 if abs(value) >= 99.5 else 1 if abs(value) >= 0.995 else 2}f}bn a month"


def uncapital(label: str) -> str:
    """Write a label inside a sentence: its first letter small."""
    return label[:1].lower() + label[1:]
