"""The bracket around the dye: vendor money in whole dollars, kept in the loop as long as can be, or as briefly.

Dollars do not say which bill they pay; two extreme choices bound what of the vendor's money has come home so
far. `high`: every holder pays firms inside the loop (vendors, clouds, labs) with vendor money first, and
everybody else with it last. `low`: the reverse. Vendors hold none of it, and what leaves for accounts without a
trace is gone. The bracket is one of sums over time: in a single month `high` may lie below the mix, because its
dollars have come home already.

Parts of a sum are floors, whatever the order of the payments; dollars lost to rounding are no longer earmarked.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.dye.dye_kernels import FINANCES, REVENUES
from perpetuum.model.equations import kernel, loop

#: Classes of payments: to firms inside the loop, and to everybody else.
INSIDE, OUTSIDE = 0, 1
#: How many worlds are taken side by side, for processors work on several numbers at once.
AT_ONCE = 64
# Rounds in which earmarked money may go on through a clearing's rings; without rings the longest chain suffices.
_ROUNDS = 1000


@kernel
def _spend(earmarked, pool, preferred, other):
    """Return the earmarked dollars in two sums that a pool pays, preferred + other <= pool.

    The preferred sum takes as many as fit into it, the other one only those without which the pool's other
    dollars do not suffice: max(0, other - ((pool - earmarked) - (preferred - min(earmarked, preferred)))).
    """
    return min(earmarked, preferred), max(earmarked - (pool - other), 0)


@kernel
def _part(earmarked, amount, whole):
    """Return the earmarked dollars in a payment that is part of a larger sum."""
    return earmarked if amount == whole else np.int64(earmarked * (amount / whole))


@loop
def _pay_one(high, low, balance, payer, payee, paid, row, revenue, traced, vendor, firm, returned_high, returned_low):
    """Move earmarked dollars of who pays one payee alone: all that is earmarked in the sum is in that payment."""
    inside, home, kept = firm[payee], vendor[payee] and revenue, traced[payee] and not vendor[payee]
    for w in range(paid.shape[1]):
        amount = paid[row, w]
        to_firms, to_others = (amount, np.int64(0)) if inside else (np.int64(0), amount)
        pool = balance[payer, w] + amount
        high_inside, high_outside = _spend(high[payer, w], pool, to_firms, to_others)
        low_outside, low_inside = _spend(low[payer, w], pool, to_others, to_firms)
        high[payer, w] -= high_inside + high_outside
        low[payer, w] -= low_inside + low_outside
        part_high, part_low = (high_inside, low_inside) if inside else (high_outside, low_outside)
        if home:
            returned_high[w] += part_high
            returned_low[w] += part_low
        if kept:
            high[payee, w] += part_high
            low[payee, w] += part_low


@kernel
def earmark_payments(high, low, balance, payers, payees, paid, kind, traced, vendor, firm, returned_high, returned_low):
    """Move earmarked dollars with payments of one kind; `balance` (accounts, worlds) is the deposits after them."""
    pairs, worlds = paid.shape
    finances, revenue = FINANCES[kind], REVENUES[kind]
    for i in range(pairs):
        payer = payers[i]
        if vendor[payer]:
            if finances and traced[payees[i]]:
                for w in range(worlds):
                    high[payees[i], w] += paid[i, w]
                    low[payees[i], w] += paid[i, w]
            continue
        if not traced[payer]:
            continue
        first, rows, row = True, 0, i
        for j in range(i):
            if payers[j] == payer:
                first = False
        if first:
            for j in range(i, pairs):
                if payers[j] == payer and paid[j].any():
                    rows, row = rows + 1, j
        if rows == 0:
            continue
        if rows == 1:
            _pay_one(
                high, low, balance, payer, payees[row], paid, row, revenue, traced, vendor, firm, returned_high, returned_low
            )
            continue
        for w in range(worlds):
            if high[payer, w] == 0 and low[payer, w] == 0:
                continue
            inside = np.int64(0)
            outside = np.int64(0)
            for j in range(i, pairs):
                if payers[j] == payer:
                    if firm[payees[j]]:
                        inside += paid[j, w]
                    else:
                        outside += paid[j, w]
            pool = balance[payer, w] + inside + outside
            high_inside, high_outside = _spend(high[payer, w], pool, inside, outside)
            low_outside, low_inside = _spend(low[payer, w], pool, outside, inside)
            high[payer, w] -= high_inside + high_outside
            low[payer, w] -= low_inside + low_outside
            for j in range(i, pairs):
                if payers[j] == payer:
                    payee = payees[j]
                    if firm[payee]:
                        part_high = _part(high_inside, paid[j, w], inside)
                        part_low = _part(low_inside, paid[j, w], inside)
                    else:
                        part_high = _part(high_outside, paid[j, w], outside)
                        part_low = _part(low_outside, paid[j, w], outside)
                    if vendor[payee]:
                        if revenue:
                            returned_high[w] += part_high
                            returned_low[w] += part_low
                    elif traced[payee]:
                        high[payee, w] += part_high
                        low[payee, w] += part_low


@loop
def _go_round(own, pool, outflow, financed, links, source, sink, side, fraction, holders, spent, arriving, lanes, preferred):
    """Earmarked dollars `spent` (classes, nodes, lanes) that nodes pay firms and everybody else, to the least fixed point.

    Both sums rise with what is available, so rounds rise towards the fixed point, and each of them is a possible
    way to spend: a ring that is still filling up after `_ROUNDS` is left there.
    """
    for rounds in range(_ROUNDS):
        for i in holders:
            for v in range(lanes):
                arriving[i, v] = financed[i, v]
        for x in range(links):
            i, j, c = source[x], sink[x], side[x]
            for v in range(lanes):
                arriving[j, v] += np.int64(spent[c, i, v] * fraction[x, v])
        if rounds == _ROUNDS - 1:
            break
        risen = np.int64(0)
        for i in holders:
            for v in range(lanes):
                first, last = _spend(
                    own[i, v] + arriving[i, v], pool[i, v], outflow[preferred, i, v], outflow[1 - preferred, i, v]
                )
                risen |= (first - spent[preferred, i, v]) | (last - spent[1 - preferred, i, v])
                spent[preferred, i, v] = first
                spent[1 - preferred, i, v] = last
        if risen == 0:
            break


@kernel
def earmark_clearing(held, before, sources, sinks, flow, finance, outflow, nodes, vendor, firm, inside_first, moved):
    """Move earmarked dollars through a clearing; `moved` is filled.

    `held`, `before` (accounts, worlds): earmarked and all deposits; by link its source and sink (links,), flow and vendors'
    finance (links, worlds);
    `outflow`, `moved` (classes, nodes, worlds): all and earmarked dollars that a node pays firms, and everybody else.
    Worlds are taken some at a time, side by side.
    """
    n, worlds = len(nodes), before.shape[1]
    abreast = min(AT_ONCE, worlds)
    own, pool, arriving, financed = np.zeros((4, n, abreast), dtype=np.int64)
    paid, spent = np.zeros((2, 2, n, abreast), dtype=np.int64)
    fraction = np.zeros((len(sources), abreast))
    holders = np.array([i for i in range(n) if not vendor[nodes[i]]], dtype=np.int64)
    ring = np.array([x for x in range(len(sources)) if not vendor[nodes[sources[x]]] and not vendor[nodes[sinks[x]]]])
    source, sink = sources[ring], sinks[ring]
    side = np.array([INSIDE if firm[nodes[i]] else OUTSIDE for i in sink], dtype=np.int64)
    preferred = INSIDE if inside_first else OUTSIDE
    for start in range(0, worlds, AT_ONCE):
        lanes = min(AT_ONCE, worlds - start)
        for i in range(n):
            account = nodes[i]
            for v in range(lanes):
                own[i, v] = held[account, start + v]
                pool[i, v] = before[account, start + v]
                financed[i, v] = 0
            for c in range(2):
                for v in range(lanes):
                    paid[c, i, v] = outflow[c, i, start + v]
                    spent[c, i, v] = 0
        for x in range(len(sources)):
            j = sinks[x]
            for v in range(lanes):
                financed[j, v] += finance[x, start + v]
                pool[j, v] += flow[x, start + v] + finance[x, start + v]
        for x in range(len(ring)):
            link, i, c = ring[x], source[x], side[x]
            for v in range(lanes):
                fraction[x, v] = flow[link, start + v] / max(paid[c, i, v], 1)
        _go_round(
            own, pool, paid, financed, len(ring), source, sink, side, fraction, holders, spent, arriving, lanes, preferred
        )  # fmt: skip
        for i in holders:
            account = nodes[i]
            for v in range(lanes):
                moved[INSIDE, i, start + v] = spent[INSIDE, i, v]
                moved[OUTSIDE, i, start + v] = spent[OUTSIDE, i, v]
                left = own[i, v] + arriving[i, v] - spent[INSIDE, i, v] - spent[OUTSIDE, i, v]
                held[account, start + v] = min(left, pool[i, v] - paid[INSIDE, i, v] - paid[OUTSIDE, i, v])


@kernel
def earmark_beyond(held, payers, payees, finances, revenues, paid, place, traced, vendor, firm, moved, outflow, returned):
    """Carry a clearing's earmarked dollars to traced accounts outside the nodes, and home to the vendors."""
    items, worlds = paid.shape
    for i in range(items):
        payer, payee = payers[i], payees[i]
        revenue = revenues[i] and vendor[payee]
        if not revenue and (not traced[payee] or place[payee] >= 0):
            continue
        source = place[payer]
        side = INSIDE if firm[payee] else OUTSIDE
        for w in range(worlds):
            marked = np.int64(0)
            if vendor[payer]:
                marked = paid[i, w] if finances[i] and not revenue else np.int64(0)
            elif moved[side, source, w] > 0:
                marked = _part(moved[side, source, w], paid[i, w], outflow[side, source, w])
            if revenue:
                returned[w] += marked
            else:
                held[payee, w] += marked


@kernel
def earmark_exchange(held, balance, net, traced, vendor, firm, inside_first):
    """Move earmarked dollars through an exchange, where every net payer pays all net receivers in proportion.

    `net` (accounts, worlds): cash received (+) or paid (-); `balance` (accounts, worlds): deposits afterwards.
    """
    accounts, worlds = net.shape
    for w in range(worlds):
        to_firms = np.int64(0)
        to_others = np.int64(0)
        any_held = False
        for a in range(accounts):
            if net[a, w] > 0:
                if firm[a]:
                    to_firms += net[a, w]
                else:
                    to_others += net[a, w]
            elif held[a, w] > 0:
                any_held = True
        if not any_held or to_firms + to_others == 0:
            continue
        moved_inside = np.int64(0)
        moved_outside = np.int64(0)
        for a in range(accounts):
            paid = -net[a, w]
            if paid <= 0 or vendor[a] or not traced[a]:
                continue
            inside = np.int64(paid * (to_firms / (to_firms + to_others)))
            pool = balance[a, w] + paid
            if inside_first:
                part_inside, part_outside = _spend(held[a, w], pool, inside, paid - inside)
            else:
                part_outside, part_inside = _spend(held[a, w], pool, paid - inside, inside)
            held[a, w] -= part_inside + part_outside
            moved_inside += part_inside
            moved_outside += part_outside
        moved_inside = min(moved_inside, to_firms)
        moved_outside = min(moved_outside, to_others)
        for a in range(accounts):
            if net[a, w] > 0 and traced[a] and not vendor[a]:
                if firm[a]:
                    held[a, w] += _part(moved_inside, net[a, w], to_firms)
                else:
                    held[a, w] += _part(moved_outside, net[a, w], to_others)
