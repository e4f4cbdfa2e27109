"""What each role may see and use of its world, as Protocols: the type checker refuses an agent anything else of the economy."""

from __future__ import annotations

from typing import Any, Protocol

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.hall_lease import HallLeases
from perpetuum.model.instruments.hardware import Hardware
from perpetuum.model.markets.chips import ChipMarket
from perpetuum.model.markets.compute import ComputeMarket
from perpetuum.model.markets.power import Shells
from perpetuum.model.markets.second_hand import SecondHandMarket
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.demand import Demand
from perpetuum.model.surroundings.funding_conditions import FundingConditions
from perpetuum.model.surroundings.opinion import Narrative
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.surroundings.technology import Technology
from perpetuum.model.worlds import Dollars, Floats


class View(Protocol):
    """What everybody sees: parameters, the books (each looks up its own account), the month and funding conditions."""

    p: ParameterValues
    ledger: Ledger
    month: int

    @property
    def funding(self) -> FundingConditions:
        """Rates, margin rule, venture drought and covenants of the month."""


class CloudView(View, Protocol):
    """What a cloud sees: markets for compute and chips, its contracts and fleet, demand, opinion and its rivals."""

    hardware: Hardware
    contracts: ComputeContracts
    chips: ChipMarket
    compute: ComputeMarket
    second_hand: SecondHandMarket
    demand: Demand
    narrative: Narrative
    technology: Technology
    shells: Shells
    hall_leases: HallLeases

    @property
    def lead_time(self) -> Floats:
        """Months until what is ordered now is in service."""

    @property
    def kept_then(self) -> Floats:
        """Part of today's chips that is in service when that arrives."""

    @property
    def open_need_then(self) -> Floats:
        """GW that labs will need when that arrives, and have not reserved."""

    @property
    def direct_growth(self) -> Floats:
        """Growth of direct sales that clouds expect, per year."""

    @property
    def direct_open(self) -> Floats:
        """Part of direct customers' use that no contract covers, against the opening's."""

    def direct_open_in(self, ahead: Floats, grown: Floats) -> Floats:
        """The same `ahead` months from now, when that use has grown to so many times today's."""

    @property
    def open_need(self) -> Floats:
        """GW that labs will need and have not reserved."""

    @property
    def volatility(self) -> Floats:
        """Volatility of the whole share market, per year."""

    def open_need_in(self, ahead: Floats) -> Floats:
        """GW that labs will need `ahead` months from now, and have not reserved."""

    def share_volatility(self, account: int) -> Floats:
        """Estimated volatility of a firm's share, per month."""

    def rivals_growth(self, account: int) -> Floats:
        """How much rivals' capital spending exceeds its average of the last year."""

    def part_of_open_need(self, account: int) -> Floats:
        """A hyperscaler's part of the compute that labs will need and have not reserved."""

    def part_of_contracts(self, account: int) -> Floats:
        """A cloud's part of newly signed contracts; those of all clouds add up to one."""

    def market_value(self, account: int) -> Dollars:
        """Market value of a listed firm (dollars)."""


class VendorView(View, Protocol):
    """What a chip vendor sees beside its books: the current generation, its orders, what all vendors ship, whom it guarantees."""

    technology: Technology
    chips: ChipMarket

    def shipments(self) -> Floats:
        """GW that all vendors shipped last month; before the first, what they can ship."""

    def guaranteed(self, vendor: int, borrower: int) -> Dollars:
        """Dollars of a borrower's loans that a vendor guarantees."""

    def market_value(self, account: int) -> Dollars:
        """Market value of a listed firm (dollars)."""


class LenderView(View, Protocol):
    """What a lender sees: its books and funding conditions."""


class LandlordView(View, Protocol):
    """What a landlord sees beside its books: its leases, and whether anybody finances it."""

    hall_leases: HallLeases

    def alive(self, firm: Any) -> Floats:
        """1 where a firm has not defaulted within the months of grace."""


class LabView(View, Protocol):
    """What a lab sees: the compute market, its contracts and chips, demand, opinion, its luck, what backers could still pay."""

    hardware: Hardware
    contracts: ComputeContracts
    chips: ChipMarket
    compute: ComputeMarket
    demand: Demand
    narrative: Narrative
    streams: Streams

    def finance_left(self) -> Floats:
        """1 where the lead vendor's programme of customer finance is not used up."""

    def dry_powder_left(self) -> Floats:
        """Funds' dry powder against the opening one, at most 1."""


class FundView(View, Protocol):
    """What a fund sees beside its books: opinion."""

    narrative: Narrative


class StateView(View, Protocol):
    """What a state sees: chips in everybody's hands and its orders that wait."""

    hardware: Hardware
    chips: ChipMarket


class OutsideView(View, Protocol):
    """What the outside economy sees: what a tonne of gold cost at the start."""

    dollars_per_tonne_opening: Floats


class WholeView(CloudView, VendorView, LenderView, LandlordView, LabView, FundView, StateView, OutsideView, Protocol):
    """What all roles see together: what an economy has to show."""
