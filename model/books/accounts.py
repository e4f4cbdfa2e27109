"""The chart of accounts: instruments, accounts by sector, and the errors that a breach of the books raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perpetuum.model.roles import ROLES
from perpetuum.model.worlds import Mask

#: Sectors whose agents a switch may leave out, and with them their columns in the books.
SWITCHED = tuple(role.sector for role in ROLES.values() if role.switch)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of the balance sheets, with all that any list of instruments has to know of it.

    `en`, `zh`: its name within a sentence, and what it is.
    """

    name: str
    en: tuple[str, str]
    zh: tuple[str, str]
    group: str = ""  # the row that shows it with others where there is little room; none: its own
    real: bool = False  # a real asset: nobody owes it
    debt: bool = False  # interest-bearing debt of firms and investors
    own_of: tuple[str, ...] = ()  # the sectors whose own equity it is, which solvency does not count as a debt
    shares: bool = False  # firms may hold each other's
    one: tuple[str, str] = ("", "")  # what one holding of it is called in both languages; its name where that does


#: Claims first, each row of which sums to zero over the accounts; real assets last, whose rows sum to the capital stock.
_INSTRUMENTS = (
    Instrument(
        "deposits",
        ("deposits", "Money. Everybody's deposits are the bank's debt."),
        ("存款", "货币。各方的存款就是银行的负债。"),
    ),
    Instrument(
        "bank_loans",
        ("bank loans", "Clouds' credit lines and investors' margin debt at the bank"),
        ("银行贷款", "云厂商的授信额度与投资者的融资盘"),
        group="debts",
        debt=True,
        one=("bank loan", "银行贷款"),
    ),
    Instrument(
        "bonds", ("bonds", "Unsecured; repaid at maturity"), ("债券", "无担保，到期一次偿还"), group="debts", debt=True
    ),
    Instrument(
        "term_loans",
        ("term loans", "Private credit, secured by chips; repaid in instalments"),
        ("定期贷款", "私募信贷，以芯片抵押，分期偿还"),
        group="debts",
        debt=True,
        one=("loan", "贷款"),
    ),
    Instrument(
        "vendor_credit",
        ("vendor credit", "Loans and leases that a chip vendor gives its customers"),
        ("卖方信贷", "芯片商给客户的贷款与租赁"),
        group="debts",
        debt=True,
    ),
    Instrument(
        "hall_loans",
        ("loans on halls", "Private credit to landlords, secured by halls and their leases; repaid at maturity"),
        ("机房贷款", "给业主的私募信贷，以机房及其租约抵押，到期一次偿还"),
        group="debts",
        debt=True,
        one=("loan on halls", "机房贷款"),
    ),
    Instrument(
        "prepayments",
        ("prepayments", "Rent that labs have paid clouds ahead"),
        ("预付款", "实验室预付给云厂商的租金"),
        group="debts",
        one=("prepayment", "预付款"),
    ),
    Instrument(
        "listed_equity",
        ("listed shares", "At market prices; what one holds, the issuer owes its owners"),
        ("上市股票", "按市价；持有人的资产，是发行人对股东的负债"),
        own_of=("vendors", "clouds"),
        shares=True,
        one=("shares", "股票"),
    ),
    Instrument(
        "private_equity",
        ("labs' shares", "Unlisted; at the price of the last round"),
        ("实验室股权", "未上市，按最近一轮价格"),
        own_of=("labs",),
        shares=True,
        one=("shares", "股权"),
    ),
    Instrument(
        "fund_units",
        ("fund units", "What backers own of funds, lenders and landlords, at net assets"),
        ("基金份额", "出资人在基金、放贷方与业主的权益，按净资产计"),
        own_of=("funds", "lenders", "landlords"),
    ),
    Instrument(
        "reserve_bills",
        ("reserve bills", "Safe bills in which states keep reserves"),
        ("储备票据", "各国存放储备的安全票据"),
        group="state_and_bank",
    ),
    Instrument(
        "outside_loans",
        ("outside loans", "The bank's loans to everybody outside AI"),
        ("对外贷款", "银行对 AI 以外各方的贷款"),
        group="state_and_bank",
        one=("bank loan", "银行贷款"),
    ),
    Instrument(
        "state_liabilities",
        ("states' equity", "What states are worth: it belongs to their citizens"),
        ("国家权益", "国家净值，归国民所有"),
        group="state_and_bank",
        own_of=("states",),
    ),
    Instrument(
        "bank_equity",
        ("bank equity", "What the bank is worth to its owners"),
        ("银行权益", "银行净值，归其股东所有"),
        group="state_and_bank",
        own_of=("bank",),
    ),
    Instrument(
        "hardware",
        (
            "hardware",
            "Chips, data centres and other plant at book value: cost less depreciation. A real asset: nobody owes it.",
        ),
        ("硬件", "芯片、数据中心及其他设备的账面价值：成本减折旧。实物资产，没有对应的债务人。"),
        group="plant",
        real=True,
    ),
    Instrument(
        "inventory",
        ("inventory", "Chips made and not yet sold. A real asset: nobody owes it."),
        ("存货", "已生产未售出的芯片。实物资产，没有对应的债务人。"),
        group="plant",
        real=True,
    ),
    Instrument(
        "gold",
        ("gold", "At the market price. A real asset: nobody owes it."),
        ("黄金", "按市价。实物资产，没有对应的债务人。"),
        real=True,
    ),
)

CHART: dict[str, Instrument] = {one.name: one for one in sorted(_INSTRUMENTS, key=lambda one: one.real)}
INSTRUMENTS = tuple(CHART)
INSTRUMENT = {name: number for number, name in enumerate(INSTRUMENTS)}
CLAIMS = tuple(one.name for one in CHART.values() if not one.real)
REAL_ASSETS = tuple(one.name for one in CHART.values() if one.real)
#: Interest-bearing debt of firms and investors.
DEBTS = tuple(one.name for one in CHART.values() if one.debt)
#: An issuer's own equity: excluded from its liabilities when solvency is judged.
OWN_EQUITY = tuple(one.name for one in CHART.values() if one.own_of)
#: Own equity of firms: a firm may hold the shares of others in the same row.
SHARES = tuple(one.name for one in CHART.values() if one.shares)
#: Instruments in few rows, for a projector.
INSTRUMENT_GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(one.name for one in CHART.values() if (one.group or one.name) == group)
    for group in dict.fromkeys(one.group or one.name for one in CHART.values())
}
DEPOSITS = INSTRUMENT["deposits"]

# What an audit may find wrong.
STOCK, CASH, SAVING, FLOWS, ROWS, SIZE = 1, 2, 3, 4, 5, 6
#: No stock is as large as this (dollars): nine times it would wrap, and sums that wrap balance all the same.
LARGEST = 1 << 60
#: Why a stock changed: the audit adds these up against the change of the stock.
TRANSACTION, REVALUATION, OTHER_CHANGE = 0, 1, 2


#: Dollars that no stock of an account may pass (9e15, twenty times the wealth of the world): up to there floats count dollars.
RANGE = 2**53


class BooksBreachError(Exception):
    """The books do not balance: an internal error, never a user's mistake. `mask` says in which worlds."""

    def __init__(self, message: str, mask: Mask | None = None):
        super().__init__(message)
        self.mask = mask


class OverdraftError(BooksBreachError):
    """Somebody tried to pay more than the account held; `mask` says in which worlds."""


class OutgrownError(BooksBreachError):
    """A world's amounts have passed what whole dollars can count and share out exactly."""


class Accounts:
    """Names and numbers of the accounts, grouped by sector."""

    def __init__(self, sectors: dict[str, Sequence[str]]):
        self.names: tuple[str, ...] = tuple(name for group in sectors.values() for name in group)
        self.number: dict[str, int] = {name: index for index, name in enumerate(self.names)}
        self.sectors: dict[str, tuple[int, ...]] = {
            sector: tuple(self.number[name] for name in group) for sector, group in sectors.items()
        }

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, sector: str) -> tuple[int, ...]:
        """The accounts of a sector; of one that a switch leaves out none."""
        return self.sectors.get(sector, ()) if sector in SWITCHED else self.sectors[sector]
