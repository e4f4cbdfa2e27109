"""Leases of halls: what landlords have let to clouds, for how many more months, and what of theirs stands vacant.

A hall counts at what it cost, in whole dollars, and so does its lease: rent is a share of that a year. A lease of n months begins
with the month in which its hall is handed over and is paid for in the n months after; then the hall is vacant, and let again
before another is built.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, Ledger
from perpetuum.model.worlds import Dollars, Floats, Register, anywhere, split


class HallLeases(Register):
    """`let` (clouds x landlords, months, worlds): cost of halls by the rents that follow the next, in the last slot those handed
    over this month; `rented` (clouds x landlords, worlds): of all the others, on which rent is due.

    `vacant`, `halls` (landlords, worlds): cost of those that nobody rents, and of all, whole dollars. `built` (clouds, worlds):
    dollars of halls built for each cloud this month. `rate` (worlds,): rent over cost a month. `part` (worlds,): of what clouds
    asked to lease this month landlords had it, or the money to build it.
    """

    def __init__(self, clouds: Sequence[int], landlords: Sequence[int], term: int, rate: Floats):
        worlds = len(rate)
        self.clouds, self.landlords = tuple(clouds), tuple(landlords)
        self.term = term
        self.rate = rate.copy()
        self.let: Dollars = np.zeros((len(clouds) * len(landlords), term + 1, worlds), dtype=np.int64)
        self.rented: Dollars = np.zeros((len(self.let), worlds), dtype=np.int64)
        self.vacant: Dollars = np.zeros((len(landlords), worlds), dtype=np.int64)
        self.halls: Dollars = np.zeros((len(landlords), worlds), dtype=np.int64)
        self.built: Floats = np.zeros((len(clouds), worlds))
        self.part: Floats = np.ones(worlds)

    def of_cloud(self, cloud: int) -> slice:
        """Rows of `let` of a cloud's leases, one a landlord."""
        first = self.clouds.index(cloud) * len(self.landlords)
        return slice(first, first + len(self.landlords))

    def of_landlord(self, landlord: int) -> slice:
        """Rows of `let` of a landlord's leases, one a cloud."""
        return slice(self.landlords.index(landlord), None, len(self.landlords))

    def let_to(self, cloud: int) -> Dollars:
        """Cost of the halls that a cloud rents (worlds,), dollars."""
        rows = self.of_cloud(cloud)
        return (self.rented[rows] + self.let[rows, -1]).sum(axis=0)

    def let_by(self, landlord: int) -> Dollars:
        """Cost of the halls that a landlord has let (worlds,), dollars."""
        rows = self.of_landlord(landlord)
        return (self.rented[rows] + self.let[rows, -1]).sum(axis=0)

    def vacant_of(self, landlord: int) -> Dollars:
        """Cost of a landlord's halls that nobody rents (worlds,), dollars."""
        return self.vacant[self.landlords.index(landlord)]

    def rent_of(self, cloud: int) -> Floats:
        """Rent that a cloud owes all landlords this month (worlds,), dollars."""
        return self.rented[self.of_cloud(cloud)].sum(axis=0) * self.rate

    def rents(self) -> Floats:
        """Rent due this month by pair, in the order of `let` (pairs, worlds), dollars."""
        return self.rented * self.rate

    def obligations(self, cloud: int) -> Floats:
        """All rents to come of a cloud's leases at the end of a month (worlds,), dollars."""
        left = np.arange(1, self.term + 1)[:, None]
        return (self.let[self.of_cloud(cloud), :-1] * left).sum(axis=(0, 1)) * self.rate

    def open(self, cloud: int, cost: Floats, months: int) -> None:
        """Enter halls let at the start: leases signed in equal parts in each of the `months` before, one part a landlord."""
        months = min(months, self.term)
        whole, rows = np.rint(cost).astype(np.int64), self.of_cloud(cloud)
        parts = split(whole, np.ones((len(whole), len(self.landlords) * months))).T.reshape(len(self.landlords), months, -1)
        self.let[rows, self.term - months : self.term] += parts
        self.rented[rows] += parts.sum(axis=1)
        self.halls += parts.sum(axis=1)

    def hand_over(self, landlord: int, cost: Dollars, built: Dollars) -> None:
        """Let halls to clouds (clouds, worlds), dollars of cost, of which `built` (worlds,) are new and the rest were vacant."""
        place = self.landlords.index(landlord)
        self.let[self.of_landlord(landlord), -1] += cost
        self.halls[place] += built
        self.vacant[place] -= cost.sum(axis=0) - built

    def reject(self, firm: int, fraction: Floats) -> dict[int, Floats]:
        """A firm leaves a fraction (worlds,) of every hall that it rents. Returns rents to come that are lost, by landlord."""
        if firm not in self.clouds:
            return {}
        rows = self.of_cloud(firm)
        left = np.rint(self.let[rows] * fraction).astype(np.int64)
        self.let[rows] -= left
        self.rented[rows] -= left[:, :-1].sum(axis=1)
        self.vacant += left.sum(axis=1)
        months = np.r_[1 : self.term + 1, self.term][:, None]
        lost = (left * months).sum(axis=1) * self.rate
        return dict(zip(self.landlords, lost, strict=True))

    def serve_month(self) -> None:
        """A month's rent has fallen due: leases draw nearer to their end, and halls whose last rent it was are vacant."""
        if not len(self.let):
            return
        self.vacant += self.let[:, 0].reshape(len(self.clouds), len(self.landlords), -1).sum(axis=0)
        self.rented += self.let[:, -1] - self.let[:, 0]
        self.let[:, :-1] = self.let[:, 1:].copy()
        self.let[:, -1] = 0

    def audit(self, ledger: Ledger) -> None:
        """Every hall is let or vacant, and none twice."""
        if not len(self.let):
            return
        there = self.vacant + np.array([self.let_by(landlord) for landlord in self.landlords])
        bad = (self.rented != self.let[:, :-1].sum(axis=1)).any(axis=0)
        bad = bad | (there != self.halls).any(axis=0) | (self.vacant < 0).any(axis=0) | (self.let < 0).any(axis=(0, 1))
        if anywhere(bad):
            raise BooksBreachError(ledger.where(f"halls let and vacant are not all halls in world {np.argmax(bad)}"), bad)
