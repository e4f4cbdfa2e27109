"""Arrears: bills of last month that were not paid; they are due again with this month's."""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.payment_kinds import LASTING
from perpetuum.model.books.settlement import TRADE, Settlement
from perpetuum.model.worlds import Floats, Mask, Stateful


class Arrears(Stateful):
    """`owed`: dollars (worlds,) by kind of payment, payer and payee."""

    def __init__(self) -> None:
        self.owed: dict[tuple[str, int, int], Floats] = {}

    def fall_due(self, settlement: Settlement) -> None:
        """What was not paid last month is due with this month's bills."""
        for (kind, payer, payee), missing in self.owed.items():
            settlement.owe(kind, payer, payee, missing, TRADE)

    def remember(self, settlement: Settlement, payees: tuple[int, ...]) -> None:
        """Keep what this month's settlement left unpaid of lasting kinds to some payees."""
        missing = settlement.arrears(LASTING, payees)
        self.owed = {key: dollars.astype(np.float64) for key, dollars in missing.items()}

    def wipe_out(self, payer: int, failed: Mask) -> None:
        """A default settles them."""
        for key, missing in self.owed.items():
            if key[1] == payer:
                self.owed[key] = np.where(failed, 0.0, missing)
