"""Where every world stands as its months pass, read without foresight by a page and a series (the verdict is `states.py`).

A default or a shed third is a fall at once. A fall of sales to half of their peak, and the month in which a world first stood
alone, await the twelve months that confirm them; the other states are this month's reading, here and in the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from perpetuum.model.observed.states import FALLEN, SMALLER, SPINNING, STANDS_ALONE, Definition
from perpetuum.model.units import YEAR
from perpetuum.model.worlds import Array, Floats, Mask, Register, total

#: Facts whose last twelve months are kept.
_YEARLY = ("sales", "paid", "spent")


class Standing(Register):
    """The last twelve months of `_YEARLY`, (12, worlds) each, and what a world's state is read from; arrays (worlds,).

    `code`: the state's place in `states.STATES`. `before`: the twelve months before the start by name, dollars as facts have
    them; a name that is missing stands at its first month's level. `core`: ids of the core firms.
    """

    def __init__(self, core: Sequence[str], before: Mapping[str, Sequence[float]], worlds: int):
        self.core, self.limit = tuple(core), Definition()
        self.years: dict[str, Floats] = {
            name: np.repeat(np.array(values, dtype=np.float64)[:, None], worlds, axis=1) for name, values in before.items()
        }
        self.peak: Floats = np.zeros(worlds)  # highest mean of sales over twelve months so far
        self.halved: Floats = np.zeros(worlds)  # months in a row in which sales are at half of it
        self.fell: Mask = np.zeros(worlds, dtype=bool)
        self.code: Floats = np.full(worlds, float(SPINNING))

    def record(self, facts: Mapping[str, Array]) -> None:
        """A month is over: its facts, each (worlds,)."""
        for name in _YEARLY:
            now = np.asarray(facts[name], dtype=np.float64)[None]
            year = self.years[name] if name in self.years else np.repeat(now, YEAR, axis=0)
            if name == "sales":
                self.peak = np.maximum(self.peak, total(year) / YEAR)
            self.years[name] = np.concatenate([year[1:], now])
        limit, mean = self.limit, total(self.years["sales"]) / YEAR
        self.peak = np.maximum(self.peak, mean)
        self.halved = np.where(mean <= limit.fallen_sales * self.peak, self.halved + 1.0, 0.0)
        self.fell = self.fell | (self.halved >= limit.confirmed)
        for firm in self.core:
            self.fell = self.fell | (facts[f"default:{firm}"] > 0) | (facts[f"shed:{firm}"] >= limit.shed)
        pays = total(self.years["paid"]) >= limit.paid * total(self.years["spent"])
        kept = mean >= limit.kept_sales * self.peak
        alone = np.where(pays, np.where(kept, STANDS_ALONE, SMALLER), SPINNING)
        self.code = np.where(self.fell, FALLEN, alone).astype(np.float64)
