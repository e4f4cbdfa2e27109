"""`perpetuum scenarios`: the presets, the questions they ask, and a check of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from perpetuum.runs.commands import options as shared

#: What a check tells of a preset that is sound, by kind of note.
NOTES = {
    "defaults": "agents with figures that are not given, so that the usual holds",
    "unsourced": "without a source",
    "undated": "with a period, and no day by which it was public",
    "late": "public only after the start",
}


def scenarios(
    preset: Annotated[
        str | None, typer.Argument(help="one preset, or a .toml file, instead of all", show_default=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="tell what is missing, without a source, or later than the start")
    ] = False,
    as_json: shared.AsJson = False,
) -> None:
    """List the presets and the questions they ask, or check one of your own.

    What makes no sense in a preset is refused in a sentence: unknown names, figures that are needed and missing, shares
    that do not add up, parts of a month. With --check its figures that are left to their defaults, lack a source or a
    date, or were public only after its start are listed as well.

    Example:  perpetuum scenarios ono_2025 --check
    """
    from perpetuum.model.presets import check_preset, preset_names

    found = [check_preset(name) for name in ([preset] if preset is not None else preset_names())]
    if as_json:
        shared.echo_json([_described(one) | ({"notes": notes} if check else {}) for one, notes in found])
        return
    for one, notes in found:
        typer.secho(f"{one.name}", bold=True, nl=False)
        typer.echo(f"  {one.title}; {one.months} months from {one.start:%B %Y}")
        if check:
            _tell(notes)
            continue
        if one.question:
            typer.echo(f"    {one.question}")
        typer.echo(f"    {_cast(one.agents)}")
    if not check:
        typer.echo(f"\nRun {'it' if preset else 'one'} with:  perpetuum run {preset or 'NAME'}")


def _tell(notes: dict[str, list[str]]) -> None:
    """What a check found, a line each."""
    if not notes:
        typer.echo("    every figure is given, with its source and, where it is a published one, its dates")
    for kind, lines in notes.items():
        typer.secho(f"    {len(lines)} {NOTES[kind]}:", dim=True)
        for line in lines:
            typer.echo(f"      {line}")


def _described(preset: Any) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": preset.title,
        "question": preset.question,
        "start": preset.start.isoformat(),
        "months": preset.months,
        "values": preset.values,
        "sources": preset.sources,
        "agents": [
            {"id": a.id, "role": a.role, "kind": a.kind, "label": a.label, "modelled_on": a.modelled_on}
            for a in preset.agents
        ],
    }


def _cast(agents: Sequence[Any]) -> str:
    counts: dict[str, int] = {}
    for agent in agents:
        counts[agent.role] = counts.get(agent.role, 0) + 1
    return ", ".join(f"{n} {role}{'s' if n > 1 else ''}" for role, n in counts.items())
