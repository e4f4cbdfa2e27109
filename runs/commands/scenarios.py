"""`perpetuum scenarios`: the presets and the questions they ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from perpetuum.runs.commands import options as shared


def scenarios(as_json: shared.AsJson = False) -> None:
    """List the presets and the questions they ask.

    Example:  perpetuum scenarios
    """
    from perpetuum.model.scenario import load_preset, preset_names

    presets = [load_preset(name) for name in preset_names()]
    if as_json:
        shared.echo_json([_described(preset) for preset in presets])
        return
    for preset in presets:
        typer.secho(f"{preset.name}", bold=True, nl=False)
        typer.echo(f"  {preset.title}; {preset.months} months from {preset.start:%B %Y}")
        if preset.question:
            typer.echo(f"    {preset.question}")
        typer.echo(f"    {_cast(preset.agents)}")
    typer.echo("\nRun one with:  perpetuum run NAME")


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
