"""The lines of the answer: what falls first, when, on whose money, until when without it, what decides it, how far to trust it.

Each stands in short on the screen of every run, and whole where the whole answer is asked for (`Line`).
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.units import YEAR
from perpetuum.model.words.speech import say
from perpetuum.runs.screen.squeeze import at_full_strength
from perpetuum.runs.screen.stopped import stop_line
from perpetuum.visualization.figures.life_lost import sure_of, within_of, worlds_of
from perpetuum.visualization.figures.outside_money import years_told
from perpetuum.visualization.figures.unknowns import separable

Summary = Mapping[str, Any]

#: So many unknowns, and causes of falls, are named; of causes so many in short.
NAMED, NAMED_IN_SHORT = 3, 2


class Line(NamedTuple):
    """A line of the answer: its name, what it says in short, and all that it says."""

    name: str
    short: str
    whole: str


def lines(summary: Summary) -> list[Line]:
    """The lines of an answer in which anything is judged."""
    told, squeezed = {"begin": _begin(summary), "worst": _worst(summary)}, summary.get("life_lost_map")
    if squeezed and squeezed["worlds"] >= FEWEST and _could_tighten(summary):
        told["map"] = _map(summary)
    told["money"] = _money(summary)
    if "stop_test" in summary:
        told["stop"] = _both(stop_line(summary))
    told |= {"decides": _decides(summary), "trust": _trust(summary)}
    return [Line(say(f"odds.{name}"), *both) for name, both in told.items()]


def _both(told: str) -> tuple[str, str]:
    """What is as short as it is whole."""
    return told, told


def _could_tighten(summary: Summary) -> bool:
    """Whether funding could tighten at all: not where what was asked to tighten has all of its channels off."""
    squeeze = summary["tightening"]
    return bool(squeeze.get("channels", True)) or squeeze["theta"] == 0


def _worst(summary: Summary) -> tuple[str, str]:
    """The worst year; whole, with that of loose money."""
    months = Counter(one["date"][:4] for one in summary["odds"]["asked"])
    worst = {arm: _worst_year(summary["hazard"][arm], months) for arm in ("asked", "loose")}
    if worst["asked"] is None:
        return _both(say("odds.worst_none", n=summary["worlds"]))
    if summary["worlds"] == 1:
        return _both(say("odds.worst_one", year=worst["asked"][0]))
    year, rate, as_bad = worst["asked"]
    beside = worst["loose"] if summary["tightening"]["within_run"] else None
    loose = ""
    if beside:
        others = say("odds.worst_loose_open", n=beside[2]) if beside[2] else ""
        loose = say("odds.worst_loose", year=beside[0], rate=beside[1], others=others)
    key, open_to = "odds.worst_in" if months[year] == YEAR else "odds.worst_part", say("odds.worst_open", n=as_bad)
    short, whole = (say(key, year=year, rate=rate, loose=told) + (open_to if as_bad else "") for told in ("", loose))
    return short, whole


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


def _map(summary: Summary) -> tuple[str, str]:
    """Months of life lost at the greatest strength, where it begins at once, half-way and last, and what of it may be chance."""
    lost = summary["life_lost_map"]
    rows = zip(lost["starts"], *(lost[part] for part in ("months", "low", "high")), strict=True)
    sure = [bool(row[-1]) for row in sure_of(lost)]
    known = [
        (say.month_of(summary["first_month"], start), one, certain)
        for (start, *ends), certain in zip(rows, sure, strict=True)
        if (one := dict(zip(("months", "low", "high"), (row[-1] for row in ends), strict=True)))["months"] is not None
    ]
    spread = [known[place] for place in dict.fromkeys((0, len(known) // 2, len(known) - 1))] if known else []
    chance = _loses(lost) and not sure_of(lost).any()
    told = []
    for (start, one, certain), months in zip(spread, say.several_months([one for _, one, _ in spread]), strict=True):
        loses = bool(one["low"] or one["high"])
        cell = say("odds.map_one" if loses else "odds.map_nothing", start=start, months=months)
        unsure = loses and one["low"] != one["high"] and not certain and not chance
        told.append(say("odds.map_perhaps", told=cell) if unsure else cell)
    worlds, fewer = worlds_of(lost), summary["worlds"] > lost["worlds"]
    places = {"strength": at_full_strength(summary), "within": within_of(summary, lost)}
    each = say("odds.map_fewer", worlds=worlds, n=summary["worlds"]) if fewer else say("odds.map_each", worlds=worlds)
    each += say("odds.map_intervals") if lost["low"] != lost["high"] else ""
    cells = len(lost["starts"]) * len(lost["strengths"])
    places["told"] = say("list.semicolon").join(told)
    whole = say("odds.map_all", few="", **places)
    short = say("odds.map_all", few=say("odds.map_worlds", worlds=worlds), **places) if fewer and not chance else whole
    why = say("odds.map_few" if fewer else "odds.map_luck", cells=cells) if chance else ""
    any_of_them = say("odds.map_any", worlds=worlds, cells=cells) if chance else ""
    return short + any_of_them, whole + say("list.semicolon") + each + why


def _loses(lost: Mapping[str, Any]) -> bool:
    """Whether any cell of the map loses life."""
    return any(months is not None and months > 0 for row in lost["months"] for months in row)


def _money(summary: Summary) -> tuple[str, str]:
    """Cents of a dollar from outside AI's customers, in the first full year and later, and who pays them; whole, how much."""
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
    places = {
        "year": part or say("odds.year", year=year),
        "cents": _cents(abs(one["median"])),
        "beside": say("odds.money_beside", told=say("list.semicolon").join(beside)) if beside else "",
    }
    told = say("odds.money_more" if more else "odds.money_year", **places)
    most = _most_from(one["by_source"]) if round(100 * one["median"]) else ""
    short = told if more else say("odds.money_short", **places) + most
    whole_cents = _adding_up(one["by_source"], round(100 * one["mean"]))
    parts = {name: _cents(cents / 100, "+") for name, cents in whole_cents.items()}
    if parts["cash"].startswith("−"):  # what is laid by is no source
        parts["laid_by"] = parts.pop("cash")
    sources = [say(f"source.{name}", cents=cents) for name, cents in parts.items() if cents != "0"]
    rented = one["with_own_use"]["median"]
    own = say("odds.own_use_more" if round(100 * rented) < 0 else "odds.own_use", cents=_cents(abs(rented)))
    mean = "odds.money_by" if summary["worlds"] > 1 else "odds.money_by_one"
    by = say(mean, mean=_cents(one["mean"]), sources=say("list.comma").join(sources)) if sources else ""
    return short, told + by + say("list.semicolon") + own


def _most_from(by_source: Mapping[str, float]) -> str:
    """Which sources, as few as there need be, bring more than half of all that comes; nothing where none does."""
    paying = sorted((name for name, part in by_source.items() if round(100 * part) > 0), key=lambda name: -by_source[name])
    if not paying:
        return ""
    half, enough = sum(by_source[name] for name in paying) / 2, 1
    while sum(by_source[name] for name in paying[:enough]) <= half:
        enough += 1
    named = say.listed([say(f"source_named.{name}") for name in paying[:enough]])
    return say("odds.money_only" if enough == len(paying) else "odds.money_most", sources=named)


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


def _begin(summary: Summary) -> tuple[str, str]:
    """What falls begin with, the commonest first; in short, how many would have fallen with no shed contract counted."""
    found = summary["causes"]["asked"]
    if summary["worlds"] == 1 and found:
        return _both(say.fall(next(iter(found))))
    told = [say("odds.begin_one", what=say.fall(name), share=say.interval(one)) for name, one in found.items()]
    if not told:
        return _both(say("odds.begin_none", n=summary["worlds"]))
    told[0] = say("odds.begin_first", told=told[0])
    short, whole = (say("list.comma").join(told[:many]) for many in (NAMED_IN_SHORT, NAMED))
    now = say.percent(summary["odds"]["asked"][-1]["fallen"]["share"])
    otherwise = say.percent(summary["threshold_sensitivity"]["shed"]["not_counted"]["fallen"])
    return short + (say("odds.begin_without", fallen=otherwise) if otherwise != now else ""), whole


def _decides(summary: Summary) -> tuple[str, str]:
    """The unknowns that decide most, where chance alone does not explain it, and luck; whole, those that decide who stands."""
    if summary.get("all_alike"):
        return _both(say("odds.nothing_decides"))
    if not summary["unknowns"]:
        return _both(say("odds.fixed") if summary["fixed"] else say("odds.no_unknowns"))
    falls = _separable(summary, "decided_by", "fallen", "odds.decides_fall")
    none_falls = not summary["odds"]["asked"][-1]["fallen"]["share"]
    nothing = [say("odds.nothing_falls" if none_falls else "odds.inseparable", n=summary["worlds"])]
    in_short = _separable(summary, "decided_by", "fallen", "odds.decides_short")
    others = [say("odds.others", n=len(summary["unknowns"]) - len(falls))] if falls else []
    luck, chance = summary["decided_by"].get("luck", {}), []
    if luck.get("share") is not None:
        chance = [say("odds.luck", share=say.interval(luck), rest=say.percent(1 - luck["share"]))]
    alone = _separable(summary, "decided_by_alone", "alone", "odds.decides_one")[:NAMED]
    stands = [say("odds.decides_alone", what=say("list.semicolon").join(alone))] if alone else []
    short, whole = [*(in_short[:NAMED] or nothing), *chance], [*(falls[:NAMED] or nothing), *others, *chance, *stands]
    return say("list.semicolon").join(short), say("list.semicolon").join(whole)


def _separable(summary: Summary, shares: str, mark: str, key: str) -> list[str]:
    """Unknowns that chance does not explain, as the figure of the unknowns has it: with the odds in their thirds."""
    found = []
    for name, one in summary[shares].items():
        if not separable(summary, mark, name):
            continue
        ends = summary["odds_by"][name]
        low, high = (say.interval(ends[third][mark]) for third in ("low_third", "high_third"))
        share = say("odds.of_variance", share=say.interval(one))
        found.append(say(key, what=say.parameter(name), low=low, high=high, share=share))
    return found


def _trust(summary: Summary) -> tuple[str, str]:
    """How the model did against history; whole, what hangs on the definition, on each way to fall, and on fits."""
    held, scored = summary["growth_held"]["asked"], _scored(summary)
    parts = [scored, _moved(summary), *_without_sheds(summary)]
    if fit := summary.get("fit"):
        sizes = {"fitted": len(fit["parameters"]), "unknowns": len(summary["unknowns"])}
        parts.append(say("odds.fitted", known=fit["known"], **sizes))
    if held["alone"]:
        vanish = round(held["alone"] * held["vanish"]["share"])
        counted = say("odds.growth_held", worlds=say.counted(held["alone"], "world"), vanish=vanish)
        parts.append(counted if vanish else say("odds.growth_held_all", n=held["alone"]))
    return scored, say("list.semicolon").join(parts)


def _scored(summary: Summary) -> str:
    """How far off the model was when held against history, beside trends; that nothing was set then, where something is now."""
    known = summary["trust"]
    if not known["held_against_history"]:
        return say("odds.trust_none")
    year, month = (int(part) for part in known["origin"].split("-"))
    error, *trends = (f"{math.exp(known[name]):.2f}" for name in ("error", "trend", "trend_6"))
    worse = [error > trend for trend in trends]
    how = "worse" if all(worse) else "between" if any(worse) else "better"
    than = say(f"odds.trust_{how}", trend=trends[0], trend_6=trends[1])
    origin, coverage = say.month(datetime.date(year, month, 1)), say.percent(known["coverage"])
    told = say("odds.trust_scored", origin=origin, error=error, than=than, coverage=coverage)
    return say("odds.trust_unset", told=told) if summary["overrides"] else told


def _moved(summary: Summary) -> str:
    """How far the shares go when each number of the definition is moved by a fifth."""
    known = summary["threshold_sensitivity"]
    moved = [sides[side] for sides in known.values() for side in ("lower", "higher")]
    shares = {name: [one[state] for one in moved] for name, state in _TOLD.items()}
    if summary["worlds"] == 1:
        stays = all(one == moved[0] for one in moved)
        return say("odds.moved_one_stays" if stays else "odds.moved_one")
    return say("odds.moved", **{name: say.span(min(found), max(found)) for name, found in shares.items()})


def _without_sheds(summary: Summary) -> list[str]:
    """The shares with no shed contract counted, and with none that lapsed; nothing of the only world."""
    if summary["worlds"] == 1:
        return []
    shed = summary["threshold_sensitivity"]["shed"]
    without = {"": shed["not_counted"], "_lapses": shed["without_lapses"]}
    ends = {f"{name}{end}": say.percent(one[state]) for end, one in without.items() for name, state in _TOLD.items()}
    return [say("odds.moved_shed", **ends)]


#: States that are told of a definition that is moved, by their name in the text.
_TOLD = {"fallen": "fallen", "alone": "stands_alone"}
