"""How fragile is the machine? Contagion of losses, cover of commitments, Minsky's classes.

Functions of numbers, no state. Rows are institutions or items, the last axis is the world.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.worlds import Array, Floats, share, total


def debt_rank(exposure: Array, equity: Array, shock: Array, value: Array | None = None) -> Floats:
    """Share of all economic value lost to contagion, beyond the first shock (worlds,).

    h_i(t) = min(1, h_i(t-1) + sum_j W_ij h_j(t-1)) over the j that were struck in the round before, each of
    which passes its distress on once; W_ij = min(1, exposure_ij / equity_i); R = sum_i (h_i(end) - h_i(0))
    v_i, with v the share of i in `value` (by default of its exposures). Source: Battiston et al. (2012),
    DebtRank.

    `exposure` (n, n, worlds): dollars that i holds on j; `equity` (n, worlds): an institution without any
    loses all of it with the first dollar; `shock` (n, worlds): distress at the start, 0 to 1.
    """
    n = len(equity)
    exposure = np.asarray(exposure, dtype=np.float64)
    cushion = np.maximum(np.asarray(equity, dtype=np.float64), 1.0)[:, None]
    impact = np.minimum(exposure / cushion, 1.0)
    weight = np.asarray(total(exposure.transpose(1, 0, 2)) if value is None else value, dtype=np.float64)
    whole = total(weight)
    distress = np.clip(np.asarray(shock, dtype=np.float64), 0.0, 1.0)
    first = distress
    struck = distress > 0
    passed = np.zeros_like(struck)
    for _ in range(n):
        arriving = total([impact[:, j] * np.where(struck[j], distress[j], 0.0) for j in range(n)])
        passed = passed | struck
        distress = np.minimum(distress + arriving, 1.0)
        struck = (distress > 0) & ~passed
    return share(total((distress - first) * weight), whole)


def commitment_cover(cash: Array, income: Array, undrawn: Array, commitments: Array, most: float = 10.0) -> Floats:
    """Means over promises in the same months: (cash + income + undrawn credit) / commitments, capped."""
    means = np.maximum(np.asarray(cash, dtype=np.float64) + income + undrawn, 0.0)
    return np.minimum(share(means, commitments, most), most)


#: Minsky's classes in the order of `minsky_class`'s numbers.
MINSKY = ("hedge", "speculative", "ponzi", "ultra_ponzi")


def minsky_class(operating: Array, interest: Array, principal: Array) -> Array:
    """Number of the financing class of a firm (worlds,), for sums over the same months.

    Hedge (0): operating cash flow covers interest and principal; speculative (1): interest only; Ponzi (2): not
    even interest; ultra-Ponzi (3): operating cash flow is negative before any capital spending. Source: Minsky
    (1992), The Financial Instability Hypothesis; the last class is ours.
    """
    operating = np.asarray(operating, dtype=np.float64)
    covered = np.where(operating >= interest + principal, 0, np.where(operating >= interest, 1, 2))
    return np.where(operating < 0, 3, covered)
