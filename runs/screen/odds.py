"""The finding in two sentences, and the odds by date under it, as asked and loose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from perpetuum.model.observed.odds import FEWEST, NAMES
from perpetuum.model.units import YEAR
from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import say
from perpetuum.runs.questions.stop_test import CORE
from perpetuum.runs.screen.layout import table
from perpetuum.runs.study.creditors import YEARS

Summary = Mapping[str, Any]
STATES = tuple(NAMES.values())


def answer(summary: Summary) -> str:
    """The finding in two sentences, from the same figures that the table has."""
    entries = summary["odds"]["asked"]
    if not entries:
        return say("odds.nothing_judged")
    last, worlds = entries[-1], summary["worlds"]
    month, everywhere = say.month(last["date"]), next((name for name in STATES if last[name]["share"] == 1), None)
    if everywhere:
        found = say(f"odds.all_{everywhere}", month=month, n=worlds)
    else:
        core = say.listed([say.firm(firm) for firm in CORE])
        shares = {name: say.percent(last[name]["share"]) for name in STATES}
        # A state that few worlds come to is told where any does.
        shares["smaller"] = say("odds.some_smaller", share=shares["smaller"]) if last["smaller"]["share"] else ""
        found = say("odds.found", month=month, core=core, **shares)
    return say.sentences([found, _costs(summary)])


def _costs(summary: Summary) -> str:
    """What the tightening costs in months of life, and whether that is more than nothing."""
    if not summary["tightening"]["within_run"]:
        return say("odds.calm")
    lost = summary["life_lost"]
    if lost["low"] == lost["high"] == 0:
        if not any(summary["odds"][arm][-1]["fallen"]["share"] for arm in ("asked", "loose")):
            return say("odds.costs_no_fall", n=summary["worlds"])
        return say("odds.costs_nothing" if summary["worlds"] > 1 else "odds.costs_one_nothing")
    if summary["worlds"] < FEWEST:
        key = "odds.gains_few" if lost["months"] < 0 else "odds.costs_few"
        return say(key, n=summary["worlds"], months=alike([abs(lost["months"])], 1)[0])
    gains = lost["high"] < 0
    months, low, high = say.estimate(lost, -1 if gains else 1)
    if lost["low"] <= 0 <= lost["high"]:
        return say("odds.not_separable", low=low, high=high)
    loose = say.percent(summary["odds"]["loose"][-1]["fallen"]["share"])
    return say("odds.gains" if gains else "odds.costs", months=months, loose=loose, low=low, high=high)


def by_date(summary: Summary) -> Table:
    """Shares of the states at a few dates, as asked and loose, and at the last one with other demand."""
    asked, loose, twin = summary["odds"]["asked"], summary["odds"]["loose"], summary["tightening"]["within_run"]
    names = [("", "left"), (say("odds.asked"), "left")] + ([(say("odds.loose"), "left")] if twin else [])
    rows, worlds = table(*names, gap=4), summary["worlds"]
    for place in _places(asked):
        told = [_shares(asked[place], worlds)] + ([_shares(loose[place], worlds)] if twin else [])
        rows.add_row(_when(asked, place), *told)
    for arm in ("weak_demand", "strong_demand") if not _demand_moves_nothing(summary) else ():
        if entries := summary["odds"].get(arm):
            fewer = summary.get("demand_moved", summary)["worlds"]
            of = say("odds.of_worlds", worlds=say.counted(fewer, "world")) if fewer < worlds else ""
            rows.add_row(say(f"odds.{arm}", of=of), _shares(entries[-1], worlds))
    return rows


def _places(entries: Sequence[Mapping[str, Any]]) -> list[int]:
    """Which months are shown: the ends of some years, and the last one."""
    ends = [place for place, one in enumerate(entries) if one["date"][5:7] == "12" and int(one["date"][:4]) in YEARS]
    return [*(place for place in ends if place < len(entries) - 1), len(entries) - 1]


def _when(entries: Sequence[Mapping[str, Any]], place: int) -> str:
    date = entries[place]["date"]
    return say.month(date) if place == len(entries) - 1 else say("odds.end_of", year=date[:4])


def _shares(entry: Mapping[str, Any], worlds: int) -> str:
    """Shares of the states in per cent; of the only world its state."""
    if worlds == 1:
        return say(f"states.{next(name for name in STATES if entry[name]['share'])}")
    return " / ".join(say.whole(entry[name]["share"]) for name in STATES)


def beside_odds(summary: Summary) -> list[str]:
    """What stands under the odds: what other demand changes, how sure they are, what happens to worlds on their way there."""
    return [*beside_odds_in_short(summary), *_on_the_way(summary)]


def beside_odds_in_short(summary: Summary) -> list[str]:
    """What other demand changes, how sure the odds are, and in how many worlds the tightening decides."""
    return [*_demand_moved(summary), *_how_sure(summary), *_felled(summary)]


def _felled(summary: Summary) -> list[str]:
    """In how many worlds the tightening decides who falls; nothing where it comes in none, or decides nowhere."""
    pairs = summary.get("paired") or {}
    fells, saves = (pairs.get(name) for name in ("fell_because_of_tightening", "saved"))
    if summary["worlds"] < FEWEST or not summary["tightening"]["within_run"] or not fells or not saves:
        return []
    if not fells["share"] and not saves["share"]:
        return []
    return [say("odds.moved_by_tightening", fells=say.interval(fells), saves=say.interval(saves))]


def _how_sure(summary: Summary) -> list[str]:
    """Intervals of the last odds, or that there are none; nothing of the only world."""
    if summary["worlds"] == 1:
        return []
    if summary.get("all_alike"):
        return [say("odds.all_alike", n=summary["worlds"])]
    last = summary["odds"]["asked"][-1]
    shares = {name: say.span(last[name]["low"], last[name]["high"]) for name in ("fallen", "alone", "spinning")}
    return [say("odds.intervals", month=say.month(last["date"]), **shares)]


def _demand_moved(summary: Summary) -> list[str]:
    """What other demand changes, of enough worlds or where that is nothing; nothing of the only world."""
    beside = summary.get("demand_moved")
    if summary["worlds"] == 1 or not beside or not (beside["worlds"] >= FEWEST or beside.get("nothing")):
        return []
    return [_demand(beside, summary["months"])]


def _on_the_way(summary: Summary) -> list[str]:
    """How many worlds stood alone for a year at some time, and in how many a core firm was rescued."""
    rescued, passed = summary["rescued"]["asked"], summary["first_passage"]["asked"]["alone"]
    if summary["worlds"] == 1:
        only = {"odds.passage_one": passed, "odds.rescued_one": rescued}
        return [say(key) for key, one in only.items() if one["share"]]
    if summary.get("all_alike"):
        return []
    told = [say("odds.passage", share=say.interval(passed))]
    return [*told, *([say("odds.rescued", share=say.interval(rescued))] if rescued["share"] else [])]


def _demand_moves_nothing(summary: Summary) -> bool:
    """Whether other demand changes nothing at all in any world: the scenario holds it fixed, or has hardly begun."""
    return bool(summary.get("demand_moved", {}).get("nothing"))


def _demand(beside: Summary, months: int) -> str:
    """How many more of the same worlds have fallen with other demand; that none falls otherwise, or that nothing changes.

    In less than a year demand that grows may move nothing yet: only after one it is said to be held fixed.
    """
    if beside.get("nothing") and months < YEAR:
        return say("odds.demand_early", n=beside["worlds"], months=say.counted(months, "month"))
    if beside.get("nothing"):
        return say("odds.demand_fixed", n=beside["worlds"])
    if all(one["low"] == one["high"] == 0 for one in beside["fallen"].values()):
        return say("odds.demand_nothing", worlds=say.counted(beside["worlds"], "world"))
    return say("odds.demand", n=beside["worlds"], **{name: _points(one) for name, one in beside["fallen"].items()})


def _points(difference: Mapping[str, float]) -> str:
    """A difference of shares in points, with its interval: `+6 (−2 to +14)`."""
    middle, low, high = say.points(difference[end] for end in ("months", "low", "high"))
    return middle if low == high else say("ladder.months", months=middle, low=low, high=high)
