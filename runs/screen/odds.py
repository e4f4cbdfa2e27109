"""The dated answer: what becomes of the worlds by date, and about a dozen lines on when, on whose money and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import Paragraph, quiet, section, table
from perpetuum.runs.study.creditors import YEARS
from perpetuum.visualization.figures.life_lost import within_of

Summary = Mapping[str, Any]
STATES = ("fallen", "alone", "smaller", "spinning")
#: So many unknowns are named.
NAMED = 3


def answer(summary: Summary) -> str:
    """The finding in two sentences, from the same figures that the table has."""
    entries = summary["odds"]["asked"]
    if not entries:
        return say("odds.nothing_judged")
    last = entries[-1]
    found = say("odds.found", month=say.month(last["date"]), **{name: say.percent(last[name]["share"]) for name in STATES})
    return say.sentences([found, _costs(summary)])


def _costs(summary: Summary) -> str:
    """What the tightening costs in months of life, and whether that is more than nothing."""
    if not summary["tightening"]["within_run"]:
        return say("odds.calm")
    lost = summary["life_lost"]
    if lost["low"] == lost["high"] == 0:
        return say("odds.costs_nothing")
    places = {end: f"{lost[end]:.1f}".replace("-", "−") for end in ("low", "high")}
    if lost["low"] <= 0 <= lost["high"]:
        return say("odds.not_separable", **places)
    if lost["months"] < 0:
        return say("odds.gains", months=f"{-lost['months']:.1f}", low=f"{-lost['high']:.1f}", high=f"{-lost['low']:.1f}")
    return say("odds.costs", months=f"{lost['months']:.1f}", **places)


def dated(summary: Summary) -> RenderableType:
    """Odds by date as asked and loose, and the lines under them."""
    entries = summary["odds"]["asked"]
    if not entries:
        return section(say("odds.title"), "")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column()
    for name, told in _lines(summary):
        grid.add_row(name, Paragraph(told))
    return section(say("odds.title"), say("odds.note"), _by_date(summary), *map(quiet, _intervals(summary)), grid)


def _by_date(summary: Summary) -> Table:
    asked, loose, twin = summary["odds"]["asked"], summary["odds"]["loose"], summary["tightening"]["within_run"]
    names = [("", "left"), (say("odds.asked"), "left")] + ([(say("odds.loose"), "left")] if twin else [])
    rows = table(*names, gap=4)
    for place in _places(asked):
        told = [_shares(asked[place])] + ([_shares(loose[place])] if twin else [])
        rows.add_row(_when(asked, place), *told)
    for arm in ("weak_demand", "strong_demand"):
        if entries := summary["odds"].get(arm):
            rows.add_row(say(f"odds.{arm}", month=say.month(asked[-1]["date"])), _shares(entries[-1]))
    return rows


def _places(entries: Sequence[Mapping[str, Any]]) -> list[int]:
    """Which months are shown: the ends of some years, and the last one."""
    ends = [place for place, one in enumerate(entries) if one["date"][5:7] == "12" and int(one["date"][:4]) in YEARS]
    return [*(place for place in ends if place < len(entries) - 1), len(entries) - 1]


def _when(entries: Sequence[Mapping[str, Any]], place: int) -> str:
    date = entries[place]["date"]
    return say.month(date) if place == len(entries) - 1 else say("odds.end_of", year=date[:4])


def _shares(entry: Mapping[str, Any]) -> str:
    return " / ".join(f"{100 * entry[name]['share']:.0f}" for name in STATES)


def _intervals(summary: Summary) -> list[str]:
    last = summary["odds"]["asked"][-1]
    shares = {name: say.interval(last[name]) for name in ("fallen", "alone", "spinning")}
    told = [say("odds.intervals", month=say.month(last["date"]), **shares)]
    told.append(say("odds.passage", share=say.interval(summary["first_passage"]["asked"]["alone"])))
    if beside := summary.get("demand_moved"):
        points = {name: _points(one) for name, one in beside["fallen"].items()}
        told.append(say("odds.demand", worlds=say.counted(beside["worlds"], "world"), **points))
    rescued = summary["rescued"]["asked"]
    return [*told, *([say("odds.rescued", share=say.interval(rescued))] if rescued["share"] else [])]


def _points(difference: Mapping[str, float]) -> str:
    """A difference of shares in points, with its interval: `+6 (−2 to +14)`."""
    middle, low, high = (f"{round(100 * difference[end]):+d}".replace("-", "−") for end in ("months", "low", "high"))
    middle, low, high = ("0" if one == "+0" else one for one in (middle, low, high))
    return say("ladder.months", months=middle, low=low, high=high)


def _lines(summary: Summary) -> list[tuple[str, str]]:
    lines = [("worst", _worst(summary)), ("money", _money(summary))]
    if summary.get("life_lost_map"):
        lines.insert(1, ("map", _map(summary)))
    if "stop_test" in summary:
        lines.append(("stop", _stop(summary)))
    lines += [("begin", _begin(summary)), ("decides", _decides(summary)), ("trust", _trust(summary))]
    return [(say(f"odds.{name}"), told) for name, told in lines]


def _worst(summary: Summary) -> str:
    worst = {arm: _worst_year(summary["hazard"][arm]) for arm in ("asked", "loose")}
    if worst["asked"] is None:
        return say("odds.worst_none")
    year, rate, as_bad = worst["asked"]
    beside = worst["loose"] if summary["tightening"]["within_run"] else None
    loose = say("odds.worst_loose", year=beside[0], rate=beside[1]) if beside else ""
    told = say("odds.worst_in", year=year, rate=rate, loose=loose)
    return told + (say("odds.worst_open", n=as_bad) if as_bad else "")


def _worst_year(hazard: Mapping[str, Mapping[str, float | None]]) -> tuple[str, str, int] | None:
    """The year with the highest rate, that rate with its interval, and how many other years may be as bad by theirs."""
    known = {year: {"share": one["rate"] or 0.0, **one} for year, one in hazard.items() if one["rate"] is not None}
    year = max(known, key=lambda one: known[one]["share"] or 0.0, default="")
    if not year or not known[year]["share"]:
        return None
    as_bad = sum((one["high"] or 0.0) >= (known[year]["low"] or 0.0) for other, one in known.items() if other != year)
    return year, say.interval(known[year]), as_bad  # type: ignore[arg-type]


def _map(summary: Summary) -> str:
    """Months of life lost at the greatest strength, by when it begins."""
    lost = summary["life_lost_map"]
    rows = zip(lost["starts"], *(lost[part] for part in ("months", "low", "high")), strict=True)
    told = [
        say("odds.map_one", start=say.month_of(summary["first_month"], start), months=say.mean_months(one))
        for start, *ends in rows
        if (one := dict(zip(("months", "low", "high"), (row[-1] for row in ends), strict=True)))["months"] is not None
    ]
    places = {"within": within_of(summary, lost), "worlds": say.counted(lost["worlds"], "world")}
    return say("odds.map_all", told=say("list.semicolon").join(told[:3]), **places)


def _money(summary: Summary) -> str:
    """Cents of a dollar from outside AI's customers, in the first full year and later, and who pays them."""
    by_year = summary["outside_cents"]["asked"]
    whole = [year for year, one in by_year.items() if one["months"] == 12] or list(by_year)
    year = whole[min(1, len(whole) - 1)] if len(whole) > 1 else whole[0]
    later = next((one for one in whole if int(one) >= int(year) + 3), None)
    one = by_year[year]
    more = round(100 * one["median"]) < 0
    places = {
        "year": year,
        "ends": say.between(-one["high"], -one["low"], percent=False) if more else _cents_between(one["low"], one["high"]),
        "cents": _cents(abs(one["median"])),
    }
    if more:
        told = say("odds.money_more", **places)
    elif later:
        told = say("odds.money_year", **places, later=later, after=_cents(by_year[later]["median"]))
    else:
        told = say("odds.money_year_only", **places)
    parts = {name: _cents(cents, "+") for name, cents in one["by_source"].items()}
    sources = [say(f"source.{name}", cents=cents) for name, cents in parts.items() if cents != "0"]
    beside = one["with_own_use"]["median"]
    own = say("odds.own_use_more" if round(100 * beside) < 0 else "odds.own_use", cents=_cents(abs(beside)))
    by = say("odds.money_by", sources=say("list.comma").join(sources)) if sources else ""
    return told + by + say("list.semicolon") + own


def _cents(part: float, sign: str = "-") -> str:
    """A part of a dollar in whole cents, with a sign where asked for; nothing is 0, and neither +0 nor -0."""
    whole = round(100 * part)
    return f"{whole:{sign}d}".replace("-", "−") if whole else "0"


def _cents_between(low: float, high: float) -> str:
    """A range of cents, short where it can be."""
    return f"{_cents(low)}–{_cents(high)}" if low >= 0 else say.between(low, high, percent=False)


def _stop(summary: Summary) -> str:
    stop, month = summary["stop_test"], say.month(summary["first_month"])
    if stop["month"] is None:
        told = say("odds.stop_never", month=month, watched=stop["watched"], share=say.interval(stop["never"]))
    else:
        ends = {name: round(stop[name]) for name in ("low", "high")}
        spread = say("odds.stop_spread", **ends) if ends["low"] < ends["high"] else ""
        told = say("odds.stop_found", month=month, months=say.counted(round(stop["median"]), "month"), spread=spread)
    yet = "odds.stop_fallen" if stop["month"] is None else "odds.stop_fallen_too"
    return told + say(yet, share=say.interval(stop["fallen"]), watched=stop["watched"])


def _begin(summary: Summary) -> str:
    found = summary["causes"]["asked"]
    told = [say("odds.begin_one", what=cause(name), share=say.interval(one)) for name, one in found.items()]
    return say("list.comma").join(told[:NAMED]) or say("odds.begin_none")


def cause(name: str) -> str:
    """What a fall began with, in words: `default:lead_lab`, `shedding:lead_lab`, `sales`."""
    kind, _, who = name.partition(":")
    return say(f"cause.{kind}", who=say.firm(who)) if who else say(f"cause.{kind}")


def _decides(summary: Summary) -> str:
    """The unknowns that decide most, where chance alone does not explain it, and luck."""
    if not summary["unknowns"]:
        return say("odds.fixed") if summary["fixed"] else say("odds.no_unknowns")
    told = _separable(summary, "decided_by", "fallen", "odds.decides_fall")
    others = len(summary["unknowns"]) - len(told)
    told = [*told[:NAMED], say("odds.others", n=others)] if told else [say("odds.inseparable")]
    luck = summary["decided_by"].get("luck", {})
    if luck.get("share") is not None:
        told.append(say("odds.luck", share=say.interval(luck)))
    alone = _separable(summary, "decided_by_alone", "alone", "odds.decides_one")[:NAMED]
    if alone:
        told.append(say("odds.decides_alone", what=say("list.semicolon").join(alone)))
    return say("list.semicolon").join(told)


def _separable(summary: Summary, shares: str, mark: str, key: str) -> list[str]:
    found = []
    for name, one in summary[shares].items():
        if name == "luck" or not one["low"] or name not in summary["odds_by"]:
            continue
        ends = summary["odds_by"][name]
        low, high = (say.percent(ends[third][mark]["share"]) for third in ("low_third", "high_third"))
        told = say(key, what=say.parameter(name), low=low, high=high)
        found.append(told + say("odds.of_variance", share=say.percent(one["share"])))
    return found


def _trust(summary: Summary) -> str:
    moved = [side for sides in summary["threshold_sensitivity"].values() for side in sides.values()]
    spans = {}
    for name, state in (("fallen", "fallen"), ("alone", "stands_alone")):
        shares = [one[state] for one in moved]
        spans[name] = say.span(min(shares), max(shares))
    known, held = summary["trust"], summary["growth_held"]["asked"]
    if known["held_against_history"]:
        year, month = (int(part) for part in known["origin"].split("-"))
        errors = {name: f"{known[name]:.2f}" for name in ("error", "trend", "trend_6")}
        figures = {**errors, "coverage": say.percent(known["coverage"])}
        told = say("odds.trust_scored", origin=say.month(datetime.date(year, month, 1)), **figures, **spans)
    else:
        told = say("odds.trust_none", **spans)
    parts = [told]
    if fit := summary.get("fit"):
        sizes = {"fitted": len(fit["parameters"]), "unknowns": len(summary["unknowns"])}
        parts.append(say("odds.fitted", known=fit["known"], **sizes))
    if held["alone"]:
        vanish = round(held["alone"] * held["vanish"]["share"])
        counted = say("odds.growth_held", worlds=say.counted(held["alone"], "world"), vanish=vanish)
        parts.append(counted if vanish else say("odds.growth_held_all", n=held["alone"]))
    return say("list.semicolon").join(parts)
