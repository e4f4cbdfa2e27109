"""The reckoning: who gained, who lost, when one should have left, and what remains.

A gain is the change of book equity (for investors: cash and holdings at market) less what was put in and plus what was taken
out, so that new savings are no gain and dividends are no loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from perpetuum.model.books.ledger_kernels import idle
from perpetuum.model.books.payment_kinds import CONTRIBUTIONS, KIND_NUMBER, KINDS
from perpetuum.model.equations import kernel
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array, Dollars, Register, total


@kernel
def _add(flows, kinds, counted, put_in):
    """Add payments of some kinds (kinds, accounts, worlds) that count for an account to `put_in` (accounts, worlds)."""
    for i in range(len(kinds)):
        for a in range(len(put_in)):
            if counted[i, a] and not idle(flows, kinds[i], a):
                for w in range(put_in.shape[1]):
                    put_in[a, w] += flows[kinds[i], a, w]


class Reckoning(Register):
    """Opening book equity and net contributions by account, (accounts, worlds), whole dollars."""

    def __init__(self, economy: Any):
        ledger = economy.ledger
        self.start: Dollars = np.stack([ledger.book_equity(a) for a in range(len(ledger.accounts))])
        self.put_in: Dollars = np.zeros_like(self.start)
        self.counted = tuple((kind, self._counted(economy, kind)) for kind in CONTRIBUTIONS)

    def record(self, economy: Any) -> None:
        """Add up a month's contributions; only issuers' and receivers' sides count as put in."""
        kinds = np.array([KIND_NUMBER[kind] for kind, _ in self.counted])
        _add(economy.ledger.flows, kinds, np.array([counts for _, counts in self.counted]), self.put_in)

    def _counted(self, economy: Any, kind: str) -> tuple[int, ...]:
        """1 for accounts for which a payment of a kind is put in or taken out, 0 for the others."""
        sectors = economy.accounts
        if KINDS[kind].claim == "private_equity":
            # A fund that buys shares exchanges cash for a claim: neither put in nor taken out.
            left_out = {*sectors["funds"], *sectors["vendors"], *sectors["clouds"]}
        elif KINDS[kind].claim == "listed_equity":
            left_out = set(sectors["investors"])
        else:
            left_out = set()
        return tuple(int(account not in left_out) for account in range(len(sectors)))

    def settle(self, economy: Any) -> dict[str, Array]:
        """Gains by sector and strategy ($bn), the best month of exit, and what remains: name to (worlds,)."""
        ledger, accounts = economy.ledger, economy.accounts
        now = np.stack([ledger.book_equity(a) for a in range(len(accounts))])
        gain = (now - self.start - self.put_in) / BN
        result = {
            "gain:chip_vendors": total(gain[a] for a in accounts["vendors"]),
            "gain:clouds": total(gain[a] for a in accounts["clouds"]),
            "gain:labs": total(gain[a] for a in accounts["labs"]),
            "gain:venture_funds": total(gain[a] for a in accounts["funds"]),
            "gain:lenders": total(gain[a] for a in accounts["lenders"]),
            "gain:bank": gain[ledger.bank],
        }
        if accounts["states"]:
            result["gain:states"] = total(gain[a] for a in accounts["states"])
        for account in accounts["investors"]:
            result[f"gain:{accounts.names[account]}_investors"] = gain[account]
        return result | self._exit(economy) | self._remains(economy)

    def _exit(self, economy: Any) -> dict[str, Array]:
        """A dollar in AI shares at the start: its worth when tightening began, at its best and at the end."""
        path = economy.core_events["share_index"]
        months = path.shape[1]
        start = np.clip(economy.p.funding.start_month.astype(np.int64), 0, months - 1)
        return {
            "exit:best_month": path.argmax(axis=1).astype(np.float64),
            "exit:best": path.max(axis=1),
            "exit:at_tightening": path[np.arange(len(path)), start],
            "exit:at_end": path[:, -1],
        }

    def _remains(self, economy: Any) -> dict[str, Array]:
        facts, series = economy.core_events, economy.series
        kept = {"remains:unfinished_gw": facts["unfinished_gw"][:, -1], "remains:capability": facts["capability"][:, -1]}
        for key, name in (("remains:usable_gw", "gw_in_service"), ("remains:rent_per_hour", "compute_rent")):
            if name in series:
                kept[key] = series[name][:, -1]
        return kept
