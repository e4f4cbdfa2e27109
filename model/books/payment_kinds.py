"""The kinds of payment: the rows of the transactions-flow matrix, and the colour that money takes when it enters.

Each kind is one row of `model/README.md`'s flow matrix, and all that any list of kinds has to know of it stands in its row
here, its words too: the lists below it are derived. Kinds without a `claim` are income and spending; the others exchange money
for a claim, and the ledger checks that the claim moved with the money. `colour` is what money is dyed when it enters from
outside the traced system, or when the kind recolours it (a funding round makes equity of whatever paid for it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: The dyes, in the order of the composition arrays ("Dyed money" in ../README.md).
DYES = (
    "customers",
    "other_customers",
    "equity",
    "credit",
    "states",
    "own",
    "inside",
    "lap_1",
    "lap_2",
    "lap_3",
)
DYE = {name: index for index, name in enumerate(DYES)}
LAPS = (DYE["lap_1"], DYE["lap_2"], DYE["lap_3"])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of payment. `group`: the row that shows it with others; `en`, `zh`: what it is called within a sentence."""

    name: str
    group: str
    en: str
    zh: str
    claim: str = ""  # the instrument that who pays gets, and who is paid gives; none: income or spending
    builds: str = ""  # the real asset that is built or bought for it
    colour: str | None = None  # dye of money entering from outside, and of recoloured money inside
    recolours: bool = False  # recolour the payer's mix inside the system too (laps keep their colour)
    vendor_finance: bool = False  # paid by a vendor to a customer: the next lap
    revenue: bool = False  # counts as the vendor's AI revenue
    sale: bool = False  # what a firm receives for what it sells: its revenue
    operating: str = ""  # part of operating cash flow: "receipt", "cost" or "saving" (interest on deposits)
    rent: bool = False  # for computing power
    interest_on: str = ""  # the instrument that it is interest on
    repays: bool = False  # scheduled principal of the claim
    source: str = ""  # of whom the machine has it (or to whom it goes back), where it is neither customers' money nor a cost
    lasting: bool = False  # unpaid, it stays owed until it is paid or a default wipes it out
    contribution: bool = False  # puts money into whom it is paid to, or takes it out: no gain and no loss
    background: bool = False  # left out of pictures of who funds whom: trade among investors, the bank's own business

    @property
    def current(self) -> bool:
        """Whether it is income or spending, not money against a claim."""
        return not self.claim


#: Groups of kinds in few rows, in the order of the page's matrix.
GROUPS = ("sales", "compute", "chip_sales", "costs", "returns", "lending", "stakes", "trading", "savings")

_KINDS = (
    # --- current: customers and the outside ---------------------------------------------------------------------
    Kind("ai_subscriptions", "sales", "AI subscriptions", "AI 订阅收入", colour="customers", sale=True, operating="receipt"),
    Kind(
        "direct_cloud_sales",
        "sales",
        "cloud sales of AI",
        "AI 云服务销售",
        colour="customers",
        sale=True,
        operating="receipt",
    ),
    Kind(
        "other_business",
        "sales",
        "other business",
        "其他业务",
        colour="other_customers",
        sale=True,
        operating="receipt",
        source="other_business",
    ),
    Kind("state_funding", "savings", "states' budgets", "财政拨款", colour="states", contribution=True, source="states"),
    Kind(
        "state_support",
        "savings",
        "state support",
        "政府扶持",
        colour="states",
        recolours=True,
        contribution=True,
        source="states",
    ),
    Kind("investor_inflow", "savings", "savings invested", "新增投资", colour="equity", contribution=True, source="shares"),
    Kind("investor_withdrawal", "savings", "savings withdrawn", "赎回", contribution=True, source="shares"),
    # --- current: inside the machine ------------------------------------------------------------------------------
    Kind(
        "compute_rent_reserved",
        "compute",
        "compute under contract",
        "长约算力租金",
        colour="customers",
        sale=True,
        operating="receipt",
        rent=True,
        lasting=True,
    ),
    Kind(
        "compute_rent_spot",
        "compute",
        "compute on the spot",
        "现货算力租金",
        sale=True,
        operating="receipt",
        rent=True,
        lasting=True,
    ),
    Kind(
        "revenue_share", "compute", "share of revenue", "收入分成", sale=True, operating="receipt", rent=True, lasting=True
    ),
    Kind("chips", "chip_sales", "chips", "芯片货款", builds="hardware", revenue=True, sale=True, source="states"),
    Kind("second_hand_chips", "chip_sales", "second-hand chips", "二手芯片", builds="hardware", source="states"),
    Kind("backstop", "compute", "vendor's backstop", "芯片商兜底", vendor_finance=True, operating="receipt"),
    Kind("guarantee_call", "lending", "vendor's guarantee called", "芯片商代偿", vendor_finance=True, source="credit"),
    # --- current: costs -------------------------------------------------------------------------------------------
    Kind("shell_and_power", "costs", "data centres and power connections", "数据中心与接电", builds="hardware"),
    Kind("other_capex", "costs", "other investment", "其他资本开支", builds="hardware", source="other_business"),
    Kind("cost_of_goods", "costs", "making the chips", "芯片制造成本", builds="inventory"),
    Kind("operations", "costs", "running costs", "运营费用", operating="cost", lasting=True),
    Kind("hall_rent", "costs", "rent of halls", "机房租金", sale=True, operating="cost", lasting=True),
    Kind("taxes", "costs", "taxes", "税款", operating="cost", lasting=True),
    Kind("default_costs", "costs", "costs of default", "违约成本", source="other_business"),
    # --- current: returns -----------------------------------------------------------------------------------------
    Kind("bond_interest", "returns", "interest on bonds", "债券利息", interest_on="bonds", lasting=True),
    Kind("loan_interest", "returns", "interest on loans", "贷款利息", interest_on="term_loans", lasting=True),
    Kind(
        "vendor_credit_interest",
        "returns",
        "interest on vendor credit",
        "卖方信贷利息",
        interest_on="vendor_credit",
        lasting=True,
    ),
    Kind("hall_interest", "returns", "interest on loans on halls", "机房贷款利息", interest_on="hall_loans", lasting=True),
    Kind(
        "bank_interest",
        "returns",
        "interest to the bank",
        "银行利息",
        interest_on="bank_loans",
        lasting=True,
        background=True,
    ),
    Kind(
        "deposit_interest",
        "returns",
        "interest on deposits",
        "存款利息",
        colour="own",
        operating="saving",
        background=True,
        source="other_business",
    ),
    Kind("dividends", "returns", "dividends", "股息", source="other_business"),
    # --- financial: credit ----------------------------------------------------------------------------------------
    Kind(
        "bond_issue", "lending", "bonds issued", "发行债券", claim="bonds", colour="credit", recolours=True, source="credit"
    ),
    Kind("bond_redemption", "lending", "bonds repaid", "偿还债券", claim="bonds", repays=True, source="credit"),
    Kind(
        "loan_draw",
        "lending",
        "loans drawn",
        "提取贷款",
        claim="term_loans",
        colour="credit",
        recolours=True,
        source="credit",
    ),
    Kind("loan_amortisation", "lending", "loans repaid", "偿还贷款", claim="term_loans", repays=True, source="credit"),
    Kind(
        "early_repayment",
        "lending",
        "loans repaid early",
        "提前偿还贷款",
        claim="term_loans",
        source="credit",
    ),
    Kind(
        "hall_loan",
        "lending",
        "loans on halls drawn",
        "提取机房贷款",
        claim="hall_loans",
        colour="credit",
        recolours=True,
        source="credit",
    ),
    Kind(
        "hall_repayment",
        "lending",
        "loans on halls repaid",
        "偿还机房贷款",
        claim="hall_loans",
        repays=True,
        source="credit",
    ),
    Kind("vendor_loan", "lending", "vendor's loan", "芯片商贷款", claim="vendor_credit", vendor_finance=True),
    Kind("vendor_credit_service", "lending", "vendor credit repaid", "偿还卖方信贷", claim="vendor_credit", repays=True),
    Kind("bank_loan", "lending", "bank loan", "银行贷款", claim="bank_loans", colour="credit", source="credit"),
    Kind("bank_loan_repayment", "lending", "bank loan repaid", "偿还银行贷款", claim="bank_loans", source="credit"),
    Kind("prepayment", "compute", "prepayment", "预付款", claim="prepayments"),
    Kind("prepayment_return", "compute", "prepayment returned", "退还预付款", claim="prepayments"),
    # --- financial: equity ----------------------------------------------------------------------------------------
    Kind(
        "funding_round",
        "stakes",
        "funding round",
        "融资轮",
        claim="private_equity",
        colour="equity",
        recolours=True,
        contribution=True,
        source="shares",
    ),
    Kind(
        "vendor_equity",
        "stakes",
        "vendor's investment",
        "芯片商入股",
        claim="private_equity",
        vendor_finance=True,
        contribution=True,
    ),
    Kind(
        "vendor_placement",
        "stakes",
        "vendor's investment in a listed cloud",
        "芯片商入股上市云企业",
        claim="listed_equity",
        vendor_finance=True,
        contribution=True,
    ),
    Kind(
        "cloud_equity",
        "stakes",
        "cloud's investment",
        "云厂商入股",
        claim="private_equity",
        colour="inside",
        recolours=True,
        contribution=True,
    ),
    Kind(
        "listed_issuance",
        "trading",
        "new shares",
        "增发新股",
        claim="listed_equity",
        colour="equity",
        recolours=True,
        contribution=True,
        source="shares",
    ),
    Kind("buyback", "trading", "buybacks", "回购股票", claim="listed_equity", contribution=True, source="other_business"),
    Kind("share_trading", "trading", "share trading", "股票交易", claim="listed_equity", background=True, source="shares"),
    Kind(
        "gold_trading", "trading", "gold trading", "黄金交易", claim="gold", colour="own", background=True, source="shares"
    ),
    # --- financial: funds, states, outside --------------------------------------------------------------------------
    Kind(
        "fund_inflow", "savings", "money into funds", "资金流入基金", claim="fund_units", colour="equity", contribution=True
    ),
    Kind(
        "lender_inflow",
        "savings",
        "money into credit",
        "资金流入信贷",
        claim="fund_units",
        colour="credit",
        contribution=True,
    ),
    Kind(
        "hall_equity",
        "savings",
        "money into landlords",
        "资金流入业主",
        claim="fund_units",
        colour="equity",
        contribution=True,
        source="shares",
    ),
    Kind(
        "hall_payout",
        "savings",
        "paid out by landlords",
        "业主分配",
        claim="fund_units",
        contribution=True,
        source="other_business",
    ),
    Kind("fund_distribution", "savings", "paid out by funds", "基金分配", claim="fund_units", contribution=True),
    Kind("reserve_bills", "savings", "reserve bills", "储备票据", claim="reserve_bills", colour="states"),
    Kind("outside_loan", "lending", "bank credit to the outside", "银行对外部信贷", claim="outside_loans", background=True),
    Kind("outside_loan_repayment", "lending", "bank credit repaid", "偿还银行信贷", claim="outside_loans", background=True),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
KIND_NUMBER: dict[str, int] = {kind.name: number for number, kind in enumerate(_KINDS)}


def _names(chosen: Callable[[Kind], object]) -> tuple[str, ...]:
    return tuple(kind.name for kind in _KINDS if chosen(kind))


SALES = _names(lambda kind: kind.sale)
RENTS = _names(lambda kind: kind.rent)
RECEIPTS = _names(lambda kind: kind.operating == "receipt")
COSTS = _names(lambda kind: kind.operating == "cost")
#: Operating cash flow, before capital spending and debt service.
OPERATING = _names(lambda kind: kind.operating)
INTEREST = _names(lambda kind: kind.interest_on)
REPAYMENTS = _names(lambda kind: kind.repays)
VENDOR_FINANCE = _names(lambda kind: kind.vendor_finance)
#: Where the machine's money comes from beside AI's customers, and where it goes beside its costs.
SOURCES = ("other_business", "shares", "credit", "states")
BY_SOURCE = {source: tuple(kind.name for kind in _KINDS if kind.source == source) for source in SOURCES}
LASTING = _names(lambda kind: kind.lasting)
CONTRIBUTIONS = _names(lambda kind: kind.contribution)
BACKGROUND = _names(lambda kind: kind.background)
#: What a firm without other business takes in and spends on operations and debt service: its burn is minus the sum.
OPERATIONS_AND_SERVICE = (*OPERATING, "default_costs", *INTEREST, *REPAYMENTS)
BY_GROUP = {group: tuple(kind.name for kind in _KINDS if kind.group == group) for group in GROUPS}
