"""Compiled loops of the dye: colours of a payment, and mixing by payments, clearings and exchanges; one world after the other."""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.payment_kinds import DYE, KINDS, LAPS
from perpetuum.model.equations import kernel

OWN, FIRST_LAP, LAST_LAP = DYE["own"], LAPS[0], LAPS[-1]
# How a payment's colours follow from its payer's.
MIX, ENTER, RECOLOUR, NEXT_LAP, WASH = 0, 1, 2, 3, 4
# What kernels know of kinds of payment, by their numbers.
FINANCES = np.array([kind.vendor_finance for kind in KINDS.values()])
REVENUES = np.array([kind.revenue for kind in KINDS.values()])
_RECOLOURS = np.array([kind.recolours for kind in KINDS.values()])
_COLOURS = np.array([DYE[kind.colour or "own"] for kind in KINDS.values()])


@kernel
def rule_of(kind, is_vendor, is_traced):
    """How the colours of a payment follow from its payer's."""
    if is_vendor:
        return NEXT_LAP if FINANCES[kind] else WASH
    if not is_traced:
        return ENTER
    return RECOLOUR if _RECOLOURS[kind] else MIX


@kernel
def _colour_of(rule, colour, dye, payer, k, w):
    """Fraction of dye k in a payment by `payer` under a rule."""
    if rule == MIX:
        return dye[payer, k, w]
    if rule == ENTER:
        return 1.0 if k == colour else 0.0
    if rule == NEXT_LAP:
        if k < FIRST_LAP:
            return 0.0
        if k == FIRST_LAP:
            before = 0.0
            for j in range(FIRST_LAP):
                before += dye[payer, j, w]
            return before
        if k == LAST_LAP:
            return dye[payer, k - 1, w] + dye[payer, k, w]
        return dye[payer, k - 1, w]
    if rule == WASH:
        if k >= FIRST_LAP:
            return 0.0
        laps = 0.0
        if k == OWN:
            for j in range(FIRST_LAP, LAST_LAP + 1):
                laps += dye[payer, j, w]
        return dye[payer, k, w] + laps
    # recolour: everything but the laps takes the new colour
    if k >= FIRST_LAP:
        return dye[payer, k, w]
    if k != colour:
        return 0.0
    rest = 0.0
    for j in range(FIRST_LAP):
        rest += dye[payer, j, w]
    return rest


@kernel
def colours_of(rule, kind, dye, payer):
    """Fractions (dyes, worlds) of a payment of a kind by `payer` under a rule."""
    _, dyes, worlds = dye.shape
    fractions = np.empty((dyes, worlds))
    for k in range(dyes):
        for w in range(worlds):
            fractions[k, w] = _colour_of(rule, _COLOURS[kind], dye, payer, k, w)
    return fractions


@kernel
def carry_payments(dye, balance, payers, payees, paid, kind, traced, vendor, receipts):
    """Mix the payments of one call into their payees, all at the same moment; `balance` is the deposits after them."""
    pairs, worlds = paid.shape
    dyes, colour, revenue = dye.shape[1], _COLOURS[kind], REVENUES[kind]
    inflow = np.zeros(worlds, dtype=np.int64)
    kept = np.empty(worlds)
    inverse = np.empty(worlds)
    part = np.empty(worlds)
    for i in range(pairs):
        payee = payees[i]
        if not traced[payee]:
            continue
        first = True
        for j in range(i):
            if payees[j] == payee:
                first = False
        if not first:
            continue
        inflow[:] = 0
        for j in range(i, pairs):
            if payees[j] == payee:
                for w in range(worlds):
                    inflow[w] += paid[j, w]
        for w in range(worlds):
            inverse[w] = 1.0 / max(balance[payee, w], 1)
            kept[w] = (balance[payee, w] - inflow[w]) * inverse[w] if inflow[w] > 0 else 1.0
        for k in range(dyes):
            for w in range(worlds):
                dye[payee, k, w] *= kept[w]
        for j in range(i, pairs):
            if payees[j] == payee:
                payer = payers[j]
                rule = rule_of(kind, vendor[payer], traced[payer])
                for w in range(worlds):
                    part[w] = paid[j, w] * inverse[w]
                if rule == MIX:
                    for k in range(dyes):
                        for w in range(worlds):
                            dye[payee, k, w] += part[w] * dye[payer, k, w]
                elif rule == ENTER:
                    for w in range(worlds):
                        dye[payee, colour, w] += part[w]
                else:
                    for k in range(dyes):
                        for w in range(worlds):
                            dye[payee, k, w] += part[w] * _colour_of(rule, colour, dye, payer, k, w)
        if vendor[payee] and revenue:
            for j in range(i, pairs):
                if payees[j] == payee:
                    rule = rule_of(kind, vendor[payers[j]], traced[payers[j]])
                    for k in range(dyes):
                        for w in range(worlds):
                            receipts[k, w] += paid[j, w] * _colour_of(rule, colour, dye, payers[j], k, w)


@kernel
def gather(payers, payees, finances, paid, place, firm, flow, finance, outflow):
    """Sort payments into node x node flows, vendors' financing apart, and sum what each node pays firms and others."""
    items, worlds = paid.shape
    for i in range(items):
        source = place[payers[i]]
        sink = place[payees[i]]
        side = 0 if firm[payees[i]] else 1
        for w in range(worlds):
            outflow[side, source, w] += paid[i, w]
            if sink >= 0:
                if finances[i]:
                    finance[source, sink, w] += paid[i, w]
                else:
                    flow[source, sink, w] += paid[i, w]


@kernel
def mix_pools(dye, before, flow, finance, nodes, vendor):
    """Composition of every node's pool when all payments of a clearing happen at once.

    (b_i + sum_j x_ji) c_i - sum_j x_ji c_j = b_i f_i + (vendors' payments in their opening colours),
    with b the opening balances, x the payments, f the opening and c the pooled composition.
    """
    n, _, worlds = flow.shape
    dyes = dye.shape[1]
    matrix = np.empty((n, n))
    right = np.empty((n, dyes))
    for w in range(worlds):
        for i in range(n):
            account = nodes[i]
            diagonal = float(before[account, w])
            for k in range(dyes):
                right[i, k] = diagonal * dye[account, k, w]
            for j in range(n):
                matrix[i, j] = 0.0
                amount = float(flow[j, i, w] + finance[j, i, w])
                if amount > 0.0:
                    diagonal += amount
                    if vendor[nodes[j]]:
                        for k in range(dyes):
                            right[i, k] += flow[j, i, w] * _colour_of(WASH, 0, dye, nodes[j], k, w)
                            right[i, k] += finance[j, i, w] * _colour_of(NEXT_LAP, 0, dye, nodes[j], k, w)
                    else:
                        matrix[i, j] -= amount
            # An empty pool counts as own money; the whisper of own money also keeps a cashless ring determinate.
            whisper = 1e-13 * diagonal + (1.0 if diagonal == 0.0 else 0.0)
            matrix[i, i] += diagonal + whisper
            right[i, OWN] += whisper
        # Diagonally dominant by rows: elimination needs no pivoting.
        for i in range(n):
            for r in range(i + 1, n):
                if matrix[r, i] != 0.0:
                    factor = matrix[r, i] / matrix[i, i]
                    for c in range(i, n):
                        matrix[r, c] -= factor * matrix[i, c]
                    for k in range(dyes):
                        right[r, k] -= factor * right[i, k]
        for i in range(n - 1, -1, -1):
            for c in range(i + 1, n):
                if matrix[i, c] != 0.0:
                    for k in range(dyes):
                        right[i, k] -= matrix[i, c] * right[c, k]
            for k in range(dyes):
                right[i, k] /= matrix[i, i]
        for i in range(n):
            whole = 0.0
            for k in range(dyes):
                right[i, k] = max(right[i, k], 0.0)
                whole += right[i, k]
            for k in range(dyes):
                dye[nodes[i], k, w] = right[i, k] / whole


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
                colour = mixes[payer, k, w] if rule == MIX else _colour_of(rule, 0, mixes, payer, k, w)
                if revenue:
                    receipts[k, w] += paid[i, w] * colour
                else:
                    dye[payee, k, w] += (colour - dye[payee, k, w]) * part[w]


@kernel
def mix_exchange(dye, balance, net, vendor, traced):
    """Mix an exchange: net payers' money is pooled and goes to net receivers in proportion.

    `net` (accounts, worlds): cash received (+) or paid (-); `balance` (accounts, worlds): deposits afterwards.
    A vendor's laps wash out, and whoever is not traced pays own money.
    """
    accounts, dyes, worlds = dye.shape
    pool = np.empty(dyes)
    for w in range(worlds):
        paid = np.int64(0)
        pool[:] = 0.0
        for a in range(accounts):
            x = -net[a, w]
            if x <= 0:
                continue
            paid += x
            if not traced[a]:
                pool[OWN] += x
                continue
            for k in range(dyes):
                pool[OWN if vendor[a] and k >= FIRST_LAP else k] += x * dye[a, k, w]
        if paid == 0:
            continue
        for a in range(accounts):
            x = net[a, w]
            if x > 0 and traced[a]:
                after = float(balance[a, w])
                for k in range(dyes):
                    dye[a, k, w] = (dye[a, k, w] * (after - x) + pool[k] / paid * x) / after
