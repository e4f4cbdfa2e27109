"""What a clearing does to the dye: all its payments mix at once, over the links that there are between firms and lenders."""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.dye.dye_kernels import FINANCES, MIX, NEXT_LAP, OWN, REVENUES, WASH, colour_of
from perpetuum.model.dye.earmarks import AT_ONCE, earmark_beyond, earmark_clearing
from perpetuum.model.equations import kernel

_DYES = len(DYES)


@kernel
def link(payers, payees, finances, paid, place, firm, nodes):
    """Sort payments into links between nodes, vendors' financing apart, and sum what each node pays firms and others.

    Returns source and sink of every link (links,), by sink and then by source; where a sink's links begin (nodes + 1,);
    flow and finance (links, worlds); outflow (2, nodes, worlds).
    """
    items, worlds = paid.shape
    number = np.full((nodes, nodes), -1)
    for i in range(items):
        if place[payees[i]] >= 0:
            number[place[payees[i]], place[payers[i]]] = 0
    links = 0
    first = np.empty(nodes + 1, dtype=np.int64)
    source, sink = np.empty(items, dtype=np.int64), np.empty(items, dtype=np.int64)
    for i in range(nodes):
        first[i] = links
        for j in range(nodes):
            if number[i, j] == 0:
                number[i, j], source[links], sink[links] = links, j, i
                links += 1
    first[nodes] = links
    flow, finance = np.zeros((links, worlds), dtype=np.int64), np.zeros((links, worlds), dtype=np.int64)
    outflow = np.zeros((2, nodes, worlds), dtype=np.int64)
    for i in range(items):
        payer, payee = place[payers[i]], place[payees[i]]
        side = 0 if firm[payees[i]] else 1
        for w in range(worlds):
            outflow[side, payer, w] += paid[i, w]
        if payee >= 0:
            amounts = finance[number[payee, payer]] if finances[i] else flow[number[payee, payer]]
            for w in range(worlds):
                amounts[w] += paid[i, w]
    return source[:links], sink[:links], first, flow, finance, outflow


@kernel
def _pattern(source, first, nodes, vendor):
    """Where the system of `mix_pools` may differ from zero beside its diagonal, what elimination fills in included."""
    n = len(nodes)
    there = np.zeros((n, n), dtype=np.bool_)
    for i in range(n):
        for x in range(first[i], first[i + 1]):
            there[i, source[x]] |= not vendor[nodes[source[x]]]
    for i in range(n):
        for r in range(i + 1, n):
            if there[r, i]:
                for c in range(i + 1, n):
                    there[r, c] |= there[i, c]
    return there


@kernel
def mix_pools(dye, before, source, first, flow, finance, nodes, vendor):
    """Composition of every node's pool when all payments of a clearing happen at once.

    (b_i + sum_j x_ji) c_i - sum_j x_ji c_j = b_i f_i + (vendors' payments in their opening colours),
    with b the opening balances, x the payments, f the opening and c the pooled composition. Worlds are taken some at a time,
    side by side, for processors divide and multiply several numbers at once.
    """
    n, worlds = len(nodes), flow.shape[1]
    abreast = min(AT_ONCE, worlds)
    there = _pattern(source, first, nodes, vendor)
    matrix, right = np.zeros((n, n, abreast)), np.zeros((n, _DYES, abreast))
    diagonal, whole = np.zeros((n, abreast)), np.zeros(abreast)
    factor = np.zeros(abreast)
    for start in range(0, worlds, AT_ONCE):
        lanes = min(AT_ONCE, worlds - start)
        matrix[:] = 0.0
        for i in range(n):
            account = nodes[i]
            for v in range(lanes):
                diagonal[i, v] = float(before[account, start + v])
            for k in range(_DYES):
                for v in range(lanes):
                    right[i, k, v] = diagonal[i, v] * dye[account, k, start + v]
            for x in range(first[i], first[i + 1]):
                j, payer = source[x], nodes[source[x]]
                if not vendor[payer]:
                    for v in range(lanes):
                        amount = float(flow[x, start + v] + finance[x, start + v])
                        diagonal[i, v] += amount
                        matrix[i, j, v] -= amount
                    continue
                for v in range(lanes):
                    amount = float(flow[x, start + v] + finance[x, start + v])
                    diagonal[i, v] += amount
                    if amount > 0.0:
                        for k in range(_DYES):
                            right[i, k, v] += flow[x, start + v] * colour_of(WASH, 0, dye, payer, k, start + v)
                            right[i, k, v] += finance[x, start + v] * colour_of(NEXT_LAP, 0, dye, payer, k, start + v)
            # An empty pool counts as own money; the whisper of own money also keeps a cashless ring determinate.
            for v in range(lanes):
                whisper = 1e-13 * diagonal[i, v] + (1.0 if diagonal[i, v] == 0.0 else 0.0)
                matrix[i, i, v] += diagonal[i, v] + whisper
                right[i, OWN, v] += whisper
        # Diagonally dominant by rows: elimination needs no pivoting.
        for i in range(n):
            for r in range(i + 1, n):
                if there[r, i]:
                    for v in range(lanes):
                        factor[v] = matrix[r, i, v] / matrix[i, i, v]
                    for c in range(i + 1, n):
                        if there[i, c]:
                            for v in range(lanes):
                                matrix[r, c, v] -= factor[v] * matrix[i, c, v]
                    for k in range(_DYES):
                        for v in range(lanes):
                            right[r, k, v] -= factor[v] * right[i, k, v]
        for i in range(n - 1, -1, -1):
            for c in range(i + 1, n):
                if there[i, c]:
                    for k in range(_DYES):
                        for v in range(lanes):
                            right[i, k, v] -= matrix[i, c, v] * right[c, k, v]
            for k in range(_DYES):
                for v in range(lanes):
                    right[i, k, v] /= matrix[i, i, v]
        for i in range(n):
            account = nodes[i]
            whole[:] = 0.0
            for k in range(_DYES):
                for v in range(lanes):
                    right[i, k, v] = max(right[i, k, v], 0.0)
                    whole[v] += right[i, k, v]
            for k in range(_DYES):
                for v in range(lanes):
                    dye[account, k, start + v] = right[i, k, v] / whole[v]


@kernel
def carry_beyond(dye, washed, before, payers, payees, finances, revenues, paid, place, traced, vendor, receipts):
    """Carry a clearing to traced accounts outside the nodes, and recognise vendors' revenue.

    `washed` holds the vendors' opening compositions (accounts, dyes, worlds), used for their payments.
    """
    items, worlds = paid.shape
    dyes = dye.shape[1]
    balance = np.zeros(worlds)
    part = np.zeros(worlds)
    for i in range(items):
        payer, payee = payers[i], payees[i]
        outside_nodes = traced[payee] and place[payee] < 0
        revenue = revenues[i] and vendor[payee]
        if not outside_nodes and not revenue:
            continue
        if outside_nodes:
            balance[:] = before[payee]
            for j in range(i):
                if payees[j] == payee:
                    for w in range(worlds):
                        balance[w] += paid[j, w]
        rule = MIX
        if vendor[payer]:
            rule = NEXT_LAP if finances[i] else WASH
        mixes = washed if vendor[payer] else dye
        if not revenue:
            for w in range(worlds):
                part[w] = paid[i, w] / max(balance[w] + paid[i, w], 1)
        for k in range(dyes):
            for w in range(worlds):
                colour = mixes[payer, k, w] if rule == MIX else colour_of(rule, 0, mixes, payer, k, w)
                if revenue:
                    receipts[k, w] += paid[i, w] * colour
                else:
                    dye[payee, k, w] += (colour - dye[payee, k, w]) * part[w]


@kernel
def carry_clearing(
    dye, high, low, receipts, returned_high, returned_low, before, payers, payees, kinds, paid,
    nodes, place, traced, vendor, firm, opening_rows,
):  # fmt: skip
    """Carry a whole clearing: earmarks first, for they follow the opening deposits, then the colours."""
    finances, revenues = FINANCES[kinds] & vendor[payers], REVENUES[kinds]
    source, sink, first, flow, finance, outflow = link(payers, payees, finances, paid, place, firm, len(nodes))
    moved = np.zeros(outflow.shape, dtype=np.int64)
    for held, returned, inside_first in ((high, returned_high, True), (low, returned_low, False)):
        earmark_clearing(held, before, source, sink, flow, finance, outflow, nodes, vendor, firm, inside_first, moved)
        earmark_beyond(held, payers, payees, finances, revenues, paid, place, traced, vendor, firm, moved, outflow, returned)
    opening = dye[:opening_rows].copy()
    mix_pools(dye, before, source, first, flow, finance, nodes, vendor)
    carry_beyond(dye, opening, before, payers, payees, finances, revenues, paid, place, traced, vendor, receipts)
