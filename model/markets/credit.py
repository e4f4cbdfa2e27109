"""The credit market: requests meet lenders' supply and are rationed pro rata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.worlds import Floats, total


@equation
def part_granted(supply: float, demand: float) -> float:
    """min(1, supply / demand); 1 without demand.

    >>> part_granted(30.0, 40.0), part_granted(50.0, 40.0), part_granted(50.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(1.0, supply / demand if demand > DUST else 1.0)


@equation
def lent_by_one(asked: float, part: float, supply: float, there: float) -> float:
    """floor(part x asked x supply / all supply), dollars.

    Rounded down to whole dollars: several loans rounded up could overdraw a lender by a dollar.

    >>> lent_by_one(21.0, 0.5, 30.0, 40.0), lent_by_one(20.0, 1.0, 0.0, 0.0)
    (7.0, 0.0)
    """
    return float(np.floor(asked * part * (supply / there if there > DUST else 0.0)))


def ration(requests: Sequence[Floats], supply: Sequence[Floats]) -> Floats:
    """Share lenders' supply over borrowers' requests: whole dollars (lenders, borrowers, worlds).

    Everybody gets the same part of what it asked for, min(1, supply / demand); lenders contribute in
    proportion to supply.
    """
    asked, lendable = np.array(requests), np.array(supply)
    there = total(lendable)
    return lent_by_one(asked, part_granted(there, total(asked)), lendable[:, None], there)
