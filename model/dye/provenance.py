"""The dye: whose money is it? Every deposit account carries the composition of its dollars.

A payment carries its payer's mix (proportional mixing); a vendor's financing payment is dyed one lap further, any
other vendor payment washes the laps out; money from outside takes the colour of its kind of payment. Around this
central figure stands the bracket of `model.dye.earmarks` in whole dollars: vendor money kept in the loop as long as can be
(`high`), or as briefly (`low`). Proportional sharing is the rule of power-flow and food-web tracing (Bialek 1996; Finn
1976).

Fractions, not dollars, are stored: a receipt is then a convex combination, and an account drained to its last dollar
keeps a composition that sums to one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.payment_kinds import DYE, DYES, KINDS, Kind
from perpetuum.model.dye.dye_kernels import (
    ENTER,
    FIRST_LAP,
    MIX,
    NEXT_LAP,
    OWN,
    RECOLOUR,
    WASH,
    carry_beyond,
    carry_payments,
    colours_of,
    gather,
    mix_exchange,
    mix_pools,
)
from perpetuum.model.dye.earmarks import earmark_beyond, earmark_clearing, earmark_exchange, earmark_payments
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere

#: Fractions of an account must sum to one within this (float rounding over ten years stays near 1e-13).
TOLERANCE = 1e-9


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
        carry_payments(
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
        gather(payers, payees, finances, paid, place, firm, flow, finance, outflow)
        for held, returned, first in ((self.high, self.returned_high, True), (self.low, self.returned_low, False)):
            earmark_clearing(held, before, flow, finance, outflow, nodes, vendor, firm, first, moved)
            earmark_beyond(
                held, payers, payees, finances, revenues, paid, place, traced, vendor, firm, moved, outflow, returned
            )
        opening = self.dye[: 1 + max(np.flatnonzero(vendor))].copy()
        mix_pools(self.dye, before, flow, finance, nodes, vendor)
        carry_beyond(
            self.dye, opening, before, payers, payees, finances, revenues, paid, place, traced, vendor, self.receipts
        )

    def carry_exchange(self, balance: Dollars, net: Dollars) -> None:
        """Let a multilateral trade mix: cash received or paid `net` (accounts, worlds), deposits after it `balance`."""
        traced, vendor, firm = _array(self.traced), _array(self.vendor), _array(self.firm)
        mix_exchange(self.dye, balance, net, vendor, traced)
        earmark_exchange(self.high, balance, net, traced, vendor, firm, True)
        earmark_exchange(self.low, balance, net, traced, vendor, firm, False)

    def recognise_credit_sale(self, amount: Dollars, kind: Kind) -> None:
        """A sale on the vendor's own credit is its own money at recognition, under every rule."""
        if kind.revenue:
            self.receipts[FIRST_LAP] += amount
            self.returned_high += amount
            self.returned_low += amount

    def colours(self, payer: int, kind: Kind) -> Floats:
        """Colours (dyes, worlds) of what an account pays now in payments of a kind, as fractions."""
        return colours_of(self._rule(payer, kind), DYE[kind.colour or "own"], self.dye, payer)

    def cleared_colours(self, payer: int, kind: Kind, opening: Floats) -> Floats:
        """Colours of what an account has paid in a clearing: its pool's, a vendor's its `opening` ones by their rules."""
        if self.vendor[payer]:
            return colours_of(NEXT_LAP if kind.vendor_finance else WASH, OWN, opening, payer)
        return self.dye[payer].copy()

    def first_lap(self) -> Floats:
        """Colours (dyes, worlds) of what a vendor's own credit pays for."""
        fractions = np.zeros(self.receipts.shape)
        fractions[FIRST_LAP] = 1.0
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
            return NEXT_LAP if kind.vendor_finance else WASH
        if not self.traced[payer]:
            return ENTER
        return RECOLOUR if kind.recolours else MIX


_FINANCES = np.array([kind.vendor_finance for kind in KINDS.values()])
_REVENUES = np.array([kind.revenue for kind in KINDS.values()])


@functools.cache
def _array(constants: tuple) -> Array:
    return np.array(constants)
