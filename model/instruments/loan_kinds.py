"""The kinds of loans: who lends them, how they rank, whether chips secure them."""

from __future__ import annotations

from dataclasses import dataclass

from perpetuum.model.books.payment_kinds import INTEREST, KINDS, REPAYMENTS
from perpetuum.model.books.settlement import SECURED, UNSECURED


@dataclass(frozen=True, slots=True)
class LoanKind:
    """One kind of loan: what every book of loans, settlement, default and the page have to know of it.

    Its kinds of payment are those that the instrument's name stands beside in `books/payment_kinds.py`.
    """

    instrument: str
    lenders: str  # the sector that lends it
    seniority: int  # its place in a settlement, and in a default
    term: str  # parameter with the months to maturity
    bullet: bool = False  # repaid at maturity, not in instalments
    on_chips: bool = False  # secured by the borrower's chips, so that their sale covers it
    borrowers: tuple[str, ...] = ("clouds", "labs")  # the sectors that owe it
    lender_kind: str = ""  # the kind of lenders that grant it; vendors have no kinds of credit

    @property
    def draw(self) -> str:
        """The kind of payment by which it is lent."""
        return next(kind.name for kind in KINDS.values() if kind.claim == self.instrument and not kind.repays)

    @property
    def interest(self) -> str:
        """The kind of payment that is interest on it."""
        return next(kind for kind in INTEREST if KINDS[kind].interest_on == self.instrument)

    @property
    def repayment(self) -> str:
        """The kind of payment by which scheduled principal is repaid."""
        return next(kind for kind in REPAYMENTS if KINDS[kind].claim == self.instrument)


#: In the order of the chart of accounts.
_LOAN_KINDS = (
    LoanKind("bonds", "lenders", UNSECURED, "credit.bond_months", bullet=True, lender_kind="bonds"),
    LoanKind("term_loans", "lenders", SECURED, "credit.loan_months", on_chips=True, lender_kind="private_credit"),
    LoanKind("vendor_credit", "vendors", SECURED, "vendor_finance.credit_months"),
    LoanKind(
        "hall_loans",
        "lenders",
        SECURED,
        "landlords.loan_months",
        bullet=True,
        lender_kind="private_credit",
        borrowers=("landlords",),
    ),
)
LOAN_KINDS = {kind.instrument: kind for kind in _LOAN_KINDS}
#: The order in which a settlement serves them and a default writes them down.
BY_SENIORITY = tuple(sorted(_LOAN_KINDS, key=lambda kind: kind.seniority))
