"""The chapters of a report, made of what a folder holds: the same lines as on the screen, figures, ring, map, story, tables."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from perpetuum.model.observed.states import STATES
from perpetuum.model.presets import preset_called
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.words.speech import say, speaking, typed, typed_whole
from perpetuum.runs import screen
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.causal_story import Story
from perpetuum.runs.questions.reported_folder import ReportedFolder, definition_of
from perpetuum.runs.questions.selection import look_at
from perpetuum.runs.questions.watched_world import WatchedWorld
from perpetuum.runs.screen import autopsy, sensitivity, study, tip
from perpetuum.runs.screen.html import Sheet
from perpetuum.visualization.figures.layout import has_face
from perpetuum.visualization.figures.life_lost import within_of
from perpetuum.visualization.figures.run_figures import Months, run_figures
from perpetuum.visualization.report import Chapter, Document, Table, Telling, pictures
from perpetuum.visualization.report.life_lost import map_data
from perpetuum.visualization.report.ring import ring_data

if TYPE_CHECKING:
    from perpetuum.runs.study.executors import Processes

#: States in the odds of a summary, by their name among the states.
_ODDS = {"fallen": "fallen", "stands_alone": "alone", "smaller": "smaller", "spinning": "spinning"}


def document_of(folder: ReportedFolder, second: Processes | None = None) -> Document:
    """The report of a folder, in the language in force; its world is simulated in a second process, if there is one."""
    summary, watching = folder.summary, folder.watch(second)
    chapters = [Chapter("answer", say("report.answer"), "text", answer_of(folder))]
    figures = figures_of(folder)
    if figures:
        chapters.append(Chapter("figures", say("report.figures"), "figures", figures))
    watched = watching()
    if isinstance(watched, WatchedWorld):
        chapters += _of_world(watched)
    else:
        chapters.append(Chapter("story", say("report.story"), "text", Markup("<p>{}</p>").format(watched)))
    if found := folder.life_lost_map:
        note = say("report.map_note", within=within_of(summary, found))
        several = bool(found.get("by_world"))
        drawn = map_data(found, summary["first_month"])
        chapters.insert(-1, Chapter("map", say("report.map"), "map", several, note, drawn))
    tables = list(_tables(folder))
    if tables:
        chapters.append(Chapter("tables", say("report.tables"), "table", tables))
    chapters.append(Chapter("made", say("report.made"), "made", list(_made(folder)), say("report.licence")))
    return Document(*_headline(folder), chapters)


def _headline(folder: ReportedFolder) -> tuple[str, str]:
    """What it is about, and what was asked of it."""
    if folder.kind != "run":
        return say(f"report.kind.{folder.kind}", preset=preset_called(folder.preset)), ""
    told = [folder.summary["title"], folder.summary["question"]]
    definition = definition_of(folder.preset)
    if definition is not None and definition.title == told[0]:
        told = [definition.told(what, say.language) for what in ("title", "question")]
    return told[0], told[1]


def answer_of(folder: ReportedFolder) -> Markup:
    """What the screen says of it."""
    sheet, summary = Sheet(), folder.summary
    if folder.study is not None:
        study.show(folder.study, summary, sheet)
    elif folder.kind == "run":
        screen.show(summary, sheet)
    elif folder.kind == "tip":
        tip.show(summary, sheet)
    elif folder.kind == "autopsy":
        autopsy.show(summary, None, sheet)
    else:
        sensitivity.show(summary, sheet)
    return sheet.html


def figures_of(folder: ReportedFolder) -> list[Markup]:
    """Its figures, drawn anew in the language in force where the folder has what they show, else as they stand in it."""
    language = say.language if has_face(say.language) else "en"
    with speaking(language):
        if folder.kind == "run":
            months = Months.read(folder.path, folder.summary, folder.manifest["parameters"])
            return (
                pictures.drawn(run_figures(months, folder.summary))
                if months is not None
                else pictures.of_folder(folder.path)
            )
        with tempfile.TemporaryDirectory() as place:
            return _redrawn(folder, Path(place)) or pictures.of_folder(folder.path)


def _redrawn(folder: ReportedFolder, place: Path) -> list[Markup]:
    """Figures that are made from a summary, or a study's worlds, alone."""
    from perpetuum.visualization.figures import autopsy, sensitivity
    from perpetuum.visualization.figures.of_studies import draw_study
    from perpetuum.visualization.figures.of_studies.tipping_points import draw_tip

    if folder.kind == "tip":
        summary = folder.summary
        known = {name: summary[name] for name in ("preset", "overrides", "worlds", "months", "seed", "fixed")}
        try:
            draw_tip(summary, AskedScenario(**known), place)
        except InputError:  # the preset is gone, or says something else now
            return []
    elif folder.kind == "autopsy":
        autopsy.draw(folder.summary, place)
    elif folder.kind == "sensitivity":
        sensitivity.draw(folder.summary, place)
    elif folder.kind == "sweep":
        try:
            draw_study(look_at(folder.path), place)
        except InputError:  # nothing varies, or more than a figure shows
            return []
    return pictures.of_folder(place)


def _of_world(watched: WatchedWorld) -> Iterator[Chapter]:
    story = watched.story
    note = say("report.ring_note", world=story.replicate)
    yield Chapter("ring", say("report.ring"), "ring", note=note, data=ring_data(watched, story.dates))
    yield Chapter("story", say("report.story"), "story", telling_of(story))


def telling_of(story: Story) -> Telling:
    """A story as sentences, each of which begins with its month; their numbers are the list's own."""
    told = [say("report.told", month=say.month(story.dates[step.month], long=True), text=step.text) for step in story.steps]
    caveats = [say("story.no_proof"), *([say("story.untold", number=story.untold)] if story.untold else [])]
    return Telling(story.title, story.why_this_world, told or [say("autopsy.quiet")], caveats)


# --- tables -------------------------------------------------------------------------------------------------


def _tables(folder: ReportedFolder) -> Iterator[Table]:
    summary = folder.summary
    if folder.kind == "run" and summary["odds"]["asked"]:
        yield _odds(summary)
    if folder.overrides:
        rows = [(name, typed_whole(name, value)) for name, value in folder.overrides.items()]
        yield Table(say("report.set_away"), (say("report.parameter"), say("report.value")), rows, open=True)
    if folder.kind == "run" and summary["unknowns"]:
        heads = (say("report.parameter"), say("report.from"), say("report.to"))
        rows = [(name, *(f"{end:.4g}" for end in ends)) for name, ends in summary["unknowns"].items()]
        yield Table(say("report.unknowns"), heads, rows)
    values = folder.manifest.get("parameters") or _values(folder)
    if values:
        rows = [(name, typed(name, value)) for name, value in values.items()]
        yield Table(say("report.parameters"), (say("report.parameter"), say("report.value")), rows)


def _odds(summary: Mapping[str, Any]) -> Table:
    entries = summary["odds"]["asked"]
    last = len(entries) - 1
    rows = [
        (say.month(entry["date"]), *(say.interval(entry[_ODDS[state]]) for state in STATES))
        for place, entry in enumerate(entries)
        if entry["date"][5:7] == "12" or place == last
    ]
    return Table(
        say("report.odds"), (say("report.at_end_of"), *(say(f"report.state.{state}") for state in STATES)), rows, open=True
    )


def _values(folder: ReportedFolder) -> Mapping[str, Any]:
    try:
        return Scenario(folder.preset, dict(folder.overrides)).values
    except InputError:
        return {}


def _made(folder: ReportedFolder) -> Iterator[tuple[str, str]]:
    """The command and the versions that made it."""
    manifest = folder.manifest
    yield say("report.command"), shlex.join(manifest.get("command", ()))
    yield say("report.preset"), folder.preset
    yield say("report.seed"), str(folder.seed)
    if "worlds" in folder.summary:  # a sensitivity's points have as many as its command says
        yield say("report.worlds"), f"{folder.summary['worlds']:,}"
    yield say("report.months"), str(folder.months)
    yield say("report.versions"), ", ".join(f"{name} {number}" for name, number in manifest.get("versions", {}).items())
    if git := manifest.get("git"):
        yield say("report.commit"), say("report.changed", commit=git["commit"]) if git["changed"] else git["commit"]
    if started := manifest.get("started"):
        yield say("report.date"), started
