"""What is measured: one function a series, each from the economy at the end of a month to (worlds,).

`SERIES` holds the columns of series.parquet, in their units ($bn a month unless said). `events` gives further monthly
facts that the verdict needs. Definitions: "What is measured" in ../README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from perpetuum.model.books.accounts import SHARES
from perpetuum.model.books.payment_kinds import COSTS, DYE, DYES, INTEREST, LAPS, VENDOR_FINANCE
from perpetuum.model.worlds import Floats, share, total

BN = 1e9
#: Troy ounces in a tonne.
OUNCES_PER_TONNE = 32150.7466
#: Series that need the ledger to record who pays whom: left out of `Scenario.series`, they cost nothing.
NETWORKED = ("finn_index", "loop_gain")
Measure = Callable[[Any], Floats]
SERIES: dict[str, Measure] = {}


def needs_network(asked: Sequence[str] | None) -> bool:
    """Whether any of the series asked for (None: the default ones) is measured on the flow network."""
    return asked is None or not set(NETWORKED).isdisjoint(asked)


def _series(function: Measure) -> Measure:
    SERIES[function.__name__] = function
    return function


# --- sales and spending ---------------------------------------------------------------------------------------------


@_series
def vendor_revenue(e: Any) -> Floats:
    """AI and data-centre products sold by all chip vendors, for cash and on credit."""
    return total(v.sales + v.leased for v in e.vendors) / BN


@_series
def vendor_revenue_net(e: Any) -> Floats:
    """Vendor revenue less customer finance paid out or granted this month."""
    granted = -e.ledger.flow_of(VENDOR_FINANCE, e.accounts["vendors"])
    return vendor_revenue(e) - (granted + total(v.leased for v in e.vendors)) / BN


@_series
def capex(e: Any) -> Floats:
    """Capital spending of all clouds."""
    return total(c.capex for c in e.clouds) / BN


@_series
def hyperscaler_capex(e: Any) -> Floats:
    """Capital spending of hyperscalers."""
    return total([c.capex for c in e.clouds if c.hyperscaler] or [np.zeros(e.p.worlds)]) / BN


@_series
def external_ai_revenue(e: Any) -> Floats:
    """What customers outside the machine pay for AI."""
    sales = e.ledger.flow_of(("ai_subscriptions",), e.accounts["labs"])
    return (sales + e.ledger.flow_of(("direct_cloud_sales",), e.accounts["clouds"])) / BN


@_series
def lab_revenue(e: Any) -> Floats:
    """Revenue of all labs."""
    return e.ledger.flow_of(("ai_subscriptions",), e.accounts["labs"]) / BN


@_series
def lead_lab_revenue(e: Any) -> Floats:
    """Revenue of the lead lab."""
    return e.ledger.flow("ai_subscriptions", e.lead_lab.account) / BN


@_series
def lab_burn(e: Any) -> Floats:
    """Cash used by all labs' operations and debt service."""
    return total(lab.last_burn for lab in e.labs) / BN


@_series
def lead_lab_burn(e: Any) -> Floats:
    """Cash used by the lead lab's operations and debt service."""
    return e.lead_lab.last_burn / BN


@_series
def lead_lab_valuation(e: Any) -> Floats:
    """Valuation of the lead lab ($bn)."""
    return e.lead_lab.valuation / BN


@_series
def lead_lab_runway(e: Any) -> Floats:
    """Months of cash at the present burn, 120 where none is burnt."""
    return e.lead_lab.runway


# --- prices ---------------------------------------------------------------------------------------------------------


@_series
def vendor_market_cap(e: Any) -> Floats:
    """Market value of the lead vendor ($bn)."""
    return e.holdings.market_value(e.holdings.asset_of(e.lead_vendor.account)) / BN


@_series
def cloud_market_cap(e: Any) -> Floats:
    """Market value of all listed clouds ($bn)."""
    return total(e.holdings.market_value(e.holdings.asset_of(c.account)) for c in e.clouds) / BN


@_series
def gold_price(e: Any) -> Floats:
    """Dollars an ounce."""
    return e.holdings.price[e.holdings.gold] * e.lots_per_tonne / OUNCES_PER_TONNE


@_series
def gpu_price(e: Any) -> Floats:
    """Second-hand chips of the current generation, $bn per GW."""
    return e.second_hand.price / BN


@_series
def compute_rent(e: Any) -> Floats:
    """Spot rent, dollars per chip-hour."""
    return e.compute.rent / (e.hardware.per_gw * e.p.compute.hours)


@_series
def policy_rate(e: Any) -> Floats:
    """Policy rate, per year."""
    return e.funding.policy_rate.copy()


@_series
def neocloud_spread(e: Any) -> Floats:
    """Credit spread quoted to the neocloud, per year."""
    return next((c for c in e.clouds if c.kind == "neocloud"), e.clouds[-1]).spread.copy()


# --- debts and promises -----------------------------------------------------------------------------------------------


@_series
def leveraged_debt(e: Any) -> Floats:
    """Debt of the leveraged cloud ($bn)."""
    return e.debt_of(e.leveraged_cloud.account) / BN


@_series
def neocloud_debt(e: Any) -> Floats:
    """Debt of neoclouds ($bn)."""
    return total([e.debt_of(c.account) for c in e.clouds if c.kind == "neocloud"] or [np.zeros(e.p.worlds)]) / BN


@_series
def rpo(e: Any) -> Floats:
    """Remaining performance obligations owed to all clouds ($bn), those of customers outside the model included."""
    inside = total(e.contracts.obligations)
    return (inside + total(c.figures.outside_commitments for c in e.clouds)) / BN


@_series
def vendor_guarantees(e: Any) -> Floats:
    """Loans that vendors guarantee, and what is left of the backstop ($bn)."""
    v = e.p.vendor_finance
    left = np.maximum(v.backstop_limit * v.scale * v.backstop_on - e.lead_vendor.backstop_paid, 0.0)
    return (total(e.guarantees.of(x.account) for x in e.vendors) + left * e.lead_vendor.figures.finances) / BN


@_series
def vendor_commitments(e: Any) -> Floats:
    """Customer finance promised: undrawn tranches, credit drawn, guarantees ($bn)."""
    v = e.p.vendor_finance
    undrawn = np.maximum(v.limit * v.scale - e.lead_vendor.financed, 0.0) * e.lead_vendor.figures.finances
    return undrawn / BN + vendor_credit_drawn(e) + vendor_guarantees(e)


@_series
def vendor_credit_drawn(e: Any) -> Floats:
    """Leases and loans that vendors have outstanding ($bn)."""
    return total(e.ledger.stock("vendor_credit", v.account) for v in e.vendors) / BN


@_series
def vendor_stakes(e: Any) -> Floats:
    """Vendors' stakes in labs and clouds at market or round prices ($bn)."""
    worth = total(np.maximum(_stakes(e, v.account, row), 0) for v in e.vendors for row in SHARES)
    return worth / BN


def _stakes(e: Any, account: int, row: str) -> Floats:
    own = e.holdings.market_value(e.holdings.asset_of(account)) if row == "listed_equity" else 0
    return e.ledger.stock(row, account) + own


# --- the rings --------------------------------------------------------------------------------------------------------


def _dye_share(e: Any, names: tuple[str, ...]) -> Floats:
    receipts = e.ledger.provenance.receipts
    return share(total(receipts[DYE[n]] for n in names), total(receipts))


_LAPS = tuple(DYES[i] for i in LAPS)


@_series
def own_money_share(e: Any) -> Floats:
    """Ring 1: share of vendor revenue that is vendors' own money coming back, proportional mixing."""
    return _dye_share(e, _LAPS)


@_series
def own_money_share_low(e: Any) -> Floats:
    """Ring 1 where holders of vendor money spend it first on whatever leaves the loop (a bracket of sums over time)."""
    return share(e.ledger.provenance.returned_low, total(e.ledger.provenance.receipts))


@_series
def own_money_share_high(e: Any) -> Floats:
    """Ring 1 where holders of vendor money spend it first on firms in the loop (a bracket of sums over time)."""
    return share(e.ledger.provenance.returned_high, total(e.ledger.provenance.receipts))


@_series
def in_system_share(e: Any) -> Floats:
    """Ring 2: share paid with money of any firm inside the machine."""
    return _dye_share(e, (*_LAPS, "inside"))


@_series
def non_customer_share(e: Any) -> Floats:
    """Ring 3: share paid with anything but customers' money."""
    return 1.0 - _dye_share(e, ("customers", "other_customers"))


@_series
def finn_index(e: Any) -> Floats:
    """Finn cycling index of the last twelve months' flows among vendors, clouds and labs."""
    return e.ledger.network.finn_cycling_index()


@_series
def loop_gain(e: Any) -> Floats:
    """g = 1 - 1/n_VV of the lead vendor: how much of a dollar that leaves it comes back."""
    return e.ledger.network.loop_gain(e.lead_vendor.account)


# --- does it stand alone ----------------------------------------------------------------------------------------------


def cash_costs(e: Any) -> Floats:
    """Cash that the machine pays outsiders to run: operations, taxes and interest (dollars this month)."""
    # What firms pay each other, such as interest on vendor credit, adds up to nothing among them.
    return -e.ledger.flow_of((*COSTS, *INTEREST), e.firm_accounts).astype(np.float64)


def replacement_cost(e: Any) -> Floats:
    """Cost to the outside of replacing chips lost this month: cost of goods and shells (dollars)."""
    gw = _gw(e, e.accounts["clouds"])
    cost = e.lead_vendor.unit_cost() + e.p.clouds.shell_wear * e.p.technology.shell_cost
    return gw * e.p.technology.decay * cost


@_series
def operating_ratio(e: Any) -> Floats:
    """External AI receipts over cash costs to the outside, interest and replacement; 1: the machine stands alone."""
    return share(external_ai_revenue(e) * BN, cash_costs(e) + replacement_cost(e))


@_series
def full_ratio(e: Any) -> Floats:
    """The same with all chips and shells built this month instead of replacement."""
    return share(external_ai_revenue(e) * BN, cash_costs(e) + _building(e))


def _building(e: Any) -> Floats:
    """What building costs the outside: cost of goods, supply taken or paid, shells (dollars)."""
    goods = -e.ledger.flow_of(("cost_of_goods",), e.accounts["vendors"])
    shells = -e.ledger.flow_of(("shell_and_power",), e.accounts["clouds"])
    return (goods + shells).astype(np.float64)


@_series
def bain_gap(e: Any) -> Floats:
    """1 - external revenue / (4 x AI capex): how far revenue is from what the building needs."""
    ai_capex = total(c.capex - np.minimum(c.figures.other_capex, c.capex) for c in e.clouds)
    return 1.0 - share(external_ai_revenue(e) * BN, 4.0 * ai_capex, 1.0)


@_series
def ponzi_share(e: Any) -> Floats:
    """Share of clouds and labs whose operations do not pay their interest (Minsky's Ponzi class)."""
    clouds = [(c.last_net < c.interest / 12).astype(np.float64) for c in e.clouds]
    labs = [(lab.last_burn > 0).astype(np.float64) for lab in e.labs]
    return total([*clouds, *labs]) / (len(clouds) + len(labs))


# --- what stands --------------------------------------------------------------------------------------------------------


@_series
def gw_in_service(e: Any) -> Floats:
    """GW of chips in service at clouds and labs."""
    return _gw(e, (*e.accounts["clouds"], *e.accounts["labs"]))


def _gw(e: Any, accounts: Sequence[int]) -> Floats:
    return total(e.hardware.in_service[list(accounts)] / e.hardware.per_gw)


@_series
def state_gpu_hoard(e: Any) -> Floats:
    """GW of chips hoarded by states."""
    return _gw(e, e.accounts["states"]) if e.states else np.zeros(e.p.worlds)


@_series
def state_gold(e: Any) -> Floats:
    """Tonnes of gold held by states."""
    lots = total([e.holdings.lots[s.account, e.holdings.gold] for s in e.states] or [np.zeros(e.p.worlds)])
    return lots / e.lots_per_tonne


@_series
def ai_gold_corr(e: Any) -> Floats:
    """Correlation of AI shares' and gold's monthly returns over the last twelve months."""
    return e.collector.co_movement()


@_series
def sentiment(e: Any) -> Floats:
    """Opinion on AI, from -1 to 1."""
    return e.narrative.sentiment.copy()


@_series
def defaults(e: Any) -> Floats:
    """Firms that default this month (count)."""
    return total(e.failed_now[f.name] for f in e.firms)


# --- what the verdict needs besides ---------------------------------------------------------------------------------------


def events(e: Any) -> dict[str, Floats]:
    """Monthly facts for `model.observed.outcome`: defaults, rescues, arrears and shed commitments by firm, and totals."""
    facts: dict[str, Floats] = {}
    shed = e.contracts.lost_shares(e.firm_accounts)
    late = (1.0 - e.settlement.paid_shares() > e.p.default.arrears_floor).astype(np.float64)
    for place, firm in enumerate(e.firms):
        facts[f"default:{firm.name}"] = e.failed_now[firm.name]
        facts[f"rescue:{firm.name}"] = e.rescued_now[firm.name]
        facts[f"arrears:{firm.name}"] = late[place]
        facts[f"commitments_shed:{firm.name}"] = shed[place]
    facts["outside_financing"] = (cash_costs(e) + _building(e)) / BN - external_ai_revenue(e)
    contracts, market = e.contracts, e.compute
    facts["contracted_gw"] = total(contracts.gw)
    facts["delivered_gw"] = total(contracts.gw * np.stack([market.fraction[seller] for _, seller in contracts.pairs]))
    facts["training_gw"] = total(lab.training for lab in e.labs if lab.kind != "applications")
    facts["theta"] = e.funding.theta.copy()
    facts["share_index"] = e.share_index()
    facts["capability"] = e.demand.capability.copy()
    facts["unfinished_gw"] = total(e.hardware.pipeline_gw(c.account) + e.chips.backlog_of_buyer(c.account) for c in e.clouds)
    return facts
