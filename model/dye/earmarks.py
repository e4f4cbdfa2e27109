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
from perpetuum.model.equations import kernel

#: Classes of payments: to firms inside the loop, and to everybody else.
INSIDE, OUTSIDE = 0, 1
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
        first = True
        for j in range(i):
            if payers[j] == payer:
                first = False
        if not first:
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


@kernel
def earmark_clearing(held, before, links, outflow, nodes, vendor, firm, inside_first, moved):
    """Move earmarked dollars through a clearing, to the least fixed point; `moved` is filled.

    `held`, `before` (accounts, worlds): earmarked and all deposits; `links`: source, sink (links,), flow and vendors' finance
    (links, worlds);
    `outflow`, `moved` (classes, nodes, worlds): all and earmarked dollars that a node pays firms, and everybody else.
    Both sums rise with what is available, so rounds rise towards the fixed point, and each of them is a possible
    way to spend: a ring that is still filling up after `_ROUNDS` is left there.
    """
    sources, sinks, flow, finance = links
    n, worlds = len(nodes), before.shape[1]
    arriving = np.zeros(n, dtype=np.int64)
    pool = np.zeros(n, dtype=np.int64)
    financed = np.zeros(n, dtype=np.int64)
    source, sink, side = np.empty((3, len(sources)), dtype=np.int64)
    fraction = np.empty(len(sources))
    for w in range(worlds):
        any_held = False
        financed[:] = 0
        for i in range(n):
            moved[INSIDE, i, w] = 0
            moved[OUTSIDE, i, w] = 0
            pool[i] = before[nodes[i], w]
            any_held |= held[nodes[i], w] > 0
        for x in range(len(sources)):
            any_held |= finance[x, w] > 0
            financed[sinks[x]] += finance[x, w]
            pool[sinks[x]] += flow[x, w] + finance[x, w]
        if not any_held:
            continue
        edges = 0
        for x in range(len(sources)):
            i, j = sources[x], sinks[x]
            if flow[x, w] > 0 and not vendor[nodes[i]] and not vendor[nodes[j]]:
                source[edges], sink[edges] = i, j
                side[edges] = INSIDE if firm[nodes[j]] else OUTSIDE
                fraction[edges] = flow[x, w] / outflow[side[edges], i, w]
                edges += 1
        for rounds in range(_ROUNDS):
            arriving[:] = financed
            for edge in range(edges):
                arriving[sink[edge]] += np.int64(moved[side[edge], source[edge], w] * fraction[edge])
            if rounds == _ROUNDS - 1:
                break
            rose = False
            for i in range(n):
                if vendor[nodes[i]]:
                    continue
                available = held[nodes[i], w] + arriving[i]
                to_firms, to_others = outflow[INSIDE, i, w], outflow[OUTSIDE, i, w]
                if inside_first:
                    inside, outside = _spend(available, pool[i], to_firms, to_others)
                else:
                    outside, inside = _spend(available, pool[i], to_others, to_firms)
                if inside > moved[INSIDE, i, w] or outside > moved[OUTSIDE, i, w]:
                    moved[INSIDE, i, w] = inside
                    moved[OUTSIDE, i, w] = outside
                    rose = True
            if not rose:
                break
        for i in range(n):
            if not vendor[nodes[i]]:
                left = held[nodes[i], w] + arriving[i] - moved[INSIDE, i, w] - moved[OUTSIDE, i, w]
                held[nodes[i], w] = min(left, pool[i] - outflow[INSIDE, i, w] - outflow[OUTSIDE, i, w])


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
