"""Numba kernels of the pass over individual investors: orders, lots wanted, lots handed out, margin accounts.

Each works on the members [start, stop) of one strategy in one world, in a fixed order of additions, so that a
world's numbers do not depend on the company it is in. No fastmath, no parallel reductions, no exp or tanh per
individual. Loops over assets choose with values instead of branches (which processors mispredict), and divide without
asking whether the divisor is zero (`error_model`): prices never are.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: How a strategy's orders are formed.
WEIGHTS, INDEX, LEVERAGED = 0, 1, 2
#: What holds the price of an asset while the others are solved for.
FREE, AT_FLOOR, AT_CEILING, SUSPENDED = 0, 1, 2, 3


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def moods(keys, month, assets):
    """Unit-variance common noise (worlds, assets)."""
    out = np.empty((keys.shape[0], assets))
    for w in range(keys.shape[0]):
        for k in range(assets):
            out[w, k] = whim(keys[w], month, -1, k)
    return out


@njit(cache=True, error_model="numpy")
def collect_orders(
    lots, cash, debt, weight, turnover, response, elasticity, reserve,
    start, stop, rule, curvature, anchor, base, lean, exposure, size, key, month, cap, free_weight,
    P, state, target, A, B, c, s,
):  # fmt: skip
    """One strategy's pass over its members in one world: add up A, B, c, s and keep every member's target.

    `target` (n, K): weights w for unleveraged investors; for index investors dollars to buy, or minus lots to
    sell.
    """
    K = P.shape[0]
    h = np.empty(K)
    for i in range(start, stop):
        value = 0.0
        for k in range(K):
            h[k] = float(lots[i, k])
            value += h[k] * P[k]
        net = float(cash[i] - debt[i])
        wealth = net + value
        tau = turnover[i]
        if rule == INDEX:
            spare = net - reserve[i] * wealth
            sale = 0.0
            if spare < 0.0 and value > 0.0:
                sale = min(1.0, tau * max(0.0, -spare - 0.5 * reserve[i] * wealth) / value)
            for k in range(K):
                if state[k] == SUSPENDED:
                    target[i, k] = 0.0
                elif spare > 0.0:
                    target[i, k] = tau * spare * free_weight * cap[k]
                    c[k] += target[i, k]
                else:
                    target[i, k] = -sale * h[k]
                    s[k] += sale * h[k]
            continue
        # The neutral portfolio: opening weights that have drifted with the market, so that nobody sells
        # winners.
        plain = 0.0
        drifted = 0.0
        for k in range(K):
            plain += weight[i, k]
            drifted += weight[i, k] * anchor[k]
        factor = exposure * plain / drifted if drifted > 0.0 else 0.0
        total = 0.0
        for k in range(K):
            x = response[i] * lean[k]
            signal = factor * anchor[k] * base[k] * (1.0 + x + curvature * x * x)
            if size > 0.0:
                signal *= 1.0 + size * whim(key, month, i - start, k)
            target[i, k] = weight[i, k] * max(signal, 0.0)
            total += target[i, k]
        shrink = free_weight / total if total > free_weight else 1.0
        live = max(wealth, 0.0)
        for k in range(K):
            target[i, k] *= shrink
            if state[k] == SUSPENDED or wealth <= 0.0:
                continue
            wanted = tau * target[i, k]
            for j in range(K):
                A[k, j] += wanted * h[j]
            A[k, k] -= tau * h[k]
            c[k] += wanted * net
            B[k] += wanted * elasticity[i] * live


@njit(cache=True, error_model="numpy")
def leveraged_orders(
    lots, cash, debt, weight, turnover, response, start, stop, anchor, lean, exposure, maintenance, restored, calling,
    P, p, state, target, c, s,
):  # fmt: skip
    """Orders of leveraged investors from equity at last month's price, and what the bank makes them sell at
    trial price p.

    wanted_k = equity x w_k (drifted with the market) x min(personal leverage, exposure the margin allows);
    `target` as for index investors. A called investor (equity < maintenance x position at p) buys nothing and
    sells the fraction 1 - equity/(restored x position) at least. Returns the number of investors called.
    """
    K = P.shape[0]
    called = 0
    for i in range(start, stop):
        old = 0.0
        now = 0.0
        plain = 0.0
        drifted = 0.0
        for k in range(K):
            old += float(lots[i, k]) * P[k]
            now += float(lots[i, k]) * p[k]
            plain += weight[i, k]
            drifted += weight[i, k] * anchor[k]
        factor = plain / drifted if drifted > 0.0 else 0.0
        net = float(cash[i] - debt[i])
        equity = max(net + old, 0.0)
        sell = 0.0
        if calling and now > 0.0 and net + now < maintenance * now:
            called += 1
            sell = min(max(1.0 - (net + now) / (restored * now), 0.0), 1.0)
        for k in range(K):
            target[i, k] = 0.0
            if state[k] == SUSPENDED:
                continue
            held = float(lots[i, k])
            wanted = equity * factor * anchor[k] * weight[i, k] * min(response[i] * lean[k], exposure)
            order = turnover[i] * (wanted - held * P[k])
            if order > 0.0 and sell == 0.0:
                target[i, k] = order
                c[k] += order
            else:
                lots_sold = min(max(-order / P[k], sell * held, 0.0), held)
                target[i, k] = -lots_sold
                s[k] += lots_sold
    return called


@njit(cache=True, error_model="numpy")
def wanted_lots(
    lots, cash, debt, turnover, elasticity, start, stop, rule, P, p, u, state, target, D, S,
):  # fmt: skip
    """Turn one strategy's targets into lots wanted at price p (positive buys, negative sales), added up in D
    and S.
    """
    K = P.shape[0]
    for i in range(start, stop):
        old = 0.0
        now = 0.0
        for k in range(K):
            old += float(lots[i, k]) * P[k]
            now += float(lots[i, k]) * p[k]
        net = float(cash[i] - debt[i])
        for k in range(K):
            held = float(lots[i, k])
            if rule == WEIGHTS:
                wealth = net + now - elasticity[i] * (net + old) * u[k]
                q = turnover[i] * target[i, k] * wealth / p[k] - turnover[i] * held
                q = q if net + old > 0.0 else 0.0
            else:
                q = target[i, k] / (p[k] if target[i, k] > 0.0 else 1.0)
            q = q if state[k] != SUSPENDED else 0.0
            q = q if q > -held else -held
            target[i, k] = q
            D[k] += q if q > 0.0 else 0.0
            S[k] -= q if q < 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def within_budget(cash, start, stop, p, sold_share, target, D):
    """Scale the buys of unleveraged investors to their cash and what their sales will bring; add up D
    anew.
    """
    K = p.shape[0]
    for i in range(start, stop):
        buys = 0.0
        funds = float(cash[i])
        for k in range(K):
            q = target[i, k]
            buys += (q if q > 0.0 else 0.0) * p[k]
            funds -= (q if q < 0.0 else 0.0) * p[k] * sold_share[k]
        f = 1.0 if buys <= funds else max(funds, 0.0) / buys
        for k in range(K):
            q = target[i, k]
            target[i, k] = q * (f if q > 0.0 else 1.0)
            D[k] += q * f if q > 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def hand_out(lots, cash, start, stop, price, w, target, rate, run, given, bought, sold):
    """Give every member of a strategy whole lots by cumulative rounding, against cash at the new price.

    `rate` (2, K): the parts of wishes to buy and to sell that are filled. `run`, `given` (2, K) carry the cumulated wishes
    and lots from strategy to strategy; `bought`, `sold` (K,) add up.
    """
    K = rate.shape[1]
    before = given.copy()
    for i in range(start, stop):
        for k in range(K):
            q = target[i, k]
            if q > 0.0:
                run[0, k] += q
                part = np.int64(np.floor(run[0, k] * rate[0, k] + 0.5)) - given[0, k]
                if part > 0:
                    given[0, k] += part
                    lots[i, k] += part
                    cash[i] -= part * price[k, w]
            elif q < 0.0:
                run[1, k] -= q
                part = min(np.int64(np.floor(run[1, k] * rate[1, k] + 0.5)) - given[1, k], lots[i, k])
                if part > 0:
                    given[1, k] += part
                    lots[i, k] -= part
                    cash[i] += part * price[k, w]
    for k in range(K):
        bought[k] += given[0, k] - before[0, k]
        sold[k] += given[1, k] - before[1, k]


@njit(cache=True, error_model="numpy")
def settle_margin(cash, debt, lots, reserve, standing, start, stop, rule, price, w, replacement, purse, out):
    """Borrow where cash is short, repay from spare cash, write off and replace the wiped out, in whole
    dollars.

    `out` (5,): drawn, repaid, written off, fresh cash, number wiped out. `purse`: what the outside can still
    put up.
    """
    K = lots.shape[1]
    for i in range(start, stop):
        if rule != LEVERAGED and cash[i] >= 0 and debt[i] == 0:
            continue
        position = np.int64(0)
        for k in range(K):
            position += lots[i, k] * price[k, w]
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
            out[4] += 1
            fresh = min(np.int64(np.floor(replacement * standing[i] + 0.5)), purse)
            purse -= fresh
            cash[i] += fresh
            out[3] += fresh
    return purse
