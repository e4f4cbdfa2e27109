"""Covenants of term loans: what a borrower's leverage and coverage are, and where it breaks what it has agreed to.

Each is an equation for one borrower in one world; `Borrower` says where their numbers come from. Dollars.
"""

from __future__ import annotations

from perpetuum.model.equations import DUST, equation

#: Leverage where there is debt but no EBITDA, and the most that counts.
NO_EBITDA = 99.0
#: Coverage where there is no debt to serve.
NO_SERVICE = 99.0


@equation
def net_leverage(debt: float, cash: float, ebitda: float) -> float:
    """Net debt / EBITDA, at most 99: 0 for net cash, 99 where there is debt but no EBITDA.

    >>> net_leverage(50.0, 20.0, 10.0), net_leverage(50.0, 60.0, 10.0), net_leverage(50.0, 20.0, -1.0)
    (3.0, 0.0, 99.0)
    """
    net = max(debt - cash, 0.0)
    if net <= 0.0:
        return 0.0
    earned = max(ebitda, 0.0)
    return min(net / earned, NO_EBITDA) if earned > DUST else NO_EBITDA


@equation
def debt_service_coverage(ebitda: float, service: float) -> float:
    """EBITDA / (interest and principal of a year); 99 without debt service.

    >>> debt_service_coverage(13.0, 10.0), debt_service_coverage(13.0, 0.0)
    (1.3, 99.0)
    """
    return ebitda / service if service > DUST else NO_SERVICE


@equation
def coverage_agreed(standard: float, opening: float, headroom: float, loans: float) -> float:
    """min(standard, opening coverage / (1 + headroom)) of who has term loans at the opening: what its lenders ask for.

    They had seen the figures of the day, and nobody signs what is broken already; below 0 headroom leads further down.

    >>> coverage_agreed(1.25, 1.5, 0.25, 9.0), coverage_agreed(1.25, 1.0, 0.25, 9.0), coverage_agreed(1.25, -1.0, 0.25, 9.0)
    (1.2, 0.8, -1.25)
    >>> coverage_agreed(1.25, 2.0, 0.25, 9.0), coverage_agreed(1.25, 1.0, 0.25, 0.0)
    (1.25, 1.25)
    """
    if loans <= 0.0:
        return standard
    return min(standard, min(opening / (1.0 + headroom), opening * (1.0 + headroom)))


@equation
def in_breach(
    loans: float,
    debt: float,
    service: float,
    coverage: float,
    leverage: float,
    collateral: float,
    loan_to_value: float,
    leverage_limit: float,
    coverage_asked: float,
    service_counted: float,
    collateral_slack: float,
    leverage_slack: float,
) -> bool:
    """Whether who has term loans breaks a covenant: coverage too thin, loans above their collateral, or debt too heavy.

    Coverage counts where service is more than service_counted of debt (of a dollar at least).

    >>> covenants = (0.5, 4.0, 1.3, 0.0625, 2.0, 1.5)  # loan to value, leverage limit, coverage and so on
    >>> in_breach(50.0, 80.0, 10.0, 1.2, 3.0, 100.0, *covenants), in_breach(0.0, 80.0, 10.0, 1.2, 3.0, 100.0, *covenants)
    (True, False)
    >>> in_breach(50.0, 80.0, 10.0, 1.4, 3.0, 100.0, *covenants), in_breach(50.0, 80.0, 2.0, 1.2, 3.0, 100.0, *covenants)
    (False, False)
    >>> in_breach(50.0, 80.0, 10.0, 1.4, 3.0, 40.0, *covenants), in_breach(50.0, 80.0, 10.0, 1.4, 7.0, 100.0, *covenants)
    (True, True)
    """
    thin = coverage < coverage_asked and service > service_counted * max(debt, 1.0)
    above = loans > max(loan_to_value, 0.0) * collateral * collateral_slack
    heavy = leverage > leverage_slack * leverage_limit
    return (thin or above or heavy) and loans > 0.0
