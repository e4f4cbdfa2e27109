"""The economy as the measures see it: Protocols, so that what is measured knows no agent's class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from perpetuum.model.books.accounts import Accounts
    from perpetuum.model.books.ledger import Ledger
    from perpetuum.model.books.settlement import Settlement
    from perpetuum.model.instruments.compute_contract import ComputeContracts
    from perpetuum.model.instruments.guarantee import Guarantees
    from perpetuum.model.instruments.hall_lease import HallLeases
    from perpetuum.model.instruments.hardware import Hardware
    from perpetuum.model.instruments.holdings import Holdings
    from perpetuum.model.instruments.loan import LoanBook
    from perpetuum.model.instruments.prepayment import Prepayments
    from perpetuum.model.markets.chips import ChipMarket
    from perpetuum.model.markets.compute import ComputeMarket
    from perpetuum.model.markets.power import Shells
    from perpetuum.model.markets.second_hand import SecondHandMarket
    from perpetuum.model.observed.standing import Standing
    from perpetuum.model.parameters.groups import CloudFigures, VendorFigures
    from perpetuum.model.parameters.values import ParameterValues
    from perpetuum.model.surroundings.demand import Demand
    from perpetuum.model.surroundings.distress import Distress
    from perpetuum.model.surroundings.funding_conditions import FundingConditions
    from perpetuum.model.surroundings.opinion import Narrative
    from perpetuum.model.surroundings.technology import Technology
    from perpetuum.model.worlds import Array, Floats


class MeasuredAgent(Protocol):
    """Anybody with an account."""

    name: str
    account: int
    kind: str


class MeasuredProgramme(Protocol):
    """A vendor's programme of customer finance."""

    financed: Floats
    backstop_paid: Floats


class MeasuredVendor(MeasuredAgent, Protocol):
    """A chip vendor."""

    figures: VendorFigures
    sales: Floats
    leased: Floats

    @property
    def programme(self) -> MeasuredProgramme:
        """What it finances its customers with."""

    def unit_cost(self) -> Floats:
        """Cost of goods of a GW."""


class MeasuredCloud(MeasuredAgent, Protocol):
    """A cloud."""

    figures: CloudFigures
    capex: Floats
    spread: Floats
    last_net: Floats
    ebitda: Floats
    interest: Floats
    depreciation: Array
    months_in_breach: Floats

    def coverage(self) -> Floats:
        """Its debt service coverage."""

    def obligations_beyond_contracts(self) -> Floats:
        """Obligations to customers outside that no contract for compute carries (dollars)."""

    def high_yield_quote(self) -> Floats:
        """What lenders ask of a leveraged firm of average leverage, over the policy rate."""

    @property
    def hyperscaler(self) -> bool:
        """Whether it has a business of its own beside AI."""


class MeasuredLab(MeasuredAgent, Protocol):
    """A lab."""

    last_burn: Floats
    runway: Floats
    valuation: Floats
    training: Floats

    def commitment_cover(self) -> Floats:
        """Its means against its commitments."""


class MeasuredBank(Protocol):
    """The bank."""

    def lending_rate(self) -> Floats:
        """What it asks for a loan, per year."""


class Memory(Protocol):
    """What remembers the last months: returns, and where each world stands."""

    standing: Standing

    def co_movement(self) -> Floats:
        """Correlation of AI shares and gold."""


class MeasuredEconomy(Protocol):
    """What measures read off an economy at the end of a month; to be read, never written."""

    month: int
    p: ParameterValues
    accounts: Accounts
    ledger: Ledger
    holdings: Holdings
    hardware: Hardware
    hall_leases: HallLeases
    contracts: ComputeContracts
    guarantees: Guarantees
    chips: ChipMarket
    compute: ComputeMarket
    shells: Shells
    technology: Technology
    second_hand: SecondHandMarket
    funding: FundingConditions
    demand: Demand
    narrative: Narrative
    prepaid: Prepayments
    distress: Distress
    lots_per_tonne: Floats
    firm_accounts: tuple[int, ...]

    @property
    def settlement(self) -> Settlement | None:
        """The last month's settlement."""

    @property
    def collector(self) -> Memory:
        """What remembers returns and states."""

    @property
    def bank(self) -> MeasuredBank:
        """The bank."""

    @property
    def loan_books(self) -> Mapping[str, LoanBook]:
        """Books of loans by instrument."""

    @property
    def loans(self) -> LoanBook:
        """Term loans."""

    @property
    def vendors(self) -> Sequence[MeasuredVendor]:
        """Vendors, the largest first."""

    @property
    def clouds(self) -> Sequence[MeasuredCloud]:
        """Clouds, the largest first."""

    @property
    def labs(self) -> Sequence[MeasuredLab]:
        """Labs, the most valuable first."""

    @property
    def firms(self) -> Sequence[MeasuredAgent]:
        """Vendors, clouds, labs, and landlords where there are any."""

    @property
    def states(self) -> Sequence[MeasuredAgent]:
        """States."""

    @property
    def lead_vendor(self) -> MeasuredVendor:
        """The vendor that finances."""

    @property
    def lead_lab(self) -> MeasuredLab:
        """The lab that is financed."""

    @property
    def leveraged_cloud(self) -> MeasuredCloud:
        """The cloud that owes most."""
