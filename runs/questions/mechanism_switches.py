"""The mechanisms that may be to blame, and the parameters that switch each off: data, not code.

"On" is the scenario as asked. "Off" sets the parameters below, so that nothing of the mechanism is left and nothing else is
touched. Where two mechanisms share a parameter (a vendor's rescue is also its equity) it is on only while both are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perpetuum.model.errors import named_once
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.words.speech import say, typed

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
    """A mechanism: its name and what is moved to switch it off; what it is called and why nothing is left stand in the catalogue.

    `needs`: parameters that must not be zero, or the mechanism is off already.
    """

    name: str
    offs: tuple[Off, ...]
    needs: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called."""
        return label(self.name)

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


def _zero(name: str, *parameters: str) -> Switch:
    return Switch(name, tuple(Off(parameter, 0.0) for parameter in parameters))


_TABLE = (
    Switch(
        "vendor_equity",
        (
            Off("vendor_finance.limit", 0.0, {_INSTRUMENT: ("equity",)}),
            Off("vendor_finance.tickets_on", False),
            Off("vendor_finance.rescue_share", 0.0),
            Off("support.on", False, {_INSTRUMENT: ("equity",)}),
        ),
        _VENDOR_FINANCE,
    ),
    Switch(
        "vendor_credit",
        (
            Off("vendor_finance.limit", 0.0, {_INSTRUMENT: _CREDIT}),
            Off("vendor_finance.lease_share", 0.0),
            Off("vendor_finance.backstop_on", False),
            Off("support.on", False, {_INSTRUMENT: _CREDIT}),
        ),
        _VENDOR_FINANCE,
    ),
    Switch("leverage", (Off("investors.leverage", 1.0), Off("investors.margin_debt_limit", 0.0))),
    _zero("venture_chasing", "venture.chasing"),
    _zero("talk", "narrative.talk_up"),
    _zero("hoarding", "states.hoarding"),
    _zero("race", "clouds.race", "clouds.capex_rivalry"),
    _zero("precommitment", "contracts.precommitment"),
    _zero("cloud_equity", "clouds.round_share"),
    _zero("lock_in", "vendor.lock_in", "chips.favour"),
    Switch(
        "rescue",
        (Off("vendor_finance.rescue_share", 0.0), Off("support.on", False), Off("states.rescue", 0.0)),
    ),
    Switch("support", (Off("vendor_finance.rescue_share", 0.0), Off("support.on", False)), _VENDOR_FINANCE),
    _zero("wealth_effect", "demand.wealth_effect"),
    _zero("cloud_debt", "credit.ration_leveraged", "credit.ration_neocloud", "credit.ration_other"),
)

SWITCHES: dict[str, Switch] = {switch.name: switch for switch in _TABLE}
#: The eight of the question; the others are asked for by name.
USUAL = tuple(SWITCHES)[:8]


def choose(only: Sequence[str] | None = None, also: Sequence[str] = ()) -> tuple[Switch, ...]:
    """Return the switches asked for, in the order of the table: `only` these instead of the usual eight, and `also` those."""
    wanted = [*(USUAL if only is None else only), *also]
    for part, names in (("only", only or ()), ("also", also)):
        for name in names:
            if name not in SWITCHES:
                known = f"{nearest(name, list(SWITCHES))} (there are {', '.join(SWITCHES)})"
                raise InputError(f"unknown switch '{name}'{known}", part)
    named_once(wanted, "the switches")
    if not wanted:
        raise InputError(f"an autopsy needs at least one switch: there are {', '.join(SWITCHES)}")
    return tuple(switch for switch in _TABLE if switch.name in wanted)


def label(name: str) -> str:
    """What a switch is called."""
    return say(f"switch.{name}.label")


def as_rows() -> list[dict[str, Any]]:
    """Every switch in plain words, for whoever asks what they are."""
    return [
        {
            "name": switch.name,
            "label": switch.label,
            "off": [_told(off) for off in switch.offs],
            "why": say(f"switch.{switch.name}.why"),
        }
        for switch in SWITCHES.values()
    ]


def _told(off: Off) -> str:
    told = f"{off.parameter}={typed(off.parameter, off.value)}"
    for name, choices in off.where.items():
        told = say("autopsy.where", setting=told, name=name, choices=say.listed(choices, "or"))
    return told
