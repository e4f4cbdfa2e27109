"""What a breach of covenants does to a borrower's accounts: cash that lenders sweep is no debt service."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import REPAYMENTS
from perpetuum.model.economy import Economy
from perpetuum.model.phases.credit_market import _sweep


def test_cash_that_lenders_sweep_repays_loans_and_counts_as_no_debt_service():
    """What service is due is unchanged by it, so that a sweep cannot keep the coverage low for which it is taken."""
    economy = Economy(months=4, worlds=2, seed=3)
    economy.step()
    cloud = economy.leveraged_cloud
    lenders = [lender.account for lender in economy.lenders]
    economy.ledger.begin_month(economy.month)
    cloud.months_in_breach = np.array([1.0, 0.0])
    spare, owed, service = cloud.spare_cash(), economy.loans.owed_by(cloud.account), cloud.service.copy()
    assert (spare > 1e9).all()
    assert (owed > 1e9).all()
    _sweep(economy)
    swept = -economy.ledger.flow_of(("early_repayment",), (cloud.account,))
    assert swept == pytest.approx(
        np.array([1.0, 0.0]) * np.minimum(economy.p.credit.sweep_share * spare, owed), abs=len(lenders)
    )
    assert (owed - economy.loans.owed_by(cloud.account)).tolist() == swept.tolist()
    assert economy.ledger.flow_of(REPAYMENTS, (cloud.account,)).tolist() == [0, 0]
    assert cloud.service.tolist() == service.tolist()
