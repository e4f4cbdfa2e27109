"""Collecting series of many worlds: a `mesa.DataCollector` whose entries are (worlds,) arrays."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pandas as pd

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.errors import InputError, nearest
from perpetuum.model.observed.fragility_series import OPTIONAL
from perpetuum.model.observed.series import SERIES, events
from perpetuum.model.worlds import Array, Floats, Register, total

#: All series by name: those collected by default, and those that must be asked for.
MEASURES = SERIES | OPTIONAL


class _Stacks:
    """Arrays that have been stacked already, with the number of months in them. A copy of it is empty: forks have others."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[int, dict[str, Array]]] = {}

    def __reduce__(self) -> tuple:
        return _Stacks, ()


class Collector(mesa.DataCollector, Register):
    """Series by name as lists of (worlds,) arrays, one entry a month.

    `get_model_vars_dataframe()` returns one row a world and month, as a Mesa user expects, with a `time` column.
    """

    def __init__(self, economy: Any):
        super().__init__()
        asked = economy.scenario.series
        self.names = tuple(SERIES) if asked is None else tuple(asked)
        for name in self.names:
            if name not in MEASURES:
                raise InputError(f"unknown series '{name}'{nearest(name, list(MEASURES))}")
        self.values: dict[str, list[Floats]] = {name: [] for name in self.names}
        self.model_vars = self.values
        self.facts: dict[str, list[Floats]] = {}
        self.dyes: dict[str, list[Floats]] = {name: [] for name in DYES}
        self.returns: list[list[Floats]] = []
        self._stacks = _Stacks()

    def collect(self, model: Any) -> None:
        """Add this month's values of every series asked for."""
        self._remember_returns(model)
        self._collection_steps.append(model.month)
        for name in self.names:
            self.values[name].append(np.array(MEASURES[name](model), dtype=np.float64))
        for name, value in events(model).items():
            self.facts.setdefault(name, []).append(value.copy())
        for index, name in enumerate(DYES):
            self.dyes[name].append(model.ledger.provenance.receipts[index] / 1e9)

    def _remember_returns(self, model: Any) -> None:
        market, gold = model.securities, model.holdings.gold
        caps = [model.holdings.market_value(k).astype(np.float64) for k in range(gold)]
        shares = total(c * market.log_return[k] for k, c in enumerate(caps)) / total(caps)
        self.returns.append([shares, market.log_return[gold].copy()])
        if len(self.returns) > 12:
            self.returns.pop(0)

    def co_movement(self) -> Floats:
        """Correlation of AI shares and gold over the remembered months (0 before three months have passed)."""
        n = len(self.returns)
        if n < 3:
            return np.zeros_like(self.returns[0][0])
        x, y = [r[0] for r in self.returns], [r[1] for r in self.returns]
        mx, my = total(x) / n, total(y) / n
        cov = total((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
        var = total((a - mx) ** 2 for a in x) * total((b - my) ** 2 for b in y)
        return np.where(var > 0, cov / np.sqrt(np.where(var > 0, var, 1.0)), 0.0)

    def stacked(self, what: dict[str, list[Array]]) -> dict[str, Array]:
        """Arrays (worlds, months) by name, read-only; stacked once a month however often they are asked for."""
        months = max(map(len, what.values()), default=0)
        known, arrays = self._stacks.kept.get(id(what), (0, {}))
        if known != months:
            arrays = {name: np.stack(rows, axis=1) for name, rows in what.items() if rows}
            for array in arrays.values():
                array.setflags(write=False)
            self._stacks.kept[id(what)] = months, arrays
        return dict(arrays)

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a world and month: `world`, `time` (month) and the series."""
        series = self.stacked(self.values)
        if not series:
            raise UserWarning("No model reporters have been defined or nothing has been collected yet")
        worlds, months = next(iter(series.values())).shape
        table = {"world": np.repeat(np.arange(worlds), months), "time": np.tile(np.arange(months), worlds)}
        table |= {name: values.ravel() for name, values in series.items()}
        return pd.DataFrame(table)
