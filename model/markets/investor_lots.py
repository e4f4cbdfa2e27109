"""Lots of individual investors: whole ones wanted at a price, kept within budgets, and handed out.

Kernels; the rules by which they are written stand in `investor_members.py`.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import loop
from perpetuum.model.markets.investor_members import BLOCK, LEVERAGED, SUSPENDED, WEIGHTS, added, appraise, sides


@loop
def wanted_lots(
    lots, cash, debt, turnover, elasticity, ranges, rules, P, p, u, state, target, held, rows, D, S,
):  # fmt: skip
    """Turn everybody's targets into lots wanted at price p (positive buys, negative sales), added up in D and S.

    Who holds to weights wants turnover x (w (wealth at p - elasticity x wealth at P x ln(p/P)) / p - lots); the others' dollars
    to buy are divided by p. Both are one loop of choices over neighbours.
    """
    K, members = target.shape
    old, now, part, buffer, weighs = rows[0], rows[1], rows[2], rows[3], rows[4]
    for first in range(0, members, BLOCK):
        n = min(BLOCK, members - first)
        appraise(lots, first, n, p, held, now)
        appraise(lots, first, n, P, held, old)
        for j in range(rules.shape[0]):
            weighs[max(ranges[j, 0] - first, 0) : max(min(ranges[j, 1] - first, n), 0)] = 1.0 if rules[j] == WEIGHTS else 0.0
        held_cash, owed, tau, eager = cash[first:], debt[first:], turnover[first:], elasticity[first:]
        for i in range(n):
            own = float(held_cash[i] - owed[i])
            part[i] = tau[i] if old[i] + own > 0.0 else 0.0
            now[i] += own
            old[i] = (old[i] + own) * eager[i]
        for k in range(K):
            plan, stock, price, move = target[k, first : first + n], held[k], p[k], u[k]
            if state[k] == SUSPENDED:
                plan[:] = 0.0
                continue
            for i in range(n):
                wish, weighing = plan[i], weighs[i] > 0.0
                worth = wish * (now[i] - old[i] * move)
                quotient = (worth if weighing else max(wish, 0.0)) / price
                # Lots to sell stand in a wish as they are: no second quotient.
                plan[i] = max(part[i] * (quotient - stock[i]) if weighing else quotient + min(wish, 0.0), -stock[i])
            bought, sold = sides(plan, n, buffer)
            D[k] += bought
            S[k] += sold


@loop
def within_budget(cash, ranges, rules, p, sold_share, target, rows, D):
    """Scale the buys of unleveraged investors to their cash and what their sales will bring; add up all buys in D."""
    K, members = target.shape
    buys, funds, buffer = rows[0], rows[1], rows[2]
    for first in range(0, members, BLOCK):
        n = min(BLOCK, members - first)
        mine = cash[first:]
        for i in range(n):
            buys[i] = 0.0
            funds[i] = float(mine[i])
        for k in range(K):
            plan, price, proceeds = target[k, first : first + n], p[k], p[k] * sold_share[k]
            for i in range(n):
                buys[i] += max(plan[i], 0.0) * price
                funds[i] += max(-plan[i], 0.0) * proceeds
        for i in range(n):
            funds[i] = 1.0 if buys[i] <= funds[i] else max(funds[i], 0.0) / buys[i]
        for j in range(rules.shape[0]):
            if rules[j] == LEVERAGED:
                funds[max(ranges[j, 0] - first, 0) : max(min(ranges[j, 1] - first, n), 0)] = 1.0
        for k in range(K):
            plan = target[k, first : first + n]
            for i in range(n):
                plan[i] *= funds[i] if plan[i] > 0.0 else 1.0
                buffer[i] = max(plan[i], 0.0)
            D[k] += added(buffer, n)


@loop
def _cumulate(wishes, n, run, sums):
    """Cumulate what is wished of two assets (2, n), buys and sales apart, on from `run` (4,) into `sums` (4, n).

    Additions wait for one another: four sums side by side take the time of one.
    """
    a, b, c, d = run[0], run[1], run[2], run[3]
    one, other = wishes[0], wishes[1]
    for i in range(n):
        a += max(one[i], 0.0)
        b += max(-one[i], 0.0)
        c += max(other[i], 0.0)
        d += max(-other[i], 0.0)
        sums[0, i], sums[1, i], sums[2, i], sums[3, i] = a, b, c, d
    run[0], run[1], run[2], run[3] = a, b, c, d


@loop
def hand_out(lots, cash, ranges, price, w, target, rate, rows, run, marks, ins, outs, bought, sold):
    """Give every member whole lots by cumulative rounding, against cash at the new price.

    `rate` (2, K): the parts of wishes to buy and to sell that are filled. `bought`, `sold` (strategies, K, worlds). Scratch:
    `run` (K, 4) sums of wishes, `marks` (K, 2) lots handed out and given so far, `ins`, `outs` (block + 1,) the same by member.
    """
    K, members = target.shape
    width = rows.shape[1]
    run[:] = 0.0
    marks[:] = 0
    for first in range(0, members, width):
        n = min(width, members - first)
        mine = cash[first : first + n]
        for k in range(K):
            if k % 2 == 0:
                pair = k if k + 1 < K else k - 1
                _cumulate(target[pair : pair + 2, first : first + n], n, run[k], rows)
            place = 2 * (k - pair)
            cumulated_in, cumulated_out = rows[place], rows[place + 1]
            plan, stock, dollars = target[k, first : first + n], lots[k, first : first + n], price[k, w]
            fill_in, fill_out = rate[0, k], rate[1, k]
            ins[0], outs[0] = marks[k, 0], marks[k, 1]
            for i in range(n):
                ins[i + 1] = np.int64(cumulated_in[i] * fill_in + 0.5)
                outs[i + 1] = np.int64(cumulated_out[i] * fill_out + 0.5)
            beyond = np.int64(0)
            for i in range(n):
                beyond |= (stock[i] if plan[i] < 0.0 else 0) - (outs[i + 1] - outs[i])
            if beyond < 0:
                # Nobody sells more than he has; what one lacks the next seller gives.
                for i in range(n):
                    outs[i + 1] = outs[i] + min(outs[i + 1] - outs[i], stock[i] if plan[i] < 0.0 else 0)
            for i in range(n):
                more = (ins[i + 1] - ins[i]) - (outs[i + 1] - outs[i])
                stock[i] += more
                mine[i] -= more * dollars
            marks[k, 0], marks[k, 1] = ins[n], outs[n]
            for j in range(len(ranges)):
                start, stop = max(ranges[j, 0] - first, 0), max(min(ranges[j, 1] - first, n), 0)
                if start < stop:
                    bought[j, k, w] += ins[stop] - ins[start]
                    sold[j, k, w] += outs[stop] - outs[start]
