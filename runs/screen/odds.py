"""The dated answer: what becomes of the worlds by date, and about a dozen lines on when, on whose money and why."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from perpetuum.model.observed.odds import FEWEST, NAMES
from perpetuum.model.units import YEAR
from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import say
from perpetuum.runs.questions.stop_test import CORE
from perpetuum.runs.screen.layout import Paragraph, quiet, section, table
from perpetuum.runs.screen.squeeze import at_full_strength
from perpetuum.runs.screen.stopped import stop_line
from perpetuum.runs.study.creditors import YEARS
from perpetuum.visualization.figures.life_lost import sure_of, within_of, worlds_of
from perpetuum.visualization.figures.outside_money import years_told
from perpetuum.visualization.figures.unknowns import separable

Summary = Mapping[str, Any]
STATES = tuple(NAMES.values())
#: So many unknowns are named.
NAMED = 3


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
        found = say("odds.found", month=month, core=core, **{name: say.percent(last[name]["share"]) for name in STATES})
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
    note = say("odds.note" if summary["worlds"] > 1 else "odds.note_one")
    return section(say("odds.title"), note, _by_date(summary), *map(quiet, _intervals(summary)), grid)


def _by_date(summary: Summary) -> Table:
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


def _intervals(summary: Summary) -> list[str]:
    last, rescued, passed = (
        summary["odds"]["asked"][-1],
        summary["rescued"]["asked"],
        summary["first_passage"]["asked"]["alone"],
    )
    if summary["worlds"] == 1:
        only = {"odds.passage_one": passed, "odds.rescued_one": rescued}
        return [say(key) for key, one in only.items() if one["share"]]
    shares = {name: say.span(last[name]["low"], last[name]["high"]) for name in ("fallen", "alone", "spinning")}
    told = []
    if (beside := summary.get("demand_moved")) and (beside["worlds"] >= FEWEST or beside.get("nothing")):
        told.append(_demand(beside, summary["months"]))
    if summary.get("all_alike"):
        return [*told, say("odds.all_alike", n=summary["worlds"])]
    told.append(say("odds.intervals", month=say.month(last["date"]), **shares))
    told.append(say("odds.passage", share=say.interval(passed)))
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


def _lines(summary: Summary) -> list[tuple[str, str]]:
    lines = [("worst", _worst(summary)), ("money", _money(summary))]
    if (squeezed := summary.get("life_lost_map")) and squeezed["worlds"] >= FEWEST and _could_tighten(summary):
        lines.insert(1, ("map", _map(summary)))
    if "stop_test" in summary:
        lines.append(("stop", stop_line(summary)))
    lines += [("begin", _begin(summary)), ("decides", _decides(summary)), ("trust", _trust(summary))]
    return [(say(f"odds.{name}"), told) for name, told in lines]


def _could_tighten(summary: Summary) -> bool:
    """Whether funding could tighten at all: not where what was asked to tighten has all of its channels off."""
    squeeze = summary["tightening"]
    return bool(squeeze.get("channels", True)) or squeeze["theta"] == 0


def _worst(summary: Summary) -> str:
    months = Counter(one["date"][:4] for one in summary["odds"]["asked"])
    worst = {arm: _worst_year(summary["hazard"][arm], months) for arm in ("asked", "loose")}
    if worst["asked"] is None:
        return say("odds.worst_none")
    if summary["worlds"] == 1:
        return say("odds.worst_one", year=worst["asked"][0])
    year, rate, as_bad = worst["asked"]
    beside = worst["loose"] if summary["tightening"]["within_run"] else None
    loose = ""
    if beside:
        others = say("odds.worst_loose_open", n=beside[2]) if beside[2] else ""
        loose = say("odds.worst_loose", year=beside[0], rate=beside[1], others=others)
    told = say("odds.worst_in" if months[year] == YEAR else "odds.worst_part", year=year, rate=rate, loose=loose)
    return told + (say("odds.worst_open", n=as_bad) if as_bad else "")


def _worst_year(hazard: Mapping[str, Mapping[str, float | None]], months: Mapping[str, int]) -> tuple[str, str, int] | None:
    """The year whose rate is surely the highest, that rate with its interval, and how many others may be as bad by theirs.

    `months` of each year that are judged: of a few, a rate of a whole year may always be as bad, so that only whole years count
    among the others.

    Surely: by the lower end of its interval, and among years that more than a few worlds begin standing, where there is such a
    year with falls: the last world standing falls at a rate of one.
    """
    known = {year: {"share": one["rate"] or 0.0, **one} for year, one in hazard.items() if one["rate"] is not None}
    many = {year: one for year, one in known.items() if (one.get("at_risk", FEWEST) or 0) >= FEWEST}
    known = many if any(one["share"] for one in many.values()) else known
    year = max(known, key=lambda one: (known[one]["low"] or 0.0, known[one]["share"] or 0.0), default="")
    if not year or not known[year]["share"]:
        return None
    others = {other: one for other, one in known.items() if other != year and months[other] == YEAR}
    as_bad = sum((one["high"] or 0.0) >= (known[year]["low"] or 0.0) for one in others.values())
    return year, say.interval(known[year]), as_bad  # type: ignore[arg-type]


def _map(summary: Summary) -> str:
    """Months of life lost at the greatest strength, where it begins at once, half-way and last."""
    lost = summary["life_lost_map"]
    rows = zip(lost["starts"], *(lost[part] for part in ("months", "low", "high")), strict=True)
    known = [
        (say.month_of(summary["first_month"], start), one)
        for start, *ends in rows
        if (one := dict(zip(("months", "low", "high"), (row[-1] for row in ends), strict=True)))["months"] is not None
    ]
    spread = [known[place] for place in dict.fromkeys((0, len(known) // 2, len(known) - 1))] if known else []
    told = [
        say("odds.map_one" if one["low"] or one["high"] else "odds.map_nothing", start=start, months=months)
        for (start, one), months in zip(spread, say.several_months([one for _, one in spread]), strict=True)
    ]
    of, few = worlds_of(lost), summary["worlds"] > lost["worlds"]
    places = {"strength": at_full_strength(summary), "within": within_of(summary, lost)}
    each = say("odds.map_fewer", worlds=of, n=summary["worlds"]) if few else say("odds.map_each", worlds=of)
    places["worlds"] = each + (say("odds.map_intervals") if lost["low"] != lost["high"] else "")
    cells = len(lost["starts"]) * len(lost["strengths"])
    chance = "" if sure_of(lost).any() or not _loses(lost) else say("odds.map_few" if few else "odds.map_luck", cells=cells)
    return say("odds.map_all", told=say("list.semicolon").join(told), chance=chance, **places)


def _loses(lost: Mapping[str, Any]) -> bool:
    """Whether any cell of the map loses life."""
    return any(months is not None and months > 0 for row in lost["months"] for months in row)


def _money(summary: Summary) -> str:
    """Cents of a dollar from outside AI's customers, in the first full year and later, and who pays them."""
    by_year = summary["outside_cents"]["asked"]
    year, later = years_told(by_year)
    one = by_year[year]
    more = round(100 * one["median"]) < 0
    ends = say.between(-one["high"], -one["low"], percent=False) if more else _cents_between(one["low"], one["high"])
    spread = ends != _cents(abs(one["median"]))  # of worlds that all pay alike nothing is told of nine in ten
    beside = [say("odds.money_ends", ends=ends)] if summary["worlds"] >= FEWEST and spread else []
    if later and not more:
        after = _cents(by_year[later]["median"])
        key = "odds.money_later_more" if after.startswith("−") else "odds.money_later"
        beside.append(say(key, later=later, after=after.removeprefix("−")))
    part = say("odds.part_of_year", year=year, months=say.counted(one["months"], "month")) if one["months"] < YEAR else ""
    told = say(
        "odds.money_more" if more else "odds.money_year",
        year=part or say("odds.year", year=year),
        cents=_cents(abs(one["median"])),
        beside=say("odds.money_beside", told=say("list.semicolon").join(beside)) if beside else "",
    )
    whole_cents = _adding_up(one["by_source"], round(100 * one["mean"]))
    parts = {name: _cents(cents / 100, "+") for name, cents in whole_cents.items()}
    if parts["cash"].startswith("−"):  # what is laid by is no source
        parts["laid_by"] = parts.pop("cash")
    sources = [say(f"source.{name}", cents=cents) for name, cents in parts.items() if cents != "0"]
    rented = one["with_own_use"]["median"]
    own = say("odds.own_use_more" if round(100 * rented) < 0 else "odds.own_use", cents=_cents(abs(rented)))
    mean = "odds.money_by" if summary["worlds"] > 1 else "odds.money_by_one"
    by = say(mean, mean=_cents(one["mean"]), sources=say("list.comma").join(sources)) if sources else ""
    return told + by + say("list.semicolon") + own


def _adding_up(parts: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole cents of parts of a dollar that add up to so many, those nearest to their next cent rounded up.

    >>> _adding_up({"rounds": 0.174, "credit": 0.364, "other": 0.0043}, 54)
    {'rounds': 17, 'credit': 36, 'other': 1}
    """
    exact = {name: round(100 * part, 6) for name, part in parts.items()}
    cents = {name: math.floor(part) for name, part in exact.items()}
    nearest = sorted(parts, key=lambda name: cents[name] - exact[name])
    for name in nearest[: max(0, total - sum(cents.values()))]:
        cents[name] += 1
    return cents


def _cents(part: float, sign: str = "-") -> str:
    """A part of a dollar in whole cents, with a sign where asked for; nothing is 0, and neither +0 nor -0."""
    whole = round(100 * part)
    return f"{whole:{sign}d}".replace("-", "−") if whole else "0"


def _cents_between(low: float, high: float) -> str:
    """A range of cents, short where it can be; one number where both read the same."""
    return "–".join(dict.fromkeys((_cents(low), _cents(high)))) if low >= 0 else say.between(low, high, percent=False)


def _begin(summary: Summary) -> str:
    found = summary["causes"]["asked"]
    if summary["worlds"] == 1 and found:
        return say.fall(next(iter(found)))
    told = [say("odds.begin_one", what=say.fall(name), share=say.interval(one)) for name, one in found.items()]
    return say("list.comma").join(told[:NAMED]) or say("odds.begin_none")


def _decides(summary: Summary) -> str:
    """The unknowns that decide most, where chance alone does not explain it, and luck."""
    if summary.get("all_alike"):
        return say("odds.nothing_decides")
    if not summary["unknowns"]:
        return say("odds.fixed") if summary["fixed"] else say("odds.no_unknowns")
    told = _separable(summary, "decided_by", "fallen", "odds.decides_fall")
    others = len(summary["unknowns"]) - len(told)
    told = [*told[:NAMED], say("odds.others", n=others)] if told else [say("odds.inseparable")]
    luck = summary["decided_by"].get("luck", {})
    if luck.get("share") is not None:
        told.append(say("odds.luck", share=say.interval(luck), rest=say.percent(1 - luck["share"])))
    alone = _separable(summary, "decided_by_alone", "alone", "odds.decides_one")[:NAMED]
    if alone:
        told.append(say("odds.decides_alone", what=say("list.semicolon").join(alone)))
    return say("list.semicolon").join(told)


def _separable(summary: Summary, shares: str, mark: str, key: str) -> list[str]:
    """Unknowns that chance does not explain, as the figure of the unknowns has it: with the odds in their thirds."""
    found = []
    for name, one in summary[shares].items():
        if not separable(summary, mark, name):
            continue
        ends = summary["odds_by"][name]
        low, high = (say.interval(ends[third][mark]) for third in ("low_third", "high_third"))
        told = say(key, what=say.parameter(name), low=low, high=high)
        found.append(told + say("odds.of_variance", share=say.interval(one)))
    return found


def _trust(summary: Summary) -> str:
    known, held = summary["trust"], summary["growth_held"]["asked"]
    told = say("odds.trust_none")
    if known["held_against_history"]:
        year, month = (int(part) for part in known["origin"].split("-"))
        factors = {name: f"{math.exp(known[name]):.2f}" for name in ("error", "trend", "trend_6")}
        origin, coverage = say.month(datetime.date(year, month, 1)), say.percent(known["coverage"])
        trends = {name: factors.pop(name) for name in ("trend", "trend_6")}
        worse = [factors["error"] > trend for trend in trends.values()]
        than = say(f"odds.trust_{'worse' if all(worse) else 'between' if any(worse) else 'better'}", **trends)
        told = say("odds.trust_scored", origin=origin, error=factors["error"], than=than, coverage=coverage)
    parts = [told, _moved(summary)]
    if fit := summary.get("fit"):
        sizes = {"fitted": len(fit["parameters"]), "unknowns": len(summary["unknowns"])}
        parts.append(say("odds.fitted", known=fit["known"], **sizes))
    if held["alone"]:
        vanish = round(held["alone"] * held["vanish"]["share"])
        counted = say("odds.growth_held", worlds=say.counted(held["alone"], "world"), vanish=vanish)
        parts.append(counted if vanish else say("odds.growth_held_all", n=held["alone"]))
    return say("list.semicolon").join(parts)


def _moved(summary: Summary) -> str:
    """How far the shares go when each number of the definition is moved by a fifth, and without one of the ways to fall."""
    known = summary["threshold_sensitivity"]
    moved = [sides[side] for sides in known.values() for side in ("lower", "higher")]
    shares = {name: [one[state] for one in moved] for name, state in (("fallen", "fallen"), ("alone", "stands_alone"))}
    if summary["worlds"] == 1:
        stays = all(one == moved[0] for one in moved)
        return say("odds.moved_one_stays" if stays else "odds.moved_one")
    told = say("odds.moved", **{name: say.span(min(found), max(found)) for name, found in shares.items()})
    without = {"": known["shed"]["not_counted"], "_lapses": known["shed"]["without_lapses"]}
    ends = {
        f"{name}{end}": say.percent(one[state])
        for end, one in without.items()
        for name, state in (("fallen", "fallen"), ("alone", "stands_alone"))
    }
    return told + say("list.semicolon") + say("odds.moved_shed", **ends)
