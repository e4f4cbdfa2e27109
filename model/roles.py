"""The roles that agents play: sector, order and words of each, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One role. Its opening figures are those of `parameters/firms.py` by its name, if it has any.

    `en`, `zh`: what one agent is; what the sector is called, and who is in it ("" for a role without accounts).
    """

    name: str
    en: tuple[str, str, str]
    zh: tuple[str, str, str]
    sector: str = ""  # of its accounts in the books; "" for agents without books
    agent: str = ""  # module and class in `agents`; "" where `Economy(agent_classes=...)` brings one, or the model makes it
    size: str = ""  # the figure by which a preset's agents of this role are ordered, largest first
    needed: bool = False  # every preset has one
    switch: str = ""  # the parameter by which a batch has its agents; "" where it always has
    cast: bool = True  # presets say who plays it (False: the model has its own)
    kinds: tuple[str, ...] = ()  # what a preset may say of its kind, "" for none; none listed: anything
    node: str = ""  # the node around the machine in which the page shows the sector; "" for firms and the outside


_ROLES = (
    Role(
        "outside",
        (
            "everybody else",
            "Outside",
            "Everybody else: customers, suppliers, staff, the backers of funds, mines, tax office",
        ),
        ("其余各方", "外部", "其余各方：客户、供应商、员工、基金出资人、金矿、税务部门"),
        sector="outside",
        cast=False,
    ),
    Role(
        "vendor",
        ("chip vendor", "Vendors", "Makers of AI chips"),
        ("芯片商", "芯片商", "AI 芯片制造商"),
        sector="vendors",
        agent="chip_vendor.ChipVendor",
        size="market_cap",
        needed=True,
        kinds=("", "lead", "challenger"),
    ),
    Role(
        "cloud",
        ("cloud", "Clouds", "Whoever rents out compute: hyperscalers, leveraged clouds, neoclouds"),
        ("云厂商", "云厂商", "出租算力者：云巨头、高杠杆云厂商、新兴算力云"),
        sector="clouds",
        agent="cloud_provider.CloudProvider",
        size="market_cap",
        needed=True,
        kinds=("", "hyperscaler", "leveraged", "neocloud", "builder"),
    ),
    Role(
        "lab",
        ("lab", "Labs", "Makers of models, and the application companies"),
        ("实验室", "实验室", "模型开发商与应用公司"),
        sector="labs",
        agent="model_lab.ModelLab",
        size="valuation",
        needed=True,
        kinds=("", "lead", "second", "applications"),
    ),
    Role(
        "landlord",
        ("landlord of data centres", "Landlords", "Whoever builds halls on borrowed money and lets them to clouds"),
        ("数据中心业主", "业主", "借钱建机房并长期出租给云厂商者"),
        sector="landlords",
        agent="landlord.Landlord",
        size="cash",
        switch="landlords.on",
        node="lenders",
    ),
    Role(
        "investor",
        ("listed investors of one strategy", "Investors", "Holders of listed shares and gold, by strategy"),
        ("同一策略的股票投资者", "投资者", "持有上市股票与黄金的投资者，按策略划分"),
        sector="investors",
        cast=False,
        node="investors",
    ),
    Role(
        "fund",
        ("fund", "Funds", "Venture and private funds"),
        ("基金", "基金", "风险投资与私募基金"),
        sector="funds",
        agent="venture_fund.VentureFund",
        size="cash",
        needed=True,
        node="funds",
    ),
    Role(
        "lender",
        ("lender", "Lenders", "Bond holders and private credit"),
        ("放贷方", "放贷方", "债券持有人与私募信贷"),
        sector="lenders",
        agent="lender.Lender",
        size="cash",
        needed=True,
        kinds=("bonds", "private_credit"),
        node="lenders",
    ),
    Role(
        "state",
        ("state with central bank", "States", "States with their central banks"),
        ("国家（含央行）", "国家", "各国政府及央行"),
        sector="states",
        agent="central_bank.CentralBank",
        size="gold",
        node="states",
    ),
    Role(
        "bank",
        ("bank", "Bank", "The bank that issues all deposits"),
        ("银行", "银行", "发行全部存款的银行"),
        sector="bank",
        cast=False,
        node="lenders",
    ),
)

#: Industries that a preset may be of; all but the first have words of their own in the catalogue (`model/words`).
INDUSTRIES = ("ai", "telecom", "triangle")

#: By name, in the order of the accounts.
ROLES: dict[str, Role] = {role.name: role for role in _ROLES}


def cast_roles() -> tuple[str, ...]:
    """The roles that presets give to agents."""
    return tuple(role.name for role in ROLES.values() if role.cast)


def sectors() -> tuple[str, ...]:
    """The sectors of the books, in the order of the accounts."""
    return tuple(role.sector for role in ROLES.values() if role.sector)


def role_of_sector(sector: str) -> Role:
    """The role whose accounts a sector holds."""
    return next(role for role in ROLES.values() if role.sector == sector)
