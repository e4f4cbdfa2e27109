"""A single world as a Mesa user knows models: keyword parameters, plain numbers in the data collector.

batch_run(SingleWorld, {"months": 24, "demand__strength": [0.5, 1.0]}, rng=[1, 2])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mesa

from perpetuum.model.economy import Economy
from perpetuum.model.scenario import Scenario


class SingleWorld(Economy):
    """One world whose parameters are keywords, with two underscores for the dot; `rng` is the seed of its luck.

    The data collector has a column a series, and `headline` and `outcome`, which are known (not empty) in the last month.
    Raises InputError.
    """

    def __init__(
        self,
        preset: str = "ono_2025",
        months: int | None = None,
        series: Sequence[str] | None = None,
        rng: int | None = None,
        **parameters: Any,
    ):
        overrides = {name.replace("__", "."): value for name, value in parameters.items()}
        super().__init__(Scenario(preset, overrides, months=months, series=series), rng=rng)
        reporters: dict[str, Any] = {name: lambda one, name=name: one.latest(name) for name in self.collector.names}
        reporters |= {word: lambda one, word=word: one.verdict(word) for word in ("headline", "outcome")}
        self.reported = mesa.DataCollector(model_reporters=reporters)

    @property
    def datacollector(self) -> Any:
        """The collector of plain numbers."""
        return self.reported

    def step(self) -> None:
        """Advance by a month and report."""
        super().step()
        self.reported.collect(self)

    def latest(self, name: str) -> float:
        """Value of a series in the last month simulated."""
        return float(self.collector.values[name][-1][0])

    def verdict(self, word: str) -> str:
        """`headline` or `outcome` once the last month is over; nothing before."""
        return "" if self.running else str(getattr(self.outcome(), word)[0])
