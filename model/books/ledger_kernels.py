"""Compiled loops of the ledger: move cash, post a clearing, reconcile stocks with flows; one world after the other."""

import numpy as np

from perpetuum.model.books.accounts import CASH, FLOWS, ROWS, SAVING, STOCK
from perpetuum.model.equations import kernel


@kernel
def nothing(row):
    """Whether all of a row of whole numbers is zero: without a way out half-way, processors look at several at once."""
    bits = np.int64(0)
    for w in range(row.shape[0]):
        bits |= row[w]
    return bits == 0


@kernel
def move(book, change, flow, payers, payees, amounts, bank, out):
    """Move cash for each pair; write the whole dollars moved to `out`; return the first bad pair or -1."""
    pairs, worlds = amounts.shape
    bad = -1
    for i in range(pairs):
        payer = payers[i]
        payee = payees[i]
        for w in range(worlds):
            amount = np.rint(amounts[i, w])
            if not (amount >= 0.0) or amount > 9.0e15:
                bad = i
                out[i, w] = 0
                continue
            whole = np.int64(amount)
            out[i, w] = whole
            book[payer, w] -= whole
            book[payee, w] += whole
            change[payer, w] -= whole
            change[payee, w] += whole
            flow[payer, w] -= whole
            flow[payee, w] += whole
    for i in range(pairs):
        if payers[i] != bank:
            for w in range(worlds):
                if book[payers[i], w] < 0:
                    bad = i
    return bad


@kernel
def post(book, change, flows, payers, payees, kinds, paid):
    """Book payments of several kinds that happen at the same moment."""
    items, worlds = paid.shape
    for i in range(items):
        payer, payee, kind = payers[i], payees[i], kinds[i]
        for w in range(worlds):
            amount = paid[i, w]
            book[payer, w] -= amount
            book[payee, w] += amount
            change[payer, w] -= amount
            change[payee, w] += amount
            flows[kind, payer, w] -= amount
            flows[kind, payee, w] += amount


@kernel
def reconcile(book, opening, changes, flows, uncashed, formation, current, claims, deposits):
    """Check the identities that hold in every world; return for each world what is wrong first (0: sound) and where."""
    instruments, accounts, worlds = book.shape
    kinds = flows.shape[0]
    code = np.zeros(worlds, dtype=np.int64)
    item = np.zeros(worlds, dtype=np.int64)
    claim_rows = np.zeros((claims, worlds), dtype=np.int64)
    flow_rows = np.zeros((kinds, worlds), dtype=np.int64)
    booked = np.zeros(worlds, dtype=np.int64)
    saving = np.zeros(worlds, dtype=np.int64)
    cash = np.zeros(worlds, dtype=np.int64)
    astray = np.zeros(worlds, dtype=np.int64)
    for a in range(accounts):
        booked[:] = 0
        astray[:] = 0
        for i in range(instruments):
            for w in range(worlds):
                moved = changes[0, i, a, w]
                booked[w] += moved
                moved += changes[1, i, a, w] + changes[2, i, a, w]
                # The bits in which a stock differs from what its flows explain.
                astray[w] |= book[i, a, w] ^ (opening[i, a, w] + moved)
            if i < claims:
                for w in range(worlds):
                    claim_rows[i, w] += book[i, a, w]
        saving[:] = formation[a]
        cash[:] = -uncashed[a]
        for k in range(kinds):
            if nothing(flows[k, a]):  # most firms neither pay nor get most kinds of payment
                continue
            for w in range(worlds):
                cash[w] += flows[k, a, w]
                flow_rows[k, w] += flows[k, a, w]
            if current[k]:
                for w in range(worlds):
                    saving[w] += flows[k, a, w]
        for w in range(worlds):
            if code[w] != 0:
                continue
            if astray[w] != 0:
                i = 0
                while book[i, a, w] == opening[i, a, w] + changes[0, i, a, w] + changes[1, i, a, w] + changes[2, i, a, w]:
                    i += 1
                code[w], item[w] = STOCK, i * accounts + a
            elif cash[w] != changes[0, deposits, a, w]:
                code[w], item[w] = CASH, a
            elif saving[w] != booked[w]:
                code[w], item[w] = SAVING, a
    for k in range(kinds):
        for w in range(worlds):
            if flow_rows[k, w] != 0 and code[w] == 0:
                code[w], item[w] = FLOWS, k
    for i in range(claims):
        for w in range(worlds):
            if claim_rows[i, w] != 0 and code[w] == 0:
                code[w], item[w] = ROWS, i
    return code, item
