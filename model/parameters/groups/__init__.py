"""The registry's groups of parameters and of agents' opening figures, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Codes, Group
from perpetuum.model.parameters.groups.figures import (
    FIGURES_OF,
    CloudFigures,
    Figures,
    FundFigures,
    LabFigures,
    LandlordFigures,
    LenderFigures,
    StateFigures,
    VendorFigures,
)
from perpetuum.model.parameters.groups.funding import Credit, Default, Funding, Narrative, Valuation, Venture
from perpetuum.model.parameters.groups.investors import Investors
from perpetuum.model.parameters.groups.mechanisms import (
    Ambition,
    Building,
    Expectations,
    Growth,
    Landlords,
    Leases,
    Power,
    Prices,
    Rollover,
    Supply,
    Support,
)
from perpetuum.model.parameters.groups.world import (
    Bank,
    Chips,
    Clouds,
    Compute,
    Contracts,
    Currency,
    Demand,
    Labs,
    Measures,
    Outside,
    SecondHand,
    States,
    Technology,
    Vendor,
    VendorFinance,
)
from perpetuum.model.worlds import Stateful

__all__ = [
    "FIGURES_OF",
    "Ambition",
    "Bank",
    "Building",
    "Chips",
    "CloudFigures",
    "Clouds",
    "Codes",
    "Compute",
    "Contracts",
    "Credit",
    "Currency",
    "Default",
    "Demand",
    "Expectations",
    "Figures",
    "FundFigures",
    "Funding",
    "Group",
    "Growth",
    "Investors",
    "LabFigures",
    "Labs",
    "LandlordFigures",
    "Landlords",
    "Leases",
    "LenderFigures",
    "Measures",
    "Narrative",
    "Outside",
    "ParameterGroups",
    "Power",
    "Prices",
    "Rollover",
    "SecondHand",
    "StateFigures",
    "States",
    "Supply",
    "Support",
    "Technology",
    "Valuation",
    "Vendor",
    "VendorFigures",
    "VendorFinance",
    "Venture",
]


class ParameterGroups(Stateful):
    """All groups by name."""

    funding: Funding
    narrative: Narrative
    venture: Venture
    credit: Credit
    default: Default
    valuation: Valuation
    demand: Demand
    technology: Technology
    compute: Compute
    contracts: Contracts
    chips: Chips
    vendor_finance: VendorFinance
    vendor: Vendor
    clouds: Clouds
    labs: Labs
    states: States
    outside: Outside
    bank: Bank
    second_hand: SecondHand
    currency: Currency
    measures: Measures
    expectations: Expectations
    growth: Growth
    building: Building
    ambition: Ambition
    leases: Leases
    supply: Supply
    power: Power
    landlords: Landlords
    rollover: Rollover
    prices: Prices
    support: Support
    investors: Investors
