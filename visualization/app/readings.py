"""What one asks first of an agent, by role: its cash, what it earns, how near the edge it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.agents.lab_rules import MOST_COVER
from perpetuum.model.units import BN
from perpetuum.model.words.speech import Words

#: Ratios that the model reports where there is nothing to be covered.
ENDLESS = 99.0


@dataclass(frozen=True)
class Reading:
    """A figure of an agent: `of(economy, agent)` gives (worlds,), or None where it does not apply; `unit` says how to write it.

    Agents without an institution of their own (investors, bank, outside) come as account numbers.
    """

    key: str
    unit: str
    of: Callable[[Any, Any], Any]


def written(words: Words, reading: Reading, value: float) -> str:
    """A reading in words, with its unit."""
    if reading.unit.startswith("bn"):
        amount = words.money(value / BN)
        return words(f"reading.in_{reading.unit}", amount=amount) if reading.unit != "bn" else amount
    if reading.unit == "runway":
        return words.cash(value)
    if reading.unit == "share":
        return words.share(value)
    if reading.unit == "rate":
        return words("number.percent", number=f"{100 * value:.1f}")
    if reading.unit == "cover":  # as on its dial, which counts no further
        return words("dial.cover_over" if value >= MOST_COVER else "dial.cover_times", ratio=f"{value:.1f}")
    if reading.unit == "times":
        return words("reading.none") if value >= ENDLESS else words("reading.in_times", number=f"{value:.1f}")
    return words(f"reading.in_{reading.unit}", number=f"{value:.2g}" if abs(value) < 10 else f"{value:,.0f}")


def _cash(economy: Any, agent: Any) -> Any:
    return agent.cash


def _worth(economy: Any, firm: Any) -> Any:
    return economy.holdings.market_value(economy.holdings.asset_of(firm.account))


def _cover(economy: Any, lab: Any) -> Any:
    """As measured at the end of the month, like its dial: asked now, the bills of the coming year are those of a month later."""
    if lab is not economy.lead_lab:
        return None
    measured = economy.collector.values.get("commitment_cover", ())
    return measured[-1] if len(measured) else lab.commitment_cover()


def _row(name: str, sign: int = 1) -> Callable[[Any, Any], Any]:
    def stock(economy: Any, agent: Any) -> Any:
        account = agent if isinstance(agent, int) else agent.account
        return sign * economy.ledger.stock(name, account)

    return stock


def _wealth(economy: Any, account: int) -> Any:
    return economy.ledger.book_equity(account)


def _exposure(economy: Any, account: int) -> Any:
    ledger = economy.ledger
    held = ledger.stock("listed_equity", account) + ledger.stock("gold", account)
    return held / np.maximum(ledger.book_equity(account), 1)


#: By role, the most telling first: a projector shows only the first few.
READINGS: dict[str, tuple[Reading, ...]] = {
    "vendor": (
        Reading("cash", "bn", _cash),
        Reading("earnings", "bn_year", lambda e, a: a.earnings),
        Reading("market_value", "bn", _worth),
        Reading("backlog", "gw", lambda e, a: e.chips.backlog_of_vendor(a.account)),
        Reading("capacity", "gw_month", lambda e, a: a.capacity),
        Reading("list_price", "bn_gw", lambda e, a: a.list_price()),
        Reading("unsold", "gw", lambda e, a: a.units_in_stock),
    ),
    "cloud": (
        Reading("cash", "bn", _cash),
        Reading("ebitda", "bn_year", lambda e, a: a.ebitda),
        Reading("debt", "bn", lambda e, a: a.debt()),
        Reading("coverage", "times", lambda e, a: a.coverage()),
        Reading("leverage", "times", lambda e, a: a.leverage()),
        Reading("spread", "rate", lambda e, a: a.spread),
        Reading("market_value", "bn", _worth),
        Reading("installed", "gw", lambda e, a: a.installed()),
        Reading("capex", "bn_month", lambda e, a: a.capex),
        Reading("months_in_breach", "months", lambda e, a: a.months_in_breach),
    ),
    "lab": (
        Reading("cash", "bn", _cash),
        Reading("runway", "runway", lambda e, a: a.runway),
        Reading("burn", "bn_month", lambda e, a: a.burn),
        Reading("revenue", "bn_year", lambda e, a: a.revenue_rate),
        Reading("cover", "cover", _cover),
        Reading("valuation", "bn", lambda e, a: a.valuation),
        Reading("growth", "share", lambda e, a: a.growth),
        Reading("served", "share", lambda e, a: a.served),
        Reading("training", "gw", lambda e, a: a.training),
    ),
    "fund": (
        Reading("dry_powder", "bn", _cash),
        Reading("portfolio", "bn", _row("private_equity")),
        Reading("realised", "rate", lambda e, a: a.realised),
        Reading("inflow", "bn_month", lambda e, a: e.ledger.flow("fund_inflow", a.account)),
    ),
    "lender": (
        Reading("can_lend", "bn", lambda e, a: a.supply()),
        Reading("lent", "bn", lambda e, a: a.claims()),
        Reading("capital", "bn", lambda e, a: a.capital),
        Reading("cash", "bn", _cash),
        Reading("inflow", "bn_month", lambda e, a: e.ledger.flow("lender_inflow", a.account)),
    ),
    "state": (
        Reading("reserves", "bn", lambda e, a: a.reserves()),
        Reading("gold", "bn", lambda e, a: a.gold_value()),
        Reading("gold_wanted", "share", lambda e, a: a.gold_target),
        Reading("hoard", "gw", lambda e, a: a.hoard_gw()),
        Reading("cash", "bn", _cash),
    ),
    "investor": (
        Reading("wealth", "bn", _wealth),
        Reading("shares", "bn", _row("listed_equity")),
        Reading("gold", "bn", _row("gold")),
        Reading("margin_debt", "bn", _row("bank_loans", -1)),
        Reading("exposure", "share", _exposure),
    ),
    "bank": (
        Reading("deposits", "bn", _row("deposits", -1)),
        Reading("lending_rate", "rate", lambda e, a: e.bank.lending_rate()),
        Reading("deposit_rate", "rate", lambda e, a: e.bank.deposit_rate()),
        Reading("wealth", "bn", _wealth),
    ),
    "outside": (
        Reading("cash", "bn", _row("deposits")),
        Reading("borrowed", "bn", _row("outside_loans", -1)),
    ),
}
