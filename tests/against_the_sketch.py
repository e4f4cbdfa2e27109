"""Why some tables differ from those of the sketch of this economy: one assumption at a time is brought to the sketch's.

Run: `uv run python -m tests.against_the_sketch {rates,demand,second_lab,no_money} [--worlds 400] [--preset ono_2025] [--seed 1]`,
from the root. The same worlds, with the same luck and the same draw of what is unknown, live in every row; intervals are 95 %,
of paired worlds. Where an assumption is no parameter, a rule is replaced for as long as the worlds live, in tests alone. What the
sketch assumes is told in model/DECISIONS.md, "Against the sketch, table by table".

    rates       months of life that full tightening costs through the policy rate alone, as different users of the rate are spared
    demand      share of worlds that fall and stand alone at half, usual and twice the demand, and what falls begin with
    second_lab  who defaults, and who is first, as the vendor's support reaches the second lab or not
    no_money    what vendors sell a year with no money from outside, as payouts stop and others build with money of their own; to
                whom in the end, and with how much cash of hyperscalers
"""

from __future__ import annotations

import functools
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

import perpetuum.model.phases.second_hand as used_chips
import perpetuum.model.phases.securities_market as listed
from perpetuum.agents.bank import Bank
from perpetuum.agents.borrower import Borrower
from perpetuum.agents.builder import Builder
from perpetuum.agents.chip_vendor import ChipVendor
from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.agents.lender import Lender
from perpetuum.agents.outside import OutsideEconomy
from perpetuum.agents.vendor_support import VendorSupport
from perpetuum.model.economy import Economy
from perpetuum.model.markets.compute import ComputeMarket
from perpetuum.model.observed.odds import life_lost_from, mean_with_interval
from perpetuum.model.observed.states import FALLEN, STATES, Definition, months_simulated
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats, anywhere
from tests.asked import about_worlds

Settings = Mapping[str, Any]
Rule = Callable[..., Any]
#: A rule to replace: whose it is, its name, and what makes another of it.
Replaced = tuple[Any, str, Callable[[Rule], Rule]]

NO_LAPSES = replace(Definition(), lapses=False)
ALONE = STATES.index("stands_alone")
_WEIGHT = "funding.channel_"
#: Full tightening through the policy rate alone.
BY_RATES = {"funding.tightening": 1.0} | {
    name: 0.0 for name in PARAMETERS if name.startswith(_WEIGHT) and name != _WEIGHT + "rate"
}

# --- worlds with some rules replaced --------------------------------------------------------------------------------------


@contextmanager
def with_rules(*rules: Replaced) -> Iterator[None]:
    """Some rules are replaced by others until the end of the block, later ones on top of earlier ones."""
    with ExitStack() as undo:
        for owner, name, make in rules:
            rule = vars(owner)[name]
            undo.callback(setattr, owner, name, rule)
            setattr(owner, name, make(rule))
        yield


def lived(
    preset: str, worlds: int, seed: int, settings: Settings, strength: float = 1.0, months: int | None = None
) -> Economy:
    """Worlds of a preset with loose money and their own draws, but for some settings and each world's demand times `strength`."""
    given = load_preset(preset)
    drawn = draw(given.unknowns, seed, np.arange(worlds))
    demand = {}
    if strength != 1.0:  # as far as the registry lets a world's demand go
        most = PARAMETERS["demand.strength"].high
        demand = {"demand.strength": np.minimum(np.asarray(drawn.get("demand.strength", 1.0)) * strength, most)}
    asked = {**drawn, "funding.tightening": 0.0, **demand, **settings}
    simulated = months_simulated(given.months) if months is None else months
    economy = Economy(Scenario(preset, asked, worlds=worlds, seed=seed, months=simulated))
    economy.run()
    return economy


def told(values: Array, scale: float = 1.0) -> str:
    """A mean of paired differences with its interval."""
    mean = mean_with_interval(np.asarray(values, dtype=np.float64) * scale)
    return f"{mean['months']:6.1f} ({mean['low']:.1f} to {mean['high']:.1f})"


# --- who answers to the policy rate ---------------------------------------------------------------------------------------

_SPARED: set[int] = set()  # funding conditions whose squeeze is not seen just now
_REFUSING: list[None] = []  # not empty while lenders ask themselves whether they lend at all


@contextmanager
def squeeze_unseen(seer: Any) -> Iterator[None]:
    """Who looks at rates through `seer` (an agent's view, or the economy) sees them without what the tightening adds."""
    funding, month = seer.funding, seer.month
    if id(funding) in _SPARED:
        yield
        return
    policy, news, f = funding.policy_rate, funding.rate_news, funding.p.funding
    rise = f.rate_rise * f.channel_rate * funding.levels(month)["rate"]
    funding.policy_rate, funding.rate_news = policy - rise, news - rise
    _SPARED.add(id(funding))
    try:
        yield
    finally:
        _SPARED.discard(id(funding))
        funding.policy_rate, funding.rate_news = policy, news


def spared(rule: Rule) -> Rule:
    """The same rule of an agent that does not see what the tightening adds to the policy rate."""

    @functools.wraps(rule)
    def unaware(agent: Any, *others: Any) -> Any:
        with squeeze_unseen(agent.view):
            return rule(agent, *others)

    return unaware


def phase_spared(rule: Rule) -> Rule:
    """The same of a phase of the month."""

    @functools.wraps(rule)
    def unaware(economy: Any, *others: Any, **named: Any) -> Any:
        with squeeze_unseen(economy):
            return rule(economy, *others, **named)

    return unaware


def spared_where(kind: str) -> Callable[[Rule], Rule]:
    """The same for clouds of one kind alone."""

    def make(rule: Rule) -> Rule:
        unaware = spared(rule)
        return functools.wraps(rule)(lambda cloud, *others: (unaware if cloud.kind == kind else rule)(cloud, *others))

    return make


def refusing(rule: Rule) -> Rule:
    """Lenders' willingness, which sees what is asked for in full though the price of debt is spared."""

    @functools.wraps(rule)
    def aware(cloud: Any) -> Any:
        _REFUSING.append(None)
        try:
            return rule(cloud)
        finally:
            _REFUSING.pop()

    return aware


def price_spared(rule: Rule) -> Rule:
    """What clouds pay for debt, without what the tightening adds; not what lenders go by when they refuse."""
    unaware = spared(rule)
    return functools.wraps(rule)(lambda cloud: (rule if _REFUSING else unaware)(cloud))


_PRICE: tuple[Replaced, ...] = ((Borrower, "willingness", refusing), (Borrower, "borrowing_rate", price_spared))
_REFUSAL: tuple[Replaced, ...] = ((Borrower, "willingness", spared), (Borrower, "rationed", spared))
#: Who answers to the policy rate, and by which rules; those of `landlords.on`, which is off, left out.
USERS: dict[str, tuple[Replaced, ...]] = {
    "what clouds pay for new debt": _PRICE,
    "the rate beyond which lenders refuse clouds": _REFUSAL,
    "whether building pays": ((Builder, "value_of_building", spared), (CloudProvider, "_worth_building", spared)),
    "the bank's loans": ((Bank, "lending_rate", spared),),
    "interest on deposits": ((Bank, "deposit_rate", spared),),
    "vendors' credit": ((ChipVendor, "credit_rate", spared), (Lender, "guaranteed_rate", spared)),
    "values of shares": ((listed, "_update_fair_values", phase_spared),),
    "values of used chips": ((used_chips, "_trade", phase_spared),),
    "the outside economy's loans": ((OutsideEconomy, "interest_due", spared),),
}
REFUSED_LEVERAGED: tuple[Replaced, ...] = (
    (Borrower, "willingness", spared_where("leveraged")),
    (Borrower, "rationed", spared_where("leveraged")),
)
#: What brings the leveraged cloud's rate and ceiling to the sketch's: .65 points less, the same in all worlds.
NEVER_REFUSED = {"rollover.ceiling_leveraged": 0.2}
AS_CHEAP = {"credit.base_leveraged": 0.0115, "rollover.ceiling_leveraged": 0.095, "rollover.width": 0.015}
FEW_LAPSE = {"contracts.lapse": 0.05}


def rates(preset: str, worlds: int, seed: int) -> None:
    """Months of life that the policy rate costs within five years, as different users of it are spared."""

    def cost(label: str, loose: Array, life: Array, start: int, whole: Array | None = None) -> None:
        months, _ = life_lost_from(start, life, loose)
        ends = f"{months['months']:6.1f} ({months['low']:.1f} to {months['high']:.1f})"
        print(f"{label:70s}{ends}; to the end {told(loose - life)}", flush=True)

    def tight(start: int, settings: Settings | None = None) -> Array:
        return lived(preset, worlds, seed, {**(settings or {}), **BY_RATES, "funding.start_month": start}).outcome().life

    loose = lived(preset, worlds, seed, {}).outcome().life
    for start in (3, 12, 36):
        cost(f"as it is, from month {start}", loose, tight(start), start)
    for who, rules in USERS.items():
        with with_rules(*rules):
            cost(f"from month 3, spared: {who}", loose, tight(3), 3)
    with with_rules(*REFUSED_LEVERAGED):
        cost("from month 3, spared: the rate beyond which the leveraged cloud is refused", loose, tight(3), 3)
    everyone = [rule for rules in USERS.values() for rule in rules]
    with with_rules(*everyone):
        cost("from month 3, spared: all of them", loose, tight(3), 3)
    for words, settings in (
        ("never refused by rate", NEVER_REFUSED),
        ("as cheap as in the sketch", AS_CHEAP),
        ("few customers leave", FEW_LAPSE),
        ("both", AS_CHEAP | FEW_LAPSE),
    ):
        paired = lived(preset, worlds, seed, settings).outcome().life
        cost(f"from month 3, leveraged cloud: {words}", paired, tight(3, settings), 3)


# --- what demand decides --------------------------------------------------------------------------------------------------


def late_as_in_the_sketch(missing: Floats) -> Floats:
    """Part of a cloud's contracts that lapses a month: .04 at most, nothing below 15 % late, all of it from 40 % on."""
    return 0.04 * np.clip((missing - 0.15) / 0.25, 0.0, 1.0)


def sketch_lapses(_: Rule) -> Rule:
    """The rule by which contracts lapse, replaced by the sketch's."""

    def lapse(compute: Any, month: int) -> None:
        for seller in compute.clouds:
            lost = late_as_in_the_sketch(1.0 - compute.fraction[seller])
            if anywhere(lost):
                compute.contracts.shrink_all(compute.contracts.of_seller(seller), lost, month, lapse=True)

    return lapse


SKETCH_LAPSES: tuple[Replaced, ...] = ((ComputeMarket, "lapse", sketch_lapses),)
#: What a firm pays over the market's rate does not answer to how it stands; debt comes due over ten years.
FLAT_SPREADS = {
    f"credit.{name}": 0.0 for name in ("leverage_slope", "coverage_spread", "pessimism_slope", "volatility_slope")
}
LONG_DEBT = {"credit.bond_months": 120, "credit.loan_months": 120}
STRENGTHS = (0.5, 1.0, 2.0)


def demand(preset: str, worlds: int, seed: int) -> None:
    """What half, usual and twice the demand bring, as the leveraged cloud's debts and lapses are the sketch's."""
    as_it_is: dict[str, Floats] = {}
    for words, settings, rules in (
        ("as it is", {}, ()),
        ("contracts lapse as in the sketch", {}, SKETCH_LAPSES),
        ("spreads do not answer to the firm", FLAT_SPREADS, ()),
        ("debt comes due over ten years", LONG_DEBT, ()),
        ("both of debt", FLAT_SPREADS | LONG_DEBT, ()),
        ("all three", FLAT_SPREADS | LONG_DEBT, SKETCH_LAPSES),
    ):
        print(f"\n{words}")
        states: dict[tuple[str, float], Array] = {}
        with with_rules(*rules):
            for strength in STRENGTHS:
                economy = lived(preset, worlds, seed, settings, strength)
                outcome = economy.outcome()
                states["counted", strength] = outcome.dates.state[:, -1]
                states["no lapse counted", strength] = economy.outcome(NO_LAPSES).dates.state[:, -1]
                began = ", ".join(
                    f"{cause} {100 * n / worlds:.0f}" for cause, n in Counter(map(str, outcome.cause)).most_common() if cause
                )
                now = states["counted", strength]
                fallen, alone = (100 * (now == state).mean() for state in (FALLEN, ALONE))
                print(
                    f"  demand x {strength:3g}: fallen {fallen:4.1f} %, alone {alone:4.1f}; falls begin with {began}",
                    flush=True,
                )
        for counted in ("counted", "no lapse counted"):
            half, twice = states[counted, 0.5], states[counted, 2.0]
            fewer = (half == FALLEN) * 1.0 - (twice == FALLEN)
            more, usual = (twice == ALONE) * 1.0 - (half == ALONE), as_it_is.setdefault(counted, fewer)
            print(
                f"  twice against half, {counted}: points fewer fall {told(fewer, 100)}, which is less than as it is by "
                f"{told(usual - fewer, 100)}; more stand alone {told(more, 100)}",
                flush=True,
            )


# --- who is first to default ----------------------------------------------------------------------------------------------

FIRMS = ("lead_lab", "second_lab", "neocloud", "leveraged_cloud")


def lead_lab_alone(rule: Rule) -> Rule:
    """What a lab asks of the vendor, the second lab nothing."""
    return functools.wraps(rule)(lambda support, lab, *others: None if lab.kind == "second" else rule(support, lab, *others))


SECOND_LAB_UNHELPED: tuple[Replaced, ...] = ((VendorSupport, "need_of_lab", lead_lab_alone),)
NO_SUPPORT = {"support.on": False}
BENT = {"growth.bend_month": 24, "growth.bend_to": 0.1}


def first_defaults(economy: Economy, months: int) -> Array:
    """Months of first defaults, -1 for never (firms, worlds)."""
    told_of, names = economy.firm_defaults.told(months)["default_month"], list(economy.firm_defaults.names)
    return np.array([told_of[names.index(name)] for name in FIRMS])


def second_lab(preset: str, worlds: int, seed: int) -> None:
    """Who defaults and who is first of labs and clouds, as the vendor's support reaches the second lab or not."""
    judged, usual = load_preset(preset).months, {}
    for words, settings, rules in (
        ("as it is", {}, ()),
        ("a default begins with the first dollar unpaid", {"default.threshold": 1.0}, ()),
        ("support of the lead lab and clouds alone", {}, SECOND_LAB_UNHELPED),
        ("no support", NO_SUPPORT, ()),
        ("growth bent to a tenth", BENT, ()),
        ("growth bent, support of the lead lab and clouds alone", BENT, SECOND_LAB_UNHELPED),
    ):
        with with_rules(*rules):
            months = first_defaults(lived(preset, worlds, seed, settings), judged)
        usual.setdefault("second_lab", months[1] >= 0)
        first = np.where(months < 0, judged, months)
        leads = np.where(first.min(axis=0) < judged, first.argmin(axis=0), -1)
        defaults = ", ".join(
            f"{name} {100 * (months[n] >= 0).mean():.0f} % (first {100 * (leads == n).mean():.0f})"
            for n, name in enumerate(FIRMS)
        )
        more = told((months[1] >= 0) * 1.0 - usual["second_lab"], 100)
        print(f"{words}: {defaults}; second lab, points more than as it is {more}", flush=True)


# --- growth without outside money -----------------------------------------------------------------------------------------

STOPPED = {"funding.stop_month": 0}
NO_PAYOUTS = {f"{name}.payouts": 0.0 for name in ("hyperscaler_a", "hyperscaler_b", "leveraged_cloud")} | {
    "building.payout_extra": 0.0
}
OTHERS_RICH = {"other_builders.cash": 3000.0}
#: Of what labs need and have not reserved, the leveraged cloud and the neocloud plan for .14 together, as in the sketch.
FEW_PLANNED = {"leveraged_cloud.contract_share": 0.049, "neocloud.contract_share": 0.049}


def no_money(preset: str, worlds: int, seed: int) -> None:
    """What vendors sell a year without outside money, $bn, as what is left of it is spent as in the sketch."""
    for words, settings in (
        ("with outside money", {}),
        ("without", STOPPED),
        ("payouts stop too", STOPPED | NO_PAYOUTS),
        ("other builders have money of their own", STOPPED | OTHERS_RICH),
        ("both", STOPPED | NO_PAYOUTS | OTHERS_RICH),
        ("both, hyperscalers plan for six sevenths", STOPPED | NO_PAYOUTS | OTHERS_RICH | FEW_PLANNED),
    ):
        judged = load_preset(preset).months // 12 * 12
        economy = lived(preset, worlds, seed, settings, months=judged)
        sales = economy.series["vendor_revenue"].reshape(worlds, -1, 12).sum(axis=2)
        print(
            f"{words:52s}" + "".join(f"{year:6.0f}" for year in np.median(sales, axis=0)) + at_the_end(economy), flush=True
        )


def at_the_end(economy: Economy) -> str:
    """Chips shipped in the last month, at the rate of a year, those to other builders, and cash of the hyperscalers; medians."""
    of_buyers = np.asarray(economy.chips.shipped).sum(axis=1)
    others = [cloud.account for cloud in economy.clouds if cloud.kind == "builder"]
    to_others = of_buyers[[economy.chips.buyer[account] for account in others]].sum(axis=0)
    cash = np.sum([cloud.cash for cloud in economy.clouds if cloud.kind == "hyperscaler"], axis=0)
    gw, other = (12 * np.median(part) for part in (of_buyers.sum(axis=0), to_others))
    return (
        f"; at the end {gw:.0f} GW a year, {other:.1f} to other builders; hyperscalers have {np.median(cash) / 1e12:.1f} $tn"
    )


PARTS = {"rates": rates, "demand": demand, "second_lab": second_lab, "no_money": no_money}


def main() -> int:
    """Print one of the four."""
    ask = about_worlds(__doc__)
    ask.add_argument("part", choices=PARTS)
    ask.set_defaults(worlds=400)
    asked = ask.parse_args()
    PARTS[asked.part](asked.preset, asked.worlds, asked.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
