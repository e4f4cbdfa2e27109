"""The kinds of payment: the rows of the transactions-flow matrix, and the colour that money takes when it enters.

Each kind is one row of `model/README.md`'s flow matrix. `current` kinds are income and spending; the others exchange
money for a claim, and the ledger checks that the claim moved with the money. `colour` is what money is dyed when it enters
from outside the traced system, or when the kind recolours it (a funding round makes equity of whatever paid for it).
"""

from __future__ import annotations

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
    """One kind of payment."""

    name: str
    current: bool = True  # income or spending (False: money against a claim)
    colour: str | None = None  # dye of money entering from outside, and of recoloured money inside
    recolours: bool = False  # recolour the payer's mix inside the system too (laps keep their colour)
    vendor_finance: bool = False  # paid by a vendor to a customer: the next lap
    revenue: bool = False  # counts as the vendor's AI revenue
    sale: bool = False  # what a firm receives for what it sells: its revenue


_KINDS = (
    # --- current: customers and the outside ---------------------------------------------------------------------
    Kind("ai_subscriptions", colour="customers", sale=True),
    Kind("direct_cloud_sales", colour="customers", sale=True),
    Kind("other_business", colour="other_customers", sale=True),
    Kind("state_funding", colour="states"),
    Kind("state_support", colour="states", recolours=True),
    Kind("investor_inflow", colour="equity"),
    Kind("investor_withdrawal"),
    # --- current: inside the machine ------------------------------------------------------------------------------
    Kind("compute_rent_reserved", sale=True),
    Kind("compute_rent_spot", sale=True),
    Kind("revenue_share", sale=True),
    Kind("chips", revenue=True, sale=True),
    Kind("second_hand_chips"),
    Kind("backstop", vendor_finance=True),
    Kind("guarantee_call", vendor_finance=True),
    # --- current: costs -------------------------------------------------------------------------------------------
    Kind("shell_and_power"),
    Kind("other_capex"),
    Kind("cost_of_goods"),
    Kind("operations"),
    Kind("taxes"),
    Kind("default_costs"),
    # --- current: returns -----------------------------------------------------------------------------------------
    Kind("bond_interest"),
    Kind("loan_interest"),
    Kind("vendor_credit_interest"),
    Kind("bank_interest"),
    Kind("deposit_interest", colour="own"),
    Kind("dividends"),
    # --- financial: credit ----------------------------------------------------------------------------------------
    Kind("bond_issue", current=False, colour="credit", recolours=True),
    Kind("bond_redemption", current=False),
    Kind("loan_draw", current=False, colour="credit", recolours=True),
    Kind("loan_amortisation", current=False),
    Kind("vendor_loan", current=False, vendor_finance=True),
    Kind("vendor_credit_service", current=False),
    Kind("bank_loan", current=False, colour="credit"),
    Kind("bank_loan_repayment", current=False),
    Kind("prepayment", current=False),
    Kind("prepayment_return", current=False),
    # --- financial: equity ----------------------------------------------------------------------------------------
    Kind("funding_round", current=False, colour="equity", recolours=True),
    Kind("vendor_equity", current=False, vendor_finance=True),
    Kind("cloud_equity", current=False, colour="inside", recolours=True),
    Kind("listed_issuance", current=False, colour="equity", recolours=True),
    Kind("buyback", current=False),
    Kind("share_trading", current=False),
    Kind("gold_trading", current=False, colour="own"),
    # --- financial: funds, states, outside --------------------------------------------------------------------------
    Kind("fund_inflow", current=False, colour="equity"),
    Kind("lender_inflow", current=False, colour="credit"),
    Kind("fund_distribution", current=False),
    Kind("reserve_bills", current=False, colour="states"),
    Kind("outside_loan", current=False),
    Kind("outside_loan_repayment", current=False),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
KIND_NUMBER: dict[str, int] = {kind.name: number for number, kind in enumerate(_KINDS)}
