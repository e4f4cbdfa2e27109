"""What the faults moved that were mended in November 2026: each is put back, in the same worlds.

Run: `uv run python -m tests.mended_faults [--worlds 256] [--preset ono_2025] [--seed 1]`, from the root. A row is the share of
worlds that fall and stand alone, months of life and who defaults with the fault, less without it, with the tightening of
`perpetuum run` and with loose money; 95 % intervals of paired worlds. Rules are replaced in tests alone. What they were:
model/DECISIONS.md, "A cold reading of every equation".
"""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np

import perpetuum.model.phases.settlement as settling
from perpetuum.agents.builder import Builder
from perpetuum.model.economy import Economy
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.markets.compute import ComputeMarket
from perpetuum.model.markets.leases import LeaseMarket
from perpetuum.model.observed.states import FALLEN
from perpetuum.model.scenario import load_preset
from perpetuum.model.surroundings.technology import Technology, next_generation, shells_needed
from perpetuum.model.worlds import Array, Floats, share
from tests.against_the_sketch import ALONE, FIRMS, Replaced, Rule, Settings, first_defaults, lived, told, with_rules
from tests.asked import about_worlds

ARMS: dict[str, Settings] = {"as asked": {"funding.tightening": 0.6}, "loose": {}}


def counted_twice(rule: Rule) -> Rule:
    """Who signs a contract goes on buying as a direct customer."""
    return functools.wraps(rule)(lambda market, month, use, contracted: None)


def discounted(rule: Rule) -> Rule:
    """Labs pay less for older chips than they have planned to pay."""

    @functools.wraps(rule)
    def bills(market: ComputeMarket) -> Floats:
        sold = market.spot_sold.rows
        part = share(sold, np.broadcast_to(sold.sum(axis=0), sold.shape))
        return market.spot.rows[:, None] * (part * market.quality.rows)[None] * market.rent / 12

    return bills


def looking_nine_months_ahead(rule: Rule) -> Rule:
    """What is leased goes by the older reckoning of what labs will need."""

    @functools.wraps(rule)
    def gap(cloud: Any, latest: Floats) -> Floats:
        seer = type(cloud.view)
        usual = seer.open_need_in
        seer.open_need_in = lambda view, ahead: view.open_need
        try:
            return rule(cloud, latest)
        finally:
            seer.open_need_in = usual

    return gap


def as_debt_service(rule: Rule) -> Rule:
    """Cash that lenders sweep is booked as an instalment."""

    @functools.wraps(rule)
    def repay(book: LoanBook, ledger: Any, pool: int, amount: Array, kind: str) -> Array:
        return rule(book, ledger, pool, amount, "loan_amortisation" if kind == "early_repayment" else kind)

    return repay


def costly_in_grace(rule: type) -> type:
    """Who has failed bears the costs of default again each month in which it pays too little."""

    class Unsparing(rule):  # type: ignore[misc, valid-type]
        def __init__(self, ledger: Any, firms: Any, cash: Floats, claims: Floats, threshold: Floats):
            super().__init__(ledger, firms, cash, claims, threshold.max(axis=0))

    return Unsparing


def before_its_release(rule: Rule) -> Rule:
    """The next generation replaces the mix from the start."""

    @functools.wraps(rule)
    def advance(technology: Technology) -> None:
        before, t = technology.next_share, technology.p.technology
        rule(technology)
        technology.next_share = next_generation(before, technology.p.supply.mix_speed)
        fewer = shells_needed(t.shell_cost, t.content_today, t.content_next, technology.next_share)
        technology.shell_cost = np.where(technology.p.supply.on, fewer, t.shell_cost)

    return advance


ROWS: tuple[tuple[str, tuple[Replaced, ...]], ...] = (
    ("as it is", ()),
    ("customers who sign are counted twice", ((LeaseMarket, "see_contracts", counted_twice),)),
    ("spot rent is less for older chips", ((ComputeMarket, "spot_bills", discounted),)),
    ("leases go by the older need", ((Builder, "gap_to_lease", looking_nine_months_ahead),)),
    ("swept cash is debt service", ((LoanBook, "repay_early", as_debt_service),)),
    ("costs of default month after month", ((settling, "Settlement", costly_in_grace),)),
    ("the next generation before its release", ((Technology, "advance", before_its_release),)),
)


def seen(economy: Economy, judged: int) -> dict[str, Array]:
    """What is told of each world, (worlds,) each: shares as 0 or 100."""
    outcome, defaults = economy.outcome(), first_defaults(economy, judged) >= 0
    last = outcome.dates.state[:, judged - 1]
    return {
        "fallen": 100.0 * (last == FALLEN),
        "alone": 100.0 * (last == ALONE),
        "months of life": outcome.life * 1.0,
        "neoclouds in default": 100.0 * defaults[FIRMS.index("neocloud")],
        "leveraged clouds": 100.0 * defaults[FIRMS.index("leveraged_cloud")],
    }


def main() -> int:
    """Print a row for each fault and arm."""
    ask = about_worlds(__doc__)
    ask.set_defaults(worlds=256)
    asked = ask.parse_args()
    judged, usual = load_preset(asked.preset).months, {}
    for words, rules in ROWS:
        print(f"\n{words}")
        for arm, settings in ARMS.items():
            with with_rules(*rules):
                found = seen(lived(asked.preset, asked.worlds, asked.seed, settings), judged)
            before = usual.setdefault(arm, found)
            told_now = (
                [f"{name} {values.mean():.1f}" for name, values in found.items()]
                if found is before
                else [f"{name} {told(values - before[name]).strip()}" for name, values in found.items()]
            )
            print(f"  {arm:9s} {'; '.join(told_now)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
