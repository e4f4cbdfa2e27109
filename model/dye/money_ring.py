"""The money ring: who paid whom over the last year, by sector and colour, for the flow diagram.

Every kind of payment has its payers and payees; between sectors its flow is shared out in proportion to what each sector paid
and received of that kind (exact wherever one side is a single sector, as for nearly all kinds).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.books.ledger_kernels import idle
from perpetuum.model.books.payment_kinds import DYES, KINDS
from perpetuum.model.equations import kernel
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array, Dollars, Floats, Register


@kernel
def _by_sector(flows, dye, cash, sector, paid, mix):
    """Add payments (kinds, accounts, worlds) up by sector, and average colours of cash (accounts, dyes, worlds)."""
    kinds, accounts, worlds = flows.shape
    sectors, dyes, _ = mix.shape
    for k in range(kinds):
        for a in range(accounts):
            if idle(flows, k, a):
                continue
            s = sector[a]
            for w in range(worlds):
                paid[k, s, w] += flows[k, a, w]
    whole = np.zeros((sectors, worlds), dtype=np.int64)
    for a in range(accounts):
        s = sector[a]
        for w in range(worlds):
            whole[s, w] += max(cash[a, w], 0)
        for d in range(dyes):
            for w in range(worlds):
                mix[s, d, w] += dye[a, d, w] * max(cash[a, w], 0)
    for s in range(sectors):
        for d in range(dyes):
            for w in range(worlds):
                mix[s, d, w] /= max(whole[s, w], 1)


class MoneyRing(Register):
    """Twelve months of payments: `paid` a list of (kinds, sectors, worlds), `mix` of (sectors, dyes, worlds)."""

    def __init__(self, ledger: Ledger, window: int):
        self.window = window
        self.sectors = tuple(ledger.accounts.sectors)
        self.present = tuple(name for name, members in ledger.accounts.sectors.items() if members)
        groups = [members for members in ledger.accounts.sectors.values() if members]
        #: number of every account's sector among those present
        self.sector = tuple(number for number, members in enumerate(groups) for _ in members)
        self.paid: list[Dollars] = []
        self.mix: list[Floats] = []

    def record(self, ledger: Ledger) -> None:
        """Remember a month: payments by kind and sector, and every sector's composition of cash."""
        sectors, worlds = len(self.present), ledger.worlds
        dye = ledger.provenance.dye
        if len(self.paid) == self.window:  # the oldest month's arrays serve for the new one
            paid, mix = self.paid.pop(0), self.mix.pop(0)
            paid[...], mix[...] = 0, 0.0
        else:
            paid = np.zeros((len(ledger.flows), sectors, worlds), dtype=np.int64)
            mix = np.zeros((sectors, dye.shape[1], worlds))
        _by_sector(ledger.flows, dye, ledger.row("deposits"), np.array(self.sector), paid, mix)
        self.paid.append(paid)
        self.mix.append(mix)

    def sums(self, worlds: Array | None = None, months: int | None = None) -> RingSums:
        """What was remembered of chosen worlds, added up over them; `months`: of the last so many (None: of all)."""
        chosen = np.arange(self.paid[0].shape[-1] if self.paid else 1) if worlds is None else np.asarray(worlds)
        last = slice(None) if months is None else slice(-months, None)
        paid = [month[..., chosen].sum(axis=-1) for month in self.paid[last]]
        mix = [np.rint(month[..., chosen] * _PIECES).astype(np.int64).sum(axis=-1) for month in self.mix[last]]
        return RingSums(self.present, chosen.size, tuple(paid), tuple(mix))

    def flows(self, worlds: Array | None = None, months: int | None = None) -> dict[tuple[str, str], dict[str, float]]:
        """Mean payments over chosen worlds in $bn a year: (payer sector, payee sector) to dye to amount.

        `months`: of the last so many months (None: of all that are remembered).
        """
        return self.sums(worlds, months).flows()


#: Pieces into which a whole is cut where parts of it are added up over worlds.
_PIECES = 2.0**40


@dataclass(frozen=True)
class RingSums:
    """Payments and colours of months, added up over worlds: whole numbers, so that the order of the worlds does not matter.

    `paid`: by month (kinds, sectors), dollars; `mix`: by month (sectors, dyes), in pieces of a whole.
    """

    present: tuple[str, ...]
    worlds: int
    paid: tuple[Dollars, ...]
    mix: tuple[Array, ...]

    def __add__(self, other: RingSums) -> RingSums:
        """The sums over the worlds of both, of the same months."""
        paid, mix = (
            tuple(a + b for a, b in zip(*months, strict=True)) for months in ((self.paid, other.paid), (self.mix, other.mix))
        )
        return RingSums(self.present, self.worlds + other.worlds, paid, mix)

    def flows(self) -> dict[tuple[str, str], dict[str, float]]:
        """Mean payments in $bn a year: (payer sector, payee sector) to dye to amount."""
        picture: dict[tuple[str, str], dict[str, float]] = {}
        scale = 12.0 / max(len(self.paid), 1) / BN
        for paid, mix in zip(self.paid, self.mix, strict=True):
            month, colours = paid / self.worlds, mix / (self.worlds * _PIECES)
            for number, kind in enumerate(KINDS.values()):
                if kind.background:
                    continue
                given, taken = np.maximum(-month[number], 0.0), np.maximum(month[number], 0.0)
                whole = taken.sum()
                for source in np.flatnonzero(given):
                    for sink in np.flatnonzero(taken):
                        amount = given[source] * taken[sink] / whole * scale
                        self._add(picture, (self.present[source], self.present[sink]), kind, colours[source], amount)
        return picture

    def _add(self, picture: dict, pair: tuple[str, str], kind, colours: Array, amount: float) -> None:
        parts = picture.setdefault(pair, {})
        if kind.vendor_finance and pair[0] == "vendors":
            shares = {"lap_1": 1.0}
        elif pair[0] in ("outside", "bank") or kind.recolours:
            shares = {kind.colour or "own": 1.0}
        else:
            shares = {name: float(part) for name, part in zip(DYES, colours, strict=True) if part > 1e-6}
        for name, part in shares.items():
            dye = "own" if pair[0] == "vendors" and name.startswith("lap") and not kind.vendor_finance else name
            parts[dye] = parts.get(dye, 0.0) + amount * part
