"""The answer on one screen: a sentence first, then what it rests on. Made from the summary alone."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

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
    heads, loose = summary["headlines"], summary["loose"]["headlines"]
    squeeze = summary["tightening"]

    def worlds(one: Mapping[str, float]) -> int:
        return round(one["share"] * n)

    fell, held, open_ = (worlds(heads[name]) for name in ("falls_apart", "holds_up", "undecided"))
    if not squeeze["within_run"]:
        why = (
            "funding does not tighten in this scenario"
            if squeeze["theta"] == 0
            else "the run ends before funding tightens"
        )
        text = f"It {_verb(heads)} ({why}): the machine {_three(fell, held, open_, n)}."
        return f"{text} {_commonest(summary)}".strip()
    text = f"When funding tightens, the machine {_three(fell, held, open_, n)}"
    text += f"; with loose money and the same luck it falls apart in {worlds(loose['falls_apart'])}"
    text += f" and holds up in {worlds(loose['holds_up'])}."
    pairs = summary["paired"]
    blamed = worlds(pairs["fell_because_of_tightening"])
    if fell:
        saved = worlds(pairs["saved"])
        text += f" The tightening is to blame in {blamed} of the {fell} falls"
        text += (
            f", and saves {saved} {'world' if saved == 1 else 'worlds'} that loose money lets fall." if saved else "."
        )
    return f"{text} {_commonest(summary)}".strip()


def _verb(heads: Mapping[str, Mapping[str, float]]) -> str:
    first = max(heads, key=lambda name: heads[name]["share"])
    return {"holds_up": "holds up", "falls_apart": "falls apart", "undecided": "stays undecided"}[first]


def _three(fell: int, held: int, open_: int, n: int) -> str:
    return f"falls apart in {fell} of {n} worlds, holds up in {held} and stays undecided in {open_}"


def _commonest(summary: Mapping[str, Any]) -> str:
    outcomes = summary["outcomes"]
    name = max(outcomes, key=lambda one: outcomes[one]["share"])
    ending = f"{CLASS_WORDS[name].lower()} ({CLASS_MEANINGS[name]})"
    return f"Commonest ending: {ending}, {percent(outcomes[name]['share'])}."


# --- the parts of the screen --------------------------------------------------------------------------------


def _title(summary: Mapping[str, Any]) -> RenderableType:
    squeeze = summary["tightening"]
    lines = Text(
        f"{summary['preset']} · {summary['worlds']} worlds · {summary['months']} months from "
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
        ("stood both times", "stood", "", ""),
    )
    for words, pair, verdict, name in rows:
        right = (_with_interval(heads[name]), _with_interval(loose[name])) if name else ("", "")
        table.add_row(words, _with_interval(pairs[pair]), verdict, *right)
    return Group(
        _head("Is the tightening to blame?", "(ranges: simulation noise, parameters fixed)"),
        Padding(table, (0, 0, 0, 2)),
        Padding(Text(_if_defined_otherwise(summary), style="dim"), (0, 0, 1, 2)),
    )


def _if_defined_otherwise(summary: Mapping[str, Any]) -> str:
    """How far the verdict depends on its own thresholds, each moved by a fifth either way."""
    moved = [side for sides in summary["threshold_sensitivity"].values() for side in sides.values()]
    spans = []
    for name, words in (("falls_apart", "falls apart"), ("holds_up", "holds up")):
        shares = [one[name] for one in moved]
        spans.append(f"{words} {100 * min(shares):.0f}–{100 * max(shares):.0f} %")
    return f"verdict's thresholds one by one ±20 %: {', '.join(spans)}"


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
    grid.add_column(style="dim", no_wrap=True)
    rows = (
        ("ring 1: the vendors' own money come back", "own_money_share"),
        ("ring 2: that, and firms for each other", "in_system_share"),
        ("ring 3: all that is not customers' money", "non_customer_share"),
        ("caused: gone without vendor finance", "caused_share"),
    )
    for words, name in rows:
        if name not in rings:
            continue
        one = rings[name]
        note = f"worlds {percent(one['low'])} to {percent(one['high'])}"
        if name == "own_money_share" and "own_money_share_low" in rings:
            low, high = rings["own_money_share_low"]["median"], rings["own_money_share_high"]["median"]
            note = f"spent last {percent(low)}, first {percent(high)}"
        grid.add_row(words, _tight(percent(one["median"])), _tight(note))
    parts: list[RenderableType] = [
        _head("How circular is it?", "share of the vendors' AI revenue, median world"),
        Padding(grid, (0, 0, 0, 2)),
    ]
    if "unlocked_per_dollar" in rings:
        one = rings["unlocked_per_dollar"]["median"]
        went = "brought" if one >= 0 else "displaced"
        line = f"  each dollar of vendor finance {went} ${abs(one):.2f} from outside the machine"
        parts.append(Text(line, style="dim"))
    parts.append(Padding(_paid_with(summary["paid_with"]), (0, 0, 1, 2)))
    return Group(*parts)


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
        return ", ".join(f"{name} {one['median']:+,.0f}" for name, one in items[:6]) or "nobody"

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
            f"{-100 * rung['venture_lost']:.0f} %" if rung["venture_lost"] else "0 %",
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


def _month(iso: str) -> str:
    return datetime.date.fromisoformat(iso).strftime("%b %Y")


def _tight(words: str) -> str:
    return words.replace("under ", "<")


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
