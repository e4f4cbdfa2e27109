"""Compiled loops of the dye: colours of a payment, and mixing by payments and exchanges; one world after the other."""

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
def colour_of(rule, colour, dye, payer, k, w):
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
def _shade(rule, colour, dye, payer, k, shade):
    """`colour_of` for all worlds, dye after dye as they lie in memory: `shade` (worlds,) is filled."""
    shade[:] = 0.0
    if rule == MIX or (rule == RECOLOUR and k >= FIRST_LAP) or (rule == WASH and k < FIRST_LAP):
        first, last = k, k
    elif rule == RECOLOUR:
        first, last = (0, FIRST_LAP - 1) if k == colour else (0, -1)
    elif rule == NEXT_LAP and k >= FIRST_LAP:
        first, last = (0, k - 1) if k == FIRST_LAP else (k - 1, k if k == LAST_LAP else k - 1)
    else:
        first, last = 0, -1
        shade[:] = 1.0 if rule == ENTER and k == colour else 0.0
    for j in range(first, last + 1):
        for w in range(shade.shape[0]):
            shade[w] += dye[payer, j, w]
    if rule == WASH and k == OWN:
        laps = np.zeros(shade.shape[0])
        for j in range(FIRST_LAP, LAST_LAP + 1):
            for w in range(shade.shape[0]):
                laps[w] += dye[payer, j, w]
        for w in range(shade.shape[0]):
            shade[w] += laps[w]


@kernel
def colours_of(rule, kind, dye, payer):
    """Fractions (dyes, worlds) of a payment of a kind by `payer` under a rule."""
    _, dyes, worlds = dye.shape
    fractions = np.empty((dyes, worlds))
    for k in range(dyes):
        for w in range(worlds):
            fractions[k, w] = colour_of(rule, _COLOURS[kind], dye, payer, k, w)
    return fractions


@kernel
def carry_payments(dye, balance, payers, payees, paid, kind, traced, vendor, receipts):
    """Mix the payments of one call into their payees, all at the same moment; `balance` is the deposits after them."""
    pairs, worlds = paid.shape
    dyes, colour, revenue = dye.shape[1], _COLOURS[kind], REVENUES[kind]
    inflow = np.zeros(worlds, dtype=np.int64)
    kept = np.empty(worlds)
    inverse = np.empty(worlds)
    part, shade = np.empty((2, worlds))
    pays = np.empty(pairs, dtype=np.bool_)
    for i in range(pairs):
        pays[i] = paid[i].any()
    for i in range(pairs):
        payee = payees[i]
        if not traced[payee] or not pays[i]:
            continue
        first = True
        for j in range(i):
            if payees[j] == payee and pays[j]:
                first = False
        if not first:
            continue
        inflow[:] = 0
        for j in range(i, pairs):
            if payees[j] == payee and pays[j]:
                for w in range(worlds):
                    inflow[w] += paid[j, w]
        for w in range(worlds):
            inverse[w] = 1.0 / max(balance[payee, w], 1)
            kept[w] = (balance[payee, w] - inflow[w]) * inverse[w] if inflow[w] > 0 else 1.0
        for k in range(dyes):
            for w in range(worlds):
                dye[payee, k, w] *= kept[w]
        for j in range(i, pairs):
            if payees[j] == payee and pays[j]:
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
                        _shade(rule, colour, dye, payer, k, shade)
                        for w in range(worlds):
                            dye[payee, k, w] += part[w] * shade[w]
        if vendor[payee] and revenue:
            for j in range(i, pairs):
                if payees[j] == payee and pays[j]:
                    payer = payers[j]
                    rule = rule_of(kind, vendor[payer], traced[payer])
                    for k in range(dyes):
                        if rule == MIX:
                            for w in range(worlds):
                                receipts[k, w] += paid[j, w] * dye[payer, k, w]
                        else:
                            _shade(rule, colour, dye, payer, k, shade)
                            for w in range(worlds):
                                receipts[k, w] += paid[j, w] * shade[w]


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


@kernel
def sound(dye, high, low, deposits, traced, tolerance):
    """Whether every composition sums to one, but for rounding, and no traced account's earmarks pass its deposits or nothing."""
    accounts, dyes, worlds = dye.shape
    whole = np.empty(worlds)
    for a in range(accounts):
        whole[:] = 0.0
        for d in range(dyes):
            for w in range(worlds):
                whole[w] += dye[a, d, w]
        wrong = False
        for w in range(worlds):
            wrong |= not abs(whole[w] - 1.0) <= tolerance
        if traced[a]:
            for w in range(worlds):
                wrong |= min(high[a, w], low[a, w]) < 0 or max(high[a, w], low[a, w]) > deposits[a, w]
        if wrong:
            return False
    return True
