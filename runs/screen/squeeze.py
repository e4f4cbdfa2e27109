"""What the tightening of a run does, in a sentence or two; and where squeezes of the past stand on its scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perpetuum.model.surroundings.funding_conditions import CHANNELS
from perpetuum.model.surroundings.past_squeezes import GROUNDS, SCALED_BY, WHOLLY_REFUSED
from perpetuum.model.words.speech import say
from perpetuum.runs.screen import layout
from perpetuum.visualization.figures.sources import set_by_the_user

Summary = Mapping[str, Any]


def squeeze_lines(summary: Summary) -> list[str]:
    """How hard funding tightens, when, and by which channels; nothing where it was not asked to."""
    squeeze = summary["tightening"]
    if summary.get("like"):
        return [_like(summary)]
    if not squeeze["theta"] > 0:
        return []
    told = {"theta": squeeze["theta"], "start": say.month(squeeze["start"])}
    channels = squeeze.get("channels")  # runs of an earlier day do not know
    if channels is not None and not channels:
        return [say("run.tightens_nowhere", **told)]
    if not squeeze["within_run"]:
        return [say("run.tightens_later", **told)]
    if channels is None or _all_alike(channels, squeeze.get("acting", CHANNELS)):
        press = {"rate": squeeze["rate_bp"], "spread": squeeze["spread_bp"], "venture": say.percent(squeeze["venture_lost"])}
        return [say("run.tightens", **told, easing=_easing(summary), **press)]
    line = say("run.tightens_through", **told, channels=_listed(channels))
    return [say.sentences([line, _beyond(summary, channels)])]


def _all_alike(channels: Mapping[str, Mapping[str, Any]], acting: Sequence[str]) -> bool:
    """Whether funding tightens through every channel that can move anything, and in all of them for as long."""
    return channels.keys() >= {*acting} and len({one["months"] for one in channels.values()}) == 1


def _easing(summary: Summary) -> str:
    """When it eases, as far as the run goes; and how far it gets where the run ends before it is whole."""
    squeeze, judged, last = summary["tightening"], summary["months"], say.month(summary["last_month"])
    if squeeze["full_month"] > judged:
        whole = squeeze["full_month"] - squeeze["start_month"]
        reached = squeeze["theta"] * (judged - squeeze["start_month"]) / whole
        return say("run.builds_up", reached=f"{reached:.2g}", last=last)
    if squeeze["easing_month"] >= judged:
        return say("run.stays", last=last)
    ends = {"easing": say.month(squeeze["easing"]), "end": say.month(squeeze["end"])}
    return say("run.eases" if squeeze["end_month"] < judged else "run.eases_past", last=last, **ends)


def _like(summary: Summary) -> str:
    """The past squeeze that was asked for: each channel's strength and time, and what was set otherwise."""
    like, start = summary["like"], say.month(summary["tightening"]["start"])
    if not like["channels"]:
        return say("squeeze.nothing", name=like["name"])
    if not summary["tightening"]["within_run"]:
        return say("squeeze.later", name=like["name"], start=start)
    policy = {name for name in set_by_the_user(summary) if name.startswith("funding.")} - {"funding.start_month"}
    line = say("squeeze.like_but" if policy else "squeeze.like", name=like["name"], start=start)
    settings = layout.assigned(like["instead"])
    instead = say("squeeze.instead", name=like["name"], settings=settings) if like["instead"] else ""
    return say.sentences([line, *_grounds(like["channels"]), _beyond(summary, like["channels"]), instead])


def _grounds(channels: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Channels of a past squeeze by what they rest on: a record, an estimate, the rise of spreads, or what was set."""
    lines = []
    for ground in GROUNDS:
        # runs of an earlier day do not know
        some = {name: one for name, one in channels.items() if one.get("grounds", "set") == ground}
        if some:
            lines.append(say(f"squeeze.{ground}", channels=_listed(some), whole=1e4 * WHOLLY_REFUSED))
    return lines


def _beyond(summary: Summary, channels: Mapping[str, Mapping[str, Any]]) -> str:
    """That channels ease only after the last month judged, where they do."""
    left = summary["months"] - summary["tightening"]["start_month"]
    late = [one["months"] >= left for one in channels.values() if one["by"] > 0]  # a cut does not ease
    if not any(late):
        return ""
    return say("squeeze.none_eases" if all(late) else "squeeze.some_ease_later", last=say.month(summary["last_month"]))


def _listed(channels: Mapping[str, Mapping[str, Any]]) -> str:
    return say("list.comma").join(_channel(name, one) for name, one in channels.items())


def _channel(name: str, one: Mapping[str, float]) -> str:
    """How much and how long one channel tightens, and by how much it was meant to where something held it."""
    told = say(f"squeeze.{name}", **_amounts(one["by"]), months=say.counted(int(one["months"]), "month"))
    meant = _amounts(one.get("meant", one["by"]))  # runs of an earlier day do not know
    return say("squeeze.held", told=told, **meant) if meant != _amounts(one["by"]) else told


def _amounts(by: float) -> dict[str, str]:
    """A channel's strength in basis points and points, and what it takes away in points, per cent and a plain number."""
    numbers = {"bp": f"{1e4 * by:+,.0f}", "points": f"{100 * by:+.0f}", "index": f"{by:.2g}"}
    numbers |= {"less_points": f"{-100 * by:+.0f}", "less": f"{-by:+.2g}"}
    return {name: number.replace("-", "−") for name, number in numbers.items()} | {"share": say.share(-by)}


def at_full_strength(summary: Summary) -> str:
    """What strength 1 is: full, or that of the past squeeze that was asked for."""
    like = summary.get("like")
    if like and like["instead"].keys() <= {"funding.tightening"}:
        return say("odds.map_like", name=like["name"])
    return say("odds.map_full")


def past_squeezes(summary: Summary, history: Sequence[Mapping[str, Any]], digits: int) -> str:
    """Where the squeezes of the past stand on the scale of this run, and that this is not the usual scale where it is not."""
    past = [say("ladder.past", name=one["name"], theta=f"{one['theta']:.{digits}f}") for one in history]
    told = say("ladder.like", squeezes=say.listed(past))
    if not SCALED_BY & summary["overrides"].keys():
        return told
    like = summary.get("like")
    if like and not SCALED_BY & like["instead"].keys():
        return told + say("ladder.scale_like", name=like["name"])
    return told + say("ladder.scale_moved")
