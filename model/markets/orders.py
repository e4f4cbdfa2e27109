"""Orders of institutions in the share and gold market: firms, states, mines, creditors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from model.worlds import Array, Dollars, Stateful


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
    filled: Dollars = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    paid: Dollars = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        allowed = {"trade": (True, True), "issue": (False, True), "retire": (True, False)}[self.kind]
        if (self.dollars is None) == (self.lots is None) or not allowed[self.dollars is None]:
            raise ValueError(f"order to {self.kind} asset {self.asset}: give dollars to buy or lots to sell")


def pro_rata(whole: Dollars, rows: Dollars) -> Dollars:
    """Split whole lots (worlds,) over accounts in proportion to rows (accounts, worlds); parts never exceed
    rows.

    Exact below 2^51 lots, although products of lots need 100 bits: the remainder for the floating-point guess is small
    and therefore right modulo 2^64.
    """
    cumulated = np.cumsum(rows, axis=0)
    all_rows = np.maximum(cumulated[-1], 1)
    marks = (whole * (cumulated / all_rows)).astype(np.int64)
    rest = whole * cumulated - marks * all_rows
    marks += (rest >= all_rows).astype(np.int64) - (rest < 0)
    return np.diff(marks, axis=0, prepend=0)
