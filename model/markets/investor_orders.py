"""Orders of individual investors: what each wants of every asset, strategy by strategy, in dollars, weights or lots.

Kernels; the rules by which they are written stand in `investor_members.py`.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import kernel, loop
from perpetuum.model.markets.investor_members import BLOCK, INDEX, SUSPENDED, WEIGHTS, appraise, drift, sides


@loop
def whim(key, month, investor, asset):
    """Unit-variance noise as a pure function of (world key, month, investor, asset): no transcendentals.

    One SplitMix64 hash (Steele et al. 2014) gives four 16-bit uniforms; their sum has a bell shape
    (Irwin-Hall).
    """
    z = key ^ (np.uint64(month + 1) * np.uint64(0x9E3779B97F4A7C15))
    z += np.uint64(investor + 1) * np.uint64(0xD1B54A32D192ED03) + np.uint64(asset + 1) * np.uint64(0x8CB92BA72F3D8DD7)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    lanes = np.uint64(0xFFFF)
    total = (z & lanes) + ((z >> np.uint64(16)) & lanes) + ((z >> np.uint64(32)) & lanes) + (z >> np.uint64(48))
    return (float(total) - 131070.0) * (1.7320508075688772 / 65536.0)


@kernel
def moods(keys, month, assets):
    """Unit-variance common noise (worlds, assets)."""
    out = np.empty((keys.shape[0], assets))
    for w in range(keys.shape[0]):
        for k in range(assets):
            out[w, k] = whim(keys[w], month, -1, k)
    return out


@kernel
def _multiply(left, right, product):
    """left right' by the library of linear algebra."""
    np.dot(left, right.T, product)


@loop
def collect_orders(
    lots, cash, debt, weight, turnover, response, elasticity, reserve, ranges, rules, curvature,
    anchor, base, lean, exposure, size, key, month, cap, tender, free_weight, P, state,
    target, left, right, sums, rows, A, B, c, s,
):  # fmt: skip
    """Orders of all unleveraged investors of one world: add up A, B, c, s and keep every member's target.

    `target` (K, n): weights w for investors who hold to weights; for index investors dollars to buy, or minus lots to
    sell. A_kj = sum_i wanted_ki h_ij, less turnover x h on the diagonal, c_k = sum_i wanted_ki net_i and
    B_k = sum_i wanted_ki elasticity_i wealth_i, wanted = turnover x w, are one matrix product a block:
    `left` (K + 1, block) holds wanted and turnover, `right` (K + 2, block) holds lots, net and elasticity x wealth.
    """
    K, members = target.shape
    value, net, width = rows[0], right[K], right.shape[1]
    for first in range(0, members, width):
        n = min(width, members - first)
        appraise(lots, first, n, P, right, value)
        mine, owed, eager = cash[first:], debt[first:], elasticity[first:]
        for i in range(n):
            net[i] = float(mine[i] - owed[i])
            right[K + 1, i] = eager[i] * max(net[i] + value[i], 0.0)
        left[:] = 0.0
        for j in range(rules.shape[0]):
            start, stop = max(ranges[j, 0], first), min(ranges[j, 1], first + n)
            if start >= stop:
                continue
            inside = slice(start - first, stop - first)
            if rules[j] == WEIGHTS:
                weights_orders(
                    weight, turnover, response, start, stop, start - ranges[j, 0], curvature[j], anchor[j], base[j],
                    lean[j], exposure[j], size[j], key, month, free_weight, target, left[:, inside], net[inside],
                    value[inside], rows,
                )  # fmt: skip
            elif rules[j] == INDEX:
                index_orders(
                    turnover, reserve, start, stop, cap, tender, free_weight, P, state, target, right[:, inside],
                    value[inside], rows, c, s,
                )  # fmt: skip
        right[:, n:] = 0.0
        _multiply(left, right, sums)
        for k in range(K):
            if state[k] == SUSPENDED:
                continue
            for j in range(K):
                A[k, j] += sums[k, j]
            A[k, k] -= sums[K, k]
            c[k] += sums[k, K]
            B[k] += sums[k, K + 1]


@loop
def weights_orders(
    weight, turnover, response, start, stop, number, curvature, anchor, base, lean, exposure, size, key, month,
    free_weight, target, left, net, value, rows,
):  # fmt: skip
    """Targets of investors who hold to weights, members [start, stop), the first of them `number` in his strategy.

    The neutral portfolio is the opening weights that have drifted with the market, so that nobody sells winners:
    w = drifted weight x exposure x base x (1 + x + curvature x^2) x whim, x = response x lean, at most `free_weight` in all.
    """
    K, n = lean.shape[0], stop - start
    factor, total, scale = rows[1], rows[2], left[K]
    drift(weight, start, n, anchor, factor, total)
    tau, taste = turnover[start:], response[start:]
    for i in range(n):
        scale[i] = tau[i] if net[i] + value[i] > 0.0 else 0.0
        factor[i] = exposure * factor[i] / total[i] if total[i] > 0.0 else 0.0
    total[:n] = 0.0
    for k in range(K):
        plan, opening, pull, level = target[k, start:stop], weight[k, start:stop], lean[k], anchor[k] * base[k]
        if size > 0.0:
            for i in range(n):
                x = taste[i] * pull
                noise = 1.0 + size * whim(key, month, number + i, k)
                plan[i] = opening[i] * max(factor[i] * level * (1.0 + x + curvature * x * x) * noise, 0.0)
        else:
            for i in range(n):
                x = taste[i] * pull
                plan[i] = opening[i] * max(factor[i] * level * (1.0 + x + curvature * x * x), 0.0)
        for i in range(n):
            total[i] += plan[i]
    for i in range(n):
        total[i] = free_weight / total[i] if total[i] > free_weight else 1.0
    for k in range(K):
        plan, wanted = target[k, start:stop], left[k]
        for i in range(n):
            plan[i] *= total[i]
            wanted[i] = scale[i] * plan[i]


@loop
def index_orders(
    turnover, reserve, start, stop, cap, tender, free_weight, P, state, target, held, value, rows, c, s
):  # fmt: skip
    """Orders of index investors, who put spare cash to work by market value `cap` and never rebalance.

    To keep their part of the market they sell to an issuer who buys back the part `tender` (K,) of his shares that he
    asks for; what a member buys and sells of an asset is one order.
    """
    K, n = cap.shape[0], stop - start
    buys, sells, net = rows[1], rows[2], held[K]
    tau, keep = turnover[start:], reserve[start:]
    for i in range(n):
        least = keep[i] * (net[i] + value[i])
        spare = net[i] - least
        buys[i] = tau[i] * max(spare, 0.0) * free_weight
        short = tau[i] * max(-spare - 0.5 * least, 0.0)
        sells[i] = min(1.0, short / value[i]) if spare < 0.0 and value[i] > 0.0 else 0.0
    for k in range(K):
        plan, stock = target[k, start:stop], held[k]
        if state[k] == SUSPENDED:
            plan[:] = 0.0
        else:
            part, price, tendered = cap[k], P[k], tender[k]
            for i in range(n):
                dollars = buys[i] * part - min(sells[i] + tendered, 1.0) * stock[i] * price
                plan[i] = max(dollars, 0.0) + min(dollars, 0.0) / price
        bought, sold = sides(plan, n, rows[3])
        c[k] += bought
        s[k] += sold


@loop
def leveraged_orders(
    lots, cash, debt, weight, turnover, response, start, stop, anchor, lean, exposure, maintenance, restored, calling,
    P, p, state, target, held, rows, c, s,
):  # fmt: skip
    """Orders of leveraged investors from equity at last month's price, and what the bank makes them sell at
    trial price p.

    wanted_k = equity x w_k (drifted with the market) x min(personal leverage, exposure the margin allows);
    `target` as for index investors. A called investor (equity < maintenance x position at p) buys nothing and
    sells the fraction 1 - equity/(restored x position) at least.
    """
    old, now, equity, sell, drifted = rows[0], rows[1], rows[2], rows[3], rows[4]
    for first in range(start, stop, BLOCK):
        n = min(BLOCK, stop - first)
        appraise(lots, first, n, p, held, now)
        appraise(lots, first, n, P, held, old)
        drift(weight, first, n, anchor, equity, drifted)
        mine, owed, tau, taste = cash[first:], debt[first:], turnover[first:], response[first:]
        for i in range(n):
            net = float(mine[i] - owed[i])
            factor = equity[i] / drifted[i] if drifted[i] > 0.0 else 0.0
            equity[i] = max(net + old[i], 0.0) * factor
            own = net + now[i]
            under = calling and now[i] > 0.0 and own < maintenance * now[i]
            sell[i] = min(max(1.0 - own / (restored * now[i]), 0.0), 1.0) if under else 0.0
        for k in range(P.shape[0]):
            plan, stock, opening = target[k, first : first + n], held[k], weight[k, first : first + n]
            if state[k] == SUSPENDED:
                plan[:] = 0.0
                continue
            price, moved, pull = P[k], anchor[k], lean[k]
            for i in range(n):
                wanted = equity[i] * moved * opening[i] * min(taste[i] * pull, exposure)
                order = tau[i] * (wanted - stock[i] * price)
                lots_sold = min(max(-order / price, sell[i] * stock[i], 0.0), stock[i])
                plan[i] = order if order > 0.0 and sell[i] == 0.0 else -lots_sold
            bought, sold = sides(plan, n, old)
            c[k] += bought
            s[k] += sold
