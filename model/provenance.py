"""The dye: whose money is it? Every deposit account carries the composition of its dollars.

A payment carries its payer's mix (proportional mixing); a vendor's financing payment is dyed one lap further, any
other vendor payment washes the laps out; money from outside takes the colour of its kind of payment. Around this
central figure stands the bracket of `model.earmarks` in whole dollars: vendor money kept in the loop as long as can be
(`high`), or as briefly (`low`). Proportional sharing is the rule of power-flow and food-web tracing (Bialek 1996; Finn
1976).

Fractions, not dollars, are stored: a receipt is then a convex combination, and an account drained to its last dollar
keeps a composition that sums to one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numba import njit

from model.earmarks import earmark_beyond, earmark_clearing, earmark_exchange, earmark_payments
from model.kinds import DYE, DYES, KINDS, LAPS, Kind
from model.worlds import Array, Dollars, Floats, Mask, Register, anywhere

#: Fractions of an account must sum to one within this (float rounding over ten years stays near 1e-13).
TOLERANCE = 1e-9

_OWN, _FIRST_LAP, _LAST_LAP = DYE["own"], LAPS[0], LAPS[-1]
# How a payment's colours follow from its payer's.
_MIX, _ENTER, _RECOLOUR, _NEXT_LAP, _WASH = 0, 1, 2, 3, 4


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
def _colours(rule, colour, dye, payer):
    """Fractions (dyes, worlds) of a payment by `payer` under a rule."""
    _, dyes, worlds = dye.shape
    fractions = np.empty((dyes, worlds))
    for k in range(dyes):
        for w in range(worlds):
            fractions[k, w] = _colour_of(rule, colour, dye, payer, k, w)
    return fractions


@njit(cache=True, error_model="numpy")
def _carry(dye, balance, payers, payees, paid, rules, colour, traced, vendor, revenue, receipts):
    """Mix the payments of one call into their payees, all at the same moment."""
    pairs, worlds = paid.shape
    dyes = dye.shape[1]
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
                payer, rule = payers[j], rules[j]
                for w in range(worlds):
                    part[w] = paid[j, w] * inverse[w]
                if rule == _MIX:
                    for k in range(dyes):
                        for w in range(worlds):
                            dye[payee, k, w] += part[w] * dye[payer, k, w]
                elif rule == _ENTER:
                    for w in range(worlds):
                        dye[payee, colour, w] += part[w]
                else:
                    for k in range(dyes):
                        for w in range(worlds):
                            dye[payee, k, w] += part[w] * _colour_of(rule, colour, dye, payer, k, w)
        if vendor[payee] and revenue:
            for j in range(i, pairs):
                if payees[j] == payee:
                    for k in range(dyes):
                        for w in range(worlds):
                            receipts[k, w] += paid[j, w] * _colour_of(rules[j], colour, dye, payers[j], k, w)


@njit(cache=True)
def _gather(payers, payees, finances, paid, place, firm, flow, finance, outflow):
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
def _beyond(dye, washed, before, payers, payees, finances, revenues, paid, place, traced, vendor, receipts):
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


@njit(cache=True)
def _exchange(dye, balance, net, vendor, traced):
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
                pool[_OWN] += x
                continue
            for k in range(dyes):
                pool[_OWN if vendor[a] and k >= _FIRST_LAP else k] += x * dye[a, k, w]
        if paid == 0:
            continue
        for a in range(accounts):
            x = net[a, w]
            if x > 0 and traced[a]:
                after = float(balance[a, w])
                for k in range(dyes):
                    dye[a, k, w] = (dye[a, k, w] * (after - x) + pool[k] / paid * x) / after


class Provenance(Register):
    """Compositions of the deposit accounts and the vendor money that came home this month.

    `dye` (accounts, dyes, worlds): fractions summing to one. `high`, `low` (accounts, worlds): earmarked dollars.
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
        firms = {a for name in ("vendors", "clouds", "labs") for a in sectors[name]}
        self.firm = tuple(a in firms for a in range(accounts))
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
        traced, vendor = _array(self.traced), _array(self.vendor)
        _carry(
            self.dye,
            balance,
            payers,
            payees,
            paid,
            rules,
            DYE[kind.colour or "own"],
            traced,
            vendor,
            kind.revenue,
            self.receipts,
        )
        earmark_payments(
            self.high,
            self.low,
            balance,
            payers,
            payees,
            paid,
            kind.vendor_finance,
            kind.revenue,
            traced,
            vendor,
            _array(self.firm),
            self.returned_high,
            self.returned_low,
        )

    def carry_clearing(self, before: Dollars, payers: Array, payees: Array, kinds: Array, paid: Dollars) -> None:
        """Let a whole clearing mix at once: payments (items, worlds), their kind numbers, deposits `before` them."""
        n, worlds = len(self.nodes), before.shape[-1]
        nodes, place = _array(self.nodes), _array(self.place)
        traced, vendor, firm = _array(self.traced), _array(self.vendor), _array(self.firm)
        finances, revenues = _FINANCES[kinds], _REVENUES[kinds]
        flow = np.zeros((n, n, worlds), dtype=np.int64)
        finance = np.zeros((n, n, worlds), dtype=np.int64)
        outflow = np.zeros((2, n, worlds), dtype=np.int64)
        moved = np.zeros((2, n, worlds), dtype=np.int64)
        if anywhere(place[payers] < 0):
            raise ValueError("only vendors, clouds, labs and lenders can pay in a clearing")
        finances &= vendor[payers]
        _gather(payers, payees, finances, paid, place, firm, flow, finance, outflow)
        for held, returned, first in ((self.high, self.returned_high, True), (self.low, self.returned_low, False)):
            earmark_clearing(held, before, flow, finance, outflow, nodes, vendor, firm, first, moved)
            earmark_beyond(
                held, payers, payees, finances, revenues, paid, place, traced, vendor, firm, moved, outflow, returned
            )
        opening = self.dye[: 1 + max(np.flatnonzero(vendor))].copy()
        _pool(self.dye, before, flow, finance, nodes, vendor)
        _beyond(self.dye, opening, before, payers, payees, finances, revenues, paid, place, traced, vendor, self.receipts)

    def carry_exchange(self, balance: Dollars, net: Dollars) -> None:
        """Let a multilateral trade mix: cash received or paid `net` (accounts, worlds), deposits after it `balance`."""
        traced, vendor, firm = _array(self.traced), _array(self.vendor), _array(self.firm)
        _exchange(self.dye, balance, net, vendor, traced)
        earmark_exchange(self.high, balance, net, traced, vendor, firm, True)
        earmark_exchange(self.low, balance, net, traced, vendor, firm, False)

    def recognise_credit_sale(self, amount: Dollars, kind: Kind) -> None:
        """A sale on the vendor's own credit is its own money at recognition, under every rule."""
        if kind.revenue:
            self.receipts[_FIRST_LAP] += amount
            self.returned_high += amount
            self.returned_low += amount

    def colours(self, payer: int, kind: Kind) -> Floats:
        """Colours (dyes, worlds) of what an account pays now in payments of a kind, as fractions."""
        return _colours(self._rule(payer, kind), DYE[kind.colour or "own"], self.dye, payer)

    def cleared_colours(self, payer: int, kind: Kind, opening: Floats) -> Floats:
        """Colours of what an account has paid in a clearing: its pool's, a vendor's its `opening` ones by their rules."""
        if self.vendor[payer]:
            return _colours(_NEXT_LAP if kind.vendor_finance else _WASH, _OWN, opening, payer)
        return self.dye[payer].copy()

    def first_lap(self) -> Floats:
        """Colours (dyes, worlds) of what a vendor's own credit pays for."""
        fractions = np.zeros(self.receipts.shape)
        fractions[_FIRST_LAP] = 1.0
        return fractions

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
            if anywhere(wrong):
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
