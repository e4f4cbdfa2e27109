"""What happens in each phase of the month: agents decide, markets settle, the ledger books."""

#: The phases of a month in their order: name to what happens in it.
PHASES: dict[str, str] = {
    "policy_and_shocks": "the tightening index and with it rate, margin, venture money, collateral, covenants, spreads",
    "technology": "a new generation may come; last months' shipments arrive; chips fail; hardware is depreciated",
    "expectations": "growth of direct sales and of labs' needs is learnt; those not yet reserved become visible to builders",
    "end_demand": "customers pay labs and clouds; clouds' and vendors' other business; states get their budgets",
    "deliveries": (
        "contracts start and end; reserved, direct, own and spot compute are served in this order; the rent moves; labs train"
    ),
    "production_planning": "labs plan training, vendors capacity and price, clouds and states order chips",
    "reservation_market": "labs, clouds that lack capacity and outside customers sign take-or-pay contracts",
    "credit_market": "backers fund lenders; covenants are tested; clouds ask for what they lack; lenders ration",
    "private_placement": "backers fund funds; rounds of labs; the vendor's tranches, tickets, rescues; clouds take part",
    "chip_market": "allocation, production, shipment against cash or lease; shells are built",
    "settlement": (
        "clouds short of cash draw on the bank, then sell idle chips; rents, wages, power, taxes, interest, repayment, "
        "backstop and arrears clear at once"
    ),
    "default_resolution": "debts written down, owners replaced, contracts rejected, guarantees called, collateral sold",
    "reserve_management": "states turn bills into cash for gold",
    "securities_market": "savings, margin interest, orders, one clearing of shares and gold, margin calls, issues and buybacks",
    "mark_to_market": "profits, taxes due, fair values, labs' shares, dividends, fund units and bank equity at net assets",
    "narrative": "opinion follows prices, news, doubt, talk, commitments and defaults",
    "audit_and_collect": "the outside balances its account with the bank; books are audited; measures are collected",
}
