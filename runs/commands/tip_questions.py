"""The questions of `perpetuum tip`, checked before anything runs: how many worlds each takes, and how it is answered."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.runs.commands import options as shared

if TYPE_CHECKING:
    import pandas as pd

    from perpetuum.model.scenario import Scenario
    from perpetuum.runs.study.batches import Progress
    from perpetuum.runs.study.description import Study
    from perpetuum.visualization.figures.of_studies.panels import Asked

#: What worlds are simulated on, as `runs.study.executors.open_engine` takes it: `workers` and `scheduler`.
Engine = Mapping[str, Any]
#: How an answer is worked out: summary, table, and the table's name.
Simulate = Callable[[Engine, "Progress | None"], "tuple[dict[str, Any], pd.DataFrame, str]"]


@dataclass(frozen=True)
class Checked:
    """A checked question: about how many worlds it takes, how it is answered, and whether its table is written as CSV too."""

    asked: Asked
    worlds: int
    simulate: Simulate
    csv: bool = False
    progress: Callable[[], AbstractContextManager[Progress | None]] = lambda: shared.progress("simulating")


def tipping_point(question: dict[str, Any], across: str | None, by: str | None) -> Checked:
    """The search for a tipping point, at each value of a second parameter where `--across` names one."""
    from perpetuum.model.errors import about
    from perpetuum.runs.questions import tipping
    from perpetuum.runs.study.batches import run_worlds
    from perpetuum.runs.study.design import make_design

    if by is not None:
        question = question | {"by": _month(by, tipping.Tip(**question).scenario)}
    asked = tipping.Tip(**question)
    if across is not None:
        name, equals, values = (part.strip() for part in across.partition("="))
        if not equals or not name or not values or values.count(":") == 1:  # nothing here samples a range
            raise shared.input_error(f"--across takes NAME=LOW:HIGH:COUNT or NAME=A,B,C, not '{across}'")
        with about("across"):
            axis: Sequence[Any] = make_design({name: values}, asked.scenario)["axes"][name]
        asked = tipping.Tip(**question, across=(name, axis))

    def simulate(engine: Engine, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        curves = tipping.search(asked, partial(run_worlds, **engine), progress)
        return tipping.summarise(asked, curves), tipping.probes_table(asked, curves), "probes"

    return Checked(asked, 2 * tipping.SCAN * asked.worlds * len(asked.cells), simulate)


def no_return(question: dict[str, Any]) -> Checked:
    """The point of no return."""
    from perpetuum.runs.questions import point_of_no_return as no_return
    from perpetuum.runs.questions.forked_worlds import run_all
    from perpetuum.runs.study.batches import run_worlds

    asked = no_return.NoReturn(**question)

    def simulate(engine: Engine, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        found = no_return.search(asked, partial(run_worlds, **engine), partial(run_all, **engine), progress)
        return no_return.summarise(asked, found), no_return.worlds_table(asked, found), "worlds"

    return Checked(asked, asked.worlds * (asked.end - asked.start) // asked.stride, simulate)


def hysteresis(question: dict[str, Any]) -> Checked:
    """The way up and back."""
    from perpetuum.runs.questions import hysteresis
    from perpetuum.runs.questions.forked_worlds import run_all

    asked = hysteresis.Hysteresis(**question)

    def simulate(engine: Engine, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        loop = hysteresis.run(asked, partial(run_all, **engine), progress)
        return hysteresis.summarise(asked, loop), hysteresis.paths_table(asked, loop), "paths"

    return Checked(asked, asked.worlds * hysteresis.LEVELS, simulate)


def _month(by: str, scenario: Scenario) -> int:
    """Number of a month written as 2030-12, counted from a run's first; raises InputError for one that is not judged."""
    from perpetuum.model.given import whole
    from perpetuum.model.units import date_of

    try:
        year, month = (whole(part) for part in by.split("-"))
        date = datetime.date(year, month, 1)
    except (ValueError, OverflowError):  # of which the second is about numbers that no calendar has
        raise shared.input_error(f"--by takes a month such as 2030-12, not '{by}'") from None
    start, judged = scenario.definition.start, scenario.judged
    month = 12 * (date.year - start.year) + date.month - start.month
    if not 0 <= month < judged:
        last = date_of(start, judged - 1)
        raise shared.input_error(f"--by takes a month that is judged, from {start:%Y-%m} to {last:%Y-%m}, not '{by}'")
    return month


# --- questions that are asked of a study of cells -----------------------------------------------------------


def life_lost(question: dict[str, Any], starts: str | None, strengths: str | None, target: Path) -> Checked:
    """The map of life lost, from starts and strengths as the user wrote them; its worlds are kept in `target`/study."""
    from perpetuum.runs.questions import life_lost_map

    scenario = _scenario(question)
    values = [
        _axis(scenario, name, *written)
        for name, written in (
            (life_lost_map.START, ("--starts", starts, "0:48:9")),
            (life_lost_map.THETA, ("--strengths", strengths, "0.1:1:10")),
        )
    ]
    asked = life_lost_map.LifeLostMap(**question, starts=values[0], strengths=values[1])
    return _of_cells(asked, asked.study, target, "life_lost", life_lost_map.summarise, life_lost_map.cells_table)


def one_channel(question: dict[str, Any], starts: str | None, strengths: str | None, target: Path) -> Checked:
    """One channel at a time, from starts and a single strength as the user wrote them."""
    from perpetuum.runs.questions import channels

    scenario = _scenario(question)
    months = _axis(scenario, channels.START, "--starts", starts, "3,12,36")
    told = _axis(scenario, channels.THETA, "--strengths", strengths, "1")
    if told is not None and len(told) != 1:
        raise shared.input_error(f"--channels takes one strength, such as --strengths 1, not '{strengths}'")
    strength = {} if told is None else {"strength": float(told[0])}
    asked = channels.OneChannel(**question | strength, starts=months)
    return _of_cells(asked, asked.study, target, "channels", channels.summarise, channels.cells_table)


def stop_test(question: dict[str, Any], stops: str, target: Path) -> Checked:
    """The stop test, from the months in which all outside finance stops as the user wrote them ("": the usual ones)."""
    from perpetuum.runs.questions import stop_test as stopping

    asked = stopping.StopTest(
        **question, stops=_axis(_scenario(question), stopping.STOP, "--stop", stops or None, "0,12,24,36")
    )
    return _of_cells(asked, asked.study, target, "stop_test", stopping.summarise, stopping.waits_table, series=True)


def _scenario(question: dict[str, Any]) -> Scenario:
    from perpetuum.runs.questions.asked_scenario import scenario_of

    return scenario_of(*(question[name] for name in ("preset", "overrides", "seed", "months")))


def _axis(scenario: Scenario, name: str, option: str, told: str | None, example: str) -> Sequence[Any] | None:
    """Values of a parameter as the user wrote them, `LOW:HIGH:COUNT` or `A,B,C`; None where nothing was written."""
    from perpetuum.model.errors import about
    from perpetuum.runs.study.design import make_design

    if told is None:
        return None
    if told.count(":") not in (0, 2):
        raise shared.input_error(f"{option} takes LOW:HIGH:COUNT or A,B,C, such as {option} {example}, not '{told}'")
    with about(option.strip("-")):
        values: Sequence[Any] = make_design({name: told}, scenario)["axes"][name]
    return values


def _of_cells(
    asked: Asked,
    study: Study,
    target: Path,
    name: str,
    summarise: Callable[..., dict[str, Any]],
    table: Callable[[dict[str, Any]], pd.DataFrame],
    *,
    series: bool = False,
) -> Checked:
    """A question that is answered from the folder of a study, `target`/study, in which its worlds are kept as they come.

    `summarise` makes the summary from the worlds, with `series` from their months too; `table` of this `name` is made from that.
    """
    from perpetuum.runs.commands.sweep import world_progress, worlds_done
    from perpetuum.runs.study.execute import StudyStopped, run_study
    from perpetuum.runs.study.folder import StudyFolder
    from perpetuum.runs.study.tables import load

    folder = target / "study"
    with StudyFolder(folder) as there:
        there.compare(study)

    def simulate(engine: Engine, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        try:
            run_study(study, folder, **engine, progress=progress)
        except StudyStopped:
            kept = f"stopped with {worlds_done(folder)} of {study.worlds} worlds done, which are kept in '{folder}'"
            raise shared.Stopped(f"{kept}: the same command with --out {target} goes on from there") from None
        summary = summarise(asked, load(folder), *([load(folder, series=True)] if series else []))
        return summary, table(summary), name

    return Checked(
        asked, study.worlds, simulate, True, lambda: world_progress(study.worlds, study.simulated, worlds_done(folder))
    )
