"""Chips by owner and generation, chips on their way, and the depreciation of what they cost.

Chips are counted in whole units and conserved: everything in service or on its way was shipped, stood at the start, or has
been retired (`audit`). Book values live in the ledger (`hardware`); this register knows how fast they are written down.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Dollars, Floats, Register, anywhere, total


@kernel
def _weighted(chips, weights):
    """Chips times weights (generations, worlds), added up over generations in their order: (worlds,)."""
    result = np.zeros(chips.shape[1])
    for g in range(chips.shape[0]):
        for w in range(chips.shape[1]):
            result[w] += chips[g, w] * weights[g, w]
    return result


@kernel
def _count(chips, there, bad):
    """Add chips (accounts, kinds, worlds) up into `there` (accounts, worlds); mark worlds with a negative number."""
    accounts, kinds, worlds = chips.shape
    for a in range(accounts):
        for g in range(kinds):
            for w in range(worlds):
                there[a, w] += chips[a, g, w]
                bad[w] |= chips[a, g, w] < 0


class Hardware(Register):
    """Chips (int64): `installed` (accounts, generations, worlds), `pipeline` (accounts, lead months, worlds).

    `in_service` (accounts, worlds): installed chips of all generations.
    `charge` (accounts, worlds): dollars of straight-line depreciation a month; `expiring` (accounts, months, worlds): how
    much of it ends when a cohort is fully written down. `value_weights` (generations, worlds): rental value of a generation
    against the current one, this month's.
    """

    def __init__(self, accounts: int, generations: int, lead: int, months: int, book_months: int, per_gw: int, worlds: int):
        self.per_gw = per_gw
        self.book_months = book_months
        self.installed: Dollars = np.zeros((accounts, generations, worlds), dtype=np.int64)
        self.in_service: Dollars = np.zeros((accounts, worlds), dtype=np.int64)
        self.pipeline: Dollars = np.zeros((accounts, lead, worlds), dtype=np.int64)
        self.pipeline_generation: Dollars = np.zeros((lead, worlds), dtype=np.int64)
        self.value_weights: Floats = np.ones((generations, worlds))
        self.supplied: Dollars = np.zeros(worlds, dtype=np.int64)  # opening fleet and everything shipped
        self.retired: Dollars = np.zeros(worlds, dtype=np.int64)
        self.charge: Floats = np.zeros((accounts, worlds))
        self.expiring: Floats = np.zeros((accounts, months + book_months + 2, worlds))

    def open_fleet(self, account: int, generation: int, gw: Floats) -> None:
        """Enter an opening fleet."""
        chips = np.rint(gw * self.per_gw).astype(np.int64)
        self.installed[account, generation] += chips
        self.in_service[account] += chips
        self.supplied += chips

    def gw(self, account: int) -> Floats:
        """GW in service (worlds,)."""
        return self.in_service[account] / self.per_gw

    def pipeline_gw(self, account: int) -> Floats:
        """GW shipped but not yet in service (worlds,)."""
        return total(self.pipeline[account]) / self.per_gw

    def value_weighted_gw(self, account: int, weights: Floats) -> Floats:
        """GW weighted by generations' rental value (generations, worlds) -> (worlds,)."""
        return _weighted(self.installed[account], weights) / self.per_gw

    def ship(self, account: int, gw: Floats, generation: Dollars) -> Dollars:
        """Put newly made chips on their way; they arrive after the lead time. Returns chips (worlds,)."""
        chips = np.rint(gw * self.per_gw).astype(np.int64)
        self.pipeline[account, -1] += chips
        self.pipeline_generation[-1] = generation
        self.supplied += chips
        return chips

    def arrive(self) -> None:
        """Move the pipeline on by a month; what was shipped `lead` months ago goes live."""
        arriving = self.pipeline[:, 0]
        if anywhere(arriving):
            worlds = np.arange(arriving.shape[-1])
            for account in np.flatnonzero(arriving.any(axis=1)):
                self.installed[account, self.pipeline_generation[0], worlds] += arriving[account]
            self.in_service += arriving
        self.pipeline[:, :-1] = self.pipeline[:, 1:]
        self.pipeline[:, -1] = 0
        self.pipeline_generation[:-1] = self.pipeline_generation[1:]

    def decay(self, rate: Floats) -> None:
        """Retire chips lost to failure and physical decay."""
        for account in np.flatnonzero(self.in_service.any(axis=1)):
            self.retire(int(account), rate)

    def retire(self, account: int, fraction: Floats) -> Dollars:
        """Scrap a fraction of an account's chips (worlds,)."""
        lost = np.rint(self.installed[account] * fraction).astype(np.int64)
        chips = total(lost)
        self.installed[account] -= lost
        self.in_service[account] -= chips
        self.retired += chips
        return chips

    def sell(self, seller: int, buyers: list[int], fraction: Floats, shares: list[Floats]) -> None:
        """Hand a fraction of the seller's chips of every generation to buyers; shares (worlds,) sum to at most one."""
        for generation in range(self.installed.shape[1]):
            offered = self.installed[seller, generation] * fraction
            for buyer, part in zip(buyers, shares, strict=True):
                chips = np.minimum(np.floor(offered * part), self.installed[seller, generation]).astype(np.int64)
                self.installed[seller, generation] -= chips
                self.installed[buyer, generation] += chips
                self.in_service[seller] -= chips
                self.in_service[buyer] += chips

    # --- depreciation -------------------------------------------------------------------------------------------

    def invest(self, account: int, amount: Dollars, month: int, life: int | None = None) -> None:
        """Start writing down an investment straight-line over its book life (months)."""
        life = life or self.book_months
        monthly = amount / life
        self.charge[account] += monthly
        self.expiring[account, min(month + life, self.expiring.shape[1] - 1)] += monthly

    def depreciate(self, ledger: Ledger, account: int, month: int) -> Dollars:
        """Book a month's depreciation, never below a book value of zero. Returns dollars (worlds,)."""
        self.charge[account] = np.maximum(self.charge[account] - self.expiring[account, month], 0.0)
        due = np.minimum(np.rint(self.charge[account]), ledger.stock("hardware", account))
        return -ledger.capitalise(account, -due, "hardware")

    def shrink_schedule(self, account: int, kept: Floats) -> None:
        """Scale the remaining depreciation after a sale or write-off to the fraction kept."""
        self.charge[account] *= kept
        self.expiring[account] *= kept

    def audit(self, ledger: Ledger) -> None:
        """No chip is lost or negative."""
        installed, shipped = np.zeros_like(self.in_service), np.zeros_like(self.in_service)
        bad = np.zeros(self.supplied.shape, dtype=np.bool_)
        _count(self.installed, installed, bad)
        _count(self.pipeline, shipped, bad)
        there = self.retired + total(installed) + total(shipped)
        bad |= (there != self.supplied) | (installed != self.in_service).any(axis=0)
        if anywhere(bad):
            world = int(np.argmax(bad))
            raise BooksBreachError(
                f"books breached in month {ledger.month}, phase {ledger.phase}: {self.supplied[world]} chips were supplied, "
                f"{there[world]} are accounted for in world {world}",
                bad,
            )
