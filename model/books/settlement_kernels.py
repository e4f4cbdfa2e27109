"""Compiled loops of a settlement: round what is due, let worlds in which somebody is short fall from full payment, add up."""

import numpy as np

from perpetuum.model.equations import kernel

CLASSES = 3
#: A ring with 0.1 % leakage needs 19 000 rounds in the worst order; more than this is an error.
MAX_ROUNDS = 20_000
#: What one firm owes in all must stay below this many dollars (2.25e15), or pro-rata shares would not be
#: exact.
LIMIT = 2**51


@kernel
def pro_rata(budget, due, whole):
    """Return floor(budget x due / whole) exactly, for 0 <= budget < whole < 2^51 and 0 <= due <= whole.

    The product may need 100 bits. The quotient in floating point is at most `due`, and two roundings of 2^-53
    each move it by less than one half, so that its floor is wrong by at most one. The remainder for that
    guess lies within +-2 x whole, so it is exact in arithmetic modulo 2^64, and says which of three
    candidates is the floor. An exact floor is monotone in the budget, and floors of parts that add up to the
    budget never add up to more.
    """
    guess = np.int64(budget * (due / whole))
    rest = np.int64(np.uint64(budget) * np.uint64(due) - np.uint64(guess) * np.uint64(whole))
    if rest < 0:
        return guess - 1
    if rest >= whole:
        return guess + 1
    return guess


@kernel
def whole_dollars(amounts, order, due):
    """Round amounts into whole dollars, in an order of their rows; return the first in it that is no amount, or -1."""
    bad = -1
    for n in range(len(order)):
        row = order[n]
        for w in range(amounts.shape[1]):
            amount = np.rint(amounts[row, w])
            if amount >= 0.0 and amount < LIMIT:
                due[n, w] = np.int64(amount)
            else:
                due[n, w] = 0
                if bad < 0:
                    bad = row
    return bad


@kernel
def in_full(due, payer, target, owed, received):
    """What every firm owes, and what it receives if everybody pays in full (firms, worlds)."""
    owed[:] = 0
    received[:] = 0
    for i in range(len(payer)):
        for w in range(due.shape[1]):
            owed[payer[i], w] += due[i, w]
        if target[i] >= 0:
            for w in range(due.shape[1]):
                received[target[i], w] += due[i, w]


@kernel
def clear(
    w, due, order, first, target, cash, inflow, whole, keep_cash, keep_claims, threshold, paid, paid_by, lost, default
):  # fmt: skip
    """Find the greatest clearing vector of one world by falling from full payment; returns whether that comes to an end.

    `order` lists the dues by payer and class, `first` (firms x classes + 1) where each begins in it, `target`
    the payee's place among the firms or -1; `inflow`, `whole` (firms, worlds): what firms receive and owe in all; paid, paid_by,
    lost and default are filled. Within a round, a firm already sees what others cut before it: the map is monotone, so that
    every order of going down ends at the same greatest vector, and permuting the firms permutes the result.
    """
    firms = cash.shape[0]
    budget, needed, held = np.empty((3, firms), dtype=np.int64)
    owed = np.zeros((firms, CLASSES), dtype=np.int64)
    fell = np.ones(firms, dtype=np.bool_)
    for f in range(firms):
        held[f] = max(cash[f, w], 0)
        budget[f] = whole[f, w]
        needed[f] = np.int64(np.ceil(threshold[f, w] * whole[f, w]))
        for c in range(CLASSES):
            for place in range(first[f * CLASSES + c], first[f * CLASSES + c + 1]):
                owed[f, c] += due[order[place], w]
    rounds = 0
    moving = True
    while moving:
        moving = False
        rounds += 1
        if rounds > MAX_ROUNDS:
            return False
        for f in range(firms):
            if not fell[f]:
                continue
            fell[f] = False
            means = held[f] + inflow[f, w]
            if means >= whole[f, w]:
                continue
            if means < needed[f]:
                means = np.int64(keep_cash * held[f]) + np.int64(keep_claims * inflow[f, w])
            if means >= budget[f]:
                continue
            budget[f] = means
            paid_by[f, w] = 0
            for c in range(CLASSES):
                part = min(means, owed[f, c])
                means -= part
                for place in range(first[f * CLASSES + c], first[f * CLASSES + c + 1]):
                    i = order[place]
                    amount = due[i, w]
                    if part < owed[f, c] and amount > 0:
                        amount = pro_rata(part, amount, owed[f, c])
                    if amount < paid[i, w]:
                        if target[i] >= 0:
                            inflow[target[i], w] -= paid[i, w] - amount
                            fell[target[i]] = True
                            moving = True
                        paid[i, w] = amount
                    paid_by[f, w] += paid[i, w]
    for f in range(firms):
        default[f, w] = held[f] + inflow[f, w] < needed[f]
        if default[f, w]:
            kept = np.int64(keep_cash * held[f]) + np.int64(keep_claims * inflow[f, w])
            lost[f, w] = held[f] + inflow[f, w] - kept
    return True


@kernel
def owed_by(amounts, payer, owed):
    """Add dues (rows, worlds), in whole dollars, up by paying firm: (firms, worlds)."""
    for i in range(len(payer)):
        for w in range(owed.shape[1]):
            owed[payer[i], w] += np.rint(amounts[i, w])


@kernel
def solve(
    amounts, order, payer, target, seniority, cash, keep_cash, keep_claims, threshold, due, paid, owed, paid_by, lost, default,
    failed,
):  # fmt: skip
    """Round, clear and add up by firm (firms, worlds), dues in an order of their rows; returns the first due that is no amount,
    or -1.
    """
    rows, firms = len(payer), len(owed)
    bad = whole_dollars(amounts, order, due)
    if bad >= 0:
        return bad
    received = np.empty_like(owed)
    in_full(due, payer, target, owed, received)
    paid[:] = due
    paid_by[:] = owed
    first = np.zeros(firms * CLASSES + 1, dtype=np.int64)
    for i in range(rows):
        first[payer[i] * CLASSES + seniority[i] + 1] += 1
    first = np.cumsum(first)
    place, by_class = first.copy(), np.empty(rows, dtype=np.int64)
    for i in range(rows):
        slot = payer[i] * CLASSES + seniority[i]
        by_class[place[slot]] = i
        place[slot] += 1
    for w in range(due.shape[1]):
        short = False
        for f in range(firms):
            failed[w] |= owed[f, w] >= LIMIT
            short |= max(cash[f, w], 0) + received[f, w] < owed[f, w]
        if short and not failed[w]:  # elsewhere everybody pays in full
            failed[w] = not clear(
                w, due, by_class, first, target, cash, received, owed, keep_cash[w], keep_claims[w], threshold, paid,
                paid_by, lost, default,
            )  # fmt: skip
    return -1


@kernel
def chosen(paid, kinds, payers, payees, kind, from_whom, to_whom):
    """Dollars paid of the dues of a kind by pair of payer and payee (pairs, worlds)."""
    result = np.zeros((len(from_whom), paid.shape[1]), dtype=np.int64)
    for i in range(len(kinds)):
        if kinds[i] == kind:
            for n in range(len(from_whom)):
                if payers[i] == from_whom[n] and payees[i] == to_whom[n]:
                    for w in range(paid.shape[1]):
                        result[n, w] += paid[i, w]
    return result


@kernel
def received(paid, kinds, payees, chosen, accounts):
    """Dollars that accounts received of dues of chosen kinds (accounts, worlds)."""
    result = np.zeros((len(accounts), paid.shape[1]), dtype=np.int64)
    for i in range(len(kinds)):
        if chosen[kinds[i]]:
            for n in range(len(accounts)):
                if payees[i] == accounts[n]:
                    for w in range(paid.shape[1]):
                        result[n, w] += paid[i, w]
    return result


@kernel
def in_arrears(due, paid, kinds, payees, chosen, accounts):
    """Whether something of a due of chosen kinds to chosen accounts is not paid in any world (dues,)."""
    late = np.zeros(len(kinds), dtype=np.bool_)
    for i in range(len(kinds)):
        if chosen[kinds[i]] and accounts[payees[i]]:
            missing = np.int64(0)
            for w in range(paid.shape[1]):
                missing |= due[i, w] - paid[i, w]
            late[i] = missing != 0
    return late
