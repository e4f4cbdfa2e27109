"""Compiled loops of the ledger: move cash, post a clearing, reconcile stocks with flows; one world after the other."""

import numpy as np

from perpetuum.model.books.accounts import CASH, FLOWS, LARGEST, REVALUATION, ROWS, SAVING, SIZE, STOCK, TRANSACTION
from perpetuum.model.dye.dye_kernels import carry_payments
from perpetuum.model.dye.earmarks import earmark_payments
from perpetuum.model.equations import kernel, loop
from perpetuum.model.observed.payment_network import add_payments


@kernel
def nothing(row):
    """Whether all of a row of whole numbers is zero: without a way out half-way, processors look at several at once."""
    bits = np.int64(0)
    for w in range(row.shape[0]):
        bits |= row[w]
    return bits == 0


@kernel
def emptied(rows):
    """Set rows of whole numbers (rows, worlds) to zero; looking whether they are costs half of writing that they are."""
    for i in range(rows.shape[0]):
        if not nothing(rows[i]):
            rows[i] = 0


@kernel
def added(table, firsts, seconds):
    """Sum of chosen rows of a table of whole numbers (., ., worlds)."""
    result = np.zeros(table.shape[2], dtype=np.int64)
    for n in range(firsts.shape[0]):
        for w in range(table.shape[2]):
            result[w] += table[firsts[n], seconds[n], w]
    return result


@kernel
def added_by_row(table, firsts, rows):
    """Sum of the same rows of some tables of whole numbers (., ., worlds), each row apart: (rows, worlds)."""
    result = np.zeros((rows.shape[0], table.shape[2]), dtype=np.int64)
    for n in range(rows.shape[0]):
        for first in firsts:
            for w in range(table.shape[2]):
                result[n, w] += table[first, rows[n], w]
    return result.astype(np.float64)


@kernel
def one_sided(table, rows, sign):
    """Sum of what stands on one side of zero, `sign` 1 or -1, in chosen rows of a table of whole numbers: (accounts, worlds)."""
    result = np.zeros(table.shape[1:], dtype=np.int64)
    for i in rows:
        for a in range(table.shape[1]):
            for w in range(table.shape[2]):
                result[a, w] += max(sign * table[i, a, w], 0)
    return result


@loop
def idle(table, i, j):
    """Whether a row of whole numbers of a table (., ., worlds) is all zero."""
    bits = np.int64(0)
    for w in range(table.shape[2]):
        bits |= table[i, j, w]
    return bits == 0


#: What became of a payment: booked, refused (but booked), or not booked because the credit line must be drawn first, or
#: because somebody both pays and is paid.
PAID, REFUSED, LACKING, BOTH_SIDES = 0, 1, 2, 3


@loop
def move_cash(book, change, flows, kind, payer, payee, paid, i):
    """Book a row of payments (payments, worlds) on both sides, in deposits and in flows."""
    for w in range(paid.shape[1]):
        amount = paid[i, w]
        book[payer, w] -= amount
        book[payee, w] += amount
        change[payer, w] -= amount
        change[payee, w] += amount
        flows[kind, payer, w] -= amount
        flows[kind, payee, w] += amount


@kernel
def pay(
    book, change, flows, kind, payers, payees, amounts, bank, line,
    dye, high, low, receipts, returned_high, returned_low, traced, vendor, firm, ring, node,
):  # fmt: skip
    """Move cash for each pair, with its colours and earmarks; returns what became of it and whole dollars (pairs, worlds).

    `book`, `change` (accounts, worlds): deposits; `line`: who may draw on the bank, or -1; `ring` (nodes, nodes, worlds):
    payments by pair, without nodes where nobody asks for them.
    """
    pairs, worlds = amounts.shape
    out = np.empty((pairs, worlds), dtype=np.int64)
    sound = True
    for i in range(pairs):
        for j in range(pairs):
            if pairs > 1 and payers[i] == payees[j]:
                return BOTH_SIDES, out
        for w in range(worlds):
            amount = np.rint(amounts[i, w])
            fair = amount >= 0.0 and amount <= 9.0e15
            sound &= fair
            out[i, w] = np.int64(amount if fair else 0.0)
    if line >= 0 and sound:
        for w in range(worlds):
            left = book[line, w]
            for i in range(pairs):
                if payers[i] == line:
                    left -= out[i, w]
            if left < 0:
                return LACKING, out
    anything = False
    for i in range(pairs):
        if not nothing(out[i]):
            anything = True
            move_cash(book, change, flows, kind, payers[i], payees[i], out, i)
    short = np.int64(0)
    for i in range(pairs):
        if payers[i] != bank:
            for w in range(worlds):
                short |= book[payers[i], w]
    if short < 0 or not sound:
        return REFUSED, out
    if anything:  # where nothing was paid, nothing carries colours
        carry_payments(dye, book, payers, payees, out, kind, traced, vendor, receipts)
        earmark_payments(high, low, book, payers, payees, out, kind, traced, vendor, firm, returned_high, returned_low)
        if ring.shape[0] > 0:
            add_payments(ring, node, payers, payees, out)
    return PAID, out


@kernel
def shift(book, changes, why, row, holder, issuer, amount):
    """Move a claim of `amount` (worlds,) from its issuer to its holder."""
    if nothing(amount):
        return
    for w in range(amount.shape[0]):
        book[row, holder, w] += amount[w]
        book[row, issuer, w] -= amount[w]
        changes[why, row, holder, w] += amount[w]
        changes[why, row, issuer, w] -= amount[w]


@kernel
def shift_all(book, changes, why, row, holders, issuers, amounts):
    """Move claims (claims, worlds) from their issuers to their holders."""
    for i in range(len(amounts)):
        shift(book, changes, why, row, holders[i], issuers[i], amounts[i])


@kernel
def exchange(book, changes, flows, row, kind, value, net):
    """Book one leg of a multilateral trade (accounts, worlds), + bought, but for its cash, which is added to `net`.

    Returns whether it does not sum to zero; nothing is then booked.
    """
    accounts, worlds = value.shape
    whole = np.zeros(worlds, dtype=np.int64)
    for a in range(accounts):
        for w in range(worlds):
            whole[w] += value[a, w]
    if not nothing(whole):
        return True
    for a in range(accounts):
        if nothing(value[a]):
            continue
        for w in range(worlds):
            book[row, a, w] += value[a, w]
            changes[TRANSACTION, row, a, w] += value[a, w]
            flows[kind, a, w] -= value[a, w]
            net[a, w] -= value[a, w]
    return False


@kernel
def revalue(book, changes, row, target):
    """Set a row of the book to `target` (accounts, worlds), a revaluation."""
    for a in range(target.shape[0]):
        for w in range(target.shape[1]):
            changes[REVALUATION, row, a, w] += target[a, w] - book[row, a, w]
            book[row, a, w] = target[a, w]


@kernel
def worth(book, account, own):
    """Assets less liabilities (worlds,) of an account, the rows `own` of its own equity counted as no liability."""
    result = book[0, account].copy()
    for i in range(1, book.shape[0]):
        for w in range(len(result)):
            result[w] += book[i, account, w]
    for i in own:
        for w in range(len(result)):
            result[w] -= min(book[i, account, w], 0)
    return result


@kernel
def owed(book, rows, account):
    """What an account owes in rows in which it may hold claims as well: what stands below zero in each (worlds,)."""
    whole = np.zeros(book.shape[2], dtype=np.int64)
    for i in rows:
        for w in range(len(whole)):
            whole[w] += min(book[i, account, w], 0)
    return -whole.astype(np.float64)


@kernel
def form(book, changes, formation, row, accounts, amounts):
    """Add whole dollars of `amounts` (accounts, worlds) to real assets; returns them."""
    rows, worlds = amounts.shape
    out = np.empty((rows, worlds), dtype=np.int64)
    for i in range(rows):
        a = accounts[i]
        for w in range(worlds):
            whole = np.int64(np.rint(amounts[i, w]))
            out[i, w] = whole
            book[row, a, w] += whole
            changes[TRANSACTION, row, a, w] += whole
            formation[a, w] += whole
    return out


@kernel
def post(book, change, flows, payers, payees, kinds, paid):
    """Book payments of several kinds that happen at the same moment."""
    for i in range(paid.shape[0]):
        move_cash(book, change, flows, kinds[i], payers[i], payees[i], paid, i)


@kernel
def reconcile(book, opening, changes, flows, uncashed, formation, current, claims, deposits):
    """Check the identities that hold in every world; return for each world what is wrong first (0: sound) and where, and all
    bits that any stock has: a number that is at least as large as the largest of them.
    """
    instruments, accounts, worlds = book.shape
    kinds, bits = flows.shape[0], np.int64(0)
    code = np.zeros(worlds, dtype=np.int64)
    item = np.zeros(worlds, dtype=np.int64)
    claim_rows = np.zeros((claims, worlds), dtype=np.int64)
    flow_rows = np.zeros((kinds, worlds), dtype=np.int64)
    booked = np.zeros(worlds, dtype=np.int64)
    saving = np.zeros(worlds, dtype=np.int64)
    cash = np.zeros(worlds, dtype=np.int64)
    astray = np.zeros(worlds, dtype=np.int64)
    size = np.zeros(worlds, dtype=np.int64)
    for a in range(accounts):
        booked[:] = 0
        astray[:] = 0
        size[:] = 0
        for i in range(instruments):
            for w in range(worlds):
                moved = changes[0, i, a, w]
                booked[w] += moved
                moved += changes[1, i, a, w] + changes[2, i, a, w]
                # The bits in which a stock differs from what its flows explain.
                astray[w] |= book[i, a, w] ^ (opening[i, a, w] + moved)
                size[w] |= book[i, a, w] ^ (book[i, a, w] >> 63)
            if i < claims:
                for w in range(worlds):
                    claim_rows[i, w] += book[i, a, w]
        saving[:] = formation[a]
        cash[:] = -uncashed[a]
        for k in range(kinds):
            if idle(flows, k, a):  # most firms neither pay nor get most kinds of payment
                continue
            for w in range(worlds):
                cash[w] += flows[k, a, w]
                flow_rows[k, w] += flows[k, a, w]
            if current[k]:
                for w in range(worlds):
                    saving[w] += flows[k, a, w]
        for w in range(worlds):
            bits |= size[w]
        for w in range(worlds):
            if code[w] != 0:
                continue
            if astray[w] != 0:
                i = 0
                while book[i, a, w] == opening[i, a, w] + changes[0, i, a, w] + changes[1, i, a, w] + changes[2, i, a, w]:
                    i += 1
                code[w], item[w] = STOCK, i * accounts + a
            elif size[w] >= LARGEST:
                i = 0
                while book[i, a, w] ^ (book[i, a, w] >> 63) < LARGEST:
                    i += 1
                code[w], item[w] = SIZE, i * accounts + a
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
    return code, item, bits
