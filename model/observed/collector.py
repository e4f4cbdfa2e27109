"""The data collector: a `mesa.DataCollector` whose entries are (worlds,) arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import mesa
import numpy as np
import pandas as pd

from perpetuum.model.books.accounts import DEBTS, INSTRUMENT
from perpetuum.model.books.ledger import Ledger
from perpetuum.model.books.ledger_kernels import one_sided
from perpetuum.model.books.payment_kinds import DYES, KIND_NUMBER, SALES
from perpetuum.model.errors import InputError, nearest
from perpetuum.model.given import Named
from perpetuum.model.observed.facts import facts
from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.measures import MEASURES, SERIES
from perpetuum.model.observed.months import Months
from perpetuum.model.observed.outcome import Outcome
from perpetuum.model.observed.standing import Standing
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array, Floats, Register, total

_SALES = np.array([KIND_NUMBER[kind] for kind in SALES])
_DEBTS = np.array([INSTRUMENT[debt] for debt in DEBTS])
#: What the books say of every agent, each (accounts, worlds), dollars. Debts stand below zero in the row in which their lenders'
#: claims stand above it: only an account's own debts are counted.
AGENT_FIGURES: dict[str, Callable[[Ledger], Array]] = {
    "cash": lambda ledger: np.maximum(ledger.row("deposits"), 0),
    "debt": lambda ledger: one_sided(ledger.book, _DEBTS, -1),
    "revenue": lambda ledger: one_sided(ledger.flows, _SALES, 1),
}


class CollectedEconomy(MeasuredEconomy, Protocol):
    """What the collector reads off an economy beside what is measured."""

    scenario: Any  # Mesa's models have a scenario of no type
    securities: Any


class _Stacks:
    """Arrays that have been stacked already, with the number of months in them. A copy of it is empty: forks have others."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[int, dict[str, Array]]] = {}

    def __reduce__(self) -> tuple:
        return _Stacks, ()


class Collector(mesa.DataCollector, Register):
    """Series by name, each a (worlds,) array a month.

    `get_model_vars_dataframe()` has a row a world and month, `get_agent_vars_dataframe()` a row a world, month and agent;
    agents' figures are collected where all series are (`Scenario.series` left out).
    """

    def __init__(self, economy: CollectedEconomy):
        asked = economy.scenario.series
        self.names = tuple(SERIES) if asked is None else tuple(asked)
        for name in self.names:
            if name not in MEASURES:
                raise InputError(f"unknown series '{name}'{nearest(name, list(MEASURES))}")
        self._p: ParameterValues = economy.p
        self._horizon = economy.scenario.horizon
        self.values: dict[str, Months] = {name: Months(self._horizon) for name in self.names}
        self.verdict: dict[str, list[str]] = {}  # of a world alone, once its last month is over
        self.agents: tuple[str, ...] = economy.accounts.names if asked is None else ()
        self.agent_figures = {name: Months(self._horizon) for name in AGENT_FIGURES if self.agents}
        super().__init__(model_reporters={name: MEASURES[name] for name in self.names})
        self.facts: dict[str, Months] = {}
        self.dyes: dict[str, Months] = {name: Months(self._horizon) for name in DYES}
        self.returns: list[list[Floats]] = []
        given = economy.scenario.definition.before
        before = {name: [value * economy.p.unit for value in values] for name, values in given.items()}
        core = (economy.lead_lab, economy.leveraged_cloud, economy.lead_vendor)
        self.standing = Standing(tuple(firm.name for firm in core), before, economy.p.worlds)
        self._stacks = _Stacks()

    def collect(self, model: CollectedEconomy) -> None:
        """Add this month's values of every series asked for."""
        self._remember_returns(model)
        self._collection_steps.append(model.month)
        found = facts(model)
        for name, value in found.items():
            if name not in self.facts:
                self.facts[name] = Months(self._horizon)
            self.facts[name].append(value)
        self.standing.record(found)
        for name in self.names:
            self.values[name].append(np.array(MEASURES[name].of(model), dtype=np.float64))
        for index, name in enumerate(DYES):
            self.dyes[name].append(model.ledger.provenance.receipts[index] / BN)
        for name, rows in self.agent_figures.items():
            rows.append(AGENT_FIGURES[name](model.ledger) / BN)

    def tell_verdict(self, outcome: Outcome) -> None:
        """Keep the verdict of a world alone, for Mesa's tables: words in its last month, nothing in those before."""
        before = [""] * (len(self._collection_steps) - 1)
        self.verdict = {"verdict": [*before, str(outcome.state[0])]}  # `state` is a series, provisional and in codes

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self._p.worlds

    @property
    def model_vars(self) -> dict[str, list]:
        """What Mesa's `batch_run` reports: arrays (worlds,) a month; of one world plain numbers, and its verdict."""
        if self.worlds > 1:
            return {name: list(rows) for name, rows in self.values.items()}
        return {name: [float(row[0]) for row in rows] for name, rows in self.values.items()} | self.verdict

    @model_vars.setter
    def model_vars(self, value: dict[str, list]) -> None:
        """Mesa's constructor sets it; it follows from `values`."""

    def _remember_returns(self, model: CollectedEconomy) -> None:
        market, gold = model.securities, model.holdings.gold
        caps = (model.holdings.price[:gold] * model.holdings.outstanding[:gold]).astype(np.float64)
        shares = total(caps * market.log_return[:gold]) / total(caps)
        self.returns.append([shares, market.log_return[gold].copy()])
        if len(self.returns) > 12:
            self.returns.pop(0)

    def co_movement(self) -> Floats:
        """Correlation of AI shares and gold over the remembered months (0 before three months have passed)."""
        n = len(self.returns)
        if n < 3:
            return np.zeros_like(self.returns[0][0])
        both = np.array(self.returns)
        x, y = (row - total(row) / n for row in (np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])))
        var = total(x**2) * total(y**2)
        return np.where(var > 0, total(x * y) / np.sqrt(np.where(var > 0, var, 1.0)), 0.0)

    def stacked(self, what: dict[str, Months]) -> dict[str, Array]:
        """Arrays (worlds, months) by name, read-only; stacked once a month however often they are asked for."""
        months = max(map(len, what.values()), default=0)
        known, arrays = self._stacks.kept.get(id(what), (0, {}))
        if known != months:
            arrays = {name: rows.stacked() for name, rows in what.items() if rows}
            for array in arrays.values():
                array.setflags(write=False)
            self._stacks.kept[id(what)] = months, arrays
        return Named("series", arrays)

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a world and month: `world`, `month` and the series; before the first month only the columns."""
        series = {name: np.array(rows).T for name, rows in self.values.items()}
        months = max(map(len, self.values.values()), default=0)
        table = {"world": np.repeat(np.arange(self.worlds), months), "month": np.tile(np.arange(months), self.worlds)}
        return pd.DataFrame(table | {name: values.ravel() for name, values in series.items()})

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """One row a world, month and agent: `world`, `month`, `agent`, `cash`, `debt`, `revenue` of the month ($bn).

        Raises InputError where they were not collected.
        """
        if not self.agents:
            raise InputError("agents' figures are collected where all series are: leave `series` out of the scenario")
        months, agents = len(self.agent_figures["cash"]), len(self.agents)
        table: dict[str, Any] = {
            "world": np.repeat(np.arange(self.worlds), months * agents),
            "month": np.tile(np.repeat(np.arange(months), agents), self.worlds),
            "agent": np.tile(np.array(self.agents, dtype=object), self.worlds * months),
        }
        for name, rows in self.agent_figures.items():  # months x (agents, worlds)
            table[name] = np.array(rows).transpose(2, 0, 1).ravel() if rows else np.empty(0)
        return pd.DataFrame(table)
