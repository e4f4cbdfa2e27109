"""Tipping points, points of no return and hysteresis in sentences, made from their summaries alone."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.response_curves import NO_CROSSING, NO_RESPONSE, NOT_MONOTONE
from perpetuum.runs.questions.tipping import THETA
from perpetuum.runs.study.summary import month_after

Summary = Mapping[str, Any]

#: What worlds do that a curve marks, and what is said where a falling curve has passed one half.
_VERBS = {
    "falls_apart": ("fall apart", "Fewer than half of the worlds fall apart"),
    "not_holds_up": ("do not hold up", "Half of the worlds hold up"),
}
_NONE = {"falls_apart": "No tipping point", "not_holds_up": "No point at which half of the worlds hold up"}
#: Crossings that a sentence lists.
_LISTED = 5
#: Settings with which worlds fall apart that do not by default.
HINT = "--set demand.strength=0.5 --set funding.tightening=1"


def finding(summary: Summary) -> str:
    """The finding in one sentence, without a full stop."""
    if summary["question"] == "point_of_no_return":
        return _no_return(summary)
    if summary["question"] == "hysteresis":
        return _loop(summary)
    if "cells" in summary:
        return _across(summary)
    return of_curve(summary, summary["over"], "falls_apart")


def headline(summary: Summary) -> str:
    """The finding as a figure's title has it: without intervals, which the figure shows."""
    what = say.parameter(summary["over"]) if "over" in summary else ""
    if summary["question"] == "point_of_no_return" and summary["month"] is not None:
        after = say.counted(summary["after_start"], "month")
        return (
            f"Loosening funding saves the median world that falls apart until {when(summary, summary['month'])}, "
            f"{after} after the tightening starts"
        )
    if summary["question"] == "hysteresis" and _comes_back_late(summary):
        revenue = summary["indicators"]["vendor_revenue"]
        up, down = revenue["up"]["value"], revenue["down"]["value"]
        back = "not regained at all" if down is None else f"regained only at {_near(summary, down)}"
        if revenue["drop"]["value"] < 0:
            return (
                f"Half of what {what} takes from the vendors' revenue is gone at {_near(summary, up)} on the way up, and {back} "
                "on the way down"
            )
    if summary["question"] == "tipping_point" and "cells" not in summary and summary["reason"] == NOT_MONOTONE:
        number_of = len(summary["falls_apart"]["crossings"])
        times = "once, but goes both ways" if number_of == 1 else f"{number_of} times"
        return f"With {what} the share of worlds that fall apart crosses one half {times}: there is no single tipping point"
    return re.sub(r" \(95 % interval [^)]*\)", "", finding(summary))


def answer(summary: Summary) -> list[str]:
    """The finding and what goes with it, a sentence or two each."""
    told = [f"{finding(summary)}."]
    if summary["question"] == "point_of_no_return":
        return [*told, *_no_return_notes(summary)]
    if summary["question"] == "hysteresis":
        return [*told, *_loop_notes(summary)]
    if "cells" in summary:
        return [*told, *_cells_notes(summary)]
    return [*told, *_threshold_notes(summary)]


# --- the tipping point --------------------------------------------------------------------------------------


def of_curve(cell: Summary, over: str, curve: str) -> str:
    """Where half of the worlds are marked along a parameter, or why there is no such place."""
    one, what, (verb, otherwise) = cell[curve], say.parameter(over), _VERBS[curve]
    if one["threshold"] is not None:
        at = f"{say.number(one['threshold'])} ({between(one)})"
        if one["response"]["direction"] == "rises":
            return f"Half of the worlds {verb} once {what} reaches {at}"
        return f"{otherwise} once {what} passes {at}"
    if one["reason"] == NO_CROSSING:
        return f"{_NONE[curve]}: {_extreme(one, what, curve)}"
    if one["reason"] == NO_RESPONSE:
        shares = f"{say.percent(one['lowest']['share'])} to {say.percent(one['highest']['share'])}"
        few = "" if one["can_tell"] else ", and so few worlds could not show one"
        return f"No tipping point: {shares} of the worlds {verb}, whatever {what}, with no response beyond noise{few}"
    assert one["reason"] == NOT_MONOTONE
    return f"{_NONE[curve].replace('No', 'No single')}: with {what} the share of worlds that {verb} {_turns(one)}"


def between(one: Summary, unit: str = "") -> str:
    """An interval in words; open where resampled worlds tip beyond the range."""
    low, high = one["low"], one["high"]
    if low is None and high is None:
        return "95 % interval open at both ends"
    if low is None:
        return f"95 % interval up to {say.number(high)}{unit}, open below"
    if high is None:
        return f"95 % interval {say.number(low)}{unit} and more, open above"
    return f"95 % interval {say.number(low)}–{say.number(high)}{unit}"


def _extreme(one: Summary, what: str, curve: str) -> str:
    """How far from one half a curve stays, told of worlds that fall apart, or of worlds that hold up."""
    most, least = one["highest"], one["lowest"]
    if curve == "not_holds_up":
        most, least = ({"value": end["value"], "share": 1 - end["share"]} for end in (least, most))
    one_does, verb = ("falls apart", "fall apart") if curve == "falls_apart" else ("holds up", "hold up")
    if most["share"] == 0:
        return f"no world {one_does}, whatever {what}"
    if least["share"] == 1:
        return f"all worlds {verb}, whatever {what}"
    if most["share"] <= 0.5:
        return f"at most {say.percent(most['share'])} of the worlds {verb}, where {what} is {say.number(most['value'])}"
    return f"at least {say.percent(least['share'])} of the worlds {verb}, the fewest where {what} is {say.number(least['value'])}"


def _turns(one: Summary) -> str:
    """The clearest change against the trend, and where the curve crosses one half."""
    rise, fall = one["response"]["rise"], one["response"]["fall"]
    against, word = (
        (fall, "falls")
        if rise["share_after"] - rise["share_before"] >= fall["share_before"] - fall["share_after"]
        else (rise, "rises")
    )
    changes = (
        f"both rises and falls: it {word} from {say.percent(against['share_before'])} at {say.number(against['start'])} to "
        f"{say.percent(against['share_after'])} at {say.number(against['end'])}{_chance(against['p'])}"
    )
    return f"{changes}, and crosses one half {crossings(one)}"


def _chance(p: float) -> str:
    return " (p < 0.001)" if p < 0.001 else f" (p = {p:.2g})"


def crossings(one: Summary) -> str:
    """Every crossing: upwards at 0.79, downwards at 0.85."""
    found = one["crossings"]
    listed = [f"{cross['direction']}wards at {say.number(cross['value'])}" for cross in found[:_LISTED]]
    if len(found) > _LISTED:
        listed.append(f"{len(found) - _LISTED} times more")
    return say.listed(listed)


def _threshold_notes(summary: Summary) -> list[str]:
    notes = []
    one = summary["falls_apart"]
    if one["threshold"] is not None:
        if summary["over"] == THETA:
            notes.append(f"{in_the_press(one['threshold'], summary['at_full_tightening'])}.")
        if len(one["crossings"]) > 1:
            notes.append(
                f"The curve crosses one half {crossings(one)}, which is within noise: the threshold is that of its "
                "monotone fit."
            )
    notes.append(f"{of_curve(summary, summary['over'], 'not_holds_up')}.")
    worlds = one["worlds"]
    parts = [
        f"{worlds[key]} {words}"
        for key, words in (
            ("once", "turning once"),
            ("back_and_forth", "going back and forth"),
            ("always", "falling everywhere"),
            ("never", "falling nowhere"),
        )
        if worlds[key]
    ]
    notes.append(f"The worlds one by one: {say.listed(parts)}.")
    return notes + _reservations(summary)


def _reservations(cell: Summary) -> list[str]:
    notes = []
    if cell["failed_worlds"]:
        notes.append(
            f"{say.counted(cell['failed_worlds'], 'world')} could not be simulated at every probe and are left out."
        )
    if cell["exhausted"]:
        notes.append(f"The search stopped at {len(cell['probes'])} probes, before it was as fine as asked.")
    return notes


def in_the_press(theta: float, full: Mapping[str, float]) -> str:
    """What a degree of tightening means in basis points and venture money; `full`: the same at a degree of one."""
    return (
        f"Tightening of {say.number(theta)}: policy rate {theta * full['rate_bp']:+.0f} bp, credit spreads "
        f"{theta * full['spread_bp']:+.0f} bp, {say.percent(theta * full['venture_lost'])} less venture money"
    )


def setting(value: Any) -> str:
    """A value of the second parameter as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return say.number(float(value)) if isinstance(value, (int, float)) else str(value).replace("_", " ")


def _across(summary: Summary) -> str:
    cells, name, over = summary["cells"], summary["across"], say.parameter(summary["over"])
    there = [cell for cell in cells if cell["threshold"] is not None]
    what = say.parameter(name)
    if not there:
        return f"No single tipping point at any of {say.counted(len(cells), 'value')} of {what}"
    rises = {cell["falls_apart"]["response"]["direction"] == "rises" for cell in there}
    lead = f"Half of the worlds fall apart once {over} reaches"
    if rises == {False}:
        lead = f"Fewer than half of the worlds fall apart once {over} passes"
    elif len(rises) > 1:
        lead = f"The share of worlds that fall apart crosses one half where {over} is"
    at = [(say.number(cell["threshold"]), setting(cell["setting"][name])) for cell in there]
    if len(there) <= _LISTED:
        named = "" if isinstance(there[0]["setting"][name], str) else f"{what} "
        told = f"{lead} {say.listed([f'{value} ({named}{case})' for value, case in at])}{'' if named else f', by {what}'}"
    else:
        told = f"{lead} {at[0][0]} where {what} is {at[0][1]}, and {at[-1][0]} where it is {at[-1][1]}"
    return (
        told
        if len(there) == len(cells)
        else f"{told}; no single threshold in {len(cells) - len(there)} of {len(cells)} cases"
    )


def _cells_notes(summary: Summary) -> list[str]:
    notes = []
    for cell in summary["cells"]:
        if cell["threshold"] is None:
            value = f"{say.parameter(summary['across'])} {setting(cell['setting'][summary['across']])}"
            notes.append(
                f"At {value}: {of_curve(cell, summary['over'], 'falls_apart')[:1].lower()}"
                f"{of_curve(cell, summary['over'], 'falls_apart')[1:]}."
            )
        notes += _reservations(cell)
    return notes


# --- the point of no return ---------------------------------------------------------------------------------


def when(summary: Summary, month: int) -> str:
    """A month of the run as a date: November 2029."""
    start = summary["first_month"]
    first = start if isinstance(start, datetime.date) else datetime.date.fromisoformat(start)
    return month_after(first, month).strftime("%B %Y")


def _no_return(summary: Summary) -> str:
    if summary["reason"] == "no_falls":
        return f"No point of no return: none of {say.counted(summary['worlds'], 'world')} falls apart as asked"
    if summary["reason"] == "nothing_saves":
        return (
            f"No point of no return: loosening saves fewer than half of the {summary['fallen']} worlds that fall apart, "
            "however early"
        )
    month = summary["month"]
    if summary["low"] is None:
        interval = f"at the latest {when(summary, summary['high'])}"
    else:
        interval = " to ".join(dict.fromkeys(when(summary, summary[end]) for end in ("low", "high")))
    return (
        f"Loosening funding saves the median world that falls apart until {when(summary, month)} "
        f"(95 % interval {interval}), {say.counted(summary['after_start'], 'month')} after the tightening starts"
    )


def _no_return_notes(summary: Summary) -> list[str]:
    if summary["reason"] == "no_falls":
        return [f"Try a harder case: {HINT}.", *_failed(summary)]
    notes = [
        f"{summary['fallen']} of {say.counted(summary['worlds'], 'world')} fall apart as asked, and only they are counted"
        f"{f'; {summary["never_saved"]} of them fall even if loosened at once' if summary['never_saved'] else ''}."
    ]
    if summary["quartiles"]:
        first, last = (when(summary, month) for month in summary["quartiles"])
        notes.append(f"Half of them have their last month between {first} and {last}.")
    unruly = summary["to_and_fro"]
    stride = summary["grid"][1]["month"] - summary["grid"][0]["month"] if len(summary["grid"]) > 1 else 1
    notes.append(
        f"Every {stride}th month was tried, and between the last that saves a world and the next by halving; "
        + (
            f"{say.counted(unruly, 'world')} lost in one month of the grid would have been saved in a later one, which counts."
            if unruly
            else "no world that was lost in one month of the grid was saved in a later one."
        )
    )
    ramp = summary["ramp_months"]
    notes.append(f"Loosening means: from that month on, funding eases to nothing over {say.counted(round(ramp), 'month')}.")
    return notes + _failed(summary)


def _failed(summary: Summary) -> list[str]:
    return (
        [f"{say.counted(summary['failed'], 'world')} could not be simulated and are left out."] if summary["failed"] else []
    )


# --- hysteresis ---------------------------------------------------------------------------------------------


def _loop(summary: Summary) -> str:
    what, revenue = say.parameter(summary["over"]), summary["indicators"]["vendor_revenue"]
    if revenue["reason"] is not None:
        return f"No hysteresis to be seen: the vendors' revenue does not respond to a slow ramp of {what} beyond noise"
    width = revenue["width"]
    if not _comes_back_late(summary):
        return f"No hysteresis beyond noise: the loop of the vendors' revenue is {_wide(summary, width)} wide in {what}"
    turned, turns = ("lost", "loses") if revenue["drop"]["value"] < 0 else ("gained", "gains")
    down = revenue["down"]["value"]
    back = (
        "is not back there even with the lever at rest" if down is None else f"is back there only at {_near(summary, down)}"
    )
    up = _near(summary, revenue["up"]["value"])
    return (
        f"The machine does not come back by the way it went: at {what} of {up} the vendors' revenue has {turned} half of what "
        f"it {turns} by the turn, and on the way down it {back}, a loop {_wide(summary, width)} wide"
    )


def _comes_back_late(summary: Summary) -> bool:
    """Whether the vendors' revenue responds, and its loop is wider than noise."""
    revenue = summary["indicators"]["vendor_revenue"]
    low = revenue["width"]["low"]
    return revenue["reason"] is None and (low is None or low > 0)


def _near(summary: Summary, value: float) -> str:
    """A level of the lever, to a hundredth of its range."""
    low, high = summary["range"]
    return f"{value:.{max(0, 2 - math.floor(math.log10(high - low)))}f}"


def _wide(summary: Summary, one: Summary) -> str:
    """A distance between levels with its interval."""
    if one["low"] is None:
        return _near(summary, one["value"])
    return f"{_near(summary, one['value'])} (95 % interval {_near(summary, one['low'])} to {_near(summary, one['high'])})"


def _loop_notes(summary: Summary) -> list[str]:
    what, revenue = say.parameter(summary["over"]), summary["indicators"]["vendor_revenue"]
    notes = []
    if _comes_back_late(summary) and revenue["memory"]["value"] is not None:
        notes.append(
            f"Of that, {_wide(summary, revenue['memory'])} is memory, against worlds of the same month and the same {what} that "
            f"never saw more of it; {_wide(summary, revenue['age'])} is age, which would have come anyway."
        )
    gap = revenue["gap"]
    if gap["value"] is not None:
        points, side = 100 * abs(gap["value"]), "lower" if gap["value"] < 0 else "higher"
        ends = sorted((100 * gap["low"], 100 * gap["high"]))
        notes.append(
            f"Against such worlds the revenue lies {points:.0f} points {side} on the way down, in the mean over all levels "
            f"(95 % interval {ends[0]:+.0f} to {ends[1]:+.0f} points of the revenue of worlds at rest)."
        )
    up, down = len(summary["levels_up"]) - 1, len(summary["levels_down"]) - 1
    rest, ramp = summary["falls_apart"]["at_rest"], summary["falls_apart"]["ramp"]
    notes.append(
        f"The ramp takes {up} months up and {down} down. A slow machine trails any lever that moves, so that part of the "
        "memory is lag, which a longer run (--months) would shrink."
    )
    notes.append(
        f"By the verdict {say.percent(ramp)} of the worlds fall apart under the ramp, and {say.percent(rest)} with the lever at "
        f"rest{': the run is so long that worlds fall by age alone, and little can be read from it' if rest >= 0.25 else ''}."
    )
    return notes + _failed(summary)
