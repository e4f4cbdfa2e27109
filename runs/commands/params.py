"""`perpetuum params`: the parameters and the series, searched by words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared

if TYPE_CHECKING:
    from perpetuum.model.parameters import Parameter
    from perpetuum.model.scenario import Preset
    from perpetuum.model.uncertainty import Unknown


def params(
    context: typer.Context,
    search: Annotated[str, typer.Argument(help="words to look for in names, help and sources")] = "",
    levers: Annotated[bool, typer.Option("--levers", help="only parameters that may be moved in mid-run")] = False,
    preset: Annotated[str, typer.Option(help="whose values to show")] = shared.DEFAULT_PRESET,
    series: Annotated[bool, typer.Option("--series", help="list the series that runs can collect instead")] = False,
    as_json: shared.AsJson = False,
) -> None:
    """List the parameters with value, range, unit, help and source, and the figures of the preset's agents, contracts and stakes.

    A value is that of the preset where the preset sets it, with the default beside it where that differs.

    Example:  perpetuum params tightening
    """
    if series:
        shared.check_alone(context, "--series", "lists series instead of parameters", "the search", "--json")
        _series(search, as_json)
        return
    from perpetuum.model.errors import about
    from perpetuum.model.parameters import PARAMETERS
    from perpetuum.model.scenario import load_preset

    if not preset.strip():
        raise shared.input_error("--preset takes the name of a preset (see `perpetuum scenarios`), or a .toml file")
    with about("preset"):
        chosen = load_preset(preset)
    words = search.lower().split()
    own = tuple(chosen.own_parameters())
    rows, there = [], (*PARAMETERS.values(), *own)
    values = {**chosen.values, **{parameter.name: parameter.default for parameter in own}}
    for parameter in there:
        text = f"{parameter.name} {parameter.help} {parameter.source}".lower()
        if all(word in text for word in words) and (parameter.lever or not levers):
            rows.append(_row(parameter, chosen, values))
    if not rows:
        near = shared.nearest(search, [parameter.name for parameter in there])
        raise shared.input_error(f"no {'lever' if levers else 'parameter'} has '{search}' in its name, help or source{near}")
    if as_json:
        shared.echo_json(rows)
        return
    for row in rows:
        typer.secho(f"{row['name']}", bold=True, nl=False)
        typer.echo(f" = {_value(row)}   ({row['allowed']}{'; lever' if row['lever'] else ''})")
        typer.echo(f"    {row['help']}")
        if row["source"]:
            typer.secho(f"    source: {row['source']}", dim=True)
        if row["uncertain"]:
            typer.secho(f"    {_range(row['uncertain'])}", dim=True)
    if not words:
        typer.echo(f"\n{len(rows)} parameters; look for some with:  perpetuum params WORD")


def _row(parameter: Parameter, preset: Preset, values: Mapping[str, Any]) -> dict[str, Any]:
    """One parameter; `values`: what the preset sets; in the row `preset` is None where the value is the default."""
    set_here = parameter.name in values
    return {
        "name": parameter.name,
        "default": parameter.default,
        "value": values[parameter.name] if set_here else parameter.default,
        "preset": preset.name if set_here else None,
        "unit": parameter.unit,
        "allowed": parameter.allowed,
        "low": parameter.low,
        "high": parameter.high,
        "help": parameter.help,
        "source": (preset.sources.get(parameter.name) if set_here else None) or parameter.source,
        "lever": parameter.lever,
        "kind": parameter.kind,
        "uncertain": _uncertain(next((one for one in preset.unknowns if one.name == parameter.name), None)),
    }


def _uncertain(unknown: Unknown | None) -> dict[str, Any] | None:
    """What each world draws for itself: distribution and range, where they come from, and the fit that it is drawn from."""
    if unknown is None:
        return None
    fit = unknown.fit
    return {
        "distribution": unknown.distribution,
        "low": unknown.low,
        "high": unknown.high,
        "source": unknown.source,
        "fit": None if fit is None else {"name": fit.name, "known": fit.known.isoformat(), "command": fit.command},
    }


def _range(one: dict[str, Any]) -> str:
    """Where a world's own value comes from, in words."""
    prior = f"{one['distribution'].replace('_', '-')}, {one['low']:g} to {one['high']:g} ({one['source']})"
    if one["fit"] is None:
        return f"each world draws its own: {prior}"
    fit = one["fit"]
    return f"each world draws its own from {fit['name']}, fitted to what was public by {fit['known']}; prior: {prior}"


def _value(row: dict[str, Any]) -> str:
    """Write value and unit, and whose value it is where it is not the default."""
    from perpetuum.model.words.speech import typed

    here, usual = (typed(row["name"], row[which]) for which in ("value", "default"))
    value = f"{here} {row['unit']}".strip()
    return value if row["value"] == row["default"] else f"{value} in {row['preset']}, {usual} by default"


def _series(search: str, as_json: bool) -> None:
    """List the series: name, unit, meaning, and whether a run collects it unasked."""
    from perpetuum.model.observed.measures import MEASURES, SERIES

    words = search.lower().split()
    rows = []
    for name, measure in MEASURES.items():
        if all(word in f"{name} {measure.help} {measure.unit}".lower() for word in words):
            rows.append({"name": name, "unit": measure.unit, "help": measure.help, "collected": name in SERIES})
    if not rows:
        raise shared.input_error(f"no series has '{search}' in its name or help{shared.nearest(search, list(MEASURES))}")
    if as_json:
        shared.echo_json(rows)
        return
    for row in rows:
        typer.secho(row["name"], bold=True, nl=False)
        typer.echo(f"   ({row['unit']}{'' if row['collected'] else '; only where --series names it'})")
        typer.echo(f"    {row['help']}")
