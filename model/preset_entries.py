"""What stands in a preset, as read from its tables: agents, contracts, stakes, the year before the start, what is forced."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.given import as_given
from perpetuum.model.parameters import FIGURES, Parameter
from perpetuum.model.preset_tables import (
    FIGURE,
    check_keys,
    checked_id,
    checked_word,
    dates_of,
    figure_of,
    number_of,
    numbers_of,
    table_of,
    text_of,
)
from perpetuum.model.roles import ROLES, cast_roles

#: Most months that are judged.
LONGEST = 600
#: What a preset may say of the twelve months before its start, month by month in $bn, the last one last.
BEFORE = {
    "sales": "vendors' AI sales",
    "paid": "what AI's customers paid",
    "spent": "what running and building cost, clouds' own use left out",
}
#: What it may force, month by month from its start; the last value stays.
FORCING = ("policy_rate",)
#: Roles that rent compute, and roles whose shares others may hold.
BUYERS, ISSUERS = ("cloud", "lab"), ("vendor", "cloud", "lab")
#: Whole months of a preset that are judged, and what a contract and a stake may say, as the registry's entries are checked.
MONTHS = Parameter("months", 120, "", 1, LONGEST, "months judged", kind="int")
_RATE = Parameter("policy_rate", 0.0, "a year", -0.05, 0.5, "policy rate forced in a month")
_PAID = Parameter("values", 0.0, "$bn a month", 0, 1e6, "what was paid in a month")
_CONTRACT = (
    Parameter("gw", None, "GW", 0, 1000, "capacity of a tranche"),
    Parameter("price", None, "$bn per GW-year", 0, 1000, "rent"),
    Parameter("start", None, "months", -LONGEST, LONGEST, "first month of the first tranche", kind="int"),
    Parameter("term", None, "months", 1, LONGEST, "months of a tranche", kind="int"),
    Parameter("every", 1, "months", 1, LONGEST, "months between tranches", kind="int"),
    Parameter("count", 1, "", 1, LONGEST, "tranches", kind="int"),
    Parameter("precommitment", False, "", 0, 1, "scaled by contracts.precommitment", kind="bool"),
)
#: What of a contract or a stake can be asked for by name (`preset_rows`).
ROWS = {
    "share": Parameter("share", None, "share", 0, 1, "part of the issuer's shares"),
    **{one.name: one for one in _CONTRACT},
}
_STAKE = (ROWS["share"],)


@dataclass(frozen=True)
class AgentSpec:
    """One institution of a preset: who it is and its opening figures (registry names and sources beside them)."""

    id: str
    role: str
    kind: str
    label: str
    modelled_on: str
    figures: dict[str, float]
    sources: dict[str, str]
    modelled_on_zh: str = ""  # the same for Chinese readers; where it is empty they read the other


@dataclass(frozen=True)
class ContractSpec:
    """A series of reservations: `count` tranches of `gw`, every `every` months from month `start` (negative: running)."""

    buyer: str
    seller: str
    gw: float
    price: float  # $bn per GW-year
    start: int
    term: int
    every: int = 1
    count: int = 1
    precommitment: bool = False  # scaled by contracts.precommitment
    source: str = ""
    date: str = ""  # period that it is of
    public: str = ""  # day by which it was public
    id: str = ""  # tells it from others of the same buyer and seller

    @property
    def name(self) -> str:
        """What its figures are called by."""
        return ".".join(["contracts", self.buyer, self.seller, *([self.id] if self.id else [])])


@dataclass(frozen=True)
class StakeSpec:
    """An opening stake: a share of an issuer's equity, held by an institution."""

    holder: str
    issuer: str
    share: float
    source: str = ""
    date: str = ""
    public: str = ""

    @property
    def name(self) -> str:
        """What its share is called by."""
        return f"stakes.{self.holder}.{self.issuer}"


def year_before(name: str, entry: Any, where: str) -> tuple[float, ...]:
    """Twelve months of what a preset says of the year before its start."""
    if name not in BEFORE:
        raise InputError(
            f"unknown entry '{name}' of 'before' {where}: allowed are {', '.join(BEFORE)}{nearest(name, list(BEFORE))}"
        )
    values = _monthly(entry, f"'{name}' of 'before' {where}", _PAID)
    if len(values) != 12:
        raise InputError(
            f"'{name}' of 'before' {where} must be twelve numbers of at least 0 ($bn a month), not {len(values)}"
        )
    return values


def forced(name: str, entry: Any, where: str) -> tuple[float, ...]:
    """Months of what a preset forces, from its first on."""
    if name not in FORCING:
        raise InputError(
            f"unknown entry '{name}' of 'forcing' {where}: there is {', '.join(FORCING)}{nearest(name, FORCING)}"
        )
    return _monthly(entry, f"'{name}' of 'forcing' {where}", _RATE)


def _monthly(entry: Any, what: str, parameter: Parameter) -> tuple[float, ...]:
    if isinstance(entry, Mapping):
        check_keys(entry, ("values", *FIGURE[1:]), f"of {what}")
        dates_of(entry, what)
    return numbers_of(entry, what, parameter)


def contract_from(entry: Mapping[str, Any], agents: Sequence[AgentSpec], where: str) -> ContractSpec:
    """A series of reservations between a firm that rents and a cloud."""
    made: ContractSpec = _row(ContractSpec, entry, (("buyer", BUYERS), ("seller", ("cloud",))), _CONTRACT, agents, where)
    if made.start + (made.count - 1) * made.every + made.term <= 0:
        raise InputError(
            f"the contract of {made.buyer} with {made.seller} {where} starts in month {made.start} for {made.term} months: "
            "it is over before the start"
        )
    return made


def stake_from(entry: Mapping[str, Any], agents: Sequence[AgentSpec], where: str) -> StakeSpec:
    """A stake of anybody with books in a firm with shares."""
    made: StakeSpec = _row(StakeSpec, entry, (("holder", ()), ("issuer", ISSUERS)), _STAKE, agents, where)
    return made


def _row(
    kind: type,
    entry: Mapping[str, Any],
    parties: Sequence[tuple[str, Sequence[str]]],
    numbers: Sequence[Parameter],
    agents: Sequence[AgentSpec],
    where: str,
) -> Any:
    """Read a contract or stake: known entries only, between two agents that exist and play such roles (none named: any)."""
    check_keys(entry, [one.name for one in dataclasses.fields(kind)], where)
    found: dict[str, str] = {}
    for party, roles in parties:
        ids = [agent.id for agent in agents if ROLES[agent.role].sector and (not roles or agent.role in roles)]
        name = entry.get(party)
        if name not in ids:
            raise InputError(
                f"'{party}' {where} must be an agent's id ({', '.join(ids)}), not {as_given(name)}{nearest(str(name), ids)}"
            )
        found[party] = name
    one, other = found.values()
    what = f"of {one} with {other} {where}" if kind is ContractSpec else f"of {one} in {other} {where}"
    if one == other:
        raise InputError(f"a contract or stake {what} needs two agents")
    for number in numbers:
        if number.default is None and number.name not in entry:
            raise InputError(f"what is said {what} has no '{number.name}': it takes {number.allowed}")
    date, public = dates_of(entry, f"what is said {what}")
    if "id" in entry:
        found["id"] = checked_word(entry["id"], f"the 'id' of a contract {what}")
    read = {number.name: number_of(entry, number.name, number, what) for number in numbers}
    return kind(**found, **read, source=text_of(entry, "source", what), date=date, public=public)


def agent_from(entry: Mapping[str, Any], where: str) -> AgentSpec:
    """An agent with its figures: those needed, and what holds where others are not given."""
    name = checked_id(entry, where)
    what = f"of agent '{name}' {where}"
    check_keys(entry, ("id", "role", "kind", "label", "modelled_on", "modelled_on_zh", "figures"), what)
    if "role" not in entry:
        raise InputError(f"an agent {where} has no 'role': '{name}' needs one of {', '.join(cast_roles())}")
    role = text_of(entry, "role", what)
    if role not in cast_roles():
        raise InputError(
            f"agent '{name}' {where} has role '{role}'; allowed are {', '.join(cast_roles())}{nearest(role, cast_roles())}"
        )
    kinds, kind = ROLES[role].kinds, text_of(entry, "kind", what)
    if kinds and kind not in kinds:
        listed = ", ".join(one for one in kinds if one)
        raise InputError(f"'kind' {what} must be one of {listed}, not {as_given(kind)}{nearest(kind, kinds)}")
    allowed = FIGURES.get(role, {})
    figures = {figure: float(parameter.default) for figure, parameter in allowed.items()}
    sources = {}
    for figure, raw in table_of(entry.get("figures", {}), f"'figures' {what}").items():
        if figure not in allowed:
            raise InputError(
                f"unknown figure '{figure}' {what}: a {role} has {', '.join(allowed)}{nearest(figure, list(allowed))}"
            )
        value, sources[figure] = figure_of(raw, f"'{figure}' {what}")
        figures[figure] = allowed[figure].check(value, what)
    missing = [figure for figure, parameter in allowed.items() if parameter.needed and figure not in sources]
    if missing:
        raise InputError(f"agent '{name}' {where} has no figure for {', '.join(missing)}: write 0 where there is nothing")
    return AgentSpec(
        id=name,
        role=role,
        kind=kind,
        label=text_of(entry, "label", what, name.replace("_", " ")),
        modelled_on=text_of(entry, "modelled_on", what),
        figures=figures,
        sources=sources,
        modelled_on_zh=text_of(entry, "modelled_on_zh", what),
    )
