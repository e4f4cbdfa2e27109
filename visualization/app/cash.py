"""The lead lab's tank of cash: how full it is, what runs out and in, and how long it lasts; plain data, without a browser.

Of the smallest machine (`triangle`) it is the verdict: its question is how long the lab's cash lasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from perpetuum.model.books.payment_kinds import VENDOR_FINANCE
from perpetuum.model.units import BN
from perpetuum.model.words.speech import UNCOUNTED, Words
from perpetuum.visualization.app.session import Session

#: Industry of the machines that ask how long the lab's cash lasts.
ASKS = "triangle"
#: Less than this is nothing, $bn a month: shares come in whole lots, so that a tranche is up to a lot short.
NOTHING = 0.005


@dataclass(frozen=True)
class Tank:
    """The lead lab's cash in a world at the end of a month ($bn), and what changes it ($bn a month)."""

    cash: float
    lacks: float  # what operations and debt service took out this month; negative: brought in
    vendor: float  # what vendors put in this month
    runway: float  # months of cash at the smoothed burn, without new money
    failed: int  # month of the first default, -1 where there is none

    @property
    def drains(self) -> float:
        """By how much it shrinks in a month that brings nothing but vendors' money."""
        return self.lacks - self.vendor

    @property
    def lasts(self) -> float:
        """Months until it is empty at that pace, `UNCOUNTED` where it does not shrink."""
        return self.cash / self.drains if self.drains > NOTHING else UNCOUNTED

    @property
    def alone(self) -> float:
        """Months until it were empty without vendors' money, `UNCOUNTED` where it would not shrink."""
        return self.cash / self.lacks if self.lacks > NOTHING else UNCOUNTED


def whole(months: float) -> int:
    """Months that are paid in full; in the one after them a bill is not.

    A lot that a tranche was short is no month less: told are $6.0bn and $1.0bn a month, and so 6 months.
    """
    return math.floor(round(months, 1))


def tank(session: Session, world: int, failed: int) -> Tank:
    """The tank of the watched world (0) or its twin (1); needs a month to have passed."""
    economy, row = session.economy, session.row(world)
    lab = economy.lead_lab
    series = economy.series
    burn, runway = series["lead_lab_burn"][row], series["lead_lab_runway"][row]
    cash = float(economy.ledger.cash(lab.account)[row]) / BN
    vendor = float(economy.ledger.flow_of(VENDOR_FINANCE, (lab.account,))[row]) / BN
    return Tank(round(cash, 3), round(float(burn[-1]), 3), round(vendor, 3), float(runway[-1]), failed)


def asks(session: Session) -> bool:
    """Whether a machine's question is how long the lab's cash lasts."""
    return bool(session.economy.scenario.definition.industry == ASKS)


def told(words: Words, session: Session, seen: Tank) -> tuple[str, str, str]:
    """How long the cash lasts, in words and from the tank's figures: lead, detail and tone."""
    start, month = session.economy.scenario.definition.start, session.month
    places: dict[str, Any] = {
        "cash": words.money(seen.cash),
        "lacks": words.money(max(seen.lacks, 0.0)),
        "vendor": words.money(seen.vendor),
        "gap": words.money(seen.drains),
        "months": words.cash(whole(seen.lasts)),
        "without": words.cash(whole(seen.alone)),
        "passed": words.cash(seen.failed),
        "month": words.month_of(start, seen.failed if seen.failed >= 0 else max(month - 1, 0)),
    }
    if seen.failed >= 0:
        name, tone = "gone", "bad"
    elif seen.drains > NOTHING:
        name, tone = "shrinks" if seen.vendor > NOTHING else "shrinks_alone", "warn"
    else:
        name, tone = "lasts" if seen.lacks > NOTHING else "needs_none", "good"
    return words(f"cash.{name}.lead"), words(f"cash.{name}.detail", **places), tone
