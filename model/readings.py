"""What agents and phases read off the economy: prices, conditions and relations that belong to no single agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.books.accounts import DEBTS, INSTRUMENT
from perpetuum.model.books.ledger import Ledger
from perpetuum.model.books.payment_kinds import OPERATIONS_AND_SERVICE
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Dollars, Floats, bounded, share, total

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.agents.model_lab import ModelLab

_DEBT_ROWS = [INSTRUMENT[name] for name in DEBTS]


class Readings:
    """Read-only views of an `Economy`; every answer is (worlds,)."""

    p: ParameterValues
    ledger: Ledger

    # --- relations ----------------------------------------------------------------------------------------------

    def is_lab(self: Any, account: int) -> bool:
        """Whether the account belongs to a lab."""
        return account in self.accounts["labs"]

    def is_neocloud(self: Any, account: int) -> bool:
        """Whether the account belongs to a neocloud."""
        return account in self.cloud_of and self.cloud_of[account].kind == "neocloud"

    def partner_of(self: Any, lab: ModelLab) -> CloudProvider:
        """The cloud that holds most of a lab, else the first cloud: it receives the revenue share and joins rounds."""
        stakes = {s.holder: s.share for s in self.scenario.definition.stakes if s.issuer == lab.name}
        return max(self.clouds, key=lambda cloud: stakes.get(cloud.name, 0.0))

    def alive(self: Any, firm: Any) -> Floats:
        """1 where a firm has not defaulted within the months of grace."""
        at = self.defaulted_at[firm.name]
        return ((at < 0) | (self.month - at >= self.p.default.grace_months)).astype(np.float64)

    # --- conditions ---------------------------------------------------------------------------------------------

    def margin_requirement(self: Any) -> Floats:
        """Initial margin on listed shares."""
        return self.p.funding.margin + self.funding.margin_rise

    def debt_of(self: Any, account: int) -> Floats:
        """Interest-bearing debt of an account (dollars)."""
        return -np.minimum(self.ledger.book[_DEBT_ROWS, account], 0).sum(axis=0).astype(np.float64)

    def operating_flow(self: Any, account: int) -> Floats:
        """A lab's cash flow from operations and debt service this month (dollars; negative: burn)."""
        return self.ledger.flow_of(OPERATIONS_AND_SERVICE, (account,)).astype(np.float64)

    def commitment_cover(self: Any) -> Floats:
        """Lead lab's revenue and cash over a year against its take-or-pay bills of the coming year; capped at 3."""
        contracts = self.contracts
        pairs = contracts.of_buyer(self.lead_lab.account)
        bill = total(contracts.bill[i] for i in pairs)
        ahead = range(self.month + 1, min(self.month + 13, contracts.starting_bill.shape[1]))
        for t in ahead:
            for i in pairs:
                bill = bill + contracts.starting_bill[i, t] * (12 - (t - self.month)) / 12
        means = self.lead_lab.revenue_rate * (1.0 + bounded(self.lead_lab.growth, 0.0, 1.0)) + self.lead_lab.cash
        return np.minimum(share(means, bill, 3.0), 3.0)

    def part_of_open_need(self: Any, account: int) -> Floats:
        """A hyperscaler's part of the compute that labs will need and have not reserved."""
        open_to = total(c.figures.contract_share for c in self.clouds if c.hyperscaler)
        return share(self.cloud_of[account].figures.contract_share, open_to)

    def finance_left(self: Any) -> Floats:
        """1 where the lead vendor's programme of customer finance is not used up."""
        return self.lead_vendor.finance_left()

    def dry_powder_left(self: Any) -> Floats:
        """Funds' dry powder against the opening one, at most 1: what labs dare depends on what backers could still pay."""
        left = total(fund.cash for fund in self.funds)
        return np.minimum(share(left, total(fund.figures.cash for fund in self.funds), 1.0), 1.0)

    # --- prices -------------------------------------------------------------------------------------------------

    def comparables(self: Any) -> Floats:
        """Listed AI shares' price over what their earnings alone explain: what a lab's multiple is compared with."""
        v = self.p.venture
        caps = [value.opening for value in self.fair_values[:-1]]
        earned = total(
            cap * (value.earnings / value.earnings_opening) ** self.p.valuation.earnings_weight
            for cap, value in zip(caps, self.fair_values[:-1], strict=True)
        )
        return bounded(self.share_index() * total(caps) / earned, v.comparables_low, v.comparables_high)

    def share_index(self: Any) -> Floats:
        """Price index of listed AI shares, opening lots as weights; 1 at the start."""
        start = self.opening_prices
        now = total(self.holdings.price[k] * w for k, w in enumerate(self.opening_lots))
        then = total(start[k] * w for k, w in enumerate(self.opening_lots))
        return now / then

    def wealth_index(self: Any) -> Floats:
        """Listed market's value against the opening one, for the wealth effect."""
        return self.share_index() if self.month else np.ones(self.p.worlds)

    def share_momentum(self: Any) -> Floats:
        """Momentum of the lead vendor's share (sum of recent log returns, decaying)."""
        return self.securities.momentum[self.holdings.asset_of(self.lead_vendor.account)]

    def share_volatility(self: Any, account: int) -> Floats:
        """Estimated volatility of a firm's share, per month."""
        return np.sqrt(self.securities.variance[self.holdings.asset_of(account)])

    @property
    def volatility(self: Any) -> Floats:
        """Volatility that enters the option to build: the whole market's, per year."""
        return np.sqrt(12.0 * self.securities.market_variance)

    def rivals_growth(self: Any, account: int) -> Floats:
        """How much rivals' capex exceeds its average of the last year."""
        rivals = [c.growth for c in self.clouds if c.account != account and c.hyperscaler]
        return total(rivals) / len(rivals) if rivals else np.zeros(self.p.worlds)

    def opening_rents(self: Any, cloud: CloudProvider) -> Floats:
        """AI receipts of a cloud in a month at the start: reserved rents, revenue shares and direct sales (dollars)."""
        bills = [self.contracts.bill[i] for i in self.contracts.of_seller(cloud.account)]
        shares = [lab.figures.revenue_share * lab.figures.revenue for lab in self.labs if self.partner_of(lab) is cloud]
        direct = self.p.demand.direct * cloud.figures.direct_share
        return total([*bills, *shares, direct]) / 12

    # --- notes --------------------------------------------------------------------------------------------------

    def note_breach(self: Any, cloud: CloudProvider) -> None:
        """Journal the first month of a covenant breach."""
        fresh = cloud.breached == 1
        self.journal.note(self.month, EventKind.BREACHES_COVENANT, cloud.name, fresh, EventCause.COVENANT_MISSED)

    def note_rescue(self: Any, vendor: Any, lab: Any, paid: Dollars) -> None:
        """Remember and journal a rescue."""
        self.rescued_now[lab.name] = np.maximum(self.rescued_now[lab.name], (paid > 0).astype(np.float64))
        cause = EventCause.CUSTOMER_RUNWAY_SHORT
        self.journal.note(self.month, EventKind.RESCUES, vendor.name, paid > 0, cause, paid, lab.name)
