"""The source under a figure: which program, which preset, what was set away from it, how many worlds, which seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpetuum.model.presets import preset_called
from perpetuum.model.words.speech import say, setting_typed


def scenario_of(summary: Mapping[str, Any]) -> str:
    """The preset by its name, all that was set away from it, and whether nothing unknown was drawn."""
    parts = [preset_called(str(summary["preset"]))]
    if summary.get("like"):
        parts.append(say("figure.like", name=summary["like"]["name"]))
    parts += [setting_typed(parameter, value) for parameter, value in set_by_the_user(summary).items()]
    return say("list.comma").join(parts) + (say("figure.fixed") if summary.get("fixed") else "")


def set_by_the_user(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What was set away from the preset, but for what a past squeeze set (`--like`), which goes by its name."""
    like = summary.get("like") or {"set": {}}
    return {name: value for name, value in summary.get("overrides", {}).items() if name not in like["set"]}


def settings_told(overrides: Mapping[str, Any]) -> str:
    """What was set away from a preset, each setting in a clause of its own."""
    return "".join(say("plot.set", setting=setting_typed(name, value)) for name, value in overrides.items())


def source_of_run(summary: Mapping[str, Any]) -> str:
    """The source line of a run's figures."""
    worlds = say.counted(summary["worlds"], "world")
    months = say.counted(summary["months"], "month")
    return say("figure.source", scenario=scenario_of(summary), worlds=worlds, seed=summary["seed"], months=months)


def spread_note(summary: Mapping[str, Any]) -> str:
    """What makes worlds differ: luck alone, or luck and what nobody knows; nothing where there is one world."""
    if summary["worlds"] == 1:
        return ""
    return say("figure.differ" if summary["unknowns"] else "figure.noise")
