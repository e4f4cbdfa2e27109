"""Payoffs: the numbers of a world that an autopsy shares out; the catalogue has the words that tell them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.observed.firm_defaults import LENT
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.words.numbers import together
from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array

if TYPE_CHECKING:
    import pandas as pd


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
        return self._told("label") or say.metric(self.name)[0]

    @property
    def meaning(self) -> str:
        """What it measures."""
        return self._told("meaning") or say("payoff.any.meaning", label=self.label)

    def _told(self, part: str) -> str:
        """Its own words, or those of a firm's measures; "" where there are none."""
        kind, _, firm = self.name.partition(":")
        key = f"payoff.of_firm.{kind}.{part}" if firm else f"payoff.{self.name}.{part}"
        return say(key, who=say.called(firm)) if say.knows(key) else ""

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

    def amounts(self, values: Sequence[float], *, signed: bool = False) -> list[str]:
        """Write values that stand beside each other, or changes, with as many decimals each."""
        scale, unit = 1.0, f"amount.{self.unit}"
        if self.unit == "share":
            scale, unit = 100.0, "autopsy.points" if signed else "autopsy.percent"
        elif self.unit == "$bn a month":
            scale = float(say("number.in_a_billion"))
        told = together([scale * value for value in values], 2 if self.unit == "share" else 3, "+" if signed else "-")
        # A sign stands before a unit that stands before its number.
        signs = [one[0] if one[0] in "+−" else "" for one in told]
        return [sign + say(unit, x=one.lstrip("+−")) for sign, one in zip(signs, told, strict=True)]

    def changes(self, values: Sequence[float]) -> list[str]:
        """Write changes in the unit of a table or an axis, all of it with one decimal, none from a thousand on; 0 is `0`."""
        scaled = [value * (100 if self.unit == "share" else 1) for value in values]
        digits = 1 if max(map(abs, scaled), default=0.0) < 999.95 else 0
        texts = [f"{value:+.{digits}f}".replace("-", "−") for value in scaled]
        return [text if text.strip("+−0.") else "0" for text in texts]


def column(name: str) -> Callable[[pd.DataFrame], Array]:
    """A column of the table of worlds as numbers."""
    return lambda worlds: worlds[name].to_numpy(dtype=np.float64)


def _where(name: str, value: str) -> Callable[[pd.DataFrame], Array]:
    return lambda worlds: (worlds[name] == value).to_numpy(dtype=np.float64)


def _happens(month: str) -> Callable[[pd.DataFrame], Array]:
    return lambda worlds: (worlds[month] >= 0).to_numpy(dtype=np.float64)


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
_OF_FIRMS = {"default": _happens, "loss": column}


class _Payoffs(dict[str, Payoff]):
    """Payoffs by name; `default:<firm>` (probability) and `loss:<firm>` (per dollar lent) of any firm are made when asked for."""

    def __missing__(self, name: str) -> Payoff:
        kind, _, firm = name.partition(":")
        if not firm or kind not in _OF_FIRMS:
            raise KeyError(name)
        return Payoff(name, "share", _OF_FIRMS[kind](name), name if kind == "default" else "")


PAYOFFS: dict[str, Payoff] = _Payoffs({payoff.name: payoff for payoff in _PAYOFFS})
#: Roles of firms, which can default.
FIRMS = ("vendor", "cloud", "lab")
USUAL_PAYOFFS = ("boom", "bust", "life")


def check_firms(names: Sequence[str], scenario: Scenario, moved: Collection[str] = ()) -> None:
    """Refuse measures of single firms (`default:<firm>`, `loss:<firm>`) that a scenario does not have. Raises InputError.

    `moved`: parameters and opening figures that differ between worlds, so that a firm may owe more than the scenario says.
    """
    agents = [agent.id for agent in scenario.definition.agents if agent.role in FIRMS]
    for name in names:
        kind, _, firm = name.partition(":")
        if kind not in _OF_FIRMS:
            continue
        if firm not in agents:
            known = [f"{kind}:{one}" for one in agents]
            raise InputError(f"'{name}' is of no firm of this preset{nearest(name, known)} (there are {', '.join(known)})")
        debtors = [one for one in agents if _owes(scenario, one) or any(other.startswith(f"{one}.") for other in moved)]
        if kind == "loss" and firm not in debtors:
            known = [f"loss:{one}" for one in debtors]
            others = f" (there are {', '.join(known)})" if known else ""
            raise InputError(f"'{name}': it owes nothing at the start, so that there is nothing to lose{others}")


def _owes(scenario: Scenario, firm: str) -> bool:
    """Whether a firm owes creditors who lend anything at the start."""
    return any(np.any(scenario.figures[firm].get(row, 0)) for rows in LENT.values() for row in rows)
