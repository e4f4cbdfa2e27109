"""`perpetuum params`: the parameters and the series, searched by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared

if TYPE_CHECKING:
    from perpetuum.model.parameters import Parameter
    from perpetuum.model.scenario import Preset


def params(
    search: Annotated[str, typer.Argument(help="words to look for in names, help and sources")] = "",
    levers: Annotated[bool, typer.Option("--levers", help="only parameters that may be moved in mid-run")] = False,
    preset: Annotated[str, typer.Option(help="whose values to show")] = shared.DEFAULT_PRESET,
    series: Annotated[bool, typer.Option("--series", help="list the series that runs can collect instead")] = False,
    as_json: shared.AsJson = False,
) -> None:
    """List the parameters with value, range, unit, help and source.

    A value is that of the preset where the preset sets it, with the default beside it where that differs.

    Example:  perpetuum params tightening
    """
    if series:
        _series(search, as_json)
        return
    from perpetuum.model.parameters import PARAMETERS
    from perpetuum.model.scenario import load_preset

    chosen = load_preset(preset)
    words = search.lower().split()
    rows = []
    for parameter in PARAMETERS.values():
        text = f"{parameter.name} {parameter.help} {parameter.source}".lower()
        if all(word in text for word in words) and (parameter.lever or not levers):
            rows.append(_row(parameter, chosen))
    if as_json:
        shared.echo_json(rows)
        return
    if not rows:
        near = shared.nearest(search, list(PARAMETERS))
        raise shared.input_error(f"no parameter has '{search}' in its name, help or source{near}")
    for row in rows:
        typer.secho(f"{row['name']}", bold=True, nl=False)
        typer.echo(f" = {_value(row)}   ({row['allowed']}{'; lever' if row['lever'] else ''})")
        typer.echo(f"    {row['help']}")
        if row["source"]:
            typer.secho(f"    source: {row['source']}", dim=True)
    if not words:
        typer.echo(f"\n{len(rows)} parameters; look for some with:  perpetuum params WORD")


def _row(parameter: Parameter, preset: Preset) -> dict[str, Any]:
    """One parameter; `preset` is the preset that sets the value, None where it is the default."""
    set_here = parameter.name in preset.values
    return {
        "name": parameter.name,
        "default": parameter.default,
        "value": preset.values[parameter.name] if set_here else parameter.default,
        "preset": preset.name if set_here else None,
        "unit": parameter.unit,
        "allowed": parameter.allowed,
        "low": parameter.low,
        "high": parameter.high,
        "help": parameter.help,
        "source": (preset.sources.get(parameter.name) if set_here else None) or parameter.source,
        "lever": parameter.lever,
        "kind": parameter.kind,
    }


def _value(row: dict[str, Any]) -> str:
    """Write value and unit, and whose value it is where it is not the default."""
    from perpetuum.model.words.speech import written

    value = f"{written(row['value'])}{f' {row["unit"]}' if row['unit'] else ''}"
    return value if row["value"] == row["default"] else f"{value} in {row['preset']}, {written(row['default'])} by default"


def _series(search: str, as_json: bool) -> None:
    """List the series: name, unit, meaning, and whether a run collects it unasked."""
    from perpetuum.model.observed.collector import MEASURES
    from perpetuum.model.observed.series import SERIES

    words = search.lower().split()
    rows = []
    for name, measure in MEASURES.items():
        if all(word in f"{name} {measure.help} {measure.unit}".lower() for word in words):
            rows.append({"name": name, "unit": measure.unit, "help": measure.help, "collected": name in SERIES})
    if as_json:
        shared.echo_json(rows)
        return
    if not rows:
        raise shared.input_error(f"no series has '{search}' in its name or help{shared.nearest(search, list(MEASURES))}")
    for row in rows:
        typer.secho(row["name"], bold=True, nl=False)
        typer.echo(f"   ({row['unit']}{'' if row['collected'] else '; only where --series names it'})")
        typer.echo(f"    {row['help']}")
