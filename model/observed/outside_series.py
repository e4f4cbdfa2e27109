"""Series of outside money and of where the world stands: users, what lenders ask, what is borrowed and raised, the state.

They have the names under which the published record and the verdict know them.
"""

from __future__ import annotations

from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.series import series
from perpetuum.model.units import BN
from perpetuum.model.worlds import Floats, total

#: Kinds of payment by which lenders, not vendors, lend to clouds.
LENT = tuple(kind.draw for kind in LOAN_KINDS.values() if kind.lenders == "lenders")
#: Kinds of payment into a lab's round: from funds, and from the clouds that take part.
ROUNDS = ("funding_round", "cloud_equity")


@series("bn persons", en=("users", "Weekly users of AI products."), zh=("用户", "AI 产品的周活跃用户。"))
def weekly_users(e: MeasuredEconomy) -> Floats:
    """Weekly users of the labs' products, paying or not (bn persons); `demand.users` is what the record counts at the start."""
    return e.demand.users / BN


@series(
    "per year",
    en=("high-yield spread", "What lenders ask of an average leveraged firm."),
    zh=("高收益债利差", "放贷者向一般高杠杆企业索取的利差。"),
)
def high_yield_spread(e: MeasuredEconomy) -> Floats:
    """Spread over the policy rate that lenders ask of a leveraged firm of the market's average leverage (fraction per year).

    The credit spread of `agents/borrower.py` at base `credit.base_leveraged` and leverage `credit.high_yield_leverage`, with
    sound coverage and calm shares, so that only tightening and pessimism move it: there are no bonds beyond those of AI's firms.
    """
    return e.leveraged_cloud.high_yield_quote()


@series(
    "$bn a month",
    en=("newly lent", "Bonds and loans that all clouds take up."),
    zh=("新增借款", "全体云厂商新发债券与新提取贷款。"),
)
def bond_issuance(e: MeasuredEconomy) -> Floats:
    """Bonds issued and term loans drawn by all clouds this month, repayments not taken off; vendor credit and the bank's
    revolver do not count."""
    return e.ledger.flow_of(LENT, e.accounts["clouds"]) / BN


@series("$bn", en=("net debt", "Debt of all clouds less their cash."), zh=("净债务", "全体云厂商的债务减去现金。"))
def net_debt(e: MeasuredEconomy) -> Floats:
    """Interest-bearing debt of all clouds to anybody less their cash ($bn); negative where cash is more."""
    return total([e.ledger.debt_of(c.account) - e.ledger.stock("deposits", c.account) for c in e.clouds]) / BN


@series("$bn a month", en=("rounds", "What labs raise in rounds."), zh=("融资轮", "实验室在融资轮中募得的资金。"))
def round_size(e: MeasuredEconomy) -> Floats:
    """Money that labs raise in rounds this month, from funds and from clouds that take part; what vendors put in is no round."""
    return e.ledger.flow_of(ROUNDS, e.accounts["labs"]) / BN


@series("code", en=("state", "Where the world stands, provisionally."), zh=("状态", "世界所处的状态，暂定。"))
def state(e: MeasuredEconomy) -> Floats:
    """Where the world stands, provisionally: 0 fallen, 1 stands alone, 2 smaller and self-financing, 3 spinning on outside money.

    This month's reading, without foresight: the verdict dates a fall by sales at its crossing, this series only once half of the
    peak has lasted a year, and standing alone is confirmed only by the year that follows.
    """
    return e.collector.standing.code.copy()


@series(
    "$bn a month",
    en=("lead vendor", "AI products sold by the lead vendor."),
    zh=("龙头芯片商", "龙头芯片商的 AI 产品销售。"),
)
def lead_vendor_revenue(e: MeasuredEconomy) -> Floats:
    """AI and data-centre products sold by the lead vendor, for cash and on credit."""
    return (e.lead_vendor.sales + e.lead_vendor.leased) / BN


@series(
    "$bn",
    en=("leveraged cloud", "What customers have promised the leveraged cloud."),
    zh=("高杠杆云", "客户对高杠杆云的承诺。"),
)
def leveraged_rpo(e: MeasuredEconomy) -> Floats:
    """Remaining performance obligations owed to the leveraged cloud ($bn), those of customers outside the model included."""
    cloud = e.leveraged_cloud
    inside = total([e.contracts.obligations[pair] for pair in e.contracts.of_seller(cloud.account)])
    return (inside + cloud.obligations_beyond_contracts()) / BN
