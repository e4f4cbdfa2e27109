"""What is measured: one function a series, each from the economy at the end of a month to (worlds,).

`@series` (`declaration.py`) declares a function with its unit and its words; `SERIES` holds the columns of series.parquet,
`MEASURES` those and the ones that must be asked for. Definitions: "Measures" in ../README.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.books.accounts import SHARES
from perpetuum.model.books.payment_kinds import COSTS, DYE, DYES, INTEREST, LAPS, VENDOR_FINANCE
from perpetuum.model.observed.declaration import MEASURES, SERIES, series
from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.payment_network import FlowNetwork
from perpetuum.model.units import BN
from perpetuum.model.worlds import Dollars, Floats, share, total

#: Files of further series take `series` from here: columns stand in the order of declaration, and these are the first.
__all__ = ["MEASURES", "SERIES", "series"]

#: Troy ounces in a tonne.
OUNCES_PER_TONNE = 32150.7466


# --- sales and spending ---------------------------------------------------------------------------------------------


@series("$bn a month", en="revenue", zh="收入")
def vendor_revenue(e: MeasuredEconomy) -> Floats:
    """AI and data-centre products sold by all chip vendors, for cash and on credit."""
    return total([v.sales + v.leased for v in e.vendors]) / BN


@series("$bn a month")
def vendor_revenue_net(e: MeasuredEconomy) -> Floats:
    """Vendor revenue less customer finance paid out or granted this month."""
    granted = -e.ledger.flow_of(VENDOR_FINANCE, e.accounts["vendors"])
    return vendor_revenue(e) - (granted + total([v.leased for v in e.vendors])) / BN


@series("$bn a month", en=("building", "Capital spending of all clouds."), zh=("建设开支", "全体云厂商的资本开支。"))
def capex(e: MeasuredEconomy) -> Floats:
    """Capital spending of all clouds."""
    return total([c.capex for c in e.clouds]) / BN


@series("$bn a month")
def hyperscaler_capex(e: MeasuredEconomy) -> Floats:
    """Capital spending of hyperscalers."""
    return total([c.capex for c in e.clouds if c.hyperscaler] or [np.zeros(e.p.worlds)]) / BN


@series(
    "$bn a month",
    en=("customers pay", "What customers outside the machine pay for AI."),
    zh=("客户付费", "机器之外的客户为 AI 付的钱。"),
)
def external_ai_revenue(e: MeasuredEconomy) -> Floats:
    """What customers outside the machine pay for AI: labs' products, clouds' compute as they need it and under contract."""
    sales = e.ledger.flow_of(("ai_subscriptions",), e.accounts["labs"])
    sales = sales + e.ledger.flow_of(("direct_cloud_sales",), e.accounts["clouds"])
    return (sales - e.ledger.flow_of(("compute_rent_reserved",), e.accounts["outside"])) / BN


@series("$bn a month", en=("revenue", "Of all labs."), zh=("收入", "全部实验室。"))
def lab_revenue(e: MeasuredEconomy) -> Floats:
    """Revenue of all labs."""
    return e.ledger.flow_of(("ai_subscriptions",), e.accounts["labs"]) / BN


@series("$bn a month")
def lead_lab_revenue(e: MeasuredEconomy) -> Floats:
    """Revenue of the lead lab."""
    return e.ledger.flow("ai_subscriptions", e.lead_lab.account) / BN


@series(
    "$bn a month",
    en=("burn", "Cash used by all labs' operations and debt service."),
    zh=("烧钱", "全部实验室经营和偿债消耗的现金。"),
)
def lab_burn(e: MeasuredEconomy) -> Floats:
    """Cash used by all labs' operations and debt service."""
    return total([lab.last_burn for lab in e.labs]) / BN


@series("$bn a month", en="burn", zh="烧钱")
def lead_lab_burn(e: MeasuredEconomy) -> Floats:
    """Cash used by the lead lab's operations and debt service."""
    return e.lead_lab.last_burn / BN


@series("$bn", en=("lab", "The lead lab, in its last round."), zh=("实验室", "头部实验室，最近一轮估值。"))
def lead_lab_valuation(e: MeasuredEconomy) -> Floats:
    """Valuation of the lead lab ($bn)."""
    return e.lead_lab.valuation / BN


@series("months", en="runway", zh="可撑月数")
def lead_lab_runway(e: MeasuredEconomy) -> Floats:
    """Months of cash at the present burn, 120 where none is burnt."""
    return e.lead_lab.runway


# --- prices ---------------------------------------------------------------------------------------------------------


@series("$bn", en=("vendor", "The lead chip vendor."), zh=("芯片龙头", "龙头芯片商。"))
def vendor_market_cap(e: MeasuredEconomy) -> Floats:
    """Market value of the lead vendor ($bn)."""
    return e.holdings.market_value(e.holdings.asset_of(e.lead_vendor.account)) / BN


@series("$bn", en=("clouds", "All listed clouds."), zh=("云厂商", "全部上市云厂商。"))
def cloud_market_cap(e: MeasuredEconomy) -> Floats:
    """Market value of all listed clouds ($bn)."""
    return total([e.holdings.market_value(e.holdings.asset_of(c.account)) for c in e.clouds]) / BN


@series("$ an ounce", en="gold", zh="黄金")
def gold_price(e: MeasuredEconomy) -> Floats:
    """Dollars an ounce."""
    return e.holdings.price[e.holdings.gold] * e.lots_per_tonne / OUNCES_PER_TONNE


@series("$bn per GW", en="chips", zh="芯片")
def gpu_price(e: MeasuredEconomy) -> Floats:
    """Second-hand chips of the current generation, $bn per GW."""
    return e.second_hand.price / BN


@series("$ per chip-hour", en="rent", zh="租金")
def compute_rent(e: MeasuredEconomy) -> Floats:
    """Spot rent, dollars per chip-hour."""
    return e.compute.rent / (e.hardware.per_gw * e.p.compute.hours)


@series(
    "per year",
    en=("policy rate", "Set by the central bank; given, not a reaction."),
    zh=("政策利率", "由央行给定，不随市场反应。"),
)
def policy_rate(e: MeasuredEconomy) -> Floats:
    """Policy rate, per year."""
    return e.funding.policy_rate.copy()


@series(
    "per year",
    en=("neocloud's spread", "What it pays above the policy rate."),
    zh=("算力云利差", "在政策利率之上加付的部分。"),
)
def neocloud_spread(e: MeasuredEconomy) -> Floats:
    """Credit spread quoted to the neocloud, per year."""
    return next((c for c in e.clouds if c.kind == "neocloud"), e.clouds[-1]).spread.copy()


# --- debts and promises -----------------------------------------------------------------------------------------------


@series(
    "$bn",
    en=("leveraged cloud", "The cloud that builds for the lead lab with borrowed money."),
    zh=("高杠杆云", "举债为头部实验室建机房的云厂商。"),
)
def leveraged_debt(e: MeasuredEconomy) -> Floats:
    """Debt of the leveraged cloud ($bn)."""
    return e.ledger.debt_of(e.leveraged_cloud.account) / BN


@series("$bn", en=("neocloud", "Borrows against its chips."), zh=("新兴算力云", "以芯片作抵押借款。"))
def neocloud_debt(e: MeasuredEconomy) -> Floats:
    """Debt of neoclouds ($bn)."""
    return total([e.ledger.debt_of(c.account) for c in e.clouds if c.kind == "neocloud"] or [np.zeros(e.p.worlds)]) / BN


@series("$bn", en="promised", zh="待履行")
def rpo(e: MeasuredEconomy) -> Floats:
    """Remaining performance obligations owed to all clouds ($bn), those of customers outside the model included."""
    inside = total(e.contracts.obligations)
    return (inside + total([c.obligations_beyond_contracts() for c in e.clouds])) / BN


@series("$bn")
def vendor_guarantees(e: MeasuredEconomy) -> Floats:
    """Loans that vendors guarantee, and what is left of the backstop ($bn)."""
    v = e.p.vendor_finance
    left = np.maximum(v.backstop_limit * v.scale * v.backstop_on - e.lead_vendor.programme.backstop_paid, 0.0)
    return (total([e.guarantees.of(x.account) for x in e.vendors]) + left * e.lead_vendor.figures.finances) / BN


@series(
    "$bn",
    en=("promised, lent", "Undrawn tranches, credit drawn, guarantees and the backstop."),
    zh=("承诺与借出", "未提取的额度、已借出的款项、担保与兜底。"),
)
def vendor_commitments(e: MeasuredEconomy) -> Floats:
    """Customer finance promised: undrawn tranches, credit drawn, guarantees ($bn)."""
    v = e.p.vendor_finance
    undrawn = np.maximum(v.limit * v.scale - e.lead_vendor.programme.financed, 0.0) * e.lead_vendor.figures.finances
    return undrawn / BN + vendor_credit_drawn(e) + vendor_guarantees(e)


@series("$bn")
def vendor_credit_drawn(e: MeasuredEconomy) -> Floats:
    """Leases and loans that vendors have outstanding ($bn)."""
    return total([e.ledger.stock("vendor_credit", v.account) for v in e.vendors]) / BN


@series("$bn", en=("stakes", "Shares in labs and clouds."), zh=("股权", "在实验室与云厂商的持股。"))
def vendor_stakes(e: MeasuredEconomy) -> Floats:
    """Vendors' stakes in labs and clouds at market or round prices ($bn)."""
    worth = total([np.maximum(_stakes(e, v.account, row), 0) for v in e.vendors for row in SHARES])
    return worth / BN


def _stakes(e: MeasuredEconomy, account: int, row: str) -> Dollars:
    own = e.holdings.market_value(e.holdings.asset_of(account)) if row == "listed_equity" else 0
    return e.ledger.stock(row, account) + own


# --- the rings --------------------------------------------------------------------------------------------------------


def _dye_share(e: MeasuredEconomy, names: tuple[str, ...]) -> Floats:
    receipts = e.ledger.provenance.receipts
    return share(total([receipts[DYE[n]] for n in names]), total(receipts))


_LAPS = tuple(DYES[i] for i in LAPS)


@series("share of revenue", en="own money", zh="自有资金")
def own_money_share(e: MeasuredEconomy) -> Floats:
    """Ring 1: share of vendor revenue that is vendors' own money coming back, proportional mixing."""
    return _dye_share(e, _LAPS)


@series("share of revenue")
def own_money_share_low(e: MeasuredEconomy) -> Floats:
    """Ring 1 where holders of vendor money spend it first on whatever leaves the loop (a bracket of sums over time)."""
    return share(e.ledger.provenance.returned_low, total(e.ledger.provenance.receipts))


@series("share of revenue")
def own_money_share_high(e: MeasuredEconomy) -> Floats:
    """Ring 1 where holders of vendor money spend it first on firms in the loop (a bracket of sums over time)."""
    return share(e.ledger.provenance.returned_high, total(e.ledger.provenance.receipts))


@series("share of revenue")
def in_system_share(e: MeasuredEconomy) -> Floats:
    """Ring 2: share paid with money of any firm inside the machine."""
    return _dye_share(e, (*_LAPS, "inside"))


@series("share of revenue", en="not customers", zh="非客户资金")
def non_customer_share(e: MeasuredEconomy) -> Floats:
    """Ring 3: share paid with anything but customers' money."""
    return 1.0 - _dye_share(e, ("customers", "other_customers"))


@series("share", network=True)
def finn_index(e: MeasuredEconomy) -> Floats:
    """Finn cycling index of the last twelve months' flows among vendors, clouds and labs."""
    return _network(e).finn_cycling_index()


@series("share", network=True)
def loop_gain(e: MeasuredEconomy) -> Floats:
    """g = 1 - 1/n_VV of the lead vendor: how much of a dollar that leaves it comes back."""
    return _network(e).loop_gain(e.lead_vendor.account)


def _network(e: MeasuredEconomy) -> FlowNetwork:
    assert e.ledger.network is not None, "the ledger records who pays whom where a series with `network` is asked for"
    return e.ledger.network


# --- does it stand alone ----------------------------------------------------------------------------------------------


def cash_costs(e: MeasuredEconomy) -> Floats:
    """Cash that the machine pays outsiders to run: operations, taxes and interest (dollars this month)."""
    # What firms pay each other, such as interest on vendor credit, adds up to nothing among them.
    return -e.ledger.flow_of((*COSTS, *INTEREST), e.firm_accounts).astype(np.float64)


def replacement_cost(e: MeasuredEconomy, accounts: Sequence[int]) -> Floats:
    """Cost to the outside of replacing chips that these accounts lose this month: cost of goods and shells (dollars)."""
    return _gw(e, accounts) * e.p.technology.decay * cost_of_replacing(e)


def cost_of_replacing(e: MeasuredEconomy) -> Floats:
    """Cost to the outside of a GW of chips and of what of its shell wears out with them (dollars)."""
    return e.lead_vendor.unit_cost() + e.p.clouds.shell_wear * e.technology.shell_cost


@series("ratio", en="ratio", zh="比率")
def operating_ratio(e: MeasuredEconomy) -> Floats:
    """What customers pay for AI over cash costs to the outside, interest and replacement; 1: the machine stands alone."""
    return share(external_ai_revenue(e) * BN, cash_costs(e) + replacement_cost(e, e.accounts["clouds"]))


@series("ratio")
def full_ratio(e: MeasuredEconomy) -> Floats:
    """The same with all chips and shells built this month instead of replacement."""
    return share(external_ai_revenue(e) * BN, cash_costs(e) + building_cost(e))


def building_cost(e: MeasuredEconomy) -> Floats:
    """What building costs the outside: cost of goods, supply taken or paid, shells, landlords' too (dollars)."""
    goods = -e.ledger.flow_of(("cost_of_goods",), e.accounts["vendors"])
    shells = -e.ledger.flow_of(("shell_and_power",), (*e.accounts["clouds"], *e.accounts["landlords"]))
    return (goods + shells).astype(np.float64)


@series("share")
def bain_gap(e: MeasuredEconomy) -> Floats:
    """1 - what customers pay for AI / (4 x AI capex): how far revenue is from what the building needs."""
    ai_capex = total([c.capex - np.minimum(c.figures.other_capex, c.capex) for c in e.clouds])
    return 1.0 - share(external_ai_revenue(e) * BN, 4.0 * ai_capex, 1.0)


@series("share")
def ponzi_share(e: MeasuredEconomy) -> Floats:
    """Share of clouds and labs whose operations do not pay their interest (Minsky's Ponzi class)."""
    clouds = [(c.last_net < c.interest / 12).astype(np.float64) for c in e.clouds]
    labs = [(lab.last_burn > 0).astype(np.float64) for lab in e.labs]
    return total([*clouds, *labs]) / (len(clouds) + len(labs))


# --- what stands --------------------------------------------------------------------------------------------------------


@series("GW", en="chips", zh="在役")
def gw_in_service(e: MeasuredEconomy) -> Floats:
    """GW of chips in service at clouds and labs."""
    return _gw(e, (*e.accounts["clouds"], *e.accounts["labs"]))


def _gw(e: MeasuredEconomy, accounts: Sequence[int]) -> Floats:
    return total(in_service(e, accounts))


def in_service(e: MeasuredEconomy, accounts: Sequence[int]) -> Floats:
    """GW of chips in service at each of these accounts (accounts, worlds)."""
    return e.hardware.in_service[list(accounts)] / e.hardware.per_gw


@series("GW", en="hoard", zh="囤积")
def state_gpu_hoard(e: MeasuredEconomy) -> Floats:
    """GW of chips hoarded by states."""
    return _gw(e, e.accounts["states"]) if e.states else np.zeros(e.p.worlds)


@series("t", en="gold", zh="黄金")
def state_gold(e: MeasuredEconomy) -> Floats:
    """Tonnes of gold held by states."""
    lots = total([e.holdings.lots[s.account, e.holdings.gold] for s in e.states] or [np.zeros(e.p.worlds)])
    return lots / e.lots_per_tonne


@series("correlation", en="correlation", zh="相关系数")
def ai_gold_corr(e: MeasuredEconomy) -> Floats:
    """Correlation of AI shares' and gold's monthly returns over the last twelve months."""
    return e.collector.co_movement()


@series("from -1 to 1", en="opinion", zh="看法")
def sentiment(e: MeasuredEconomy) -> Floats:
    """Opinion on AI, from -1 to 1."""
    return e.narrative.sentiment.copy()


@series("firms", en="defaults", zh="违约")
def defaults(e: MeasuredEconomy) -> Floats:
    """Firms that default this month (count)."""
    return total([e.distress.failed_now[f.account] for f in e.firms])
