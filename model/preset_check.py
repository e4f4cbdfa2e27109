"""Checks of a whole preset: shares that have to add up, and what its writer should look at again.

What makes no sense is refused when a preset is read; the rest is told by `perpetuum scenarios PRESET --check`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perpetuum.model.errors import InputError
from perpetuum.model.parameters import FIGURES, PARAMETERS
from perpetuum.model.preset_entries import AgentSpec, StakeSpec
from perpetuum.model.preset_rows import ALIKE, refuse_more_than_all
from perpetuum.model.preset_tables import dates_of, last_day

#: Figures that share one amount among the agents of a role: role, figure, what is shared, and the parameter that says how much.
SHARED = (
    ("vendor", "order_share", "the clouds' chip orders", ""),
    ("cloud", "direct_share", "direct AI-cloud sales", "demand.direct"),
    ("cloud", "contract_share", "newly signed reservations", "contracts.reserve_share"),
    ("fund", "inflow_share", "money for venture funds", "venture.inflow"),
    ("lender", "inflow_share", "money for lenders", "credit.lender_inflow"),
    ("state", "budget_weight", "states' chip programmes", "states.hoarding"),
)
#: Figures with one of these in their source may have been published after the start.
EXCEPTED = ("article", "published after the start")


# --- refused when a preset is read ------------------------------------------------------------------------------------


def refuse_what_does_not_add_up(
    agents: Sequence[AgentSpec], stakes: Sequence[StakeSpec], values: Mapping[str, Any], where: str
) -> None:
    """Raise InputError where shares of a whole are less or more than it, in one sentence with all of them.

    Nobody shares where the amount is 0, and where every share is written as 0.
    """
    for role, figure, what, amount in SHARED:
        sharing = [agent for agent in agents if agent.role == role]
        shares = {agent.id: agent.figures[figure] for agent in sharing}
        whole = sum(shares.values())
        said = all(figure in agent.sources for agent in sharing)
        nothing = whole == 0 and amount != "" and (said or not values.get(amount, PARAMETERS[amount].default))
        if shares and not nothing and abs(whole - 1) > ALIKE:
            listed = ", ".join(f"{agent} {share:g}" for agent, share in shares.items())
            raise InputError(f"'{figure}' {where} shares {what} and must add up to 1, not to {whole:g}: {listed}")
    refuse_more_than_all([(stake.issuer, stake.holder, stake.share) for stake in stakes], where)


# --- told by --check --------------------------------------------------------------------------------------------------


def notes_on(agents: Sequence[AgentSpec], start: datetime.date, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a preset's writer should look at again, by kind, from its tables with those that it extends.

    `defaults`: agents' figures that it does not give, with what holds instead; `unsourced`: figures without a source;
    `undated`: figures with a period, and no day by which they were public; `late`: figures that were public only after the start.
    """
    found: dict[str, list[str]] = {"defaults": [], "unsourced": [], "undated": [], "late": []}
    for agent in agents:
        left = [f"{name} {agent.figures[name]:g}" for name in FIGURES.get(agent.role, {}) if name not in agent.sources]
        if left:
            found["defaults"].append(f"{agent.id}: {', '.join(left)}")
    for what, entry in told_entries(data):
        source = str(entry.get("source", "")) if isinstance(entry, Mapping) else ""
        if not source.strip():
            found["unsourced"].append(what)
            continue
        date, public = dates_of(entry, what)
        if date and not public:
            found["undated"].append(f"{what}: of {date}")
        if public and not_yet_public(public, start) and not any(word in source for word in EXCEPTED):
            found["late"].append(f"{what}: public by {public}, and the start is {start}")
    return {kind: notes for kind, notes in found.items() if notes}


def not_yet_public(public: str, start: datetime.date) -> bool:
    """Whether what was public by the end of a day, month or year may not have been before the start."""
    return last_day(public) >= start


def told_entries(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every figure of a preset's tables with what it is called: parameters, ranges, agents' figures, contracts, stakes."""
    for section in ("parameters", "forcing", "before", "uncertain"):
        for name, entry in data.get(section, {}).items():
            yield name if section == "parameters" else f"{section} {name}", entry
    for agent in data.get("agents", []):
        for name, entry in agent.get("figures", {}).items():
            parameter = FIGURES[agent["role"]][name]
            if parameter.unit != "switch":
                yield f"{agent['id']}.{name}", entry
    for contract in data.get("contracts", []):
        yield f"contract of {contract['buyer']} with {contract['seller']}", contract
    for stake in data.get("stakes", []):
        yield f"stake of {stake['holder']} in {stake['issuer']}", stake
