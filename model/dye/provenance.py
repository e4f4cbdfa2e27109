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

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.payment_kinds import DYE, DYES, KIND_NUMBER, Kind
from perpetuum.model.dye.clearing import carry_clearing
from perpetuum.model.dye.dye_kernels import FIRST_LAP, colours_of, mix_exchange, rule_of, sound
from perpetuum.model.dye.earmarks import earmark_exchange
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere

#: Fractions of an account must sum to one within this (float rounding over ten years stays near 1e-13).
TOLERANCE = 1e-9


class Roles:
    """What each account is to the dye, (accounts,) each: no array of these varies by world.

    `traced`: its dollars have colours; `vendor`, `firm` (vendors, clouds, labs); `nodes`: accounts that may pay in a
    clearing, `place`: each account's number among them or -1.
    """

    def __init__(self, sectors: dict[str, tuple[int, ...]], accounts: int):
        everybody = np.arange(accounts)
        self.traced = ~np.isin(everybody, (*sectors["outside"], *sectors["bank"]))
        self.vendor = np.isin(everybody, sectors["vendors"])
        self.firm = np.isin(everybody, [a for name in ("vendors", "clouds", "labs") for a in sectors[name]])
        paying = ("vendors", "clouds", "labs", "landlords", "lenders")
        self.nodes = np.array([a for name in paying for a in sectors.get(name, ())], dtype=np.int64)
        self.place = np.full(accounts, -1)
        self.place[self.nodes] = np.arange(len(self.nodes))
        self.opening_rows = 1 + max(sectors["vendors"])  # a copy of so many rows holds all vendors' compositions


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
        self.roles = Roles(sectors, accounts)

    def begin_month(self) -> None:
        """Forget last month's receipts."""
        self.receipts[...] = 0.0
        self.returned_high[...] = 0
        self.returned_low[...] = 0

    def carry_clearing(self, before: Dollars, payers: Array, payees: Array, kinds: Array, paid: Dollars) -> None:
        """Let a whole clearing mix at once: payments (items, worlds), their kind numbers, deposits `before` them."""
        roles = self.roles
        if anywhere(roles.place[payers] < 0):
            raise ValueError("only vendors, clouds, labs and lenders can pay in a clearing")
        carry_clearing(
            self.dye, self.high, self.low, self.receipts, self.returned_high, self.returned_low, before, payers, payees,
            kinds, paid, roles.nodes, roles.place, roles.traced, roles.vendor, roles.firm, roles.opening_rows,
        )  # fmt: skip

    def carry_exchange(self, balance: Dollars, net: Dollars) -> None:
        """Let a multilateral trade mix: cash received or paid `net` (accounts, worlds), deposits after it `balance`."""
        traced, vendor, firm = self.roles.traced, self.roles.vendor, self.roles.firm
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
        number = KIND_NUMBER[kind.name]
        rule = rule_of(number, self.roles.vendor[payer], self.roles.traced[payer])
        return colours_of(rule, number, self.dye, payer)

    def cleared_colours(self, payer: int, kind: Kind, opening: Floats) -> Floats:
        """Colours of what an account has paid in a clearing: its pool's, a vendor's its `opening` ones by their rules."""
        if self.roles.vendor[payer]:
            number = KIND_NUMBER[kind.name]
            return colours_of(rule_of(number, True, True), number, opening, payer)
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
        if sound(self.dye, self.high, self.low, deposits, self.roles.traced, TOLERANCE):
            return None
        gap = np.abs(self.dye.sum(axis=1) - 1.0)
        if not gap.max(initial=0.0) <= TOLERANCE:
            wrong = ~(gap <= TOLERANCE)
            account, world = np.argwhere(wrong)[0]
            text = f"dyes of {names[account]} in world {world} miss one by {gap[account, world]:.2e}"
            return text, wrong.any(axis=0)
        traced = self.roles.traced[:, None]
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
