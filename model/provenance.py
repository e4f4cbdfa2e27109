"""The dye: whose money is it? Every deposit account carries the composition of its dollars.

A payment carries its payer's mix (proportional mixing); a vendor's financing payment is dyed one lap further, any other
vendor payment washes the laps out; money from outside takes the colour of its kind of payment. Around this central figure
stands the earmark bracket in whole dollars: vendor money spent first (`high`) or last (`low`). Source: economics.md's
"Dyed money"; proportional sharing is the rule of power-flow and food-web tracing (Bialek 1996; Finn 1976).

Fractions, not dollars, are stored: a receipt is then a convex combination, and an account drained to its last dollar keeps
a composition that sums to one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numba import njit

from model.kinds import DYE, DYES, KINDS, LAPS, Kind
from model.worlds import Array, Dollars, Floats, Mask, Register

#: Fractions of an account must sum to one within this (float rounding over ten years stays near 1e-13).
TOLERANCE = 1e-9

_OWN, _FIRST_LAP, _LAST_LAP = DYE["own"], LAPS[0], LAPS[-1]
# How a payment's colours follow from its payer's.
_MIX, _ENTER, _RECOLOUR, _NEXT_LAP, _WASH = 0, 1, 2, 3, 4
# Rounds in which earmarked money may go on through a clearing's rings; without rings there are as many as the longest chain.
_ROUNDS = 1000


@njit(cache=True)
def _colour_of(rule, colour, dye, payer, k, w):
    """Fraction of dye k in a payment by `payer` under a rule."""
    if rule == _MIX:
        return dye[payer, k, w]
    if rule == _ENTER:
        return 1.0 if k == colour else 0.0
    if rule == _NEXT_LAP:
        if k < _FIRST_LAP:
            return 0.0
        if k == _FIRST_LAP:
            before = 0.0
            for j in range(_FIRST_LAP):
                before += dye[payer, j, w]
            return before
        if k == _LAST_LAP:
            return dye[payer, k - 1, w] + dye[payer, k, w]
        return dye[payer, k - 1, w]
    if rule == _WASH:
        if k >= _FIRST_LAP:
            return 0.0
        laps = 0.0
        if k == _OWN:
            for j in range(_FIRST_LAP, _LAST_LAP + 1):
                laps += dye[payer, j, w]
        return dye[payer, k, w] + laps
    # recolour: everything but the laps takes the new colour
    if k >= _FIRST_LAP:
        return dye[payer, k, w]
    if k != colour:
        return 0.0
    rest = 0.0
    for j in range(_FIRST_LAP):
        rest += dye[payer, j, w]
    return rest


@njit(cache=True)
def _carry(
    dye, high, low, balance, payers, payees, paid, rules, colour, traced, vendor, revenue, receipts, returned_high, returned_low
):
    """Mix the payments of one call into their payees, all at the same moment."""
    pairs, worlds = paid.shape
    dyes = dye.shape[1]
    inflow = np.zeros(worlds, dtype=np.int64)
    kept = np.empty(worlds)
    inverse = np.empty(worlds)
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
                    if rules[j] == _MIX:
                        for w in range(worlds):
                            dye[payee, k, w] += paid[j, w] * inverse[w] * dye[payers[j], k, w]
                    elif rules[j] == _ENTER:
                        if k == colour:
                            for w in range(worlds):
                                dye[payee, k, w] += paid[j, w] * inverse[w]
                    else:
                        for w in range(worlds):
                            part = _colour_of(rules[j], colour, dye, payers[j], k, w)
                            dye[payee, k, w] += paid[j, w] * inverse[w] * part
        if vendor[payee] and revenue:
            for j in range(i, pairs):
                if payees[j] == payee:
                    for k in range(dyes):
                        for w in range(worlds):
                            receipts[k, w] += paid[j, w] * _colour_of(rules[j], colour, dye, payers[j], k, w)
    # The bracket: vendor money spent first, or last; in whole dollars.
    for i in range(pairs):
        payer = payers[i]
        if vendor[payer]:
            if rules[i] == _NEXT_LAP and traced[payees[i]]:
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
            outflow = np.int64(0)
            for j in range(i, pairs):
                if payers[j] == payer:
                    outflow += paid[j, w]
            if outflow == 0:
                continue
            held_high = high[payer, w]
            held_low = low[payer, w]
            others = balance[payer, w] + outflow - held_low
            move_high = min(held_high, outflow)
            move_low = max(outflow - others, 0)
            # Parts are floors whatever the order of the payments; dollars lost to rounding are no longer earmarked.
            high[payer, w] -= move_high
            low[payer, w] -= move_low
            for j in range(i, pairs):
                if payers[j] == payer:
                    part_high = move_high if paid[j, w] == outflow else np.int64(move_high * (paid[j, w] / outflow))
                    part_low = move_low if paid[j, w] == outflow else np.int64(move_low * (paid[j, w] / outflow))
                    payee = payees[j]
                    if vendor[payee]:
                        if revenue:
                            returned_high[w] += part_high
                            returned_low[w] += part_low
                    elif traced[payee]:
                        high[payee, w] += part_high
                        low[payee, w] += part_low


@njit(cache=True)
def _gather(payers, payees, finances, paid, place, flow, finance, leaving):
    """Sort a clearing's payments into node x node flows, vendors' financing apart, and what leaves the nodes."""
    items, worlds = paid.shape
    for i in range(items):
        source = place[payers[i]]
        sink = place[payees[i]]
        for w in range(worlds):
            if sink < 0:
                leaving[source, w] += paid[i, w]
            elif finances[i]:
                finance[source, sink, w] += paid[i, w]
            else:
                flow[source, sink, w] += paid[i, w]


@njit(cache=True)
def _pool(dye, before, flow, finance, nodes, vendor):
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
                            right[i, k] += flow[j, i, w] * _colour_of(_WASH, 0, dye, nodes[j], k, w)
                            right[i, k] += finance[j, i, w] * _colour_of(_NEXT_LAP, 0, dye, nodes[j], k, w)
                    else:
                        matrix[i, j] -= amount
            # An empty pool counts as own money; the whisper of own money also keeps a cashless ring determinate.
            whisper = 1e-13 * diagonal + (1.0 if diagonal == 0.0 else 0.0)
            matrix[i, i] += diagonal + whisper
            right[i, _OWN] += whisper
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


@njit(cache=True)
def _earmark_clearing(held, before, flow, finance, leaving, nodes, vendor, first, moved, outflow):
    """Move earmarked vendor money through a clearing: spent first or last, to the least fixed point.

    `moved` and `outflow` (nodes, worlds) return the earmarked and all dollars that each node paid. Rounds rise towards the
    fixed point, and each of them is a possible way to spend: a ring that is still filling up after `_ROUNDS` is left there.
    """
    n, _, worlds = flow.shape
    arriving = np.zeros(n, dtype=np.int64)
    inflow = np.zeros(n, dtype=np.int64)
    financed = np.zeros(n, dtype=np.int64)
    source = np.empty(n * n, dtype=np.int64)
    sink = np.empty(n * n, dtype=np.int64)
    fraction = np.empty(n * n)
    for w in range(worlds):
        any_held = False
        financed[:] = 0
        for i in range(n):
            moved[i, w] = 0
            outflow[i, w] = leaving[i, w]
            inflow[i] = 0
            for j in range(n):
                outflow[i, w] += flow[i, j, w]
                inflow[i] += flow[j, i, w] + finance[j, i, w]
                if finance[i, j, w] > 0:
                    any_held = True
                    financed[j] += finance[i, j, w]
            if held[nodes[i], w] > 0:
                any_held = True
        if not any_held:
            continue
        edges = 0
        for i in range(n):
            for j in range(n):
                if flow[i, j, w] > 0 and not vendor[nodes[i]]:
                    source[edges], sink[edges] = i, j
                    fraction[edges] = flow[i, j, w] / outflow[i, w]
                    edges += 1
        for rounds in range(_ROUNDS):
            arriving[:] = financed
            for edge in range(edges):
                arriving[sink[edge]] += np.int64(moved[source[edge], w] * fraction[edge])
            if rounds == _ROUNDS - 1:
                break
            rose = False
            for i in range(n):
                if vendor[nodes[i]]:
                    continue
                available = held[nodes[i], w] + arriving[i]
                if first:
                    spent = min(available, outflow[i, w])
                else:
                    spent = max(outflow[i, w] - (before[nodes[i], w] + inflow[i] - available), 0)
                if spent > moved[i, w]:
                    moved[i, w] = spent
                    rose = True
            if not rose:
                break
        for i in range(n):
            if not vendor[nodes[i]]:
                after = before[nodes[i], w] + inflow[i] - outflow[i, w]
                held[nodes[i], w] = min(held[nodes[i], w] + arriving[i] - moved[i, w], after)


@njit(cache=True)
def _beyond(
    dye, washed, held, before, payers, payees, finances, revenues, paid, place, traced, vendor, moved, outflow, receipts, returned
):
    """Carry a clearing to traced accounts outside the nodes, and recognise vendors' revenue.

    `washed` holds the vendors' opening compositions (accounts, dyes, worlds), used for their payments; `held`, `moved`,
    `outflow` and `returned` come in pairs: vendor money spent first, and last.
    """
    items, worlds = paid.shape
    dyes = dye.shape[1]
    balance = np.zeros(worlds)
    part = np.zeros(worlds)
    for i in range(items):
        payer, payee = payers[i], payees[i]
        source = place[payer]
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
        rule = _MIX
        if vendor[payer]:
            rule = _NEXT_LAP if finances[i] else _WASH
        mixes = washed if vendor[payer] else dye
        if not revenue:
            for w in range(worlds):
                part[w] = paid[i, w] / max(balance[w] + paid[i, w], 1)
        for k in range(dyes):
            for w in range(worlds):
                colour = mixes[payer, k, w] if rule == _MIX else _colour_of(rule, 0, mixes, payer, k, w)
                if revenue:
                    receipts[k, w] += paid[i, w] * colour
                else:
                    dye[payee, k, w] += (colour - dye[payee, k, w]) * part[w]
        for which in range(2):
            for w in range(worlds):
                marked = np.int64(0)
                if vendor[payer]:
                    marked = paid[i, w] if finances[i] and not revenue else np.int64(0)
                elif moved[which, source, w] > 0:
                    marked = np.int64(moved[which, source, w] * (paid[i, w] / outflow[which, source, w]))
                if revenue:
                    returned[which, w] += marked
                else:
                    held[which, payee, w] += marked


class Provenance(Register):
    """Compositions of the deposit accounts and the vendor money that came home this month.

    `dye` (accounts, dyes, worlds): fractions summing to one. `high`, `low` (accounts, worlds): earmarked vendor dollars.
    `receipts` (dyes, worlds): dollars of vendor revenue by colour, this month, credit sales counted as lap 1.
    """

    def __init__(self, sectors: dict[str, tuple[int, ...]], accounts: int, worlds: int):
        self.dye: Floats = np.zeros((accounts, len(DYES), worlds))
        self.high: Dollars = np.zeros((accounts, worlds), dtype=np.int64)
        self.low: Dollars = np.zeros((accounts, worlds), dtype=np.int64)
        self.receipts: Floats = np.zeros((len(DYES), worlds))
        self.returned_high: Dollars = np.zeros(worlds, dtype=np.int64)
        self.returned_low: Dollars = np.zeros(worlds, dtype=np.int64)
        opening = {"funds": "equity", "lenders": "credit", "states": "states"}
        for sector, members in sectors.items():
            self.dye[list(members), DYE[opening.get(sector, "own")]] = 1.0
        untraced = {*sectors["outside"], *sectors["bank"]}
        self.traced = tuple(a not in untraced for a in range(accounts))
        self.vendor = tuple(a in sectors["vendors"] for a in range(accounts))
        self.nodes = tuple(a for name in ("vendors", "clouds", "labs", "lenders") for a in sectors[name])
        self.place = tuple(self.nodes.index(a) if a in self.nodes else -1 for a in range(accounts))

    def begin_month(self, month: int) -> None:
        """Forget last month's receipts."""
        self.receipts[...] = 0.0
        self.returned_high[...] = 0
        self.returned_low[...] = 0

    def carry(self, balance: Dollars, payers: Array, payees: Array, paid: Dollars, kind: Kind) -> None:
        """Let payments of one kind carry their colours; `balance` is the deposits after them."""
        rules = np.array([self._rule(payer, kind) for payer in payers.tolist()])
        _carry(
            self.dye,
            self.high,
            self.low,
            balance,
            payers,
            payees,
            paid,
            rules,
            DYE[kind.colour or "own"],
            _array(self.traced),
            _array(self.vendor),
            kind.revenue,
            self.receipts,
            self.returned_high,
            self.returned_low,
        )

    def carry_clearing(self, before: Dollars, payers: Array, payees: Array, kinds: Array, paid: Dollars) -> None:
        """Let a whole clearing mix at once: payments (items, worlds) with their kind numbers, deposits as they were before."""
        n, worlds = len(self.nodes), before.shape[-1]
        nodes, place = _array(self.nodes), _array(self.place)
        traced, vendor = _array(self.traced), _array(self.vendor)
        finances, revenues = _FINANCES[kinds], _REVENUES[kinds]
        flow = np.zeros((n, n, worlds), dtype=np.int64)
        finance = np.zeros((n, n, worlds), dtype=np.int64)
        leaving = np.zeros((n, worlds), dtype=np.int64)
        moved = np.zeros((2, n, worlds), dtype=np.int64)
        outflow = np.zeros((2, n, worlds), dtype=np.int64)
        if (place[payers] < 0).any():
            raise ValueError("only vendors, clouds, labs and lenders can pay in a clearing")
        finances &= vendor[payers]
        _gather(payers, payees, finances, paid, place, flow, finance, leaving)
        held = np.stack([self.high, self.low])
        returned = np.zeros((2, worlds), dtype=np.int64)
        for which in (0, 1):
            _earmark_clearing(
                held[which], before, flow, finance, leaving, nodes, vendor, which == 0, moved[which], outflow[which]
            )
        opening = self.dye[: 1 + max(np.flatnonzero(vendor))].copy()
        _pool(self.dye, before, flow, finance, nodes, vendor)
        _beyond(
            self.dye,
            opening,
            held,
            before,
            payers,
            payees,
            finances,
            revenues,
            paid,
            place,
            traced,
            vendor,
            moved,
            outflow,
            self.receipts,
            returned,
        )
        self.high[...], self.low[...] = held
        self.returned_high += returned[0]
        self.returned_low += returned[1]

    def recognise_credit_sale(self, amount: Dollars, kind: Kind) -> None:
        """A sale on the vendor's own credit is its own money at recognition, under every rule."""
        if kind.revenue:
            self.receipts[_FIRST_LAP] += amount
            self.returned_high += amount
            self.returned_low += amount

    def audit(self, deposits: Dollars, names: Sequence[str]) -> tuple[str, Mask] | None:
        """Every composition sums to one; no account holds more earmarked vendor money than deposits, or less than none.

        Returns what is wrong and in which worlds, or None.
        """
        gap = np.abs(self.dye.sum(axis=1) - 1.0)
        if not gap.max(initial=0.0) <= TOLERANCE:
            wrong = ~(gap <= TOLERANCE)
            account, world = np.argwhere(wrong)[0]
            text = f"dyes of {names[account]} in world {world} miss one by {gap[account, world]:.2e}"
            return text, wrong.any(axis=0)
        traced = _array(self.traced)[:, None]
        for held in (self.low, self.high):
            wrong = traced & ((held < 0) | (held > deposits))
            if wrong.any():
                account, world = np.argwhere(wrong)[0]
                text = (
                    f"{names[account]} in world {world} holds {held[account, world]} earmarked dollars "
                    f"among deposits of {deposits[account, world]}"
                )
                return text, wrong.any(axis=0)
        return None

    def _rule(self, payer: int, kind: Kind) -> int:
        if self.vendor[payer]:
            return _NEXT_LAP if kind.vendor_finance else _WASH
        if not self.traced[payer]:
            return _ENTER
        return _RECOLOUR if kind.recolours else _MIX


_FINANCES = np.array([kind.vendor_finance for kind in KINDS.values()])
_REVENUES = np.array([kind.revenue for kind in KINDS.values()])


@functools.cache
def _array(constants: tuple) -> Array:
    return np.array(constants)
