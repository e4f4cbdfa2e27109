"""A calibration on the screen: the waves, what the record says of each parameter, and what of the record is out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType

from perpetuum.model.words.speech import say
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, quiet, section, table
from perpetuum.runs.screen.validation import number

Told = Mapping[str, Any]


def show(told: Told, console: Console, file: str = "") -> None:
    """Print what `Calibration.told` says, with the score of the year of training."""
    sizes = {"facts": told["facts"], "free": len(told["parameters"]), "known": told["known"], "fit": told["fit"]}
    parts: list[RenderableType] = [quiet(say("calibrate.title", **sizes)), _waves(told), _parameters(told), _figures(told)]
    one = told["trained"]
    parts.append(
        Paragraph(
            say(
                "calibrate.trained",
                origin=one["origin"],
                prior=number(one["priors"]["error"]),
                fitted=number(one["fitted"]["error"]),
                prior_inside=say.percent(one["priors"]["coverage"]),
                fitted_inside=say.percent(one["fitted"]["coverage"]),
            )
        )
    )
    if file:
        parts.append(quiet(say("calibrate.written", draws=told["draws"], file=file)))
    layout.show(console, *parts)


def _waves(told: Told) -> RenderableType:
    lines = []
    for place, one in enumerate(told["waves"], 1):
        line = say(
            "calibrate.wave",
            number=place,
            points=say.counted(one["points"], "point"),
            worlds=say.counted(one["worlds"], "world"),
            left=say.percent(one["left"]),
        )
        lines.append(line + (say("calibrate.passed", n=one["passed"]) if one["passed"] else ""))
    return section(say("calibrate.waves"), "", *(Paragraph(line) for line in lines))


def _parameters(told: Told) -> RenderableType:
    heads = ("parameter", "value", "shift", "narrowed", "tells")
    sides = ("left", "right", "right", "right", "left")
    rows = table(*((say(f"calibrate.head_{name}"), side) for name, side in zip(heads, sides, strict=True)), wrapped=(0,))
    for name, one in told["parameters"].items():
        rows.add_row(
            say.parameter(name) + (" *" if one["common"] < 1 else ""),
            " ".join(number(value) for value in one["values"]),
            f"{one['shift']:+.2f}".replace("-", "−"),
            f"{one['narrowed']:.2f}",
            say("calibrate.told" if one["identified"] else "calibrate.untold"),
        )
    placebo, regression = told["placebo"], told["regression"]
    chance = say(
        "calibrate.chance",
        placebos=placebo["count"],
        middle=number(placebo["median"]),
        bound=number(placebo["bound"]),
        points=f"{regression['points']:.0f}",
        figures=regression["figures"],
        most=f"{max((one['inflated'] for one in told['parameters'].values()), default=1.0):.2f}",
    )
    return section(say("calibrate.parameters"), "", rows, quiet(say("calibrate.values")), quiet(chance))


def _figures(told: Told) -> RenderableType:
    heads = ("figure", "facts", "before", "after", "least", "reach")
    sides = ("left", "right", "right", "right", "right", "left")
    rows = table(*((say(f"calibrate.head_{name}"), side) for name, side in zip(heads, sides, strict=True)), wrapped=(0,))
    for one in told["figures"].values():
        rows.add_row(
            f"{one['preset']}: {say(f'validate.claim.{one["series"]}')}{say('list.comma')}{say(f'calibrate.{one["what"]}')}",
            str(one["facts"]),
            f"{one['before']:+.2f}".replace("-", "−"),
            f"{one['after']:+.2f}".replace("-", "−"),
            f"{one['least']:.1f}",
            "" if one["used"] else say("calibrate.out_of_reach"),
        )
    return section(say("calibrate.figures"), "", rows, quiet(say("calibrate.gaps")))
