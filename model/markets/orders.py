"""Orders of institutions in the share and gold market: firms, states, mines, creditors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Stateful


@dataclass
class InstitutionalOrder(Stateful):
    """An order of an institution: buy for `dollars` or sell `lots` of an asset, (worlds,) each.

    `kind`: "trade" between holders; "issue" sells new lots (a firm's own shares, newly mined gold); "retire"
    buys lots that then cease to exist (a firm's buyback, gold used up). `filled` (worlds,): lots bought or
    sold, set by the clearing;
    `paid` (worlds,): their dollars.
    """

    account: int
    asset: int
    dollars: Array | None = None
    lots: Array | None = None
    kind: Literal["trade", "issue", "retire"] = "trade"
    filled: Dollars = field(init=False, repr=False)
    paid: Dollars = field(init=False, repr=False)

    def __post_init__(self) -> None:
        allowed = {"trade": (True, True), "issue": (False, True), "retire": (True, False)}[self.kind]
        if (self.dollars is None) == (self.lots is None) or not allowed[self.dollars is None]:
            raise ValueError(f"order to {self.kind} asset {self.asset}: give dollars to buy or lots to sell")


def pro_rata(whole: Dollars, rows: Dollars) -> Dollars:
    """Split whole lots (worlds,) over accounts in proportion to rows (accounts, worlds); parts never exceed
    rows.
    """
    parts = np.zeros_like(rows)
    _pro_rata(whole, rows, parts)
    return parts


@kernel
def _pro_rata(whole, rows, parts):
    """Cumulative floors. Exact below 2^51 lots, although products of lots need 100 bits: the remainder for the
    floating-point guess is small and therefore right modulo 2^64.
    """
    accounts, worlds = rows.shape
    every = np.zeros(worlds, dtype=np.int64)
    cumulated = np.zeros(worlds, dtype=np.int64)
    given = np.zeros(worlds, dtype=np.int64)
    for a in range(accounts):
        for w in range(worlds):
            every[w] += rows[a, w]
    for a in range(accounts):
        if not rows[a].any():
            continue
        for w in range(worlds):
            most = max(every[w], 1)
            cumulated[w] += rows[a, w]
            mark = np.int64(whole[w] * (cumulated[w] / most))
            rest = whole[w] * cumulated[w] - mark * most
            if rest >= most:
                mark += 1
            elif rest < 0:
                mark -= 1
            parts[a, w] = mark - given[w]
            given[w] = mark
