"""Chips by owner and generation, chips on their way, and the depreciation of what they cost.

Chips are counted in whole units and conserved: everything in service or on its way was shipped, stood at the start, or has
been retired (`audit`). Book values live in the ledger (`hardware`); this register knows how fast they are written down.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger, as_rows
from perpetuum.model.books.ledger_kernels import idle, nothing
from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Register, total


@kernel
def _weighted(chips, weights):
    """Chips times weights (generations, worlds), added up over generations in their order: (worlds,)."""
    result = np.zeros(chips.shape[1])
    for g in range(chips.shape[0]):
        for w in range(chips.shape[1]):
            result[w] += chips[g, w] * weights[g, w]
    return result


@kernel
def _arrive(pipeline, generation, installed, in_service, on_the_way):
    """Put what has arrived into service and move the pipeline (accounts, lead months, worlds) on by a month."""
    accounts, lead, worlds = pipeline.shape
    for a in range(accounts):
        if nothing(on_the_way[a]):
            continue
        for w in range(worlds):
            chips = pipeline[a, 0, w]
            installed[a, generation[0, w], w] += chips
            in_service[a, w] += chips
            on_the_way[a, w] -= chips
        for t in range(lead - 1):
            pipeline[a, t] = pipeline[a, t + 1]
        pipeline[a, lead - 1] = 0
    for t in range(lead - 1):
        generation[t] = generation[t + 1]


@kernel
def _decay(installed, in_service, retired, rate):
    """Retire a share `rate` (worlds,) of everybody's chips of every generation, in whole chips."""
    accounts, generations, worlds = installed.shape
    for a in range(accounts):
        if nothing(in_service[a]):
            continue
        for g in range(generations):
            if idle(installed, a, g):
                continue
            for w in range(worlds):
                lost = np.int64(np.rint(installed[a, g, w] * rate[w]))
                installed[a, g, w] -= lost
                in_service[a, w] -= lost
                retired[w] += lost


@kernel
def _hand_over(installed, in_service, seller, buyers, fraction, shares):
    """Hand a fraction (worlds,) of a seller's chips of every generation to buyers by shares (buyers, worlds)."""
    for g in range(installed.shape[1]):
        if idle(installed, seller, g):
            continue
        for w in range(fraction.shape[0]):
            offered = installed[seller, g, w] * fraction[w]
            for b in range(len(buyers)):
                chips = np.int64(min(np.floor(offered * shares[b, w]), float(installed[seller, g, w])))
                installed[seller, g, w] -= chips
                installed[buyers[b], g, w] += chips
                in_service[seller, w] -= chips
                in_service[buyers[b], w] += chips


@kernel
def _start(charge, expiring, accounts, amounts, life, end):
    """Start writing down amounts (accounts, worlds) over `life` months."""
    for i in range(len(accounts)):
        a = accounts[i]
        for w in range(amounts.shape[1]):
            monthly = amounts[i, w] / life
            charge[a, w] += monthly
            expiring[a, end, w] += monthly


@kernel
def _charges(charge, expiring, book, accounts, month, due):
    """Minus this month's depreciation, whole dollars (accounts, worlds), never more than the book value."""
    for i in range(len(accounts)):
        a = accounts[i]
        for w in range(due.shape[1]):
            charge[a, w] = max(charge[a, w] - expiring[a, month, w], 0.0)
            due[i, w] = -min(np.rint(charge[a, w]), float(book[a, w]))


@kernel
def _lost(installed, in_service, pipeline, on_the_way, retired, supplied, there):
    """Whether any chip is lost or negative; `there` (worlds,): all that are accounted for."""
    accounts, _, worlds = installed.shape
    whole = np.empty(worlds, dtype=np.int64)
    wrong = np.int64(0)
    there[:] = retired
    for chips, counted in ((installed, in_service), (pipeline, on_the_way)):
        for a in range(accounts):
            whole[:] = 0
            for g in range(chips.shape[1]):
                for w in range(worlds):
                    whole[w] += chips[a, g, w]
                    wrong |= chips[a, g, w] & np.int64(-(2**63))
            for w in range(worlds):
                wrong |= whole[w] ^ counted[a, w]
                there[w] += whole[w]
    for w in range(worlds):
        wrong |= there[w] ^ supplied[w]
    return wrong != 0


class Hardware(Register):
    """Chips (int64): `installed` (accounts, generations, worlds), `pipeline` (accounts, lead months, worlds).

    `in_service`, `on_the_way` (accounts, worlds): installed chips of all generations, and all in the pipeline.
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
        self.on_the_way: Dollars = np.zeros((accounts, worlds), dtype=np.int64)
        self._gw: dict[int, Floats] = {}  # by account: chips in service and on the way in GW, kept until chips move
        self._pipeline_gw: dict[int, Floats] = {}
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
        self._count_anew()
        self.supplied += chips

    def open_pipeline(self, account: int, generation: int, gw: Floats) -> None:
        """Enter chips that are on their way at the start, so many GW arriving in each month of the lead time."""
        chips = np.rint(gw * self.per_gw).astype(np.int64)
        self.pipeline[account] += chips
        self.on_the_way[account] += chips * len(self.pipeline[account])
        self._count_anew()
        self.supplied += chips * len(self.pipeline[account])
        self.pipeline_generation[...] = generation

    def gw(self, account: int) -> Floats:
        """GW in service (worlds,)."""
        if account not in self._gw:
            self._gw[account] = self.in_service[account] / self.per_gw
        return self._gw[account]

    def pipeline_gw(self, account: int) -> Floats:
        """GW shipped but not yet in service (worlds,)."""
        if account not in self._pipeline_gw:
            self._pipeline_gw[account] = self.on_the_way[account] / self.per_gw
        return self._pipeline_gw[account]

    def _count_anew(self) -> None:
        """Chips have moved: what was counted in GW no longer holds."""
        self._gw.clear()
        self._pipeline_gw.clear()

    def value_weighted_gw(self, account: int, weights: Floats) -> Floats:
        """GW weighted by generations' rental value (generations, worlds) -> (worlds,)."""
        return _weighted(self.installed[account], weights) / self.per_gw

    def ship(self, accounts: Sequence[int], gw: Floats, generation: Dollars) -> None:
        """Put newly made chips (accounts, worlds) on their way; they arrive after the lead time."""
        chips = np.rint(gw * self.per_gw).astype(np.int64)
        rows = list(accounts)
        self.pipeline[rows, -1] += chips
        self.on_the_way[rows] += chips
        self._count_anew()
        self.pipeline_generation[-1] = generation
        self.supplied += total(chips)

    def arrive(self) -> None:
        """Move the pipeline on by a month; what was shipped `lead` months ago goes live."""
        _arrive(self.pipeline, self.pipeline_generation, self.installed, self.in_service, self.on_the_way)
        self._count_anew()

    def decay(self, rate: Floats) -> None:
        """Retire the share of everybody's chips (worlds,) that is lost to failure and physical decay."""
        _decay(self.installed, self.in_service, self.retired, rate)
        self._count_anew()

    def sell(self, seller: int, buyers: list[int], fraction: Floats, shares: list[Floats]) -> None:
        """Hand a fraction of the seller's chips of every generation to buyers; shares (worlds,) sum to at most one."""
        _hand_over(self.installed, self.in_service, seller, np.array(buyers), fraction, np.array(shares))
        self._count_anew()

    # --- depreciation -------------------------------------------------------------------------------------------

    def invest(self, account: int | Sequence[int], amount: Array, first: int, life: int | None = None) -> None:
        """Write an investment down straight-line over its book life (months), the first charge in month `first`.

        One account with (worlds,) dollars, or several with (accounts, worlds).
        """
        life = life or self.book_months
        accounts, amounts, _ = as_rows(account, amount)
        _start(self.charge, self.expiring, accounts, amounts, life, min(first + life, self.expiring.shape[1] - 1))

    def buy(self, ledger: Ledger, account: int | Sequence[int], amount: Array, month: int, life: int | None = None) -> None:
        """Capitalise what was paid for hardware in a month and write it down from the next one on, for one account or several."""
        ledger.capitalise(account, amount, "hardware")
        self.invest(account, amount, month + 1, life)

    def depreciate(self, ledger: Ledger, accounts: Sequence[int], month: int) -> Dollars:
        """Book a month's depreciation, never below a book value of zero. Returns dollars (accounts, worlds)."""
        due = np.empty((len(accounts), ledger.worlds))
        _charges(self.charge, self.expiring, ledger.row("hardware"), np.array(accounts), month, due)
        return -ledger.capitalise(accounts, due, "hardware")

    def shrink_schedule(self, account: int, kept: Floats) -> None:
        """Scale the remaining depreciation after a sale or write-off to the fraction kept."""
        self.charge[account] *= kept
        self.expiring[account] *= kept

    def audit(self, ledger: Ledger) -> None:
        """No chip is lost or negative."""
        there = np.empty_like(self.supplied)
        stocks = self.installed, self.in_service, self.pipeline, self.on_the_way
        if _lost(*stocks, self.retired, self.supplied, there):
            bad = there != self.supplied
            for chips, counted in (stocks[:2], stocks[2:]):
                bad |= (chips < 0).any(axis=(0, 1)) | (chips.sum(axis=1) != counted).any(axis=0)
            world = int(np.argmax(bad))
            text = f"{self.supplied[world]} chips were supplied, {there[world]} are accounted for in world {world}"
            raise BooksBreachError(ledger.where(text), bad)
