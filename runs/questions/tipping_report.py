"""Tipping points, points of no return and hysteresis in sentences, made from their summaries alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import capital, say, uncapital
from perpetuum.runs.questions.response_curves import HALF, NO_CROSSING, NO_RESPONSE, NOT_MONOTONE
from perpetuum.runs.questions.tipping import THETA

Summary = Mapping[str, Any]

#: Crossings that a sentence lists.
_LISTED = 5
#: Share of the range up to which an interval need not stand in a title.
_NARROW = 0.25
#: From this share of worlds that fall with the lever at rest on, the run is too long.
_OLD = 0.25
#: Settings with which worlds fall that do not by default.
HINT = "--set demand.strength=0.5 --set funding.tightening=1"


def finding(summary: Summary, *, plain: bool = False) -> str:
    """The finding in one sentence, without a full stop; `plain`: without intervals."""
    if summary["question"] == "point_of_no_return":
        return _no_return(summary, plain)
    if summary["question"] == "hysteresis":
        return _loop(summary, plain)
    told = _across if "cells" in summary else of_curve
    return _both([told(summary, summary, curve, plain) for curve in summary["metrics"]])


def headline(summary: Summary) -> str:
    """The finding as a figure's title has it: without intervals where they are narrow, since the figure shows them."""
    what = say.parameter(summary["over"]) if "over" in summary else ""
    if summary["question"] == "hysteresis" and _comes_back_late(summary):
        revenue = summary["indicators"]["vendor_revenue"]
        if revenue["drop"]["value"] < 0:
            never = revenue["down"]["value"] is None
            near = {"up": _span(summary, revenue["up"]), "down": "" if never else _span(summary, revenue["down"])}
            return say("loop.headline_never" if never else "loop.headline", what=what, **near)
    if summary["question"] == "tipping_point":
        if "cells" not in summary:
            return _both([_title_of(summary, curve) for curve in summary["metrics"]])
        last_first = list(reversed(summary["metrics"]))
        there = [curve for curve in last_first if any(cell[curve]["threshold"] is not None for cell in summary["cells"])]
        return _across(summary, summary, (there or last_first)[0])
    return finding(summary, plain=True)


def answer(summary: Summary) -> list[str]:
    """The finding and what goes with it, a sentence or two each."""
    first = say("list.stop", sentence=finding(summary))
    if summary["question"] == "point_of_no_return":
        return [first, *_no_return_notes(summary)]
    if summary["question"] == "hysteresis":
        return [first, *_loop_notes(summary)]
    return [first, *(_cells_notes(summary) if "cells" in summary else _threshold_notes(summary))]


# --- the tipping point --------------------------------------------------------------------------------------


def of(summary: Summary, curve: str, part: str, **places: Any) -> str:
    """A text about a curve, which may name its firm, its level, and the date."""
    kind, _, firm = curve.partition(":")
    level = amount(curve, summary["metrics"][curve])
    return say(f"tip.{kind}.{part}", **{"who": say.called(firm), "level": level, "by": _by(summary)} | places)


def _both(told: list[str]) -> str:
    """What is found on all curves, in one sentence."""
    return say("list.semicolon").join([capital(told[0]), *map(uncapital, told[1:])])


def _title_of(summary: Summary, curve: str) -> str:
    one, what = summary[curve], say.parameter(summary["over"])
    if one["reason"] in (NO_CROSSING, NO_RESPONSE):  # how far the curve goes is seen
        few = _may_be_reached(one) if one["reason"] == NO_CROSSING else not one["can_tell"]
        over = "none" if one["highest"]["mean"] <= one["level"] else "always"
        key = over if one["reason"] == NO_CROSSING else "flat"
        told = say(f"tip.figure.title_{key}", tips=of(summary, curve, "tips"), what=what)
        return say("tip.figure.title_few", told=told) if few else told
    if one["reason"] != NOT_MONOTONE:
        return of_curve(summary, summary, curve, plain=_narrow(one, summary["range"]))
    times = say.counted(len(one["crossings"]), "time")
    return of(summary, curve, "no_single", what=what, times=times)


def _narrow(one: Summary, ends: Sequence[float]) -> bool:
    """Whether a threshold's interval is closed and narrow enough for a title to do without it."""
    return one["threshold"] is None or (
        one["low"] is not None and one["high"] is not None and one["high"] - one["low"] <= _NARROW * (ends[1] - ends[0])
    )


def _by(summary: Summary) -> str:
    """The date by which worlds have fallen."""
    return say.month_of(summary["first_month"], summary["by"])


def amount(curve: str, value: float) -> str:
    """A value of a curve: a share of the worlds or of a dollar, or months of life."""
    if curve == "life_lost":
        return say("tip.months", x=f"{round(value, 1) + 0.0:.1f}".replace("-", "−"))
    return say.percent(value)


def of_curve(cell: Summary, summary: Summary, curve: str, plain: bool = False) -> str:
    """Where a curve passes its level along a parameter, or why there is no such place."""
    one, what = cell[curve], say.parameter(summary["over"])
    if one["threshold"] is not None:
        at = say.number(one["threshold"]) if plain else say("tip.at", value=carried(one), interval=between(one))
        return of(summary, curve, "reaches" if one["response"]["direction"] == "rises" else "passes", what=what, at=at)
    if one["reason"] == NO_CROSSING:
        return of(summary, curve, "none", why=_extreme(one, what, summary, curve))
    if one["reason"] == NO_RESPONSE:
        low, high = (amount(curve, one[end]["mean"]) for end in ("lowest", "highest"))
        return of(summary, curve, "flat", low=low, high=high, what=what, few="" if one["can_tell"] else say("tip.few"))
    return of(summary, curve, "several", what=what, turns=_turns(one, summary, curve))


def carried(one: Summary) -> str:
    """A threshold in as many digits as its interval carries: 0.9 of 0.49 to 1.30, 0.62 of 0.611 to 0.634."""
    return _in_its_digits(one, one["threshold"])


def between(one: Summary) -> str:
    """An interval in words, its ends in the digits of what it is of; open where resampled worlds tip beyond the range."""
    low, high = one["low"], one["high"]
    told = {name: _in_its_digits(one, end) for name, end in (("low", low), ("high", high)) if end is not None}
    key = {2: "interval", 0: "open_both"}.get(len(told), "open_below" if low is None else "open_above")
    return say(f"tip.{key}", **told)


def _in_its_digits(one: Summary, value: float) -> str:
    """A threshold, or an end of its interval, in the digits of half the interval's width: none that the worlds do not tell."""
    low, high = one["low"], one["high"]
    if low is None or high is None or high <= low:
        return say.number(value)
    decimals = max(0, -math.floor(math.log10((high - low) / 2)))
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def _extreme(one: Summary, what: str, summary: Summary, curve: str) -> str:
    """How far from its level a curve stays."""
    most, least = one["highest"], one["lowest"]
    how = "most" if most["mean"] <= one["level"] else "least"
    end = most if how == "most" else least
    reached = _may_be_reached(one)
    if most["mean"] == least["mean"] == 0:
        how = "nobody"
    elif is_marked(curve) and least["mean"] == 1:
        how = "all"
    told = of(summary, curve, how, what=what, share=_with_interval(curve, end), value=say.number(end["value"]))
    return say("tip.open_level", told=told) if reached else told


def _may_be_reached(one: Summary) -> bool:
    """Whether a level that no mean passes lies within the interval of the one that is nearest to it."""
    if one["highest"]["mean"] <= one["level"]:
        return bool(one["highest"]["high"] >= one["level"])
    return bool(one["lowest"]["low"] < one["level"])


def _with_interval(curve: str, end: Summary) -> str:
    """How far a curve goes, with its interval: 35 % (18–57), 0.5 months (−0.2 to 1.1)."""
    if curve != "life_lost":
        return say.interval({"share": end["mean"], **end})
    middle, low, high = alike([end[name] for name in ("mean", "low", "high")], 1)
    return say("tip.amount", amount=say("tip.months", x=middle), ends=say("number.between", low=low, high=high))


def _turns(one: Summary, summary: Summary, curve: str) -> str:
    """The clearest change against the trend, and where the curve crosses its level."""
    rise, fall = one["response"]["rise"], one["response"]["fall"]
    up = rise["share_after"] - rise["share_before"] >= fall["share_before"] - fall["share_after"]
    against = fall if up else rise
    chance = say("tip.small_chance") if against["p"] < 0.001 else say("tip.chance", p=f"{against['p']:.2g}")
    return say(
        "tip.turn_falls" if up else "tip.turn_rises",
        before=amount(curve, against["share_before"]),
        start=say.number(against["start"]),
        after=amount(curve, against["share_after"]),
        end=say.number(against["end"]),
        chance=chance,
        level=of(summary, curve, "level"),
        crossings=crossings(one),
    )


def crossings(one: Summary) -> str:
    """Every crossing: upwards at 0.79, downwards at 0.85."""
    found = one["crossings"]
    listed = [say(f"tip.{cross['direction']}wards", x=say.number(cross["value"])) for cross in found[:_LISTED]]
    return say.listed([*listed, *([say("tip.more_times", n=len(found) - _LISTED)] if len(found) > _LISTED else [])])


def _threshold_notes(summary: Summary) -> list[str]:
    notes = []
    for curve in summary["metrics"]:
        one = summary[curve]
        if one["threshold"] is not None:
            if summary["over"] == THETA:
                notes.append(in_the_press(one["threshold"], summary["at_full_tightening"]))
            if len(one["crossings"]) > 1:
                notes.append(say("tip.within_noise", level=of(summary, curve, "level"), crossings=crossings(one)))
    return [
        *dict.fromkeys(notes),  # curves may tip at the same place
        *(_one_by_one(summary, curve) for curve in summary["metrics"] if is_marked(curve)),
        *_reservations(summary),
    ]


def is_marked(curve: str) -> bool:
    """Whether a curve is a share of worlds in which something has happened, not a mean of amounts."""
    return curve.partition(":")[0] in ("fallen", "default")


def _one_by_one(summary: Summary, curve: str) -> str:
    """How many worlds turn along the parameter, and how often."""
    worlds = summary[curve]["worlds"]
    parts = [say(f"tip.{turns}", n=worlds[turns]) for turns in ("once", "back_and_forth") if worlds[turns]]
    parts += [of(summary, curve, turns, n=worlds[turns]) for turns in ("always", "never") if worlds[turns]]
    return of(summary, curve, "one_by_one", parts=say.listed(parts))


def _reservations(cell: Summary) -> list[str]:
    notes = []
    if cell["failed_worlds"]:
        notes.append(say("tip.left_out", worlds=say.counted(cell["failed_worlds"], "world")))
    return [*notes, *([say("tip.stopped", n=len(cell["probes"]))] if cell["exhausted"] else [])]


def in_the_press(theta: float, full: Mapping[str, float]) -> str:
    """What a degree of tightening means in basis points and venture money; `full`: the same at a degree of one."""
    rate, spread = (theta * full[name] for name in ("rate_bp", "spread_bp"))
    venture = say.percent(theta * full["venture_lost"])
    return say("tip.in_the_press", theta=say.number(theta), rate=rate, spread=spread, venture=venture)


def setting(value: Any) -> str:
    """A value of the second parameter as words."""
    return say.level(value) if isinstance(value, (bool, str)) else say.number(float(value))


def _across(_: Summary, summary: Summary, curve: str, plain: bool = False) -> str:
    cells, name, over = summary["cells"], summary["across"], say.parameter(summary["over"])
    there, what = [cell for cell in cells if cell[curve]["threshold"] is not None], say.parameter(name)
    if not there:
        return of(summary, curve, "nowhere", values=say.counted(len(cells), "value"), what=what)
    rises = {cell[curve]["response"]["direction"] == "rises" for cell in there}
    lead = "lead_crosses" if len(rises) > 1 else "lead_reaches" if rises == {True} else "lead_passes"
    at = [(_reach(cell[curve]), setting(cell["setting"][name])) for cell in there]
    named = not isinstance(there[0]["setting"][name], str)
    if len(there) > _LISTED:
        told = say("tip.ends", first=at[0][0], what=what, from_=at[0][1], last=at[-1][0], to=at[-1][1])
    elif named:
        told = say.listed([say("tip.case_of", value=value, what=what, case=case) for value, case in at])
    else:
        told = say("tip.by", told=say.listed([say("tip.case", value=value, case=case) for value, case in at]), what=what)
    told = of(summary, curve, lead, over=over, told=told)
    missing = len(cells) - len(there)
    return say("tip.missing", told=told, number=missing, cells=len(cells)) if missing else told


def _reach(one: Summary) -> str:
    """Where a curve tips as its interval, which may be open: all that is known of it."""
    low, high = ("" if one[end] is None else say.number(one[end]) for end in ("low", "high"))
    if low and high:
        return low if low == high else say("number.between", low=low, high=high)
    if not low and not high:
        return say("tip.reach_anywhere")
    return say("tip.reach_above", low=low) if low else say("tip.reach_below", high=high)


def _cells_notes(summary: Summary) -> list[str]:
    notes, across = [], summary["across"]
    for cell in summary["cells"]:
        open_ = [curve for curve in summary["metrics"] if cell[curve]["threshold"] is None]
        if open_:
            told = uncapital(_both([of_curve(cell, summary, curve) for curve in open_]))
            notes.append(say("tip.cell", what=say.parameter(across), case=setting(cell["setting"][across]), told=told))
        notes += _reservations(cell)
    return notes


# --- the point of no return ---------------------------------------------------------------------------------


def when(summary: Summary, month: int) -> str:
    """A month of the run as a date: November 2029."""
    return say.month_of(summary["first_month"], month, long=True)


def _no_return(summary: Summary, plain: bool) -> str:
    if summary["reason"] is not None:
        if summary["reason"] == "no_falls":
            return say("no_return.no_falls", worlds=say.counted(summary["worlds"], "world"))
        perhaps = max(one["high"] for one in summary["still_saved"]) >= HALF
        return say("no_return.nothing_saves_open" if perhaps else "no_return.nothing_saves", fallen=summary["fallen"])
    if (
        plain and summary["low"] is not None and summary["low"] < summary["high"]
    ):  # a headline says what its interval carries
        return say("no_return.between", low=when(summary, summary["low"]), high=when(summary, summary["high"]))
    if summary["low"] is None:
        interval = say("no_return.at_the_latest", month=when(summary, summary["high"]))
    else:
        interval = say("no_return.to").join(dict.fromkeys(when(summary, summary[end]) for end in ("low", "high")))
    return say(
        "no_return.found",
        month=when(summary, summary["month"]),
        interval="" if plain else say("no_return.interval", interval=interval),
        after=say.counted(summary["after_start"], "month"),
    )


def _no_return_notes(summary: Summary) -> list[str]:
    if summary["reason"] == "no_falls":
        return [say("no_return.harder", hint=HINT), *_failed(summary)]
    never, grid = summary["never_saved"], [row["month"] for row in summary["grid"]]
    counts = {"fallen": summary["fallen"], "worlds": say.counted(summary["worlds"], "world"), "never": never}
    notes = [say("no_return.counted_never" if never else "no_return.counted", **counts)]
    if summary["quartiles"]:
        first, last = (when(summary, month) for month in summary["quartiles"])
        notes.append(say("no_return.half", first=first, last=last))
    stride, unruly = grid[1] - grid[0] if len(grid) > 1 else 1, summary["to_and_fro"]
    tried = "no_return.tried_unruly" if unruly else "no_return.tried"
    notes.append(say(tried, stride=stride, unruly=say.counted(unruly, "world")))
    notes.append(say("no_return.means", ramp=say.counted(round(summary["ramp_months"]), "month")))
    return notes + _failed(summary)


def _failed(summary: Summary) -> list[str]:
    return [say("tip.failed", worlds=say.counted(summary["failed"], "world"))] if summary["failed"] else []


# --- hysteresis ---------------------------------------------------------------------------------------------


def _loop(summary: Summary, plain: bool) -> str:
    what, revenue = say.parameter(summary["over"]), summary["indicators"]["vendor_revenue"]
    if revenue["reason"] is not None:
        return say("loop.no_response", what=what)
    width = _wide(summary, revenue["width"], plain)
    if not _comes_back_late(summary):
        return say("loop.narrow", what=what, width=width)
    down = revenue["down"]["value"]
    back = say("loop.never_back") if down is None else say("loop.back_at", down=_near(summary, down))
    key = "loop.found_lost" if revenue["drop"]["value"] < 0 else "loop.found_gained"
    return say(key, what=what, up=_near(summary, revenue["up"]["value"]), back=back, width=width)


def _comes_back_late(summary: Summary) -> bool:
    """Whether the vendors' revenue responds, and its loop is wider than noise."""
    revenue = summary["indicators"]["vendor_revenue"]
    low = revenue["width"]["low"]
    return revenue["reason"] is None and (low is None or low > 0)


def _near(summary: Summary, value: float) -> str:
    """A level of the lever, to a hundredth of its range."""
    low, high = summary["range"]
    return f"{value:.{max(0, 2 - math.floor(math.log10(high - low)))}f}".replace("-", "−")


def _span(summary: Summary, one: Summary) -> str:
    """A level of the lever as its interval, or as it is where it has none."""
    ends = list(dict.fromkeys(_near(summary, one[end]) for end in ("low", "high") if one[end] is not None))
    return say("number.between", low=ends[0], high=ends[1]) if len(ends) == 2 else _near(summary, one["value"])


def _wide(summary: Summary, one: Summary, plain: bool = False) -> str:
    """A distance between levels with its interval."""
    value, low, high = (None if one[end] is None else _near(summary, one[end]) for end in ("value", "low", "high"))
    return str(value) if plain or low is None else say("loop.wide", value=value, low=low, high=high)


def _loop_notes(summary: Summary) -> list[str]:
    what, revenue, notes = say.parameter(summary["over"]), summary["indicators"]["vendor_revenue"], []
    if _comes_back_late(summary) and revenue["memory"]["value"] is not None:
        memory, age = (_wide(summary, revenue[name]) for name in ("memory", "age"))
        notes.append(say("loop.memory", memory=memory, what=what, age=age))
    gap = revenue["gap"]
    if gap["value"] is not None:
        low, high = sorted((100 * gap["low"], 100 * gap["high"]))
        key = "loop.gap_lower" if gap["value"] < 0 else "loop.gap_higher"
        notes.append(say(key, points=100 * abs(gap["value"]), low=low, high=high))
    notes.append(say("loop.ramp", up=len(summary["levels_up"]) - 1, down=len(summary["levels_down"]) - 1))
    rest, ramp = (summary["fallen"][name] for name in ("at_rest", "ramp"))
    key = "loop.verdict_old" if rest >= _OLD else "loop.verdict"
    return [*notes, say(key, ramp=say.percent(ramp), rest=say.percent(rest)), *_failed(summary)]
