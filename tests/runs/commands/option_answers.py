"""What a command answers in a folder of its own, and what was simulated, drawn and served for it; nothing else is."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.fits import Fit
from perpetuum.runs.commands import cli
from perpetuum.runs.commands import options as shared
from perpetuum.runs.questions import calibration, forked_worlds, validation, world_account
from perpetuum.runs.study import batches, executors
from tests.fakes import FakeEconomy
from tests.study_folders import DEMAND, FORM, THETA, write_study

#: Folders that commands read, by name: what is varied in them.
STUDIES = {"study": (DEMAND, THETA, FORM), "other": (THETA, FORM)}


@dataclass
class Answer:
    """What a command did in a folder of its own."""

    folder: Path
    code: int = -1
    out: str = ""
    err: str = ""
    scenarios: list[Any] = field(default_factory=list)  # simulated, in order
    engines: list[Any] = field(default_factory=list)  # opened: processes asked for, or the scheduler's address
    tasks: list[int] = field(default_factory=list)  # worlds of each batch of the engines
    served: list[Any] = field(default_factory=list)  # where the page was asked for and served
    doors: list[Any] = field(default_factory=list)  # who was let in
    opening: Any = None
    validated: Any = None  # preset, seed and worlds that a validation was asked for
    calibrated: Any = None  # what a calibration was asked for
    compiled: bool = False  # compilation was asked for

    def json(self, name: str = "there/summary.json") -> Any:
        """A file of JSON, or with "" what was printed."""
        return json.loads((self.folder / name).read_text(encoding="utf-8") if name else self.out)

    def table(self, name: str) -> pd.DataFrame:
        """A table of the folder of the answer."""
        return pd.read_parquet(self.folder / "there" / f"{name}.parquet")

    @property
    def files(self) -> set[str]:
        """Files of the folder of the answer."""
        return {file.name for file in (self.folder / "there").iterdir()}

    def simulated(self, what: str) -> set[Any]:
        """The values of a field or parameter of all scenarios that were simulated."""
        values = [getattr(one, what) if hasattr(one, what) else one.values[what] for one in self.scenarios]
        return {one for value in values for one in np.ravel(value).tolist()}


def answering(new_folder: Callable[[str], Path]) -> Callable[..., Answer]:
    """Call the command line, once for the same words: an Answer. `real`: economies in full."""
    answers: dict[tuple[str, bool], Answer] = {}
    ready = new_folder("ready")
    for name, varied in STUDIES.items():
        write_study(ready / name, varied)
    for name, replicates in (("short", 1), ("long", 3)):
        study = f'preset = "ono_2025"\nmonths = 3\nreplicates = {replicates}\n[vary]\n"{THETA}" = "0,1"\n'
        (ready / f"{name}.toml").write_text(study, encoding="utf-8")

    def call(words: str, real: bool = False) -> Answer:
        if (words, real) not in answers:
            folder = new_folder("called")
            for path in ready.iterdir():
                (folder / path.name).symlink_to(path)
            answers[words, real] = _called(shlex.split(words), Answer(folder), real)
        return answers[words, real]

    return call


def _called(words: list[str], answer: Answer, real: bool) -> Answer:
    out, err, before = io.StringIO(), io.StringIO(), Path.cwd()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        stand_ins(patch, answer, real)
        os.chdir(answer.folder)
        try:
            answer.code = cli.main(words)
        finally:
            os.chdir(before)
    answer.out, answer.err = out.getvalue(), err.getvalue()
    return answer


def stand_ins(patch: pytest.MonkeyPatch, answer: Answer, real: bool) -> None:
    """Note what is simulated, on what, and what is served; draw a file of no size."""
    from matplotlib import pyplot

    from perpetuum.visualization.app import gate, replay, serve
    from perpetuum.visualization.figures import autopsy, run_figures, sensitivity
    from perpetuum.visualization.figures.of_studies import panels, tipping_points

    made = batches.make_economy

    def make_economy(scenario: Any, *classes: Any) -> Any:
        answer.scenarios.append(scenario)
        return made(scenario, *classes) if real else FakeEconomy(scenario)

    def validate(preset: str, seed: int, worlds: int, **more: Any) -> validation.Validation:
        answer.validated = preset, seed, worlds
        return validation.Validation([validation.Row("books", 0.0, 0.0, 0.0, 0.0, 0.0, "", "met")], [], [], [], {})

    def calibrate(plan: Any, **asked: Any) -> SimpleNamespace:
        answer.calibrated = {"fit": plan.name, **asked}
        fit = Fit(plan.name, {"growth.fade": (0.5,)}, {"growth.fade": 1.0}, plan.known)
        told = {"fit": plan.name, "known": "", "facts": 0, "draws": 1, "waves": [], "parameters": {}, "figures": {}}
        told |= {"placebo": {"count": 0, "median": 1.0, "bound": 0.5}, "regression": {"points": 1.0, "figures": 0}}
        return SimpleNamespace(fit=fit, told=lambda: told)

    def trained(*_: Any) -> dict[str, Any]:
        return {"origin": "", **{name: {"error": 0.0, "coverage": 0.0} for name in ("priors", "fitted")}}

    def save(figure: Any, folder: Path, name: str) -> list[str]:
        pyplot.close(figure)
        (folder / f"{name}.png").touch()
        return [f"{name}.png"]

    class Here(executors.InProcess):
        def __init__(self, asked: Any = 1):
            super().__init__()
            answer.engines.append(asked)

        def run(self, function, tasks):
            return super().run(function, self._counted(tasks))

        def begin(self, function, argument):
            return lambda: function(argument)

        def _counted(self, tasks):
            for key, argument in tasks:
                answer.tasks.append(len(getattr(argument[0] if isinstance(argument, tuple) else argument, "replicates", ())))
                yield key, argument

    for module in (batches, forked_worlds, world_account):
        patch.setattr(module, "make_economy", make_economy)
    for name in ("Processes", "Cluster", "InProcess"):
        patch.setattr(executors, name, Here)
    for module, name in ((autopsy, "draw"), (run_figures, "draw"), (sensitivity, "draw"), (tipping_points, "draw_tip")):
        patch.setattr(module, name, lambda *arguments: (Path(arguments[-1]) / "drawn.png").touch())
    patch.setattr(panels, "save", save)
    patch.setattr(validation, "validate", validate)
    patch.setattr(calibration, "calibrate", calibrate)
    patch.setattr(calibration, "trained", trained)
    patch.setattr(shared, "compile_first", lambda: setattr(answer, "compiled", True) or True)
    patch.setattr(shared, "worth_a_process", lambda question: False)
    patch.setattr(gate, "check_port", lambda *where: answer.served.append(where))
    patch.setattr(serve, "serve", lambda *where: answer.served.append(where[:2]) or answer.doors.append(where[2]))
    patch.setattr(replay, "open_with", lambda opening: setattr(answer, "opening", opening.start))
