"""The answer on one screen: a sentence first, then what it rests on. Made from the summary alone."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from model.outcome import Thresholds
from visualization.palette import DYE_COLOURS, DYE_ORDER
from visualization.texts import CLASS_MEANINGS, CLASS_WORDS, firm, percent

NARROWEST, WIDEST = 80, 96


def show(summary: Mapping[str, Any], console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the whole answer."""
    parts: list[RenderableType] = [
        _title(summary),
        Padding(Text(answer(summary), style="bold"), (0, 0, 1, 0)),
        _pairs_and_headlines(summary),
        _dominoes(summary),
        _circularity(summary),
        _reckoning(summary),
    ]
    if "ladder" in summary:
        parts.append(_ladder(summary))
    if folder:
        parts.append(_files(files, folder))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def answer(summary: Mapping[str, Any]) -> str:
    """The finding in two or three sentences."""
    n = summary["worlds"]
    fell, held, _ = _counts(summary["headlines"], n)
    squeeze = summary["tightening"]
    if squeeze["within_run"]:
        sentences = [
            f"When funding tightens, the machine {_finding(summary)}.",
            _with_loose_money(summary),
            _blame(summary),
        ]
    elif squeeze["theta"] == 0:
        sentences = [f"Funding does not tighten in this scenario; the machine {_finding(summary)}."]
    else:
        sentences = [f"The run ends before funding tightens; until then the machine {_finding(summary)}."]
    sentences.append(_commonest(summary) if 0 < fell < n or 0 < held < n else "")
    return " ".join(one for one in sentences if one)


def _counts(heads: Mapping[str, Mapping[str, float]], n: int) -> tuple[int, int, int]:
    """Worlds that fall apart, hold up and stay undecided."""
    fell, held, open_ = (round(heads[name]["share"] * n) for name in ("falls_apart", "holds_up", "undecided"))
    return fell, held, open_


def _finding(summary: Mapping[str, Any]) -> str:
    """What the machine does, from its verdicts and, where all worlds have the same, from their classes."""
    n = summary["worlds"]
    fell, held, open_ = _counts(summary["headlines"], n)
    if open_ == n:
        return f"neither falls apart nor stands on its own in {_any(n)}: {_what_undecided_do(summary)}"
    if fell == n:
        return f"falls apart in {_all(n)}: {_endings(summary, 'fall')}"
    if held == n:
        return f"holds up in {_all(n)}: {_endings(summary, 'hold')}"
    first = f"falls apart in {fell or 'none'} of {n} worlds and holds up in {held or 'none'}"
    if not open_:
        return first
    rest = "the other" if open_ == 1 else f"the other {open_}"
    return f"{first}; in {rest} {_what_undecided_do(summary)}"


#: What the machine does in an undecided world.
_DOES = {
    "still_spinning": "keeps spinning on money from outside AI",
    "stalled": "stalls",
    "rescued": "lives on because a core firm is rescued",
}
_CLASSES_OF = {
    "undecided": tuple(_DOES),
    "fall": ("collapse", "hard_landing", "contained_failure"),
    "hold": ("self_sustaining", "soft_landing"),
}


def _what_undecided_do(summary: Mapping[str, Any]) -> str:
    """What undecided worlds do, with numbers where they differ, and whether they could have held up at all."""
    classes = _classes(summary, "undecided")
    if len(classes) > 1:
        does = _joined([f"{_DOES[name]} ({number})" for name, number in classes], "or")
    else:
        does = _DOES[classes[0][0]]
    return f"it {does}{_too_soon(summary)}"


def _endings(summary: Mapping[str, Any], kind: str) -> str:
    """How worlds with one verdict end: in words where they agree, else by class with numbers."""
    classes = _classes(summary, kind)
    if len(classes) == 1:
        return CLASS_MEANINGS[classes[0][0]]
    first = f"{CLASS_WORDS[classes[0][0]].lower()} ({CLASS_MEANINGS[classes[0][0]]}) in {classes[0][1]}"
    return _joined([first, *(f"{CLASS_WORDS[name].lower()} in {number}" for name, number in classes[1:])])


def _classes(summary: Mapping[str, Any], kind: str) -> list[tuple[str, int]]:
    """Classes of a headline that occur, commonest first, and in how many worlds."""
    counts = [(name, round(summary["outcomes"][name]["share"] * summary["worlds"])) for name in _CLASSES_OF[kind]]
    return sorted((one for one in counts if one[1]), key=lambda one: -one[1])


def _too_soon(summary: Mapping[str, Any]) -> str:
    """A world holds up only when it has done so for two years after the squeeze: a short run cannot show it."""
    squeeze = summary["tightening"]
    after = summary["months"] - (squeeze["end_month"] if squeeze["theta"] > 0 else squeeze["start_month"])
    return "" if after >= Thresholds().last_months else " (the run is too short to show more)"


def _any(n: int) -> str:
    return "the only world" if n == 1 else f"any of {n} worlds"


def _all(n: int) -> str:
    return "the only world" if n == 1 else "both worlds" if n == 2 else f"all {n} worlds"


def _with_loose_money(summary: Mapping[str, Any]) -> str:
    n = summary["worlds"]
    before, after = _counts(summary["headlines"], n), _counts(summary["loose"]["headlines"], n)
    fell, held, open_ = after
    start = "With loose money and the same luck it"
    if fell == n:
        return f"{start} falls apart in {_all(n)}{' too' if before == after else ''}."
    if held == n:
        return f"{start} holds up in {_all(n)}{' too' if before == after else ''}."
    if open_ == n:
        return f"{start} does neither{' either' if before == after else ''}."
    return f"{start} falls apart in {fell or 'none'} and holds up in {held or 'none'}."


def _blame(summary: Mapping[str, Any]) -> str:
    """How many falls the tightening made, and how many it prevented."""
    n, pairs = summary["worlds"], summary["paired"]
    because, anyway, saved = (round(pairs[k]["share"] * n) for k in ("fell_because_of_tightening", "fell_anyway", "saved"))
    fell = because + anyway
    rescued = f"saves {_many(saved, 'world')} that loose money lets fall"
    if not fell:
        return f"The tightening {rescued}." if saved else ""
    if fell == 1:
        blame = "is to blame for the fall" if because else "is not to blame for the fall"
    elif because == fell:
        blame = "is to blame for every fall"
    else:
        blame = f"is to blame for {because or 'none'} of the {fell} falls"
    return f"The tightening {blame}{f', and {rescued}' if saved else ''}."


def _commonest(summary: Mapping[str, Any]) -> str:
    outcomes = summary["outcomes"]
    name = max(outcomes, key=lambda one: outcomes[one]["share"])
    ending = f"{CLASS_WORDS[name].lower()} ({CLASS_MEANINGS[name]})"
    return f"The commonest ending is {ending}: {percent(outcomes[name]['share'])}."


# --- the parts of the screen --------------------------------------------------------------------------------


def _title(summary: Mapping[str, Any]) -> RenderableType:
    squeeze = summary["tightening"]
    lines = Text(
        f"{summary['preset']} · {_many(summary['worlds'], 'world')} · {_many(summary['months'], 'month')} from "
        f"{_month(summary['first_month'])} · seed {summary['seed']}",
        style="dim",
    )
    if squeeze["theta"] > 0:
        lines.append(
            f"\nFunding tightens by {squeeze['theta']:g} from {_month(squeeze['start'])}, eases from "
            f"{_month(squeeze['easing'])}: policy rate {squeeze['rate_bp']:+.0f} bp, credit spreads "
            f"{squeeze['spread_bp']:+.0f} bp, {percent(squeeze['venture_lost'])} less venture money."
        )
    if summary["overrides"]:
        changed = ", ".join(f"{name} = {_value(value)}" for name, value in summary["overrides"].items())
        lines.append(f"\nWith {changed}.")
    return Padding(lines, (0, 0, 1, 0))


def _pairs_and_headlines(summary: Mapping[str, Any]) -> RenderableType:
    heads, loose, pairs = summary["headlines"], summary["loose"]["headlines"], summary["paired"]
    table = _table(("same luck twice", "left"), ("", "left"), ("", "left"), ("as asked", "left"), ("loose", "left"))
    rows = (
        ("fell because of it", "fell_because_of_tightening", "falls apart", "falls_apart"),
        ("fell anyway", "fell_anyway", "holds up", "holds_up"),
        ("saved by it", "saved", "undecided", "undecided"),
        ("fell neither time", "stood", "", ""),
    )
    for words, pair, verdict, name in rows:
        right = (_with_interval(heads[name]), _with_interval(loose[name])) if name else ("", "")
        table.add_row(words, _with_interval(pairs[pair]), verdict, *right)
    below = [_if_defined_otherwise(summary)]
    if "ensemble" in summary:
        below.append(read_otherwise(summary))
    return Group(
        _head("Is the tightening to blame?", "(ranges: simulation noise, parameters fixed)"),
        Padding(table, (0, 0, 0, 2)),
        *(Padding(Text(line, style="dim"), (0, 0, 0, 2)) for line in below),
        Text(""),
    )


def _if_defined_otherwise(summary: Mapping[str, Any]) -> str:
    """How far the verdict depends on its own thresholds, each moved by a fifth either way."""
    moved = [side for sides in summary["threshold_sensitivity"].values() for side in sides.values()]
    spans = []
    for name, words in (("falls_apart", "falls apart"), ("holds_up", "holds up")):
        shares = [one[name] for one in moved]
        spans.append(f"{words} {_span(min(shares), max(shares))}")
    return f"verdict's thresholds one by one ±20 %: {', '.join(spans)}"


def read_otherwise(summary: Mapping[str, Any]) -> str:
    """How far the verdict depends on the parameters: its range over other readings, and where it is worst."""
    one = summary["ensemble"]
    tight = summary["tightening"]["theta"] > 0
    each = f"{_many(one['worlds'], 'world')} each"
    start = f"over {len(one['cells'])} other readings of demand, depreciation and vendor finance ({each}):"

    def spans(name: str) -> str:
        low_high = {arm: _span(ranges[name]["low"], ranges[name]["high"]) for arm, ranges in one["ranges"].items()}
        return f"{low_high['asked']} as asked, {low_high['loose']} loose" if tight else low_high["asked"]

    name, words = "falls_apart", f"falls apart {spans('falls_apart')}"
    if all(ranges[name]["high"] == 0 for ranges in one["ranges"].values()):
        name, words = "holds_up", f"falls apart in none, holds up {spans('holds_up')}"
    if one["ranges"]["asked"][name]["low"] == one["ranges"]["asked"][name]["high"]:
        return f"{start} {words}"
    most = one["most"][name]
    levels = [f"{_joined(level, 'or')} {what}" for what, level in most["levels"].items()]
    where = f"with {_joined(levels)}" if levels else f"in {most['cells']} of them alike"
    return f"{start} {words}, most {where}"


def _dominoes(summary: Mapping[str, Any]) -> RenderableType:
    dominoes = summary["first_dominoes"]
    named = [one for one in dominoes if one["name"]]
    nobody = next((one["share"] for one in dominoes if not one["name"]), 0.0)
    note = f"nobody defaults in {percent(nobody)} of worlds" if named and nobody > 0 else ""
    if not named:
        return Group(_head("Who goes first?", "nobody defaults in any world"), Text(""))
    table = _table(
        ("first to default", "left"),
        ("worlds", "right"),
        ("median date", "left"),
        ("middle half", "left"),
        ("machine falls", "right"),
    )
    for one in named[:4]:
        span = f"{_month(one['early'])}–{_month(one['late'])}" if one["early"] != one["late"] else ""
        then = percent(one["then_falls_apart"])
        table.add_row(firm(one["name"]), percent(one["share"]), _month(one["date"]), span, then)
    return Group(_head("Who goes first?", note), Padding(table, (0, 0, 1, 2)))


def _circularity(summary: Mapping[str, Any]) -> RenderableType:
    rings = summary["circularity"]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", style="bold", no_wrap=True)
    grid.add_column(style="dim")
    rows = (
        ("ring 1: vendors' own money coming back", "own_money_share"),
        ("ring 2: that, and firms for each other", "in_system_share"),
        ("ring 3: all but customers' money", "non_customer_share"),
        ("caused: gone without vendor finance", "caused_share"),
    )
    for words, name in rows:
        if name not in rings:
            continue
        one = rings[name]
        note = f"worlds {percent(one['low'])} to {percent(one['high'])}"
        if name == "own_money_share" and "own_money_share_low" in rings:
            low, high = rings["own_money_share_low"]["median"], rings["own_money_share_high"]["median"]
            note = f"{percent(low)} if it leaks out first, {percent(high)} if it stays in"
        if name == "caused_share" and one["low"] <= 0 <= one["high"]:
            note += ": about nothing" if abs(one["median"]) < 0.02 else ": perhaps nothing"
        grid.add_row(words, _tight(percent(one["median"])), _tight(note))
    parts: list[RenderableType] = [
        _head("How circular is it?", "share of the vendors' AI revenue, median world"),
        Padding(grid, (0, 0, 0, 2)),
    ]
    if "unlocked_per_dollar" in rings:
        parts.append(Padding(Text(_unlocked(rings), style="dim"), (0, 0, 0, 2)))
    parts.append(Padding(_paid_with(summary["paid_with"]), (0, 0, 1, 2)))
    return Group(*parts)


def _unlocked(rings: Mapping[str, Mapping[str, float]]) -> str:
    """What a dollar of vendor finance brought from outside, or pushed out."""
    if rings["vendor_finance_sum"]["high"] <= 0:
        return "the vendors financed nobody"
    one = rings["unlocked_per_dollar"]
    went = "brought" if one["median"] >= 0 else "displaced"
    line = f"each dollar of vendor finance {went} ${abs(one['median']):.2f} from outside the machine"
    if one["low"] < 0 < one["high"]:
        line += f" (worlds: from ${-one['low']:.2f} displaced to ${one['high']:.2f} brought)"
    return line


def _paid_with(mix: Mapping[str, float]) -> Text:
    """What the vendors' revenue was paid with: one bar in the colours of the dyes, and its key."""
    merged = {name: mix.get(name, 0.0) for name in DYE_ORDER if not name.startswith("lap_")}
    merged["lap_1"] = sum(mix.get(name, 0.0) for name in ("lap_1", "lap_2", "lap_3"))
    length = 66
    text, done, filled = Text("paid with "), 0.0, 0
    for name, share in merged.items():
        done += share
        width = round(done * length) - filled
        filled += width
        text.append("█" * width, style=DYE_COLOURS[name])
    column = 0
    for name, share in sorted(merged.items(), key=lambda item: -item[1]):
        if share < 0.005:
            continue
        words = f" {percent(share)} {_DYE_WORDS[name]}  "
        if column == 0 or column + len(words) > length:
            text.append("\n" + " " * 10)
            column = 0
        text.append("■", style=DYE_COLOURS[name])
        text.append(words)
        column += 1 + len(words)
    return text


_DYE_WORDS = {
    "customers": "customers of AI",
    "other_customers": "customers of other business",
    "equity": "outside equity",
    "credit": "credit",
    "states": "states",
    "own": "firms' earlier money",
    "inside": "firms for each other",
    "lap_1": "vendors' own money",
}


def _reckoning(summary: Mapping[str, Any]) -> RenderableType:
    gains, remains = split_reckoning(summary["reckoning"])
    _, loose_remains = split_reckoning(summary["loose"]["reckoning"])
    gained = sorted((one for one in gains.items() if one[1]["median"] > 0), key=lambda item: -item[1]["median"])
    lost = sorted((one for one in gains.items() if one[1]["median"] < 0), key=lambda item: item[1]["median"])

    def listing(items: Sequence[tuple[str, Mapping[str, float]]]) -> str:
        return ", ".join(f"{name} {one['median']:+,.0f}" for name, one in items[:6]).replace("-", "−") or "nobody"

    def left_standing(name: str, one: Mapping[str, float]) -> str:
        loose = f" (loose {_short(loose_remains[name]['median'])})" if name in loose_remains else ""
        return f"{_REMAINS.get(name, name + ' {}').format(_short(one['median']))}{loose}"

    grid = Table.grid(padding=(0, 2))
    grid.add_row("gained", listing(gained))
    grid.add_row("lost", listing(lost))
    if remains:
        known = [name for name in _REMAINS if name in remains]
        order = [*known, *(name for name in remains if name not in known)]
        grid.add_row("remains", ", ".join(left_standing(name, remains[name]) for name in order))
    if "exit:best" in summary["reckoning"]:
        grid.add_row("cash out?", _exit(summary))
    return Group(_head("The reckoning", "$bn over the run, median world"), Padding(grid, (0, 0, 1, 2)))


#: How what remains is written; the rest as name and number.
_REMAINS = {
    "usable GW": "{} GW in use",
    "unfinished GW": "{} GW unfinished",
    "capability": "capability {} times today's",
    "rent per hour": "rent {} $/GPU-hour",
}


def _exit(summary: Mapping[str, Any]) -> str:
    """What became of a dollar put into AI shares at the start, by when it was taken out; median world."""
    worth = {key.removeprefix("exit:"): one["median"] for key, one in summary["reckoning"].items()}
    first = datetime.date.fromisoformat(summary["first_month"])
    count = first.year * 12 + first.month - 1 + round(worth["best_month"])
    best = datetime.date(count // 12, count % 12 + 1, 1)
    tightens = f"${worth['at_tightening']:.2f} as funding tightens, " if summary["tightening"]["within_run"] else ""
    return (
        f"a dollar in AI shares is {tightens}${worth['best']:.2f} at its best ({best:%b %Y}), "
        f"${worth['at_end']:.2f} at the end"
    )


_UNITS = {"gw": "GW", "ai": "AI", "gpu": "GPU", "bn": "$bn"}


def split_reckoning(
    reckoning: Mapping[str, Mapping[str, float]],
) -> tuple[dict[str, Mapping[str, float]], dict[str, Mapping[str, float]]]:
    """Gains by name, and what remains by name; keys read `gain:...` and `remains:...`."""
    gains, remains = {}, {}
    for key, one in reckoning.items():
        kind, _, name = key.partition(":")
        words = " ".join(_UNITS.get(word, word) for word in (name or kind).replace(":", "_").split("_"))
        if kind == "remains":
            remains[words] = one
        elif kind == "gain" or not name:
            gains[words] = one
    return gains, remains


def _ladder(summary: Mapping[str, Any]) -> RenderableType:
    table = _table(
        ("degree", "left"),
        ("rate", "right"),
        ("spreads", "right"),
        ("venture", "right"),
        ("falls apart", "left"),
        ("holds up", "right"),
        ("first to default", "left"),
        gap=1,
    )
    rungs = summary["ladder"]
    marks: dict[float, list[str]] = {}
    for episode in summary.get("history", []):
        nearest = min((rung["theta"] for rung in rungs), key=lambda theta: abs(theta - episode["theta"]))
        marks.setdefault(nearest, []).append(episode["name"])
    for rung in rungs:
        degree = Text(f"{rung['theta']:.1f}")
        degree.append(f" {', '.join(marks.get(rung['theta'], []))}", style="dim")
        table.add_row(
            degree,
            f"{rung['rate_bp']:+.0f} bp",
            f"{rung['spread_bp']:+.0f} bp",
            percent(-rung["venture_lost"]),
            _with_interval(rung["headlines"]["falls_apart"]),
            percent(rung["headlines"]["holds_up"]["share"]),
            rung["first_domino"].replace("_", " ") or "nobody",
        )
    note = "same luck on each rung; years: squeezes of like degree"
    return Group(_head("How tight is too tight?", note), Padding(table, (0, 0, 1, 2)))


def _files(files: Sequence[str], folder: str) -> RenderableType:
    drawn = sum(name.endswith(".png") for name in files)
    text = Text("Files", style="bold")
    text.append(f"  {folder}/", style="not bold")
    what = ["summary", "worlds, series and events as tables", *([f"{drawn} figures"] if drawn else [])]
    text.append(f"  {', '.join(what)}", style="not bold dim")
    return text


# --- words and numbers --------------------------------------------------------------------------------------


def _head(title: str, note: str) -> Text:
    text = Text(title, style="bold")
    text.append(f"  {note}", style="not bold dim")
    return text


def _table(*columns: tuple[str, Any], gap: int = 2) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), header_style="dim", pad_edge=False)
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def _with_interval(one: Mapping[str, float]) -> str:
    return f"{percent(one['share'])} ({100 * one['low']:.0f}–{100 * one['high']:.0f})"


def _span(low: float, high: float) -> str:
    """Write a range of shares; one number where both ends read the same."""
    ends = [f"{100 * end:.0f}" for end in (low, high)]
    return f"{'–'.join(dict.fromkeys(ends))} %"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _joined(words: Sequence[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _month(iso: str) -> str:
    return datetime.date.fromisoformat(iso).strftime("%b %Y")


def _tight(words: str) -> str:
    return words.replace("under ", "<")


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
