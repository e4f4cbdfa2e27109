"""How circular the money is: the three rings, the caused share, and what the vendors were paid with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perpetuum.model.words.numbers import share
from perpetuum.runs.screen.layout import Paragraph, head
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER


def circularity(summary: Mapping[str, Any]) -> RenderableType:
    """The rings and the caused share (median world, and how far worlds differ), and a bar of what paid the vendors."""
    rings = summary["circularity"]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", style="bold", no_wrap=True)
    grid.add_column()
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
        note = f"worlds {share(one['low'])} to {share(one['high'])}"
        if name == "own_money_share" and "own_money_share_low" in rings:
            low, high = rings["own_money_share_low"]["median"], rings["own_money_share_high"]["median"]
            note = f"{share(low)} if it leaks out first, {share(high)} if it stays in"
        if name == "caused_share" and one["low"] <= 0 <= one["high"]:
            note += ": about nothing" if abs(one["median"]) < 0.02 else ": perhaps nothing"
        grid.add_row(words, share(one["median"]), Paragraph(note, style="dim"))
    parts: list[RenderableType] = [
        head("How circular is it?", "share of the vendors' AI revenue, median world"),
        Padding(grid, (0, 0, 0, 2)),
    ]
    if "unlocked_per_dollar" in rings:
        parts.append(Padding(Paragraph(unlocked(rings), style="dim"), (0, 0, 0, 2)))
    parts.append(Padding(_paid_with(summary["paid_with"]), (0, 0, 1, 2)))
    return Group(*parts)


def unlocked(rings: Mapping[str, Mapping[str, float]]) -> str:
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
    for name, part in merged.items():
        done += part
        width = round(done * length) - filled
        filled += width
        text.append("█" * width, style=DYE_COLOURS[name])
    column = 0
    for name, part in sorted(merged.items(), key=lambda item: -item[1]):
        if part < 0.005:
            continue
        words = f" {share(part)} {_DYE_WORDS[name]}  "
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
