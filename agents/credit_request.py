"""What a borrower lacks and asks of lenders.

Each is an equation for one borrower in one world; `Borrower` says where their numbers come from. Dollars; (a)+ is max(a, 0).
"""

from __future__ import annotations

from perpetuum.model.equations import equation


@equation
def cushion_wanted(months: float, other_capex: float, costs: float) -> float:
    """months x (other capex + costs)+, dollars.

    >>> cushion_wanted(2.0, 10.0, 5.0), cushion_wanted(2.0, -10.0, 5.0)
    (30.0, 0.0)
    """
    return months * max(other_capex + costs, 0.0)


@equation
def dues_kept(service: float, costs: float, taxes: float, counted_receipts: float, rents: float) -> float:
    """(service / 12 + costs + taxes - counted_receipts x rents)+: cash that this month's dues will need, dollars.

    >>> dues_kept(120.0, 5.0, 1.0, 0.5, 20.0), dues_kept(120.0, 5.0, 1.0, 0.5, 40.0)
    (6.0, 0.0)
    """
    return max(service / 12 + costs + taxes - counted_receipts * rents, 0.0)


@equation
def cash_missing(chip_bill: float, other_capex: float, dues: float, cushion: float, cash: float) -> float:
    """(chips and shells + other capex + dues + cushion - cash)+, dollars.

    >>> cash_missing(50.0, 10.0, 6.0, 4.0, 40.0), cash_missing(50.0, 10.0, 6.0, 4.0, 90.0)
    (30.0, 0.0)
    """
    return max(chip_bill + other_capex + dues + cushion - cash, 0.0)


@equation
def loans_wanted(
    short: float,
    chip_bill: float,
    collateral: float,
    loans: float,
    loan_to_value: float,
    months_in_breach: float,
    refused: bool,
) -> float:
    """min(cash missing, LTV x (collateral + new chips) - loans, LTV x new chips), dollars; 0 in breach and where refused.

    >>> loans_wanted(30.0, 50.0, 100.0, 60.0, 0.5, 0.0, False), loans_wanted(10.0, 50.0, 100.0, 60.0, 0.5, 0.0, False)
    (15.0, 10.0)
    >>> loans_wanted(30.0, 50.0, 100.0, 60.0, 0.5, 1.0, False), loans_wanted(30.0, 50.0, 100.0, 60.0, 0.5, 0.0, True)
    (0.0, 0.0)
    """
    if refused or months_in_breach > 0.0:
        return 0.0
    room = max(loan_to_value * (collateral + chip_bill) - loans, 0.0)
    return min(short, min(room, loan_to_value * chip_bill))


@equation
def bonds_wanted(
    left: float, debt: float, cash: float, ebitda: float, leverage_limit: float, months_in_breach: float, refused: bool
) -> float:
    """min(cash still missing, leverage limit x (EBITDA)+ - net debt), dollars; 0 in breach and where refused.

    >>> bonds_wanted(15.0, 40.0, 20.0, 10.0, 3.0, 0.0, False), bonds_wanted(5.0, 40.0, 20.0, 10.0, 3.0, 0.0, False)
    (10.0, 5.0)
    >>> bonds_wanted(15.0, 80.0, 20.0, 10.0, 3.0, 0.0, False), bonds_wanted(15.0, 40.0, 20.0, 10.0, 3.0, 2.0, False)
    (0.0, 0.0)
    """
    if refused or months_in_breach > 0.0:
        return 0.0
    return min(left, max(leverage_limit * max(ebitda, 0.0) - (debt - cash), 0.0))


@equation
def repaid_to_bank(cash: float, dues: float, cushion: float, drawn: float) -> float:
    """min((cash - dues - cushion)+, (drawn)+), dollars of the revolver.

    >>> repaid_to_bank(50.0, 20.0, 10.0, 80.0), repaid_to_bank(50.0, 20.0, 10.0, 5.0), repaid_to_bank(20.0, 20.0, 10.0, 5.0)
    (20.0, 5.0, 0.0)
    """
    return min(max(cash - dues - cushion, 0.0), max(drawn, 0.0))
