"""Numba kernels of the pass over individual investors: orders, lots wanted, lots handed out, margin accounts.

Each works on the members [start, stop) of one strategy in one world. Arrays have the asset before the individual, and
every loop over individuals runs over a block of neighbours, so that processors work on several at once; sums over them
go by eight lanes in a fixed order, so that a world's numbers depend neither on the company it is in nor on the
processor's width. No fastmath, no parallel reductions, no exp or tanh per individual, choices instead of branches.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import kernel, loop

#: How a strategy's orders are formed.
WEIGHTS, INDEX, LEVERAGED = 0, 1, 2
#: What holds the price of an asset while the others are solved for.
FREE, AT_FLOOR, AT_CEILING, SUSPENDED = 0, 1, 2, 3
#: Individuals worked on at once: their scratch stays in the processor's nearest cache.
BLOCK = 256


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
def _sides(target, n, buffer):
    """Sums of what is positive and of what is negative in target[:n], both positive."""
    for i in range(n):
        buffer[i] = max(target[i], 0.0)
    up = added(buffer, n)
    for i in range(n):
        buffer[i] = max(-target[i], 0.0)
    return up, added(buffer, n)


@loop
def _appraise(lots, first, n, prices, held, value):
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
def _drift(weight, first, n, anchor, plain, drifted):
    """Sums of opening weights (n,) as they were and as they have drifted with the market."""
    plain[:n] = 0.0
    drifted[:n] = 0.0
    for k in range(anchor.shape[0]):
        moved = anchor[k]
        mine = weight[k, first : first + n]
        for i in range(n):
            plain[i] += mine[i]
            drifted[i] += mine[i] * moved


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
        _appraise(lots, first, n, P, right, value)
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
    _drift(weight, start, n, anchor, factor, total)
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
        bought, sold = _sides(plan, n, rows[3])
        c[k] += bought
        s[k] += sold


@loop
def margin_calls(lots, cash, debt, start, stop, maintenance, p, held, rows):
    """Number of members [start, stop) whose equity at prices p is under the maintenance margin."""
    now, called = rows[1], 0
    for first in range(start, stop, BLOCK):
        n = min(BLOCK, stop - first)
        _appraise(lots, first, n, p, held, now)
        mine, owed = cash[first:], debt[first:]
        for i in range(n):
            called += now[i] > 0.0 and float(mine[i] - owed[i]) + now[i] < maintenance * now[i]
    return called


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
        _appraise(lots, first, n, p, held, now)
        _appraise(lots, first, n, P, held, old)
        _drift(weight, first, n, anchor, equity, drifted)
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
            bought, sold = _sides(plan, n, old)
            c[k] += bought
            s[k] += sold


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
        _appraise(lots, first, n, p, held, now)
        _appraise(lots, first, n, P, held, old)
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
            bought, sold = _sides(plan, n, buffer)
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


@loop
def settle_margin(cash, debt, lots, reserve, standing, start, stop, rule, price, w, replacement, purse, out):
    """Borrow where cash is short, repay from spare cash, write off and replace the wiped out, in whole
    dollars.

    `out` (5,): drawn, repaid, written off, fresh cash, number wiped out. `purse`: what the outside can still
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
            out[4] += 1
            fresh = min(np.int64(np.floor(replacement * standing[i] + 0.5)), purse)
            purse -= fresh
            cash[i] += fresh
            out[3] += fresh
    return purse
