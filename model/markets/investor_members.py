"""Members of a strategy, block by block: what they hold and are worth, and sums over them.

Kernels of the pass over individual investors work on the members [start, stop) of one strategy in one world. Arrays have the
asset before the individual, and every loop over individuals runs over a block of neighbours, so that processors work on
several at once; sums over them go by eight lanes in a fixed order, so that a world's numbers depend neither on the company it
is in nor on the processor's width. No fastmath, no parallel reductions, no exp or tanh per individual, choices instead of
branches.
"""

from __future__ import annotations

from perpetuum.model.equations import loop

#: How a strategy's orders are formed.
WEIGHTS, INDEX, LEVERAGED = 0, 1, 2
#: What holds the price of an asset while the others are solved for.
FREE, AT_FLOOR, AT_CEILING, SUSPENDED = 0, 1, 2, 3
#: Individuals worked on at once: their scratch stays in the processor's nearest cache.
BLOCK = 256


@loop
def added(x, n):
    """Sum of x[:n] in eight lanes, always in the same order."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    whole = n - n % 8
    for i in range(0, whole, 8):
        a += x[i]
        b += x[i + 1]
        c += x[i + 2]
        d += x[i + 3]
        e += x[i + 4]
        f += x[i + 5]
        g += x[i + 6]
        h += x[i + 7]
    for i in range(whole, n):
        a += x[i]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@loop
def sides(target, n, buffer):
    """Sums of what is positive and of what is negative in target[:n], both positive."""
    for i in range(n):
        buffer[i] = max(target[i], 0.0)
    up = added(buffer, n)
    for i in range(n):
        buffer[i] = max(-target[i], 0.0)
    return up, added(buffer, n)


@loop
def appraise(lots, first, n, prices, held, value):
    """Lots of n members from `first` as floats in `held` (K, n); what they are worth at `prices` in `value` (n,)."""
    value[:n] = 0.0
    for k in range(prices.shape[0]):
        price = prices[k]
        mine = lots[k, first : first + n]
        row = held[k]
        for i in range(n):
            row[i] = float(mine[i])
            value[i] += row[i] * price


@loop
def drift(weight, first, n, anchor, plain, drifted):
    """Sums of opening weights (n,) as they were and as they have drifted with the market."""
    plain[:n] = 0.0
    drifted[:n] = 0.0
    for k in range(anchor.shape[0]):
        moved = anchor[k]
        mine = weight[k, first : first + n]
        for i in range(n):
            plain[i] += mine[i]
            drifted[i] += mine[i] * moved
