"""Payoffs: the numbers of a world that an autopsy shares out; the catalogue has the words that tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Payoff:
    """A number that every world has: `of` takes the table of worlds and returns it; a mean over worlds is the payoff.

    `unit`: "$bn a month", or "share" for what is shown in percentage points; `month`: the column with the month in which it
    comes about, if it has one.
    """

    name: str
    unit: str
    of: Callable[[pd.DataFrame], Array]
    month: str = ""

    @property
    def label(self) -> str:
        """What it is called."""
        key = f"payoff.{self.name}.label"
        return say(key) if say.knows(key) else say.metric(self.name)[0]

    @property
    def meaning(self) -> str:
        """What it measures."""
        key = f"payoff.{self.name}.meaning"
        return say(key) if say.knows(key) else say("payoff.any.meaning", label=self.label)

    def told(self, part: str, **places: str) -> str:
        """A part of a finding about it: `subject`, `adds` or `takes`."""
        key = f"payoff.{self.name}.{part}"
        return say(key if say.knows(key) else f"payoff.any.{part}", **places)

    def amount(self, value: float, *, signed: bool = False) -> str:
        """Write a value, or with `signed` a change of it, with its unit."""
        sign = "+" if signed and value > 0 else "−" if value < 0 else ""
        if self.unit == "share":
            points, unit = 100 * abs(value), "autopsy.points" if signed else "autopsy.percent"
            if 0 < points < 0.05:
                return say("autopsy.small", x=say(unit, x=f"{sign}0.1"))
            return say(unit, x=f"{sign}{points:.{0 if points >= 9.95 or points == 0 else 1}f}")
        if self.unit != "$bn a month":
            return ("+" if signed and value > 0 else "") + say.amount(value, self.unit)
        size = abs(value) * float(say("number.in_a_billion"))
        return sign + say(f"amount.{self.unit}", x=f"{size:.{0 if size >= 99.5 else 1 if size >= 0.995 else 2}f}")


def column(name: str) -> Callable[[pd.DataFrame], Array]:
    """A column of the table of worlds as numbers."""
    return lambda worlds: worlds[name].to_numpy(dtype=np.float64)


def _where(name: str, value: str) -> Callable[[pd.DataFrame], Array]:
    return lambda worlds: (worlds[name] == value).to_numpy(dtype=np.float64)


_PAYOFFS = (
    Payoff("boom", "$bn a month", column("peak_revenue"), "peak_revenue_month"),
    Payoff("bust", "share", _where("state", "fallen")),
    Payoff("drawdown", "share", column("drawdown")),
    Payoff("core_default", "share", lambda worlds: (worlds["core_default_month"] >= 0).to_numpy(dtype=np.float64)),
    Payoff("life", "months", column("life")),
    Payoff("alone", "share", _where("state", "stands_alone")),
    Payoff("own_money", "share", column("own_money_share")),
    Payoff("final_revenue", "$bn a month", column("final_revenue")),
)
PAYOFFS: dict[str, Payoff] = {payoff.name: payoff for payoff in _PAYOFFS}
USUAL_PAYOFFS = ("boom", "bust", "life")
