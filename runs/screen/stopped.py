"""What the answer says of a stop of all outside finance: who cannot pay when, who has fallen, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.words.speech import say

Summary = Mapping[str, Any]


def stop_line(summary: Summary) -> str:
    """How long core firms pay once all outside finance has stopped, how many worlds fall and why, and how many without a stop."""
    return _stopped(summary) + _beside(summary, summary["stop_test"])


def _beside(summary: Summary, stop: Summary) -> str:
    """What the same worlds do without the stop, and why fewer of them fall, where that is certain, or that it may be chance."""
    # A machine may stand on what its customers pay while one of its firms lives on what another hands it.
    until = [odds for odds in summary["odds"]["asked"] if stop["month"] is not None and odds["month"] <= stop["median"]]
    if until and until[-1]["alone"]["share"] > 0.5:
        return say("odds.stop_alone")
    before = stop.get("as_asked")  # runs of an earlier day do not know
    if summary["worlds"] == 1 or summary.get("all_alike") or before is None or before["share"] == stop["fallen"]["share"]:
        return ""
    return say("odds.stop_beside", share=say.interval(before)) + _why(stop)


def _why(stop: Summary) -> str:
    """That the difference may be chance, where it may; else why fewer fall without money than with it, where that is certain."""
    shed, falls = stop["more_shedding"], stop.get("more_fallen")  # runs of an earlier day do not know the second
    if falls is None or falls["low"] is None:
        return ""
    if falls["low"] <= 0 <= falls["high"]:
        return say("odds.stop_chance")
    return say("odds.stop_fewer_shed") if falls["high"] < 0 and shed["high"] < 0 else ""


def _stopped(summary: Summary) -> str:
    """Who cannot pay when, how many worlds fall, and why they do although all firms pay."""
    stop, month = summary["stop_test"], say.month(summary["first_month"])
    watched, one = say.counted(stop["watched"], "month"), summary["worlds"] == 1
    if stop["month"] is None:
        share = say("odds.in_share", share=say.interval(stop["never"])) if not one else ""
        told = say("odds.stop_never", month=month, watched=watched, share=share)
    else:
        ends = {name: round(stop[name]) for name in ("low", "high")}
        spread = say("odds.stop_spread", **ends) if ends["low"] < ends["high"] and summary["worlds"] >= FEWEST else ""
        told = say("odds.stop_found", month=month, months=say.counted(round(stop["median"]), "month"), spread=spread)
    if not stop["fallen"]["share"]:
        return told + say("odds.stop_none_fallen", watched=watched)
    # Where most falls begin so, that is why worlds fall in which all firms pay.
    begun = stop.get("shedding") or {"low": 0.0, "share": 0.0}  # runs of an earlier day do not know
    shed = begun["low"] > 0.5 or (one and begun["share"])
    # So many at least fall and pay all the same: where they are most of those that fall, that is told as the surprise it is.
    paying = stop["fallen"]["share"] - (1.0 - stop["never"]["share"])
    yet, why = "odds.stop_fallen_too", ""
    if stop["month"] is None and paying > 0.5 * stop["fallen"]["share"]:
        yet, why = "odds.stop_fallen_yet", say("odds.stop_fallen_shed" if shed else "odds.stop_fallen_other")
    until, share = stop.get("half_fallen"), say.interval(stop["fallen"])  # runs of an earlier day do not know
    if one:
        within = say("odds.stop_within", watched=watched)
        when = within if until is None else say("odds.stop_after", months=say.counted(until, "month"))
        return told + say(f"{yet}_one", when=when) + why
    by = say("odds.stop_by_then") if stop["month"] is None else say("odds.stop_within", watched=watched)
    if summary.get("all_alike") and until is not None:  # what becomes of one becomes of all
        fallen = say("odds.stop_all", months=say.counted(until, "month"))
    elif until is None:
        fallen = say("odds.stop_share", share=share, by=by)
    else:
        fallen = say("odds.stop_half", months=say.counted(until, "month"), share=share, watched=watched)
    return told + say(yet, fallen=fallen) + why
