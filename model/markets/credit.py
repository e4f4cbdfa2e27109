"""The credit market: requests meet lenders' supply and are rationed pro rata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.worlds import Floats, share, total


def ration(requests: Sequence[Floats], supply: Sequence[Floats]) -> list[list[Floats]]:
    """Share lenders' supply over borrowers' requests: loans[lender][borrower] in dollars (worlds,).

    Everybody gets the same part of what it asked for, min(1, supply / demand); lenders contribute in
    proportion to supply.
    Rounded down to whole dollars: several loans rounded up could overdraw a lender by a dollar.
    """
    demand = total(requests)
    there = total(supply)
    granted = np.minimum(1.0, share(there, demand, 1.0))
    return [[np.floor(request * granted * share(one, there)) for request in requests] for one in supply]
