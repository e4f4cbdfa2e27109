"""The mechanisms that may be to blame, and the parameters that switch each off: data, not code.

"On" is the scenario as asked. "Off" sets the parameters below, so that nothing of the mechanism is left and nothing else is
touched. Where two mechanisms share a parameter (a vendor's rescue is also its equity) it is on only while both are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perpetuum.model.scenario import InputError, Scenario, nearest

#: Parameters that, at zero, leave a mechanism nothing to do.
_VENDOR_FINANCE = ("vendor_finance.scale",)


@dataclass(frozen=True)
class Off:
    """A parameter and its value where the mechanism is off; `where`: only in scenarios with one of these choices."""

    parameter: str
    value: Any
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A mechanism: its plain name, what is moved to switch it off, and why nothing of it is left then."""

    name: str
    label: str
    offs: tuple[Off, ...]
    why: str
    needs: tuple[str, ...] = ()  # parameters that must not be zero, or the mechanism is off already

    def off_in(self, scenario: Scenario) -> dict[str, Any]:
        """What switching it off moves in a scenario: parameter to value; empty where it is off already."""
        values = scenario.values
        if any(values[name] == 0 for name in self.needs):
            return {}
        moved = {
            off.parameter: off.value
            for off in self.offs
            if all(values[name] in choices for name, choices in off.where.items())
        }
        return {name: value for name, value in moved.items() if values[name] != value}


#: The letter of intent's programme reaches the lab as shares, or as one of these.
_INSTRUMENT = "vendor_finance.instrument"
_CREDIT = ("loan", "lease", "guarantee")

_TABLE = (
    Switch(
        "vendor_equity",
        "The vendor's stakes in customers",
        (
            Off("vendor_finance.limit", 0.0, {_INSTRUMENT: ("equity",)}),
            Off("vendor_finance.tickets_on", False),
            Off("vendor_finance.rescue_share", 0.0),
        ),
        "no tranche of the letter of intent (where its instrument is equity), no small tickets and no rescues, which are paid "
        "for in shares too",
        _VENDOR_FINANCE,
    ),
    Switch(
        "vendor_credit",
        "The vendor's loans and backstop",
        (
            Off("vendor_finance.limit", 0.0, {_INSTRUMENT: _CREDIT}),
            Off("vendor_finance.lease_share", 0.0),
            Off("vendor_finance.backstop_on", False),
        ),
        "no chips leased to neoclouds, no backstop of unsold capacity, and no tranche of the letter of intent where it comes as "
        "a loan, a lease or a guarantee",
        _VENDOR_FINANCE,
    ),
    Switch(
        "leverage",
        "Shares bought on margin",
        (Off("investors.leverage", 1.0), Off("investors.margin_debt_limit", 0.0)),
        "leveraged investors hold no more shares than they can pay for; what they still owe the bank is covered by their cash",
    ),
    Switch(
        "venture_chasing",
        "Venture money chasing returns",
        (Off("venture.chasing", 0.0),),
        "what backers give does not depend on the returns of the last year; neutral inflow and mood remain",
    ),
    Switch(
        "talk",
        "Leaders' talk",
        (Off("narrative.talk_up", 0.0),),
        "nobody talks the price up when doubt grows",
    ),
    Switch(
        "hoarding",
        "States' hoards of chips",
        (Off("states.hoarding", 0.0),),
        "states order no chips of their own and answer no rival's hoard; dips and second-hand chips find no state as buyer",
    ),
    Switch(
        "race",
        "The clouds' arms race",
        (Off("clouds.race", 0.0), Off("clouds.capex_rivalry", 0.0)),
        "rivals' growth lowers no hurdle and raises no budget; nobody builds ahead of needs or absorbs idle chips for the race",
    ),
    Switch(
        "precommitment",
        "Take-or-pay commitments",
        (Off("contracts.precommitment", 0.0),),
        "no commitments signed before the start that begin later, and none signed on the way: labs rent on the spot market",
    ),
    Switch(
        "cloud_equity",
        "The clouds' stakes in labs",
        (Off("clouds.round_share", 0.0),),
        "hyperscalers take no part in funding rounds",
    ),
    Switch(
        "lock_in",
        "Lock-in to one vendor",
        (Off("vendor.lock_in", 0.0), Off("chips.favour", 0.0)),
        "orders drift freely to the cheaper vendor, and investees are not favoured with scarce chips",
    ),
    Switch(
        "rescue",
        "Rescues by vendor and states",
        (Off("vendor_finance.rescue_share", 0.0), Off("states.rescue", 0.0)),
        "neither the vendor nor a state steps in when money runs out",
    ),
    Switch(
        "wealth_effect",
        "Customers' wealth effect",
        (Off("demand.wealth_effect", 0.0),),
        "customers and clouds' other business do not notice share prices",
    ),
    Switch(
        "cloud_debt",
        "The clouds' new debt",
        (
            Off("credit.ration_leveraged", 0.0),
            Off("credit.ration_neocloud", 0.0),
            Off("credit.ration_other", 0.0),
        ),
        "lenders refuse every new bond and loan, whatever the rate; debts of the start, the bank's short-term credit line and "
        "what the vendor guarantees remain",
    ),
)

SWITCHES: dict[str, Switch] = {switch.name: switch for switch in _TABLE}
#: The eight of the question; the others are asked for by name.
USUAL = tuple(SWITCHES)[:8]
OTHERS = tuple(SWITCHES)[8:]


def choose(only: Sequence[str] | None = None, also: Sequence[str] = ()) -> tuple[Switch, ...]:
    """Return the switches asked for, in the order of the table: `only` these instead of the usual eight, and `also` those."""
    wanted = [*(USUAL if only is None else only), *also]
    for name in wanted:
        if name not in SWITCHES:
            raise InputError(f"unknown switch '{name}'{nearest(name, list(SWITCHES))} (there are {', '.join(SWITCHES)})")
    if not wanted:
        raise InputError(f"an autopsy needs at least one switch: there are {', '.join(SWITCHES)}")
    return tuple(switch for switch in _TABLE if switch.name in wanted)


def as_rows() -> list[dict[str, Any]]:
    """Every switch in plain words, for whoever asks what they are."""
    return [
        {
            "name": switch.name,
            "label": switch.label,
            "off": [
                f"{off.parameter}={str(off.value).lower() if isinstance(off.value, bool) else f'{off.value:g}'}"
                + "".join(f" (where {name} is {' or '.join(choices)})" for name, choices in off.where.items())
                for off in switch.offs
            ],
            "why": switch.why,
        }
        for switch in SWITCHES.values()
    ]
