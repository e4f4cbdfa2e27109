"""The credit market: requests meet lenders' supply and are rationed pro rata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.worlds import Floats, share, total


@equation
def part_granted(supply: float, demand: float) -> float:
    """min(1, supply / demand); 1 without demand.

    >>> part_granted(30.0, 40.0), part_granted(50.0, 40.0), part_granted(50.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(1.0, supply / demand if demand > DUST else 1.0)


def ration(requests: Sequence[Floats], supply: Sequence[Floats]) -> Floats:
    """Share lenders' supply over borrowers' requests: whole dollars (lenders, borrowers, worlds).

    Everybody gets the same part of what it asked for, min(1, supply / demand); lenders contribute in
    proportion to supply.
    Rounded down to whole dollars: several loans rounded up could overdraw a lender by a dollar.
    """
    demand = total(requests)
    there = total(supply)
    granted = np.stack(requests) * part_granted(there, demand)
    return np.stack([np.floor(granted * share(one, there)) for one in supply])
