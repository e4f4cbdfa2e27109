"""What a report tells of a folder: what was asked, the summary, one of its worlds, and how it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.presets import Preset
from perpetuum.model.scenario import InputError, load_preset
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.questions.causal_story import Choice, choose_world
from perpetuum.runs.questions.life_lost_map import by_world
from perpetuum.runs.questions.overview import columns_of, overview
from perpetuum.runs.questions.watched_world import WatchedWorld, watch
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.manifest import read_json, read_manifest, read_summary
from perpetuum.runs.study.study_summary import summarise_study
from perpetuum.runs.study.tables import load

if TYPE_CHECKING:
    from perpetuum.runs.study.executors import Processes

#: Kinds of folders, as their manifests tell them.
KINDS = ("run", "sweep", "tip", "autopsy", "sensitivity")


@dataclass(frozen=True)
class ReportedFolder:
    """A folder of a run or a study, read.

    `preset`, `overrides`, `seed`, `months` and `draws` are those of the world that is told of (`choice`); `study` is None but
    for a sweep.
    """

    path: Path
    kind: str
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]
    study: Study | None
    preset: str
    overrides: Mapping[str, Any]
    seed: int
    months: int
    draws: bool
    choice: Choice
    fallen: int | None  # month in which the chosen world falls by the tables, -1 never; None where they do not say

    @cached_property
    def life_lost_map(self) -> Mapping[str, Any] | None:
        """The map of start and strength, with its worlds' own months where the folder has them."""
        found = self.summary.get("life_lost_map")
        if found and self.kind == "tip" and (self.path / "study").is_dir():
            return {**found, "by_world": by_world(self.path / "study", found)}
        return found or None

    def watch(self, second: Processes | None = None) -> Callable[[], WatchedWorld | str]:
        """Begin to simulate the chosen world again, in a second process, if there is one, else when what is returned is called.

        That returns the world, or why there is none to be told of, in a sentence.
        """
        asked = _Asked(
            self.preset, self.overrides, self.choice, self.seed, self.months, self.draws, say.language, say.industry
        )
        begun = second.begin(_simulated_again, asked) if second is not None else lambda: _simulated_again(asked)

        def found() -> WatchedWorld | str:
            try:
                watched: WatchedWorld = begun()
            except InputError as error:
                return say("report.no_world", why=str(error))
            return watched if self._same(watched) else say("report.other_world", world=self.choice.replicate)

        return found

    def _same(self, watched: WatchedWorld) -> bool:
        """Whether a world simulated again is the one of the tables, as far as these tell."""
        if self.fallen is not None and watched.fallen != self.fallen:
            return False
        if self.kind != "run":
            return True
        try:
            series = load(self.path, series=True, columns=["arm", "world", "month", "vendor_revenue"])
        except InputError:  # other series were asked for
            return True
        mine = series[(series["arm"] == "asked") & (series["world"] == self.choice.replicate)]
        revenue = mine[mine["month"] < self.months].sort_values("month")["vendor_revenue"].to_numpy(dtype=np.float64)
        return watched.same_sales(revenue)


@dataclass(frozen=True)
class _Asked:
    """What a process needs to simulate a world again, and to tell its story."""

    preset: str
    overrides: Mapping[str, Any]
    choice: Choice
    seed: int
    months: int
    draws: bool
    language: str
    industry: str


def _simulated_again(asked: _Asked) -> WatchedWorld:
    with speaking(asked.language, asked.industry):
        return watch(asked.preset, asked.overrides, asked.choice, seed=asked.seed, months=asked.months, draws=asked.draws)


def read_folder(folder: Path, world: int | None = None) -> ReportedFolder:
    """Read a folder of a run or a study; `world`: the one to tell of (None: a typical one).

    Raises InputError for a folder that is neither, one that is not finished, and for a world that it does not have.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InputError(
            f"'{folder}' {what}: report takes the folder of a run or a study, which `perpetuum run --out DIR` makes"
        )
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"'{folder}' holds neither a run nor a study: it has no manifest.json of perpetuum")
    kind = "sweep" if "study" in manifest else "run" if "arms" in manifest else str(manifest.get("kind", ""))
    if kind not in KINDS:
        raise InputError(f"'{folder}' holds nothing that a report tells of: it takes {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    if kind == "sweep" and manifest.get("state") != "finished":
        raise InputError(f"the study in '{folder}' is not finished: run its `perpetuum sweep` again first")
    if kind == "sweep":
        return _sweep(folder, manifest, world)
    summary = read_summary(folder)
    # An autopsy and a sensitivity count worlds over all coalitions or points: their numbers are those of one of them.
    worlds = summary["worlds"] if kind in ("run", "tip") else summary.get("replicates") or manifest["replicates"]
    fallen, choice = None, _chosen(folder, worlds, world)
    if kind == "run":
        choice, fallen = _of_run(folder, world)
    draws = not (summary.get("fixed") or manifest.get("fixed"))
    about = {name: manifest[name] for name in ("preset", "overrides", "seed", "months")}
    return ReportedFolder(folder, kind, manifest, summary, None, **about, draws=draws, choice=choice, fallen=fallen)


def definition_of(preset: str) -> Preset | None:
    """What the preset says; None where it cannot be read any more."""
    try:
        return load_preset(preset)
    except InputError:
        return None


def _of_run(folder: Path, world: int | None) -> tuple[Choice, int]:
    """The world of a run that is told of, and when it falls."""
    worlds = load(folder, columns=["arm", "replicate", "fallen_month", "drawdown"])
    worlds = worlds[worlds["arm"] == "asked"].assign(error="")
    return _choose(worlds, world)


def _choose(worlds: Any, world: int | None) -> tuple[Choice, int]:
    last = int(worlds["replicate"].max())
    if world is not None and world not in worlds["replicate"].to_numpy():
        raise InputError(f"--world takes the number of a world, from 0 to {last}, not {world}")
    choice = choose_world(worlds) if world is None else Choice(world)
    return choice, int(worlds.loc[worlds["replicate"] == choice.replicate, "fallen_month"].iloc[0])


def _sweep(folder: Path, manifest: Mapping[str, Any], world: int | None) -> ReportedFolder:
    """A study: told of is a world of the cell in which the most worlds fall."""
    try:
        study = Study.from_dict(manifest["study"])
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"'{folder}' holds a study that this version cannot read") from None
    worlds = load(folder, columns=list(dict.fromkeys([*columns_of(study), "replicate", "fallen_month", "drawdown"])))
    found = overview(study, worlds)
    cell = (
        found["most_fall"][0]["cell"] if found["most_fall"] else {name: column[0] for name, column in study.varied.items()}
    )
    here = worlds
    for name, value in cell.items():
        here = here[here[name] == value]
    sound = here[here["error"] == ""]
    choice, fallen = _choose(sound, world) if len(sound) else (Choice(0, "first", worlds=study.replicates), None)
    return ReportedFolder(
        folder,
        "sweep",
        manifest,
        {**summarise_study(folder / "worlds.parquet", study), **found},
        study,
        preset=study.preset,
        overrides={**study.overrides, **cell},
        seed=study.seed,
        months=study.months,
        draws=study.draws,
        choice=choice,
        fallen=fallen,
    )


def _chosen(folder: Path, most: int, world: int | None) -> Choice:
    """The world that was asked for, else the one of an autopsy's story, else the first."""
    if world is not None and not 0 <= world < most:
        raise InputError(f"--world takes the number of a world, from 0 to {most - 1}, not {world}")
    if world is not None:
        return Choice(world)
    if not (folder / "story.json").is_file():
        return Choice(0, "first", worlds=most)
    try:
        return Choice(**read_json(folder / "story.json")["chosen"])
    except (OSError, ValueError, KeyError, TypeError):
        return Choice(0, "first", worlds=most)
