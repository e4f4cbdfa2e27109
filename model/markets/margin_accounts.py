"""Margin accounts of individual investors: who is called, what is borrowed and repaid, who is wiped out.

Kernels; the rules by which they are written stand in `investor_members.py`.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import loop
from perpetuum.model.markets.investor_members import BLOCK, LEVERAGED, appraise


@loop
def margin_calls(lots, cash, debt, start, stop, maintenance, p, held, rows):
    """Number of members [start, stop) whose equity at prices p is under the maintenance margin."""
    now, called = rows[1], 0
    for first in range(start, stop, BLOCK):
        n = min(BLOCK, stop - first)
        appraise(lots, first, n, p, held, now)
        mine, owed = cash[first:], debt[first:]
        for i in range(n):
            called += now[i] > 0.0 and float(mine[i] - owed[i]) + now[i] < maintenance * now[i]
    return called


@loop
def settle_margin(cash, debt, lots, reserve, standing, start, stop, rule, price, w, replacement, purse, out):
    """Borrow where cash is short, repay from spare cash, write off and replace the wiped out, in whole
    dollars.

    `out` (4,): drawn, repaid, written off, fresh cash. `purse`: what the outside can still
    put up.
    """
    cash, debt, reserve, standing = cash[start:stop], debt[start:stop], reserve[start:stop], standing[start:stop]
    for i in range(stop - start):
        if rule != LEVERAGED and cash[i] >= 0 and debt[i] == 0:
            continue
        position = np.int64(0)
        for k in range(lots.shape[0]):
            position += lots[k, start + i] * price[k, w]
        keep = np.int64(0)
        if rule == LEVERAGED:
            keep = np.int64(np.floor(reserve[i] * float(position)))
        if cash[i] < 0 or (cash[i] < keep and debt[i] > 0):
            draw = keep - cash[i]
            cash[i] += draw
            debt[i] += draw
            out[0] += draw
        elif debt[i] > 0:
            repay = min(debt[i], cash[i] - keep)
            cash[i] -= repay
            debt[i] -= repay
            out[1] += repay
        equity = cash[i] - debt[i] + position
        if equity < 0 or (equity == 0 and standing[i] > 0.0 and rule == LEVERAGED):
            debt[i] += equity
            out[2] -= equity
            fresh = min(np.int64(np.floor(replacement * standing[i] + 0.5)), purse)
            purse -= fresh
            cash[i] += fresh
            out[3] += fresh
    return purse
