"""Presets: TOML files in `model/scenarios/` that say who is there, what they own and owe, and which parameters differ.

Parameters live once, in `model.parameters`; each figure of a preset has its source beside it. What may stand in a file, and how
to check one: model/scenarios/README.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError, nearest, shortened
from perpetuum.model.fits import load_fit
from perpetuum.model.given import as_given
from perpetuum.model.parameters import FIGURES, PARAMETERS, Parameter, registered
from perpetuum.model.preset_check import notes_on, refuse_what_does_not_add_up
from perpetuum.model.preset_entries import (
    LONGEST,
    MONTHS,
    ROWS,
    AgentSpec,
    ContractSpec,
    StakeSpec,
    agent_from,
    contract_from,
    forced,
    stake_from,
    year_before,
)
from perpetuum.model.preset_memory import remembered
from perpetuum.model.preset_rows import (
    is_row,
    refuse_a_name_of_several,
    refuse_ranges_beyond_all,
    refuse_ranges_that_are_over,
    renamed,
    rows_of,
)
from perpetuum.model.preset_tables import check_shape, figure_of, number_of, text_of
from perpetuum.model.roles import INDUSTRIES, ROLES, cast_roles
from perpetuum.model.toml_file import toml_of
from perpetuum.model.uncertainty import Unknown, read_unknowns, with_fit

__all__ = [
    "LONGEST",
    "PRESETS",
    "AgentSpec",
    "ContractSpec",
    "Preset",
    "StakeSpec",
    "check_preset",
    "load_preset",
    "preset_names",
]

PRESETS = Path(__file__).parent / "scenarios"
#: Years in which a preset may start: every month of it, and of the year before, is a date that can be written.
_YEARS = range(1800, 2201)
#: Presets that may extend each other, one upon the other.
_MOST_ABOVE = 50


class UnknownPresetError(InputError):
    """There is no preset of that name; `told` says why it was taken for one, where somebody knows."""

    def __init__(self, name: str):
        self.name = name
        super().__init__(self.told())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name,)

    def told(self, why: str = "") -> str:
        """The sentence, with what else may have been meant by the name in brackets."""
        names = preset_names()
        near = nearest(self.name, names)
        return f"unknown preset '{shortened(self.name)}'{f' ({why})' if why else ''}: there are {', '.join(names)}{near}"


@dataclass(frozen=True)
class Preset:
    """A preset as read from its file."""

    name: str
    title: str
    question: str
    start: datetime.date
    months: int
    values: dict[str, Any]
    sources: dict[str, str]
    agents: tuple[AgentSpec, ...]
    forcing: dict[str, tuple[float, ...]]
    contracts: tuple[ContractSpec, ...]
    stakes: tuple[StakeSpec, ...]
    before: dict[str, tuple[float, ...]] = field(default_factory=dict)  # see `BEFORE`
    unknowns: tuple[Unknown, ...] = ()  # what nobody knows: parameters that differ from world to world
    title_zh: str = ""  # the same for Chinese readers; where it is empty they read the other
    question_zh: str = ""
    industry: str = "ai"  # in whose words the page speaks, see `INDUSTRIES`
    fit: str = ""  # the fit that its worlds draw some unknowns from, "" where none

    def told(self, what: str, language: str) -> str:
        """Its "title" or "question" in a language, in English where it has no other."""
        return getattr(self, f"{what}_{language}", "") or getattr(self, what)

    def parameter(self, name: str) -> Parameter:
        """Return the registry's entry of a dotted name: a parameter, an agent's opening figure, or one of a contract or a stake.

        Raises InputError for a name that the preset does not have.
        """
        group, _, figure = name.partition(".")
        spec = next((agent for agent in self.agents if agent.id == group), None)
        if spec is not None:
            allowed = FIGURES.get(spec.role, {})
            if figure not in allowed:
                raise InputError(
                    f"unknown figure '{figure}' of agent '{group}': it has {', '.join(allowed)}{nearest(figure, list(allowed))}"
                )
            return allowed[figure]
        rows = self.rows
        if name in rows:
            return ROWS[rows[name][0]]
        if name in PARAMETERS:
            return PARAMETERS[name]
        refuse_a_name_of_several(name, self.contracts, self.stakes, f"in '{self.name}'")
        return registered(name, also=(*(f"{a.id}.{f}" for a in self.agents for f in FIGURES.get(a.role, ())), *rows))

    @functools.cached_property
    def rows(self) -> dict[str, tuple[str, Any]]:
        """Figures of contracts and stakes by name: which figure, and its value."""
        return rows_of(self.contracts, self.stakes)

    def own_parameters(self) -> Iterator[Parameter]:
        """Entries of what may be set in this preset alone, as the registry has them for parameters, under their names: figures of
        agents, contracts and stakes.
        """
        for agent in self.agents:
            for figure, entry in FIGURES.get(agent.role, {}).items():
                source, value = agent.sources.get(figure, ""), agent.figures[figure]
                yield dataclasses.replace(entry, name=f"{agent.id}.{figure}", default=value, source=source)
        sources = {one.name: one.source for one in self.contracts} | {one.name: one.source for one in self.stakes}
        for name, (figure, value) in self.rows.items():
            of = name if name in sources else name.rpartition(".")[0]
            yield dataclasses.replace(ROWS[figure], name=name, default=value, source=sources[of])


def preset_names() -> list[str]:
    """Names of the presets that ship with the program."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def preset_called(name: str) -> str:
    """The name by which a preset goes: that of its file without the ending."""
    return Path(name).stem if name.endswith(".toml") else name


def load_preset(name: str) -> Preset:
    """Read a preset by name, or from a path ending in .toml.

    A file of one's own is read anew each time, but for `preset_memory.read_once`.
    Raises InputError for an unknown name, malformed TOML (file and line), or an unknown or impossible figure.
    """
    if not isinstance(name, str | Path):
        raise InputError(
            f"a preset is a name ({', '.join(preset_names())}) or the path of a .toml file, not {as_given(name)}"
        )
    if str(name).endswith(".toml"):
        try:
            place = os.path.realpath(name)
        except ValueError:  # a name that no file can have, which `_preset_path` tells
            place = str(name)
        return remembered((place, Path(name).stem), lambda: _read(_preset_path(str(name))))
    return _read(_preset_path(str(name)))


def _read(path: Path) -> Preset:
    if path.parent != PRESETS:
        return _preset_from(path, _preset_data(path))
    return _shipped(path, tuple((file.name, file.stat().st_mtime_ns) for file in sorted(PRESETS.glob("*.toml"))))


def check_preset(name: str) -> tuple[Preset, dict[str, list[str]]]:
    """A preset, and what its writer should look at again (`preset_check.notes_on`). Raises InputError as `load_preset` does."""
    path = _preset_path(name)
    data = _preset_data(path)
    preset = _preset_from(path, data)
    return preset, notes_on(preset.agents, preset.start, data)


@functools.lru_cache(maxsize=16)
def _shipped(path: Path, stamps: tuple[tuple[str, int], ...]) -> Preset:
    """A preset that ships with the program, read anew only where any of them has been written since."""
    return _preset_from(path, _preset_data(path))


def _preset_path(name: str) -> Path:
    path = Path(name) if str(name).endswith(".toml") else PRESETS / f"{name}.toml"
    if not str(name):
        raise InputError(f"the preset's name is empty: there are {', '.join(preset_names())}")
    try:
        is_folder, is_file = Path(str(name)).is_dir(), path.is_file()
    except (OSError, ValueError) as error:  # a name that no file can have
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"preset '{shortened(name)}' cannot be looked up: {why}") from None
    is_folder = is_folder and not (path.parent == PRESETS and is_file)  # a run's folder may have its preset's name
    plain = path == Path(name) or (path.parent == PRESETS and path.stem == name)  # './ono_2025' is another name for ono_2025
    if is_folder or not plain:
        what = "a folder" if is_folder else "no preset's name"
        raise InputError(f"preset '{name}' is {what}: give a preset's name ({', '.join(preset_names())}) or a .toml file")
    if not is_file:
        if path.parent == PRESETS:
            raise UnknownPresetError(str(name))
        raise InputError(f"preset file '{path}' does not exist or is not a file")
    return path


def _preset_data(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a preset's file, laid over the preset that it extends."""
    data = toml_of(path, "preset file")
    check_shape(data, f"in '{path.name}'")
    if "extends" not in data:
        return data
    base_name = data.pop("extends")
    if not isinstance(base_name, str):
        raise InputError(f"'extends' in '{path.name}' must be the name of a preset, not {as_given(base_name)}")
    chain = (*above, path.resolve())
    if len(chain) > _MOST_ABOVE:
        raise InputError(
            f"'{above[0].name}' extends a preset that extends another, and so on, more than {_MOST_ABOVE} times"
        )
    base_path = _extended(base_name, path)
    if base_path.resolve() in chain:
        loop = " extends ".join(f"'{item.name}'" for item in (*chain, base_path))
        raise InputError(f"presets extend each other in a loop: {loop}")
    base = _preset_data(base_path, chain)
    _preset_from(base_path, base)  # so that its own mistakes are told under its own name
    return _laid_over(base, data, path)


def _extended(name: str, path: Path) -> Path:
    """The file that a preset's file extends: a preset's name, or a path that begins where the file stands."""
    beside = str(path.parent / name) if name.endswith(".toml") and path.parent != PRESETS else name
    try:
        return _preset_path(beside)
    except InputError as error:
        raise InputError(f"'extends' in '{path.name}' names no preset: {error}") from None


def _laid_over(base: dict[str, Any], data: dict[str, Any], path: Path) -> dict[str, Any]:
    """Merge parameters by name, agents by id and figure; contracts, stakes and the rest are the base's unless given.

    An agent with `instead_of` takes a base's agent's part under a name of its own: what it does not say is the other's.
    """
    # A preset with words of its own does not keep the other's in another language.
    stale = {f"{what}_zh" for what in ("title", "question") if what in data}
    merged = {**{key: value for key, value in base.items() if key not in stale}, **data}
    for section in ("parameters", "forcing", "before", "uncertain"):
        if section in base or section in data:
            merged[section] = {**base.get(section, {}), **data.get(section, {})}
    taken = _parts_taken(base, data, path)
    if taken:
        ranges = merged.get("uncertain", {})
        merged["uncertain"] = {renamed(name, taken): entry for name, entry in ranges.items()}
        for section, parties in (("contracts", ("buyer", "seller")), ("stakes", ("holder", "issuer"))):
            rows = merged.get(section, [])
            merged[section] = [{**row, **{p: taken.get(row.get(p), row.get(p)) for p in parties}} for row in rows]
    # Who sets a value does not doubt it, whatever the preset that it extends says of the same parameter or figure.
    figures_set = {f"{agent['id']}.{figure}" for agent in data.get("agents", []) for figure in agent.get("figures", {})}
    settled = (set(data.get("parameters", {})) | figures_set) - set(data.get("uncertain", {}))
    if "uncertain" in merged:
        new = {name for name in merged["uncertain"] if is_row(name) and name.partition(".")[0] in data}
        settled |= new - set(data.get("uncertain", {}))  # ranges of contracts and stakes that are no longer there
        merged["uncertain"] = {name: entry for name, entry in merged["uncertain"].items() if name not in settled}
    agents = {taken.get(agent["id"], agent["id"]): agent for agent in base.get("agents", [])}
    for entry in data.get("agents", []):
        agent = {key: value for key, value in entry.items() if key != "instead_of"}
        before = agents.get(agent["id"], {})
        figures = {**before.get("figures", {}), **agent.get("figures", {})}
        agents[agent["id"]] = {**before, **agent, "figures": figures}
    return {**merged, "agents": list(agents.values())}


def _parts_taken(base: dict[str, Any], data: dict[str, Any], path: Path) -> dict[str, str]:
    """Ids of the base's agents whose parts others take, with the ids of those."""
    taken: dict[str, str] = {}
    ids = [agent["id"] for agent in base.get("agents", [])]
    for agent in data.get("agents", []):
        if "instead_of" in agent:
            part = agent["instead_of"]
            if part not in ids or part in taken:
                raise InputError(
                    f"'instead_of' of agent '{agent['id']}' in '{path.name}' must name an agent of the preset that it extends, "
                    f"each once, not {as_given(part)}{nearest(str(part), ids)}"
                )
            taken[part] = agent["id"]
    return taken


def _preset_from(path: Path, data: dict[str, Any]) -> Preset:
    where = f"in '{path.name}'"
    words = ("title", "question", "title_zh", "question_zh")
    plain = ("industry", "start", "months", "fit")
    known = (*words, *plain, "parameters", "agents", "forcing", "contracts", "stakes", "before", "uncertain")
    for key in data:
        if key not in known:
            raise InputError(f"unknown section '{key}' {where}: allowed are {', '.join(known)}{nearest(key, known)}")
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, entry in data.get("parameters", {}).items():
        parameter = registered(name, where)
        value, source = figure_of(entry, f"'{name}' {where}")
        values[name] = parameter.check(value, where)
        sources[name] = source
    agents = tuple(sorted((agent_from(entry, where) for entry in data.get("agents", [])), key=_rank))
    ids = [agent.id for agent in agents]
    if len(set(ids)) != len(ids):
        raise InputError(f"agent ids {where} are not unique: {', '.join(ids)}")
    needed = [role.name for role in ROLES.values() if role.needed]
    for role in needed:
        if not any(agent.role == role for agent in agents):
            raise InputError(f"no agent with role '{role}' {where}: at least one of each of {', '.join(needed)} is needed")
    start = data.get("start", datetime.date(2025, 10, 1))
    if type(start) is not datetime.date:
        raise InputError(f"'start' {where} must be a date such as 2025-10-01, not {as_given(start)}")
    if start.year not in _YEARS:
        raise InputError(f"'start' {where} must be a date from {_YEARS[0]} to {_YEARS[-1]}, not {as_given(start)}")
    industry = data.get("industry", INDUSTRIES[0])
    if industry not in INDUSTRIES:
        raise InputError(
            f"'industry' {where} must be one of {', '.join(INDUSTRIES)}, not {as_given(industry)}"
            f"{nearest(str(industry), INDUSTRIES)}"
        )
    made = Preset(
        name=path.stem,
        title=text_of(data, "title", where, path.stem),
        question=text_of(data, "question", where),
        start=start,
        months=number_of(data, "months", MONTHS, where),
        values=values,
        sources=sources,
        agents=agents,
        forcing={name: forced(name, entry, where) for name, entry in data.get("forcing", {}).items()},
        contracts=tuple(contract_from(entry, agents, where) for entry in data.get("contracts", [])),
        stakes=tuple(stake_from(entry, agents, where) for entry in data.get("stakes", [])),
        before={name: year_before(name, entry, where) for name, entry in data.get("before", {}).items()},
        title_zh=text_of(data, "title_zh", where),
        question_zh=text_of(data, "question_zh", where),
        industry=industry,
        fit=text_of(data, "fit", where),
    )
    refuse_what_does_not_add_up(made.agents, made.stakes, made.values, where)
    unknowns = read_unknowns(data.get("uncertain", {}), made.parameter, where)
    refuse_ranges_beyond_all(made.stakes, unknowns, where)
    refuse_ranges_that_are_over(made.contracts, unknowns, where)
    return dataclasses.replace(made, unknowns=with_fit(unknowns, load_fit(made.fit, where) if made.fit else None))


def _rank(agent: AgentSpec) -> tuple:
    """Agents stand by role and in order of size, so that neither their names nor their order in the file matter."""
    size = ROLES[agent.role].size
    return cast_roles().index(agent.role), -agent.figures[size] if size else 0.0, tuple(agent.figures.values())
