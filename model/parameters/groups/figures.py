"""Agents' opening figures, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Group
from perpetuum.model.worlds import Floats


class Figures(Group):
    """Opening figures that every role has."""

    cash: Floats  # $bn: cash and securities at the start


class VendorFigures(Figures):
    """Opening figures of a vendor."""

    market_cap: Floats  # $bn: market value at the start
    target_cash: Floats  # $bn: cash above which money is paid out
    capacity: Floats  # GW/mo: chips that can be shipped a month
    backlog_months: Floats  # months: backlog at the start, in months of capacity
    sales_growth: Floats  # per month: log growth of its AI sales over the last year
    margin: Floats  # share: gross margin at list price
    operating_costs: Floats  # $bn/mo: research, selling and administration
    cost_growth: Floats  # per year: growth of operating costs
    other_revenue: Floats  # $bn/mo: revenue outside AI, net of its cost of goods
    inventory: Floats  # $bn: unsold chips at cost
    order_share: Floats  # share: share of the clouds' chip orders at the start
    finances: Floats  # switch: 1 for the vendor that finances its customers
    news: Floats  # per month: standard deviation of permanent public news on its value


class CloudFigures(Figures):
    """Opening figures of a cloud."""

    market_cap: Floats  # $bn: market value at the start
    target_cash: Floats  # $bn: cash above which money is paid out
    other_business: Floats  # $bn/mo: operating cash flow from non-AI business
    other_growth: Floats  # per year: its growth
    other_capex: Floats  # $bn/mo: capital spending outside AI data centres
    capacity: Floats  # GW: accelerator capacity in service
    own_use: Floats  # GW: capacity used for its own products
    own_use_growth: Floats  # per month: its growth
    direct_share: Floats  # share: share of direct AI-cloud sales
    contract_share: Floats  # share: share of newly signed reservations
    orders: Floats  # GW/mo: chips ordered a month at the start
    bonds: Floats  # $bn: bonds outstanding
    term_loans: Floats  # $bn: secured term loans outstanding
    coupon: Floats  # per year: rate on the opening debt
    book_value: Floats  # $bn/GW: book value of hardware per GW at the start
    other_assets: Floats  # $bn: book value of other fixed assets
    news: Floats  # per month: standard deviation of permanent public news on its value
    operating_costs: Floats  # $bn/mo: overheads beyond power and staff of data centres
    payouts: Floats  # $bn/mo: buybacks and dividends a month at the start, where they are sticky
    site_cost: Floats  # $bn/GW: what its sites cost per GW beyond chips and shells: land, servers, networks
    outside_commitments: Floats  # $bn: remaining performance obligations to customers outside the model
    software_commitments: Floats  # $bn: part of them for software and support: its other business serves and renews them, and has their money
    leased_share: Floats  # share: share of its halls (shell, power and cooling) that landlords build and let to it, where `landlords.on`
    outside_gw: Floats  # GW: compute that such customers use under contract at the start, where `leases.on`


class LabFigures(Figures):
    """Opening figures of a lab."""

    revenue: Floats  # $bn/yr: yearly revenue at the start
    growth: Floats  # per year: growth of revenue over the last year
    valuation: Floats  # $bn: valuation at the last round
    worth: Floats  # $bn: price at which its next round is being talked of; 0: that of the last
    training: Floats  # GW: compute used for training and research
    other_costs: Floats  # $bn/yr: staff, selling and other costs without compute
    cost_growth: Floats  # elasticity: response of other costs to revenue
    revenue_share: Floats  # share: share of revenue owed to its cloud partner
    receives_finance: Floats  # switch: 1 for the lab that the letter of intent finances
    receives_tickets: Floats  # switch: 1 for companies that receive the vendor's small tickets


class LandlordFigures(Figures):
    """Opening figures of a landlord."""

    coupon: Floats  # per year: rate on the opening loans on halls


class FundFigures(Figures):
    """Opening figures of a fund."""

    inflow_share: Floats  # share: share of venture inflow


class LenderFigures(Figures):
    """Opening figures of a lender."""

    inflow_share: Floats  # share: share of backers' inflow


class StateFigures(Figures):
    """Opening figures of a state."""

    gold: Floats  # t: gold in reserves
    bills: Floats  # $bn: reserve bills held
    gpus: Floats  # GW: chips hoarded
    budget: Floats  # $bn/mo: monthly funding of reserves and programmes
    budget_weight: Floats  # share: share of all states' chip programmes


FIGURES_OF: dict[str, type[Figures]] = {"vendor": VendorFigures, "cloud": CloudFigures, "lab": LabFigures, "landlord": LandlordFigures, "fund": FundFigures, "lender": LenderFigures, "state": StateFigures}
