"""Opening figures of the institutions, by role: what a preset says of each of them.

Needed are those without which nobody would know how large an agent is; the others have a default that says "none", or "as usual".
"""

from perpetuum.model.parameters.base import Parameter as P


def _figures(*parameters: P) -> dict[str, P]:
    return {parameter.name: parameter for parameter in parameters}


FIGURES: dict[str, dict[str, P]] = {
    "vendor": _figures(
        P("market_cap", 100.0, "$bn", 0.001, 50000, "market value at the start", needed=True),
        P("cash", 10.0, "$bn", 0, 5000, "cash and securities at the start", needed=True),
        P("target_cash", 35.0, "$bn", 0, 5000, "cash above which money is paid out"),
        P("capacity", 0.1, "GW/mo", 0.0001, 20, "chips that can be shipped a month", needed=True),
        P("backlog_months", 1.5, "months", 0, 24, "backlog at the start, in months of capacity"),
        P("sales_growth", 0.0, "per month", -0.1, 0.3, "log growth of its AI sales over the last year"),
        P("margin", 0.73, "share", 0, 0.99, "gross margin at list price", needed=True),
        P("operating_costs", 1.0, "$bn/mo", 0, 100, "research, selling and administration"),
        P("cost_growth", 0.10, "per year", -0.5, 0.5, "growth of operating costs"),
        P("other_revenue", 0.0, "$bn/mo", 0, 100, "revenue outside AI, net of its cost of goods"),
        P("inventory", 1.0, "$bn", 0, 500, "unsold chips at cost"),
        P("order_share", 1.0, "share", 0, 1, "share of the clouds' chip orders at the start"),
        P("finances", 0.0, "switch", 0, 1, "1 for the vendor that finances its customers"),
        P("news", 0.09, "per month", 0, 0.5, "standard deviation of permanent public news on its value"),
    ),
    "cloud": _figures(
        P("market_cap", 100.0, "$bn", 0.001, 50000, "market value at the start", needed=True),
        P("cash", 10.0, "$bn", 0, 5000, "cash and securities at the start", needed=True),
        P("target_cash", 10.0, "$bn", 0, 5000, "cash above which money is paid out"),
        P("other_business", 0.0, "$bn/mo", 0, 200, "operating cash flow from non-AI business"),
        P("other_growth", 0.08, "per year", -0.5, 0.5, "its growth"),
        P("other_capex", 0.0, "$bn/mo", 0, 500, "capital spending outside AI data centres"),
        P("capacity", 1.0, "GW", 0, 1000, "accelerator capacity in service", needed=True),
        P("own_use", 0.0, "GW", 0, 500, "capacity used for its own products"),
        P("own_use_growth", 0.012, "per month", -0.1, 0.2, "its growth"),
        P("direct_share", 0.0, "share", 0, 1, "share of direct AI-cloud sales"),
        P("contract_share", 0.0, "share", 0, 1, "share of newly signed reservations"),
        P("orders", 0.0, "GW/mo", 0, 20, "chips ordered a month at the start", needed=True),
        P("bonds", 0.0, "$bn", 0, 2000, "bonds outstanding"),
        P("term_loans", 0.0, "$bn", 0, 2000, "secured term loans outstanding"),
        P("coupon", 0.05, "per year", 0, 0.5, "rate on the opening debt"),
        P("book_value", 20.0, "$bn/GW", 0, 100, "book value of hardware per GW at the start"),
        P("other_assets", 0.0, "$bn", 0, 5000, "book value of other fixed assets"),
        P("news", 0.07, "per month", 0, 0.5, "standard deviation of permanent public news on its value"),
        P("operating_costs", 0.0, "$bn/mo", 0, 100, "overheads beyond power and staff of data centres"),
        P("payouts", 0.0, "$bn/mo", 0, 200, "buybacks and dividends a month at the start, where they are sticky"),
        P("site_cost", 0.0, "$bn/GW", 0, 100, "what its sites cost per GW beyond chips and shells: land, servers, networks"),
        P("outside_commitments", 0.0, "$bn", 0, 5000, "remaining performance obligations to customers outside the model"),
        P("software_commitments", 0.0, "$bn", 0, 5000, "part of them for software and support: its other business serves and renews them, and has their money"),
        P("leased_share", 0.0, "share", 0, 1, "share of its halls (shell, power and cooling) that landlords build and let to it, where `landlords.on`"),
        P("outside_gw", 0.0, "GW", 0, 100, "compute that such customers use under contract at the start, where `leases.on`"),
    ),
    "lab": _figures(
        P("revenue", 1.0, "$bn/yr", 0, 5000, "yearly revenue at the start", needed=True),
        P("growth", 1.0, "per year", -1, 10, "growth of revenue over the last year"),
        P("cash", 1.0, "$bn", 0, 1000, "cash at the start", needed=True),
        P("valuation", 10.0, "$bn", 0.001, 20000, "valuation at the last round", needed=True),
        P("worth", 0.0, "$bn", 0, 20000, "price at which its next round is being talked of; 0: that of the last"),
        P("training", 0.1, "GW", 0, 100, "compute used for training and research", needed=True),
        P("other_costs", 1.0, "$bn/yr", 0, 1000, "staff, selling and other costs without compute", needed=True),
        P("cost_growth", 0.8, "elasticity", 0, 1.5, "response of other costs to revenue"),
        P("revenue_share", 0.0, "share", 0, 1, "share of revenue owed to its cloud partner"),
        P("receives_finance", 0.0, "switch", 0, 1, "1 for the lab that the letter of intent finances"),
        P("receives_tickets", 0.0, "switch", 0, 1, "1 for companies that receive the vendor's small tickets"),
    ),
    "landlord": _figures(
        P("cash", 1.0, "$bn", 0, 1000, "cash at the start", needed=True),
        P("coupon", 0.06, "per year", 0, 0.5, "rate on the opening loans on halls"),
    ),
    "fund": _figures(
        P("cash", 100.0, "$bn", 0, 5000, "dry powder", needed=True),
        P("inflow_share", 1.0, "share", 0, 1, "share of venture inflow"),
    ),
    "lender": _figures(
        P("cash", 100.0, "$bn", 0, 10000, "cash to lend", needed=True),
        P("inflow_share", 0.5, "share", 0, 1, "share of backers' inflow"),
    ),
    "state": _figures(
        P("gold", 1000.0, "t", 0, 40000, "gold in reserves", needed=True),
        P("bills", 100.0, "$bn", 0, 20000, "reserve bills held", needed=True),
        P("gpus", 0.0, "GW", 0, 100, "chips hoarded"),
        P("budget", 1.0, "$bn/mo", 0, 500, "monthly funding of reserves and programmes", needed=True),
        P("cash", 10.0, "$bn", 0, 1000, "deposits"),
        P("budget_weight", 1.0, "share", 0, 1, "share of all states' chip programmes"),
    ),
}

PARAMETERS: tuple[P, ...] = ()
