"""Kernels of the share and gold market: prices that clear a world, rationing, and the month of all worlds.

Every world is worked through alone, one after another, in a fixed order of additions, so that its prices do
not depend on the company it is in. No fastmath, no parallel reductions. The equations are in
`model.markets.securities`.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import loop
from perpetuum.model.markets.investor_lots import hand_out, wanted_lots, within_budget
from perpetuum.model.markets.investor_members import AT_CEILING, AT_FLOOR, BLOCK, FREE, LEVERAGED, SUSPENDED
from perpetuum.model.markets.investor_orders import collect_orders, leveraged_orders
from perpetuum.model.markets.margin_accounts import margin_calls, settle_margin


@loop
def excess(A, B, c, s, P, p, G):
    """G_k = sum_j A_kj p_j + c_k - B_k ln(p_k/P_k) - p_k s_k, in dollars."""
    K = p.shape[0]
    for k in range(K):
        g = c[k] - p[k] * s[k]
        if B[k] != 0.0:
            g -= B[k] * np.log(p[k] / P[k])
        for j in range(K):
            g += A[k, j] * p[j]
        G[k] = g


@loop
def _newton(A, B, c, s, P, state, p, G, J):
    """Solve G = 0 for the free assets. -J is an M-matrix, so that elimination needs no pivoting."""
    K = p.shape[0]
    for _ in range(40):
        excess(A, B, c, s, P, p, G)
        for k in range(K):
            if state[k] != FREE:
                G[k] = 0.0
                for j in range(K):
                    J[k, j] = 0.0
                J[k, k] = 1.0
                continue
            for j in range(K):
                J[k, j] = -A[k, j] if state[j] == FREE else 0.0
            J[k, k] += B[k] / p[k] + s[k] + 1e-12 * (s[k] + abs(c[k]) / P[k]) + 1e-9
        for i in range(K):
            for r in range(i + 1, K):
                if J[r, i] != 0.0:
                    f = J[r, i] / J[i, i]
                    for j in range(i, K):
                        J[r, j] -= f * J[i, j]
                    G[r] -= f * G[i]
        largest = 0.0
        for i in range(K - 1, -1, -1):
            step = G[i]
            for j in range(i + 1, K):
                step -= J[i, j] * G[j]
            step /= J[i, i]
            G[i] = step
        for k in range(K):
            if state[k] == FREE:
                # G is convex in p: from above, a step may pass zero; from below, it converges monotonically.
                new = min(max(p[k] + G[k], 0.2 * p[k]), 5.0 * p[k])
                new = min(max(new, 1e-3 * P[k]), 1e3 * P[k])
                largest = max(largest, abs(new / p[k] - 1.0))
                p[k] = new
        # Newton doubles the digits with each step: after one this small, what is left is below rounding.
        if largest < 1e-9:
            break


@loop
def solve_prices(A, B, c, s, P, low, high, state, p, G, J):
    """Clear one world: prices p > 0 with G = 0 inside the band [low, high] P, excess demand >= 0 (<= 0) at
    its top (bottom).

    `state` (K,) comes with SUSPENDED or FREE and says afterwards which assets stopped at the band. Active-set
    iteration: an asset that would leave the band drops out at the band; one that would trade inside it comes
    back. `G` (K,) and `J` (K, K) are scratch.
    """
    K = p.shape[0]
    for k in range(K):
        p[k] = P[k]
    for _ in range(4 * K):
        _newton(A, B, c, s, P, state, p, G, J)
        changed = False
        for k in range(K):
            if state[k] == FREE and p[k] < low[k]:
                state[k] = AT_FLOOR
                p[k] = low[k]
                changed = True
            elif state[k] == FREE and p[k] > high[k]:
                state[k] = AT_CEILING
                p[k] = high[k]
                changed = True
        if not changed:
            excess(A, B, c, s, P, p, G)
            for k in range(K):
                if (state[k] == AT_FLOOR and G[k] > 0.0) or (state[k] == AT_CEILING and G[k] < 0.0):
                    state[k] = FREE
                    changed = True
        if not changed:
            break


@loop
def ration(own_buy, own_sell, asset, order_buy, order_sell, price, w, filled_buy, filled_sell, buy, sell):
    """Match whole lots of each asset and ration the long side pro rata by cumulative rounding.

    `own_buy`, `own_sell` (K,): lots wanted by all investors; orders of institutions follow in the order
    given. Writes what the investors get to `buy`, `sell` (K,) and what each order gets to `filled_buy`,
    `filled_sell` (orders, worlds).
    """
    orders = asset.shape[0]
    for k in range(own_buy.shape[0]):
        demand = np.int64(own_buy[k])
        supply = np.int64(own_sell[k])
        for m in range(orders):
            if asset[m] == k:
                demand += order_buy[m, w] // price[k, w]
                supply += order_sell[m, w]
        traded = min(demand, supply)
        for side in range(2):
            whole = demand if side == 0 else supply
            own = np.int64(own_buy[k]) if side == 0 else np.int64(own_sell[k])
            seen = own
            done = _part(traded, seen, whole)
            if side == 0:
                buy[k] = done
            else:
                sell[k] = done
            for m in range(orders):
                if asset[m] == k:
                    wanted = order_buy[m, w] // price[k, w] if side == 0 else order_sell[m, w]
                    seen += wanted
                    mark = _part(traded, seen, whole)
                    if side == 0:
                        filled_buy[m, w] = mark - done
                    else:
                        filled_sell[m, w] = mark - done
                    done = mark


@loop
def _part(traded, seen, whole):
    """Return traded x seen / whole rounded to whole lots (half up), exactly (below 2^51 lots)."""
    if whole <= 0:
        return np.int64(0)
    if traded == whole:
        return seen
    if traded < 2_000_000_000 and whole < 2_000_000_000:
        return (2 * traded * seen + whole) // (2 * whole)
    # The product may need 100 bits; the remainder for a guess that is one off at most is right modulo 2^64.
    mark = np.int64(np.floor(float(traded) * (float(seen) / float(whole)) + 0.5))
    rest = np.int64(
        np.uint64(2) * np.uint64(traded) * np.uint64(seen)
        + np.uint64(whole) * (np.uint64(1) - np.uint64(2) * np.uint64(mark))
    )
    if rest < 0:
        return mark - 1
    return mark + 1 if rest >= 2 * whole else mark


def clear_worlds(
    books, ranges, rules, curvature, signals, keys, month, cap, tender, price, suspended, orders, settings, rounds,
    target, out
):  # fmt: skip
    """Clear the month of every world: orders, prices, margin calls, lots and cash. Changes lots, cash and
    debt in place.

    Arrays come in tuples, axes W worlds, n individuals, S strategies, K assets, M institutional orders:
    `books` lots (W, K, n), cash, debt (W, n), weight (W, K, n), turnover, response, elasticity, reserve, standing
    (W, n); `signals` anchor, base, lean (W, S, K), exposure, whim (W, S); `cap` (K, W) share of the index; `tender` (K, W)
    part of an issuer's shares that he wants to buy back; `price`
    (K, W) last month's;
    `orders` asset (M,), dollars to buy (M, W), lots to sell (M, W);
    `settings` band bottom (W,), highest price (K, W), maintenance and restored margin, largest weight, replacement,
    purse in dollars (W,); `out` new price, how it was found (K, W), bought, sold (S, K, W), filled buys and sales (M, W), margin
    (S, 4, W), investors called (W,).
    """
    K, members = target.shape
    width = min(BLOCK, members)
    _clear_worlds(
        books, ranges, rules, curvature, signals, keys, month, cap, tender, price, suspended, orders, settings, rounds, target,
        out, np.empty((17, K)), np.empty((3, K), dtype=np.int64), np.empty((2, K, K)), np.empty((2, K)),
        (np.zeros((K + 1, width)), np.zeros((K + 2, width)), np.empty((K + 1, K + 2)), np.empty((5, width))),
        (np.empty((K, 4)), np.empty((K, 2), np.int64), np.empty(width + 1, np.int64), np.empty(width + 1, np.int64)),
    )  # fmt: skip


@loop
def _clear_worlds(
    books, ranges, rules, curvature, signals, keys, month, cap, tender, price, suspended, orders, settings, rounds,
    target, out, by_asset, whole_by_asset, matrices, rate, blocks, handed
):  # fmt: skip
    """The loop over worlds, with scratch for numbers by asset, matrices, blocks of members and lots handed out."""
    lots, cash, debt, weight, turnover, response, elasticity, reserve, standing = books
    anchor, base, lean, exposure, size = signals
    asset, order_buy, order_sell = orders
    down, top, maintenance, restored, free_weight, replacement, purse = settings
    new_price, how, bought, sold, filled_buy, filled_sell, margin, called = out
    K, worlds = price.shape
    S = rules.shape[0]
    A, J = matrices[0], matrices[1]
    B, c, s, c_all, s_all, P = by_asset[0], by_asset[1], by_asset[2], by_asset[3], by_asset[4], by_asset[5]
    p, u, low, high, share, wanted_back = by_asset[6], by_asset[7], by_asset[8], by_asset[9], by_asset[10], by_asset[11]
    wish_buy, wish_sell, own_buy, sold_share, G = by_asset[12], by_asset[13], by_asset[14], by_asset[15], by_asset[16]
    state, buy, sell = whole_by_asset[0], whole_by_asset[1], whole_by_asset[2]
    left, right, sums, rows = blocks
    run, marks, ins, outs = handed
    for w in range(worlds):
        A[:] = 0.0
        B[:] = 0.0
        c[:] = 0.0
        s[:] = 0.0
        for k in range(K):
            P[k] = float(price[k, w])
            p[k] = P[k]
            low[k] = np.ceil(P[k] * (1.0 - down[w]))
            high[k] = max(top[k, w], low[k] + 1.0)
            share[k] = cap[k, w]
            wanted_back[k] = tender[k, w]
            state[k] = SUSPENDED if suspended[k, w] else FREE
        collect_orders(
            lots[w], cash[w], debt[w], weight[w], turnover[w], response[w], elasticity[w], reserve[w], ranges, rules,
            curvature, anchor[w], base[w], lean[w], exposure[w], size[w], keys[w], month, share, wanted_back,
            free_weight[w], P, state, target, left, right, sums, rows, A, B, c, s,
        )  # fmt: skip
        for m in range(asset.shape[0]):
            c[asset[m]] += float(order_buy[m, w])
            s[asset[m]] += float(order_sell[m, w])
        # Margin calls test this month's price: clear, call, sell, clear again.
        called[w] = 0
        for step in range(rounds + 1):
            if step > 0:
                calls = 0
                for j in range(S):
                    if rules[j] == LEVERAGED:
                        start, stop = ranges[j, 0], ranges[j, 1]
                        calls += margin_calls(lots[w], cash[w], debt[w], start, stop, maintenance[w], p, right, rows)
                called[w] = calls
                if calls == 0:
                    break
            for k in range(K):
                c_all[k], s_all[k] = c[k], s[k]
            for j in range(S):
                if rules[j] == LEVERAGED:
                    leveraged_orders(
                        lots[w], cash[w], debt[w], weight[w], turnover[w], response[w], ranges[j, 0],
                        ranges[j, 1], anchor[w, j], lean[w, j], exposure[w, j], maintenance[w], restored[w],
                        step > 0, P, p, state, target, right, rows, c_all, s_all,
                    )  # fmt: skip
            for k in range(K):
                state[k] = SUSPENDED if suspended[k, w] else FREE
            solve_prices(A, B, c_all, s_all, P, low, high, state, p, G, J)
        for k in range(K):
            whole = min(max(np.floor(p[k] + 0.5), low[k]), high[k])
            new_price[k, w] = price[k, w] if suspended[k, w] else max(np.int64(whole), 1)
            how[k, w] = state[k]
            p[k] = float(new_price[k, w])
            u[k] = np.log(p[k] / P[k])
        # Lots wanted at the whole-dollar price; unleveraged buyers stay within their cash and what sales will
        # bring.
        wish_buy[:] = 0.0
        wish_sell[:] = 0.0
        wanted_lots(
            lots[w], cash[w], debt[w], turnover[w], elasticity[w], ranges, rules, P, p, u, state, target, right, rows,
            wish_buy, wish_sell,
        )  # fmt: skip
        for k in range(K):
            demand = wish_buy[k]
            supply = wish_sell[k]
            for m in range(asset.shape[0]):
                if asset[m] == k:
                    demand += float(order_buy[m, w]) / p[k]
                    supply += float(order_sell[m, w])
            sold_share[k] = demand / supply if supply > demand else 1.0
        own_buy[:] = 0.0
        within_budget(cash[w], ranges, rules, p, sold_share, target, rows, own_buy)
        ration(own_buy, wish_sell, asset, order_buy, order_sell, new_price, w, filled_buy, filled_sell, buy, sell)
        for k in range(K):
            rate[0, k] = buy[k] / own_buy[k] if own_buy[k] > 0.0 else 0.0
            rate[1, k] = sell[k] / wish_sell[k] if wish_sell[k] > 0.0 else 0.0
        hand_out(lots[w], cash[w], ranges, new_price, w, target, rate, rows, run, marks, ins, outs, bought, sold)
        for j in range(S):
            purse[w] = settle_margin(
                cash[w], debt[w], lots[w], reserve[w], standing[w], ranges[j, 0], ranges[j, 1], rules[j],
                new_price, w, replacement[w], purse[w], margin[j, :, w],
            )  # fmt: skip
